//! The data of a page: articles that findings name, in columns, and the findings by their numbers there.

use super::cast::{Cast, alias};
use super::letters::Letters;
use super::{Anonymity, Lang};
use crate::catalogue::{Catalogue, Content};
use crate::report::dossier::{Dossier, PairRow};
use refrain_engine::config::DetectConfig;
use refrain_engine::finding::{DerivationLabel, Origin, PairRule, Repetition, Summary};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything but the texts. Lists of one struct are columns of one table.
#[derive(Debug, Serialize)]
pub(super) struct Data<'a> {
    version: &'static str,
    lang: Lang,
    anonymous: bool,
    config: &'a DetectConfig,
    summary: &'a Summary,
    /// Of all articles, with findings or without.
    totals: Totals,
    outlets: Vec<Outlet<'a>>,
    /// Articles by day and outlet: day since 1970, outlet or -1, articles.
    days: Vec<[i64; 3]>,
    articles: Articles,
    pairs: Pairs,
    derivations: Derivations,
    clusters: Vec<Cluster>,
    repetitions: Repetitions<'a>,
    boilerplate: Vec<Boilerplate<'a>>,
    pub(super) left_out: LeftOut,
    /// Of the texts.
    pub(super) letters: Letters,
}

#[derive(Debug, Serialize)]
struct Totals {
    words: u64,
    first: Option<i64>,
    last: Option<i64>,
    undated: usize,
    without_outlet: usize,
}

#[derive(Debug, Serialize)]
struct Outlet<'a> {
    name: std::borrow::Cow<'a, str>,
    articles: usize,
    words: u64,
}

/// What the page does not hold.
#[derive(Debug, Default, Serialize)]
pub(super) struct LeftOut {
    pub(super) texts: usize,
    pub(super) pairs: usize,
    pub(super) strangers: usize,
}

#[derive(Debug, Default, Serialize)]
struct Articles {
    id: Vec<String>,
    title: Vec<String>,
    url: Vec<Option<String>>,
    author: Vec<Option<String>>,
    date: Vec<Option<i64>>,
    /// -1 for none.
    outlet: Vec<i64>,
    words: Vec<u32>,
    /// The block of its text and the place there; -1 where it is left out.
    block: Vec<i64>,
    slot: Vec<u32>,
}

/// Columns of pairs; passages are flat: of a from, to, of b from, to, similarity, words, reordered.
#[derive(Debug, Default, Serialize)]
struct Pairs {
    a: Vec<u32>,
    b: Vec<u32>,
    rule: Vec<&'static str>,
    jaccard: Vec<f64>,
    a_in_b: Vec<f64>,
    b_in_a: Vec<f64>,
    /// 1: a, 2: b, 0: not known.
    origin: Vec<u8>,
    a_covered: Vec<Option<f64>>,
    b_covered: Vec<Option<f64>>,
    words: Vec<usize>,
    /// Of these.
    respelled: Vec<usize>,
    /// Words in between, on the longer side.
    own: Vec<usize>,
    passages: Vec<Vec<f64>>,
}

#[derive(Debug, Default, Serialize)]
struct Derivations {
    doc: Vec<u32>,
    wholly: Vec<u8>,
    copied: Vec<f64>,
    /// Flat: source, share, words.
    sources: Vec<Vec<f64>>,
}

#[derive(Debug, Serialize)]
struct Cluster {
    members: Vec<u32>,
    keep: u32,
    min_jaccard: f64,
}

#[derive(Debug, Default, Serialize)]
struct Repetitions<'a> {
    doc: Vec<u32>,
    rule: Vec<&'a str>,
    first: Vec<[usize; 2]>,
    again: Vec<[usize; 2]>,
    similarity: Vec<f64>,
    words: Vec<usize>,
    copies: Vec<Option<usize>>,
}

#[derive(Debug, Serialize)]
struct Boilerplate<'a> {
    text: &'a str,
    documents: usize,
    outlets: Option<usize>,
    examples: Vec<u32>,
}

