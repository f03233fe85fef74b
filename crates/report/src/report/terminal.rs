//! Findings as text to read: articles with their repetitions, clusters with their members, a summary line.
//!
//! Names and quotations come from the input: control characters are shown as U+FFFD. On a terminal, text with right-to-left letters is set in a
//! bidirectional isolate.

use refrain_engine::detect::Findings;
use refrain_engine::finding::{Boilerplate, Cluster, Origin, PairRule, Repetition, Summary, WordCounts};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{self, Write};

/// How text for people is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// In the sixteen colours of a terminal.
    pub color: bool,
    /// Right-to-left text from the input is set in bidirectional isolates, so that the line around it keeps its order on a terminal. Programs that
    /// read the text would take the isolates for part of it.
    pub isolates: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Style {
    Name,
    Rule,
    Faint,
}

impl Palette {
    /// For files and pipes: nothing is added to the text.
    pub const PLAIN: Self = Self { color: false, isolates: false };
    /// For a terminal with colours.
    pub const TERMINAL: Self = Self { color: true, isolates: true };

    pub(super) fn paint(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Name => "1",
            Style::Rule => "33",
            Style::Faint => "2",
        };
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Text from the input, safe on a line.
    pub(crate) fn shown(self, text: &str) -> String {
        let clean = printable(text);
        if self.isolates && clean.chars().any(is_right_to_left) { format!("\u{2068}{clean}\u{2069}") } else { clean }
    }
}

/// Members of a cluster that are named.
const MOST_MEMBERS: usize = 20;

/// Writes the findings for people: at most `limit` repetitions, clusters, pairs, boilerplate paragraphs and common runs, in this order, then how many are left
/// out, and the summary. With a limit of 0 only the summary.
///
/// # Errors
/// What the writer says.
pub fn write_text(findings: &Findings, palette: Palette, limit: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    let mut left = limit.unwrap_or(usize::MAX);
    if left > 0 {
        let repetitions = findings.repetitions();
        for same in repetitions[..repetitions.len().min(left)].chunk_by(|x, y| x.doc == y.doc) {
            writeln!(out, "{}", palette.paint(Style::Name, &palette.shown(&same[0].doc)))?;
            same.iter().try_for_each(|repetition| write_repetition(repetition, palette, out))?;
            writeln!(out)?;
            left -= same.len();
        }
        write_clusters(findings, palette, &mut left, out)?;
        write_reuse(findings, palette, &mut left, out)?;
        write_boilerplate(findings, palette, &mut left, out)?;
        write_common_runs(findings, palette, &mut left, out)?;
    }
    if let Some(limit) = limit.filter(|&limit| limit > 0 && left == 0) {
        let omitted = count_shown(findings)? - limit;
        if omitted > 0 {
            writeln!(out, "{} left out (limit {limit})\n", count(omitted, "finding"))?;
        }
    }
    writeln!(out, "{}", summary_line(findings.summary()))
}

/// The number of findings in a text without a limit.
fn count_shown(findings: &Findings) -> io::Result<usize> {
    let mut pairs = 0;
    findings.fold_pairs(
        |count: &mut usize, pair| *count += usize::from(!is_near(pair.rule)),
        |count| {
            pairs += count;
            Ok::<(), io::Error>(())
        },
    )?;
    Ok(findings.repetitions().len() + findings.clusters().count() + pairs + findings.boilerplate().len() + findings.common_runs().count())
}

fn write_clusters(findings: &Findings, palette: Palette, left: &mut usize, out: &mut impl Write) -> io::Result<()> {
    if *left == 0 || findings.clusters().next().is_none() {
        return Ok(());
    }
    let closest = closest(findings);
    findings.clusters().take(*left).try_for_each(|cluster| {
        *left -= 1;
        write_cluster(&cluster, &closest, palette, out)
    })
}

/// Paragraphs that many articles have, the most frequent first.
fn write_boilerplate(findings: &Findings, palette: Palette, left: &mut usize, out: &mut impl Write) -> io::Result<()> {
    let shared = |found: &'_ Boilerplate| (found.documents, found.outlets, found.text.to_string());
    let all = findings.boilerplate().iter().map(shared).collect();
    write_shared(all, ["boilerplate", "boilerplate paragraph"], palette, left, out)
}

