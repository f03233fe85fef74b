//! How much is removed in total, by source, by language and by rule, and whether that exceeds a limit.
//!
//! In: the decisions. Out: [`Losses`], which prints as a table. A loss counts removed articles, and removed words of whole articles and of parts.

use super::cleaned_corpus::Fate;
use super::decide::Decisions;
use super::policy::Rule;
use rayon::prelude::*;
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::{Findings, Member};
use refrain_engine::document::Locator;
use refrain_engine::error::{Error, Result};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// A source of fewer articles than this is not warned about.
const LEAST_ARTICLES: u64 = 20;
/// A share of a source that is warned about.
const WARNED_SHARE: f64 = 0.5;
/// Rows of each part of the table; clusters that are shown.
const MOST_ROWS: usize = 20;
const MOST_CLUSTERS: usize = 5;
/// Characters of a name in the table.
const NAME_CHARS: usize = 80;
/// Letters of a text from which its script is determined.
const LETTERS: usize = 200;

/// A limit on removals.
#[derive(Clone, Debug, PartialEq)]
pub struct MaxRemoved {
    /// The field by whose values articles are grouped; None: all articles together.
    pub field: Option<String>,
    /// Maximum share of removed articles, and of removed words, 0 to 1.
    pub share: f64,
}

/// How much is removed of some articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Articles in the input.
    pub articles: u64,
    /// Articles removed as a whole.
    pub removed: u64,
    /// Words in the input.
    pub words: u64,
    /// Removed words, of whole articles and of parts.
    pub words_removed: u64,
}

impl Loss {
    fn add(&mut self, other: Self) {
        self.articles += other.articles;
        self.removed += other.removed;
        self.words += other.words;
        self.words_removed += other.words_removed;
    }

    /// The larger of the shares of removed articles and removed words, 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn share(&self) -> f64 {
        let of = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        of(self.removed, self.articles).max(of(self.words_removed, self.words))
    }
}

/// A table of removals.
#[derive(Debug, Default)]
pub struct Losses {
    total: Loss,
    /// Name and rows of each grouping, the largest losses first.
    parts: Vec<(&'static str, Vec<(String, Loss)>)>,
    rules: BTreeMap<Rule, u64>,
    /// Size of a cluster, and the id of its kept article.
    clusters: Vec<(usize, String)>,
}

/// The articles of a run, with what becomes of them.
pub(super) struct Counted<'a, C> {
    corpus: &'a C,
    findings: &'a Findings,
    /// By position.
    losses: Vec<(Locator, Loss)>,
}

impl<'a, C: Corpus + super::decide::Fields> Counted<'a, C> {
    pub(super) fn new(corpus: &'a C, decisions: &'a Decisions) -> Self {
        let findings = &decisions.findings;
        let loss = |(at, member): (usize, Member<'_>)| {
            let nothing = Fate::default();
            let fate = decisions.fates.get(member.locator).unwrap_or(&nothing);
            let left = u64::from(findings.words_of(u32::try_from(at).unwrap_or(u32::MAX)).1);
            let is_gone = fate.gone.is_some();
            let words = left + fate.words_cut;
            let words_removed = if is_gone { words } else { fate.words_cut };
            (member.locator, Loss { articles: 1, removed: u64::from(is_gone), words, words_removed })
        };
        Self { corpus, findings, losses: findings.members().enumerate().map(loss).collect() }
    }

    fn total(&self) -> Loss {
        let mut total = Loss::default();
        self.losses.iter().for_each(|(_, loss)| total.add(*loss));
        total
    }

    /// Losses grouped by a key.
    fn by<K: Ord + Send>(&self, key: impl Fn(usize, Locator) -> Result<K> + Sync) -> Result<BTreeMap<K, Loss>> {
        let keyed = self.losses.par_iter().enumerate().map(|(at, (locator, loss))| Ok((key(at, *locator)?, *loss)));
        let mut found: BTreeMap<K, Loss> = BTreeMap::new();
        for (key, loss) in keyed.collect::<Result<Vec<_>>>()? {
            found.entry(key).or_default().add(loss);
        }
        Ok(found)
    }

    fn by_field(&self, field: &str) -> Result<BTreeMap<String, Loss>> {
        self.by(|_, locator| Ok(self.corpus.field(locator, field)?.unwrap_or_else(|| format!("(no {field})"))))
    }

    /// Sources that lose more than half of their articles or words, with their names.
    ///
    /// # Errors
    /// A record cannot be read again.
    pub(super) fn heavy(&self) -> Result<Vec<(String, Loss)>> {
        let by_hash = self.by(|at, _| Ok(self.findings.outlet_of(at)))?;
        let heavy: HashMap<u64, Loss> = by_hash
            .into_iter()
            .filter(|(hash, loss)| *hash != 0 && loss.articles >= LEAST_ARTICLES && loss.share() > WARNED_SHARE)
            .collect();
        let mut named = BTreeMap::new();
        for (at, (locator, _)) in self.losses.iter().enumerate() {
            let hash = self.findings.outlet_of(at);
            if let Some(loss) = heavy.get(&hash).filter(|_| !named.contains_key(&hash)) {
                named.insert(hash, (self.corpus.outlet(*locator)?.unwrap_or_default(), *loss));
            }
        }
        Ok(ordered(named.into_values()))
    }

