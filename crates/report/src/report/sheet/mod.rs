//! The tables of a report, one at a time, as CSV, Markdown or Parquet.
//!
//! In: a [`Dossier`] and the [`Catalogue`] of its articles. Out: the rows of one table. What a cell holds is settled here, once for all forms;
//! how it is written, in `plain.rs` and `parquet.rs`.

#[cfg(feature = "parquet")]
mod parquet;
mod plain;

use super::dossier::{Dossier, PairRow};
use super::html::{Anonymity, Cast, Lang, alias};
use crate::catalogue::Catalogue;
use refrain_engine::error::{Error, Result};
use refrain_engine::finding::{DerivationLabel, Origin};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// A table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sheet {
    /// Two articles a row.
    #[default]
    Pairs,
    /// A passage a row.
    Passages,
    /// An outlet and one that it takes from a row: words and articles.
    Outlets,
    /// An article and one of its sources a row.
    Sources,
    /// A member of a cluster a row.
    Clusters,
    /// A repetition a row.
    Repetitions,
    /// A paragraph that many articles have a row.
    Boilerplate,
}

/// How a table is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SheetForm {
    /// Commas between, as in RFC 4180, in UTF-8 with a header. Ids, outlets and quotations that a spreadsheet would take for a formula get an
    /// apostrophe in front.
    #[default]
    Csv,
    /// A table of Markdown.
    Markdown,
    /// A Parquet file: numbers are numbers, dates times in UTC, examples a list; what is not known is null. Takes the feature `parquet`.
    Parquet,
}

/// Which table, and how it is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SheetOptions {
    /// The table.
    pub sheet: Sheet,
    /// How it is written.
    pub form: SheetForm,
    /// Who is named. Numbers are those that the page of the same findings has.
    pub anonymity: Anonymity,
    /// Of the names that stand for outlets then.
    pub lang: Lang,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An id, or a word of ours.
    Name,
    /// Words of the input.
    Text,
    Count,
    Share,
    Flag,
    /// Seconds since 1970.
    Date,
    /// Several ids.
    Names,
}

/// What a cell holds; of the kind of its column.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Nothing,
    Name(String),
    Text(String),
    Count(usize),
    Share(f64),
    Flag(bool),
    Date(i64),
    Names(Vec<String>),
}

/// A table, row by row.
struct Table {
    columns: Vec<(&'static str, Kind)>,
    rows: Vec<Vec<Cell>>,
}

/// Writes a table.
///
/// # Errors
/// What the writer says; Parquet in a build without it.
pub fn write_sheet(dossier: &Dossier, catalogue: &Catalogue<'_>, options: SheetOptions, out: &mut impl Write) -> Result<()> {
    let names = Names::new(dossier, catalogue, options);
    let table = match options.sheet {
        Sheet::Pairs => names.pairs(),
        Sheet::Passages => names.passages(),
        Sheet::Outlets => names.outlets(),
        Sheet::Sources => names.sources(),
        Sheet::Clusters => names.clusters(),
        Sheet::Repetitions => names.repetitions(),
        Sheet::Boilerplate => names.boilerplate(),
    };
    let written = match options.form {
        SheetForm::Csv => plain::write_csv(&table, out),
        SheetForm::Markdown => plain::write_markdown(&table, out),
        SheetForm::Parquet => write_parquet(&table, out)?,
    };
    written.and_then(|()| out.flush()).map_err(|cause| Error::Io { path: "report".into(), cause })
}

#[cfg(feature = "parquet")]
fn write_parquet(table: &Table, out: &mut impl Write) -> Result<io::Result<()>> {
    Ok(parquet::write(table, out))
}

#[cfg(not(feature = "parquet"))]
fn write_parquet(_: &Table, _: &mut impl Write) -> Result<io::Result<()>> {
    Err(Error::Unsupported { path: "report".into(), format: "Parquet", feature: "parquet" })
}

/// A cell that may be empty.
fn maybe<T>(value: Option<T>, cell: impl Fn(T) -> Cell) -> Cell {
    value.map_or(Cell::Nothing, cell)
}

fn word(word: &str) -> Cell {
    Cell::Name(word.to_owned())
}

/// What articles and outlets are called.
struct Names<'d> {
    dossier: &'d Dossier,
    catalogue: &'d Catalogue<'d>,
    /// Where numbers stand for them.
    numbers: Option<(Cast, Lang)>,
}