/// Verbatim runs that articles share outside the passages of pairs, the most frequent first.
fn write_common_runs(findings: &Findings, palette: Palette, left: &mut usize, out: &mut impl Write) -> io::Result<()> {
    let all = findings.common_runs().map(|run| (run.documents, run.outlets, run.text.to_owned())).collect();
    write_shared(all, ["common-run", "common run"], palette, left, out)
}

/// Writes what many articles have: number of articles, number of outlets, text.
fn write_shared(
    mut all: Vec<(usize, Option<usize>, String)>,
    [rule, name]: [&str; 2],
    palette: Palette,
    left: &mut usize,
    out: &mut impl Write,
) -> io::Result<()> {
    all.sort_by_key(|(documents, ..)| Reverse(*documents));
    all.truncate(*left);
    *left -= all.len();
    for (documents, outlets, text) in all.iter().take(MOST_MEMBERS) {
        let outlets = outlets.map_or_else(String::new, |outlets| format!(" of {}", count(outlets, "outlet")));
        let rule = palette.paint(Style::Rule, rule);
        writeln!(out, "{rule}  in {}{outlets}", count(*documents, "article"))?;
        writeln!(out, "    {}", palette.paint(Style::Faint, &palette.shown(text)))?;
    }
    if all.len() > MOST_MEMBERS {
        writeln!(out, "and {} more", count(all.len() - MOST_MEMBERS, name))?;
    }
    if all.is_empty() { Ok(()) } else { writeln!(out) }
}

/// Pairs that are not alike as a whole, each under the document that comes first.
fn write_reuse(findings: &Findings, palette: Palette, left: &mut usize, out: &mut impl Write) -> io::Result<()> {
    let mut under = "";
    for pair in findings.pairs().filter(|pair| !is_near(pair.rule)).take(*left) {
        *left -= 1;
        if pair.a != under {
            if !under.is_empty() {
                writeln!(out)?;
            }
            writeln!(out, "{}", palette.paint(Style::Name, &palette.shown(pair.a)))?;
            under = pair.a;
        }
        let rule = palette.paint(Style::Rule, pair.rule.name());
        let passages = pair.passages.as_deref().unwrap_or_default();
        let counts = WordCounts::of(passages);
        let [a, b] = [pair.a_covered, pair.b_covered].map(|covered| percent(covered.unwrap_or(0.0)));
        let origin = match pair.origin {
            Some(Origin::A) => ", which is later",
            Some(Origin::B) => ", which is earlier",
            None => "",
        };
        writeln!(out, "  {rule}  with {}{origin}", palette.shown(pair.b))?;
        writeln!(
            out,
            "    {}{} in {}: {a} of this, {b} of that",
            count(counts.words, "word"),
            counts.details(),
            count(passages.len(), "passage")
        )?;
    }
    if under.is_empty() { Ok(()) } else { writeln!(out) }
}

fn write_repetition(repetition: &Repetition, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let rule = palette.paint(Style::Rule, repetition.rule.name());
    let (first, again) = (lines(repetition.first.lines), lines(repetition.again.lines));
    match repetition.copies {
        Some(copies) => writeln!(out, "  {rule}  {copies} times on {again}")?,
        None => writeln!(out, "  {rule}  {first} again on {again}, {} words, {}", repetition.words, percent(repetition.similarity))?,
    }
    writeln!(out, "    {}", palette.paint(Style::Faint, &palette.shown(&repetition.quotation)))
}

fn lines([first, last]: [usize; 2]) -> String {
    if first == last { format!("line {first}") } else { format!("lines {first}-{last}") }
}

/// Never 100 % for less than all, nor 0 % for something.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", if share >= 1.0 { 100.0 } else { (share * 1000.0).floor() / 10.0 })
}

/// For three decimals, and never 1 for less.
pub fn below_one(jaccard: f64) -> f64 {
    if jaccard < 1.0 { jaccard.min(0.999) } else { jaccard }
}

fn is_near(rule: PairRule) -> bool {
    matches!(rule, PairRule::Identical | PairRule::NearDuplicate)
}