    /// Checks the limits.
    ///
    /// # Errors
    /// [`Error::TooMuchRemoved`] with the table; a record cannot be read again.
    pub(super) fn check(&self, limits: &[MaxRemoved], decisions: &Decisions) -> Result<()> {
        let total = self.total();
        for MaxRemoved { field, share } in limits {
            let groups = match field {
                Some(field) => self.by_field(field)?.into_iter().map(|(value, loss)| (format!("{field} {value}"), loss)).collect(),
                None => vec![("the input".to_owned(), total)],
            };
            let Some((name, loss)) = ordered(groups.into_iter()).into_iter().find(|(_, loss)| loss.share() > *share) else { continue };
            let reason = format!(
                "{:.1} % of {name} would be removed ({} of {} articles, {} of {} words), and at most {:.1} % may be",
                100.0 * loss.share(),
                loss.removed,
                loss.articles,
                loss.words_removed,
                loss.words,
                100.0 * share
            );
            let table = self.table(field.as_deref(), decisions)?.to_string();
            return Err(Error::TooMuchRemoved { reason, table });
        }
        Ok(())
    }

    fn table(&self, field: Option<&str>, decisions: &Decisions) -> Result<Losses> {
        let source = |_: usize, locator: Locator| Ok(self.corpus.outlet(locator)?.unwrap_or_else(|| "(none)".into()));
        let language = |_: usize, locator: Locator| self.language(locator);
        let mut parts = vec![("source", ordered(self.by(source)?.into_iter())), ("language", ordered(self.by(language)?.into_iter()))];
        if let Some(field) = field {
            parts.insert(0, ("field", ordered(self.by_field(field)?.into_iter())));
        }
        let mut rules = BTreeMap::new();
        for (_, fate) in &decisions.fates.0 {
            let cuts = fate.cuts.iter().filter(|_| fate.gone.is_none()).map(|cut| cut.why.rule);
            cuts.chain(fate.gone.as_ref().map(|gone| gone.rule)).for_each(|rule| *rules.entry(rule).or_default() += 1);
        }
        let mut clusters: Vec<(usize, String)> = (self.findings.member_clusters().iter())
            .map(|cluster| (cluster.members.len(), self.findings.member(cluster.keep as usize).id.to_owned()))
            .collect();
        clusters.sort_by(|x, y| (y.0, &x.1).cmp(&(x.0, &y.1)));
        clusters.truncate(MOST_CLUSTERS);
        Ok(Losses { total: self.total(), parts, rules, clusters })
    }

    /// The language that the record names, else the script of its text.
    fn language(&self, locator: Locator) -> Result<String> {
        for field in ["language", "lang"] {
            if let Some(language) = self.corpus.field(locator, field)?.filter(|language| !language.is_empty()) {
                return Ok(language);
            }
        }
        Ok(script(&self.corpus.text(locator)?).to_owned())
    }
}

/// Largest losses first, then by name.
fn ordered(losses: impl Iterator<Item = (String, Loss)>) -> Vec<(String, Loss)> {
    let mut losses: Vec<(String, Loss)> = losses.collect();
    losses.sort_by(|x, y| y.1.share().total_cmp(&x.1.share()).then_with(|| (y.1.removed, &x.0).cmp(&(x.1.removed, &y.0))));
    losses
}

/// The script that most of the first letters of a text are of.
fn script(text: &str) -> &'static str {
    let of = |c: char| match c {
        'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' => "Latin script",
        '\u{370}'..='\u{3FF}' => "Greek script",
        '\u{400}'..='\u{52F}' => "Cyrillic script",
        '\u{590}'..='\u{5FF}' => "Hebrew script",
        '\u{600}'..='\u{6FF}' | '\u{750}'..='\u{77F}' | '\u{FB50}'..='\u{FEFC}' => "Arabic script",
        '\u{900}'..='\u{97F}' => "Devanagari",
        '\u{E00}'..='\u{E7F}' => "Thai script",
        '\u{3040}'..='\u{30FF}' => "kana",
        '\u{4E00}'..='\u{9FFF}' => "Han script",
        '\u{AC00}'..='\u{D7A3}' => "Hangul",
        _ => "another script",
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    text.chars().filter(|c| c.is_alphabetic()).take(LETTERS).for_each(|c| *counts.entry(of(c)).or_default() += 1);
    counts.into_iter().max_by_key(|(_, count)| *count).map_or("no letters", |(script, _)| script)
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, name: &str, loss: &Loss| {
            let Loss { articles, removed, words, words_removed } = loss;
            writeln!(
                f,
                "  {removed:>9} of {articles:>9} articles {words_removed:>11} of {words:>11} words {:>6.1} %  {name}",
                100.0 * loss.share()
            )
        };
        writeln!(f, "would be removed:")?;
        row(f, "all", &self.total)?;
        for (what, rows) in &self.parts {
            writeln!(f, "by {what}:")?;
            rows.iter().take(MOST_ROWS).try_for_each(|(name, loss)| row(f, &shortened(name), loss))?;
            if rows.len() > MOST_ROWS {
                writeln!(f, "  and {} more", rows.len() - MOST_ROWS)?;
            }
        }
        writeln!(f, "by rule:")?;
        self.rules.iter().try_for_each(|(rule, count)| writeln!(f, "  {count:>9} removals  {}", rule.name()))?;
        if !self.clusters.is_empty() {
            writeln!(f, "largest clusters:")?;
        }
        self.clusters.iter().try_for_each(|(size, id)| writeln!(f, "  {size:>9} articles like {}", shortened(id)))
    }
}

/// The beginning of a name, on one line. Whoever prints it on a terminal replaces control characters.
fn shortened(name: &str) -> String {
    name.chars().map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c }).take(NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_share_counts_and_scripts_are_told() {
        let loss = Loss { articles: 10, removed: 2, words: 1000, words_removed: 700 };
        assert!((loss.share() - 0.7).abs() < 1e-9 && Loss::default().share() == 0.0);
        for (text, expected) in
            [("١٢ خبر عاجل one", "Arabic script"), ("a news ب", "Latin script"), ("12.", "no letters"), ("新聞", "Han script")]
        {
            assert_eq!(script(text), expected);
        }
    }
}