impl<'d> Names<'d> {
    fn new(dossier: &'d Dossier, catalogue: &'d Catalogue<'d>, options: SheetOptions) -> Self {
        let numbers = (options.anonymity == Anonymity::Numbered).then(|| (Cast::of(dossier), options.lang));
        Self { dossier, catalogue, numbers }
    }

    fn name(&self, at: u32) -> String {
        let number = self.numbers.as_ref().map(|(cast, _)| alias(cast.number(at)));
        number.unwrap_or_else(|| self.dossier.id(self.catalogue, at).to_owned())
    }

    fn id(&self, at: u32) -> Cell {
        Cell::Name(self.name(at))
    }

    fn outlet_number(&self, at: u32) -> Option<u32> {
        self.catalogue.articles().get(at as usize)?.outlet
    }

    fn outlet_name(&self, outlet: Option<u32>) -> Cell {
        let name = |at: u32| {
            let own = || self.catalogue.outlets().get(at as usize).map_or_else(String::new, |name| name.to_string());
            Cell::Text(self.numbers.as_ref().map_or_else(own, |(_, lang)| lang.numbered_outlet(at as usize)))
        };
        maybe(outlet, name)
    }

    fn outlet(&self, at: u32) -> Cell {
        self.outlet_name(self.outlet_number(at))
    }

    fn date(&self, at: u32) -> Cell {
        maybe(self.catalogue.articles().get(at as usize).and_then(|article| article.date), Cell::Date)
    }

    fn pairs(&self) -> Table {
        let columns = vec![
            ("rule", Kind::Name),
            ("a", Kind::Name),
            ("b", Kind::Name),
            ("a_outlet", Kind::Text),
            ("b_outlet", Kind::Text),
            ("a_date", Kind::Date),
            ("b_date", Kind::Date),
            ("origin", Kind::Name),
            ("jaccard", Kind::Share),
            ("a_in_b", Kind::Share),
            ("b_in_a", Kind::Share),
            ("a_covered", Kind::Share),
            ("b_covered", Kind::Share),
            ("passages", Kind::Count),
            ("words", Kind::Count),
            ("respelled", Kind::Count),
            ("own", Kind::Count),
        ];
        let row = |pair: &PairRow| {
            vec![
                word(pair.rule.name()),
                self.id(pair.a),
                self.id(pair.b),
                self.outlet(pair.a),
                self.outlet(pair.b),
                self.date(pair.a),
                self.date(pair.b),
                maybe(pair.origin, |origin| word(if origin == Origin::A { "a" } else { "b" })),
                Cell::Share(pair.jaccard),
                Cell::Share(pair.a_in_b),
                Cell::Share(pair.b_in_a),
                maybe(pair.a_covered, Cell::Share),
                maybe(pair.b_covered, Cell::Share),
                Cell::Count(pair.passages.len()),
                Cell::Count(pair.words()),
                Cell::Count(pair.counts().respelled),
                Cell::Count(pair.counts().own),
            ]
        };
        Table { columns, rows: self.dossier.pairs.iter().map(row).collect() }
    }

    fn passages(&self) -> Table {
        let places = ["a_start", "a_end", "b_start", "b_end"].map(|name| (name, Kind::Count));
        let columns = [("a", Kind::Name), ("b", Kind::Name)].into_iter().chain(places);
        let columns = columns
            .chain([("similarity", Kind::Share), ("words", Kind::Count), ("respelled", Kind::Count), ("own", Kind::Count)])
            .chain([("reordered", Kind::Flag)])
            .collect();
        let rows = self.dossier.pairs.iter().flat_map(|pair| {
            pair.passages.iter().map(|passage| {
                let places = [passage.a[0], passage.a[1], passage.b[0], passage.b[1]].map(Cell::Count);
                let counts = [passage.words, passage.respelled, passage.own()].map(Cell::Count);
                let rest = [Cell::Share(passage.similarity)].into_iter().chain(counts).chain([Cell::Flag(passage.reordered)]);
                [self.id(pair.a), self.id(pair.b)].into_iter().chain(places).chain(rest).collect()
            })
        });
        Table { columns, rows: rows.collect() }
    }

