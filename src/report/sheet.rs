//! The tables of a report, one at a time, as CSV or Markdown.
//!
//! CSV is that of RFC 4180 in UTF-8, with a header. Titles and quotations that a spreadsheet would take for a formula get an apostrophe in
//! front; ids and numbers stand as they are.

use super::dossier::{Dossier, PairRow};
use super::printable;
use crate::catalogue::Catalogue;
use crate::error::{Error, Result};
use crate::finding::{DerivationLabel, Origin};
use std::collections::BTreeMap;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetForm {
    /// Commas between.
    Csv,
    /// A table of Markdown.
    Markdown,
}

type Rows = (Vec<&'static str>, Vec<Vec<String>>);

/// Writes a table.
///
/// # Errors
/// What the writer says; an article that cannot be read again.
pub fn write_sheet(dossier: &Dossier, catalogue: &Catalogue<'_>, sheet: Sheet, form: SheetForm, out: &mut impl Write) -> Result<()> {
    let names = Names { dossier, catalogue };
    let (head, rows) = match sheet {
        Sheet::Pairs => names.pairs(),
        Sheet::Passages => names.passages(),
        Sheet::Outlets => names.outlets(),
        Sheet::Sources => names.sources(),
        Sheet::Clusters => names.clusters(),
        Sheet::Repetitions => names.repetitions(),
        Sheet::Boilerplate => names.boilerplate(),
    };
    let head: Vec<String> = head.into_iter().map(str::to_owned).collect();
    let written = match form {
        SheetForm::Csv => std::iter::once(&head).chain(&rows).try_for_each(|row| write_csv(row, out)),
        SheetForm::Markdown => write_markdown(&head, &rows, out),
    };
    written.and_then(|()| out.flush()).map_err(|cause| Error::Io { path: "report".into(), cause })
}

fn write_csv(row: &[String], out: &mut impl Write) -> io::Result<()> {
    let quoted = |field: &String| {
        if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.clone() }
    };
    write!(out, "{}\r\n", row.iter().map(quoted).collect::<Vec<_>>().join(","))
}

fn write_markdown(head: &[String], rows: &[Vec<String>], out: &mut impl Write) -> io::Result<()> {
    // What would be a column's edge, a link, emphasis or markup is not.
    let plain = |field: &String| {
        let one_line = printable(&field.split_whitespace().collect::<Vec<_>>().join(" "));
        one_line.chars().fold(String::new(), |mut text, c| {
            if matches!(c, '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#') {
                text.push('\\');
            }
            text.push(c);
            text
        })
    };
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    writeln!(out, "{}", line(head.iter().map(plain).collect()))?;
    writeln!(out, "{}", line(head.iter().map(|_| "---".to_owned()).collect()))?;
    rows.iter().try_for_each(|row| writeln!(out, "{}", line(row.iter().map(plain).collect())))
}