impl<'a> Data<'a> {
    /// The data without texts; `contents` are those of the cast, and their texts do not count.
    pub(super) fn new(
        dossier: &'a Dossier,
        catalogue: &'a Catalogue<'_>,
        cast: &Cast,
        (lang, anonymity): (Lang, Anonymity),
        contents: Vec<Content>,
    ) -> Self {
        let anonymous = anonymity == Anonymity::Numbered;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            lang,
            anonymous,
            config: &dossier.config,
            summary: &dossier.summary,
            totals: totals(catalogue),
            outlets: outlets(catalogue, anonymous.then_some(lang)),
            days: days(catalogue),
            articles: articles(dossier, catalogue, cast, contents, anonymous.then_some(lang)),
            pairs: pairs(&dossier.pairs, cast),
            derivations: derivations(dossier, cast),
            clusters: clusters(dossier, cast),
            repetitions: repetitions(&dossier.repetitions, cast),
            boilerplate: boilerplate(dossier, cast),
            left_out: LeftOut { strangers: dossier.strangers(), ..LeftOut::default() },
            letters: Letters::default(),
        }
    }

    /// Says where the texts of articles stand: block and place of each.
    pub(super) fn place_texts(&mut self, places: &[Option<(usize, usize)>]) {
        let number = |number: usize| i64::try_from(number).unwrap_or(-1);
        self.articles.block = places.iter().map(|place| place.map_or(-1, |(block, _)| number(block))).collect();
        self.articles.slot = places.iter().map(|place| place.map_or(0, |(_, slot)| u32::try_from(slot).unwrap_or(0))).collect();
        self.left_out.texts = places.iter().filter(|place| place.is_none()).count();
    }

    /// Leaves out all pairs but `most`, those that share the fewest words first; the rest keep their order.
    pub(super) fn keep_pairs(&mut self, rows: &[PairRow], cast: &Cast, most: usize) {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&at| (std::cmp::Reverse(rows[at].words()), at));
        order.truncate(most);
        order.sort_unstable();
        self.pairs = pairs(order.iter().map(|&at| &rows[at]), cast);
        self.left_out.pairs = rows.len() - order.len();
    }

    /// How many pairs it holds.
    pub(super) fn pairs(&self) -> usize {
        self.pairs.a.len()
    }
}

fn totals(catalogue: &Catalogue<'_>) -> Totals {
    let articles = catalogue.articles();
    let dates = || articles.iter().filter_map(|article| article.date);
    Totals {
        words: articles.iter().map(|article| u64::from(article.words)).sum(),
        first: dates().min(),
        last: dates().max(),
        undated: articles.iter().filter(|article| article.date.is_none()).count(),
        without_outlet: articles.iter().filter(|article| article.outlet.is_none()).count(),
    }
}

fn outlets<'a>(catalogue: &'a Catalogue<'_>, anonymous: Option<Lang>) -> Vec<Outlet<'a>> {
    let name = |(at, name): (usize, &'a str)| Outlet {
        name: anonymous.map_or_else(|| name.into(), |lang| lang.numbered_outlet(at).into()),
        articles: 0,
        words: 0,
    };
    let mut outlets: Vec<Outlet<'a>> = catalogue.outlets().iter().map(AsRef::as_ref).enumerate().map(name).collect();
    for article in catalogue.articles() {
        if let Some(outlet) = article.outlet.and_then(|at| outlets.get_mut(at as usize)) {
            outlet.articles += 1;
            outlet.words += u64::from(article.words);
        }
    }
    outlets
}

fn days(catalogue: &Catalogue<'_>) -> Vec<[i64; 3]> {
    const DAY: i64 = 86_400;
    let mut days: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    for article in catalogue.articles() {
        if let Some(date) = article.date {
            *days.entry((date.div_euclid(DAY), article.outlet.map_or(-1, i64::from))).or_default() += 1;
        }
    }
    days.into_iter().map(|((day, outlet), count)| [day, outlet, count]).collect()
}