    /// Words and articles that each outlet takes from each, its own included.
    fn outlets(&self) -> Table {
        let mut cells: BTreeMap<[Option<u32>; 2], (usize, BTreeSet<u32>)> = BTreeMap::new();
        for derivation in &self.dossier.derivations {
            for source in &derivation.sources {
                let cell = cells.entry([derivation.doc, source.doc].map(|doc| self.outlet_number(doc))).or_default();
                cell.0 += source.words;
                cell.1.insert(derivation.doc);
            }
        }
        let columns = vec![("outlet", Kind::Text), ("reuses", Kind::Text), ("words", Kind::Count), ("articles", Kind::Count)];
        let rows = cells.into_iter().map(|([taker, giver], (words, articles))| {
            vec![self.outlet_name(taker), self.outlet_name(giver), Cell::Count(words), Cell::Count(articles.len())]
        });
        Table { columns, rows: rows.collect() }
    }

    fn sources(&self) -> Table {
        let columns = vec![
            ("doc", Kind::Name),
            ("outlet", Kind::Text),
            ("date", Kind::Date),
            ("label", Kind::Name),
            ("copied", Kind::Share),
            ("source", Kind::Name),
            ("source_outlet", Kind::Text),
            ("source_date", Kind::Date),
            ("share", Kind::Share),
            ("words", Kind::Count),
        ];
        let rows = self.dossier.derivations.iter().flat_map(|derivation| {
            let label = if derivation.label == DerivationLabel::Wholly { "wholly" } else { "partly" };
            derivation.sources.iter().map(move |source| {
                vec![
                    self.id(derivation.doc),
                    self.outlet(derivation.doc),
                    self.date(derivation.doc),
                    word(label),
                    Cell::Share(derivation.copied),
                    self.id(source.doc),
                    self.outlet(source.doc),
                    self.date(source.doc),
                    Cell::Share(source.share),
                    Cell::Count(source.words),
                ]
            })
        });
        Table { columns, rows: rows.collect() }
    }

    fn clusters(&self) -> Table {
        let columns = vec![
            ("cluster", Kind::Count),
            ("doc", Kind::Name),
            ("outlet", Kind::Text),
            ("date", Kind::Date),
            ("keep", Kind::Flag),
            ("min_jaccard", Kind::Share),
        ];
        let rows = (1..).zip(&self.dossier.clusters).flat_map(|(cluster, row)| {
            row.members.iter().map(move |&member| {
                let kept = Cell::Flag(member == row.keep);
                let names = [self.id(member), self.outlet(member), self.date(member)];
                [Cell::Count(cluster)].into_iter().chain(names).chain([kept, Cell::Share(row.min_jaccard)]).collect()
            })
        });
        Table { columns, rows: rows.collect() }
    }

    fn repetitions(&self) -> Table {
        let names = [("rule", Kind::Name), ("doc", Kind::Name), ("outlet", Kind::Text), ("date", Kind::Date)];
        let places = ["first_start", "first_end", "again_start", "again_end"].map(|name| (name, Kind::Count));
        let rest = [("similarity", Kind::Share), ("words", Kind::Count), ("copies", Kind::Count)];
        let rows = self.dossier.repetitions.iter().map(|(doc, repetition)| {
            let (first, again) = (repetition.first, repetition.again);
            let names = [word(repetition.rule.name()), self.id(*doc), self.outlet(*doc), self.date(*doc)];
            let places = [first.start, first.end, again.start, again.end].map(Cell::Count);
            let rest = [Cell::Share(repetition.similarity), Cell::Count(repetition.words), maybe(repetition.copies, Cell::Count)];
            names.into_iter().chain(places).chain(rest).collect()
        });
        Table { columns: names.into_iter().chain(places).chain(rest).collect(), rows: rows.collect() }
    }

    fn boilerplate(&self) -> Table {
        let columns = vec![("documents", Kind::Count), ("outlets", Kind::Count), ("text", Kind::Text), ("examples", Kind::Names)];
        let rows = self.dossier.boilerplate.iter().map(|(line, examples)| {
            let examples = examples.iter().map(|&example| self.name(example)).collect();
            let text = Cell::Text(line.text.to_string());
            vec![Cell::Count(line.documents), maybe(line.outlets, Cell::Count), text, Cell::Names(examples)]
        });
        Table { columns, rows: rows.collect() }
    }
}