/// For each document the one that it is most like, with what they have in common.
type Closest<'a> = HashMap<&'a str, (&'a str, f64, PairRule)>;

fn closest(findings: &Findings) -> Closest<'_> {
    let mut closest: Closest<'_> = HashMap::new();
    for pair in findings.pairs().filter(|pair| is_near(pair.rule)) {
        for (one, other) in [(pair.a, pair.b), (pair.b, pair.a)] {
            let held = closest.entry(one).or_insert((other, pair.jaccard, pair.rule));
            let nearer = pair.jaccard > held.1 || pair.rule < held.2;
            if nearer {
                *held = (other, pair.jaccard, pair.rule);
            }
        }
    }
    closest
}

fn write_cluster(cluster: &Cluster<'_>, closest: &Closest<'_>, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let title = palette.paint(Style::Name, &format!("cluster {}", cluster.id));
    writeln!(out, "{title}  {} articles, keep {}", cluster.members.len(), palette.shown(cluster.keep))?;
    for &member in cluster.members.iter().filter(|&&member| member != cluster.keep).take(MOST_MEMBERS) {
        let Some((other, jaccard, rule)) = closest.get(member) else {
            writeln!(out, "  {}", palette.shown(member))?;
            continue;
        };
        let how = match rule {
            PairRule::Identical => palette.paint(Style::Rule, "identical"),
            _ => format!("{}  {:.3}", palette.paint(Style::Rule, "near-duplicate"), below_one(*jaccard)),
        };
        writeln!(out, "  {how}  {}  {}", palette.shown(member), palette.paint(Style::Faint, &format!("to {}", palette.shown(other))))?;
    }
    if cluster.members.len() > MOST_MEMBERS + 1 {
        writeln!(out, "  and {} more", cluster.members.len() - MOST_MEMBERS - 1)?;
    }
    writeln!(out)
}

/// The totals of a run, in one line.
#[must_use]
pub fn summary_line(summary: &Summary) -> String {
    let mut parts = Vec::new();
    if let (Some(repetitions), Some(documents)) = (summary.repetitions, summary.repeating_documents) {
        parts.push(format!("{} in {}", count(repetitions, "repetition"), count(documents, "article")));
    }
    parts.extend(summary.pairs.filter(|_| summary.clusters.is_none()).map(|pairs| count(pairs, "pair")));
    if let (Some(pairs), Some(clusters)) = (summary.pairs, summary.clusters) {
        parts.push(format!("{}; {}", count(pairs, "pair"), count(clusters, "cluster")));
    }
    parts.extend(
        summary.derived.filter(|&derived| derived > 0).map(|derived| format!("{} with earlier sources", count(derived, "article"))),
    );
    parts.extend(summary.unlisted_pairs.map(|pairs| format!("{pairs} pairs of equal articles not listed one by one")));
    parts.extend(summary.uncompared_pairs.map(|pairs| format!("{pairs} pairs inside large clusters not compared")));
    parts.extend((summary.empty > 0).then(|| format!("{} empty", summary.empty)));
    parts.extend((summary.skipped > 0).then(|| format!("{} skipped", summary.skipped)));
    format!("{}: {}", count(summary.documents, "article"), parts.join("; "))
}

/// A number of things; the plural takes an s.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Text from the input, safe on a line of a terminal: control characters become U+FFFD, bidirectional controls go.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().filter(|&c| !is_bidi_control(c)).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Letters of Hebrew, Arabic, Syriac, Thaana, N'Ko and their neighbours.
pub fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_cannot_steer_the_terminal() {
        assert_eq!(Palette::TERMINAL.shown("a\u{1b}[2Jb\u{202e}c\n"), "a\u{FFFD}[2Jbc\u{FFFD}");
        assert_eq!([Palette::TERMINAL, Palette::PLAIN].map(|palette| palette.shown("خبر 1")), ["\u{2068}خبر 1\u{2069}", "خبر 1"]);
    }

    #[test]
    fn shares_are_not_rounded_to_all_or_nothing() {
        assert_eq!([percent(1.0), percent(0.99999), percent(0.8123), percent(0.5)], ["100 %", "99.9 %", "81.2 %", "50 %"]);
    }
}