fn articles(dossier: &Dossier, catalogue: &Catalogue<'_>, cast: &Cast, contents: Vec<Content>, anonymous: Option<Lang>) -> Articles {
    let mut articles = Articles::default();
    let mut authors: BTreeMap<String, usize> = BTreeMap::new();
    for ((number, &position), content) in (0..).zip(&cast.positions).zip(contents) {
        let known = catalogue.articles().get(position as usize);
        let author = content.author.map(|author| match anonymous {
            None => author,
            Some(lang) => {
                let next = authors.len() + 1;
                format!("{} {}", lang.author(), authors.entry(author).or_insert(next))
            }
        });
        articles.id.push(anonymous.map_or_else(|| dossier.id(catalogue, position).to_owned(), |_| alias(number)));
        articles.title.push(content.title);
        articles.url.push(content.url.filter(|_| anonymous.is_none()));
        articles.author.push(author);
        articles.date.push(known.and_then(|article| article.date));
        articles.outlet.push(known.and_then(|article| article.outlet).map_or(-1, i64::from));
        articles.words.push(known.map_or(0, |article| article.words));
    }
    articles
}

fn pairs<'p>(rows: impl IntoIterator<Item = &'p PairRow>, cast: &Cast) -> Pairs {
    let mut pairs = Pairs::default();
    for row in rows {
        pairs.a.push(cast.number(row.a));
        pairs.b.push(cast.number(row.b));
        pairs.rule.push(rule(row.rule));
        pairs.jaccard.push(row.jaccard);
        pairs.a_in_b.push(row.a_in_b);
        pairs.b_in_a.push(row.b_in_a);
        pairs.origin.push(match row.origin {
            None => 0,
            Some(Origin::A) => 1,
            Some(Origin::B) => 2,
        });
        pairs.a_covered.push(row.a_covered);
        pairs.b_covered.push(row.b_covered);
        let counts = row.counts();
        pairs.words.push(counts.words);
        pairs.respelled.push(counts.respelled);
        pairs.own.push(counts.own);
        let flat = row.passages.iter().flat_map(|passage| {
            let [a, b] = [passage.a, passage.b].map(|range| range.map(|at| at as f64));
            [a[0], a[1], b[0], b[1], passage.similarity, passage.words as f64, f64::from(u8::from(passage.reordered))]
        });
        pairs.passages.push(flat.collect());
    }
    pairs
}

fn rule(rule: PairRule) -> &'static str {
    rule.name()
}

fn derivations(dossier: &Dossier, cast: &Cast) -> Derivations {
    let mut derivations = Derivations::default();
    for row in &dossier.derivations {
        derivations.doc.push(cast.number(row.doc));
        derivations.wholly.push(u8::from(row.label == DerivationLabel::Wholly));
        derivations.copied.push(row.copied);
        let flat = row.sources.iter().flat_map(|source| [f64::from(cast.number(source.doc)), source.share, source.words as f64]);
        derivations.sources.push(flat.collect());
    }
    derivations
}

fn clusters(dossier: &Dossier, cast: &Cast) -> Vec<Cluster> {
    let cluster = |row: &super::super::dossier::ClusterRow| Cluster {
        members: row.members.iter().map(|&member| cast.number(member)).collect(),
        keep: cast.number(row.keep),
        min_jaccard: row.min_jaccard,
    };
    dossier.clusters.iter().map(cluster).collect()
}

fn repetitions<'a>(rows: &'a [(u32, Repetition)], cast: &Cast) -> Repetitions<'a> {
    let mut repetitions = Repetitions::default();
    for (doc, row) in rows {
        repetitions.doc.push(cast.number(*doc));
        repetitions.rule.push(row.rule.name());
        repetitions.first.push([row.first.start, row.first.end]);
        repetitions.again.push([row.again.start, row.again.end]);
        repetitions.similarity.push(row.similarity);
        repetitions.words.push(row.words);
        repetitions.copies.push(row.copies);
    }
    repetitions
}

fn boilerplate<'a>(dossier: &'a Dossier, cast: &Cast) -> Vec<Boilerplate<'a>> {
    let line = |(line, examples): &'a (refrain_engine::finding::Boilerplate, Vec<u32>)| Boilerplate {
        text: &line.text,
        documents: line.documents,
        outlets: line.outlets,
        examples: examples.iter().map(|&example| cast.number(example)).collect(),
    };
    dossier.boilerplate.iter().map(line).collect()
}