/// Text that no spreadsheet takes for a formula.
fn no_formula(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn number(number: f64) -> String {
    number.to_string()
}

fn optional<T: ToString>(number: Option<T>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

struct Names<'d> {
    dossier: &'d Dossier,
    catalogue: &'d Catalogue<'d>,
}

impl Names<'_> {
    fn id(&self, at: u32) -> String {
        self.dossier.id(self.catalogue, at).to_owned()
    }

    fn outlet(&self, at: u32) -> String {
        let outlet = self.catalogue.articles().get(at as usize).and_then(|article| article.outlet);
        outlet.and_then(|at| self.catalogue.outlets().get(at as usize)).map_or_else(String::new, |name| no_formula(name))
    }

    fn date(&self, at: u32) -> String {
        let date = self.catalogue.articles().get(at as usize).and_then(|article| article.date);
        date.and_then(|date| jiff::Timestamp::from_second(date).ok()).map_or_else(String::new, |date| date.to_string())
    }

    fn pairs(&self) -> Rows {
        let head = vec![
            "rule",
            "a",
            "b",
            "a_outlet",
            "b_outlet",
            "a_date",
            "b_date",
            "origin",
            "jaccard",
            "a_in_b",
            "b_in_a",
            "a_covered",
            "b_covered",
            "passages",
            "words",
        ];
        let row = |pair: &PairRow| {
            let origin = pair.origin.map_or("", |origin| if origin == Origin::A { "a" } else { "b" });
            vec![
                pair.rule.name().to_owned(),
                self.id(pair.a),
                self.id(pair.b),
                self.outlet(pair.a),
                self.outlet(pair.b),
                self.date(pair.a),
                self.date(pair.b),
                origin.to_owned(),
                number(pair.jaccard),
                number(pair.a_in_b),
                number(pair.b_in_a),
                optional(pair.a_covered),
                optional(pair.b_covered),
                pair.passages.len().to_string(),
                pair.words().to_string(),
            ]
        };
        (head, self.dossier.pairs.iter().map(row).collect())
    }

    fn passages(&self) -> Rows {
        let head = vec!["a", "b", "a_start", "a_end", "b_start", "b_end", "similarity", "words", "reordered"];
        let rows = self.dossier.pairs.iter().flat_map(|pair| {
            pair.passages.iter().map(|passage| {
                let places = [passage.a[0], passage.a[1], passage.b[0], passage.b[1]].map(|at| at.to_string());
                let rest = [number(passage.similarity), passage.words.to_string(), passage.reordered.to_string()];
                [self.id(pair.a), self.id(pair.b)].into_iter().chain(places).chain(rest).collect()
            })
        });
        (head, rows.collect())
    }

    /// Words and articles that each outlet takes from each, its own included.
    fn outlets(&self) -> Rows {
        let mut cells: BTreeMap<(String, String), (usize, BTreeMap<u32, ()>)> = BTreeMap::new();
        for derivation in &self.dossier.derivations {
            for source in &derivation.sources {
                let cell = cells.entry((self.outlet(derivation.doc), self.outlet(source.doc))).or_default();
                cell.0 += source.words;
                cell.1.insert(derivation.doc, ());
            }
        }
        let row = |((taker, giver), (words, articles)): ((String, String), (usize, BTreeMap<u32, ()>))| {
            vec![taker, giver, words.to_string(), articles.len().to_string()]
        };
        (vec!["outlet", "reuses", "words", "articles"], cells.into_iter().map(row).collect())
    }

    fn sources(&self) -> Rows {
        let head = vec!["doc", "outlet", "date", "label", "copied", "source", "source_outlet", "source_date", "share", "words"];
        let rows = self.dossier.derivations.iter().flat_map(|derivation| {
            let label = if derivation.label == DerivationLabel::Wholly { "wholly" } else { "partly" };
            derivation.sources.iter().map(move |source| {
                vec![
                    self.id(derivation.doc),
                    self.outlet(derivation.doc),
                    self.date(derivation.doc),
                    label.to_owned(),
                    number(derivation.copied),
                    self.id(source.doc),
                    self.outlet(source.doc),
                    self.date(source.doc),
                    number(source.share),
                    source.words.to_string(),
                ]
            })
        });
        (head, rows.collect())
    }

    fn clusters(&self) -> Rows {
        let rows = (1..).zip(&self.dossier.clusters).flat_map(|(cluster, row)| {
            row.members.iter().map(move |&member| {
                let kept = (member == row.keep).to_string();
                vec![format!("{cluster}"), self.id(member), self.outlet(member), self.date(member), kept, number(row.min_jaccard)]
            })
        });
        (vec!["cluster", "doc", "outlet", "date", "keep", "min_jaccard"], rows.collect())
    }

    fn repetitions(&self) -> Rows {
        let head =
            vec!["rule", "doc", "outlet", "date", "first_start", "first_end", "again_start", "again_end", "similarity", "words", "copies"];
        let rows = self.dossier.repetitions.iter().map(|(doc, repetition)| {
            let (first, again) = (repetition.first, repetition.again);
            let places = [first.start, first.end, again.start, again.end].map(|at| at.to_string());
            let rest = [number(repetition.similarity), repetition.words.to_string(), optional(repetition.copies)];
            let names = [repetition.rule.name().to_owned(), self.id(*doc), self.outlet(*doc), self.date(*doc)];
            names.into_iter().chain(places).chain(rest).collect()
        });
        (head, rows.collect())
    }

    fn boilerplate(&self) -> Rows {
        let rows = self.dossier.boilerplate.iter().map(|(line, examples)| {
            let examples: Vec<String> = examples.iter().map(|&example| self.id(example)).collect();
            vec![line.documents.to_string(), optional(line.outlets), no_formula(&line.text), examples.join(" ")]
        });
        (vec!["documents", "outlets", "text", "examples"], rows.collect())
    }
}
