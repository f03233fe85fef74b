//! What a corpus shares with a reference: lines or a document of JSON, or text for people.

use super::json::{line, run_of};
use super::terminal::{Palette, Style, count, percent};
use refrain_engine::against::{ItemMatch, MatchSummary, Matches, ReferenceMatch};
use refrain_engine::finding::{Pair, WordCounts};
use serde::Serialize;
use std::io::{self, Write};

/// Items that are listed as text.
const MOST_ITEMS: usize = 20;

/// A match as it is written: the pair, and where its first article is.
#[derive(Serialize)]
struct MatchLine<'a> {
    #[serde(flatten)]
    pair: Pair<'a>,
    file: &'a str,
    line: u64,
    longest: usize,
}

impl<'a> MatchLine<'a> {
    fn of(found: &'a ReferenceMatch) -> Self {
        Self { pair: found.pair.as_pair(), file: &found.file, line: found.line, longest: found.longest }
    }
}

/// One finding per line: the run, matches, items, the summary. Of the matches and items at most `limit`; the summary counts all.
///
/// # Errors
/// What the writer says.
pub fn write_matches_jsonl(matches: &Matches, limit: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    let (pairs, items) = limited(matches, limit);
    line(out, "run", &run_of(matches.config()))?;
    pairs.iter().try_for_each(|found| line(out, "match", &MatchLine::of(found)))?;
    items.iter().try_for_each(|item| line(out, "item", item))?;
    line(out, "match-summary", matches.summary())
}

/// One document: `{"run":{},"matches":[],"items":[],"summary":{}}`. Of the matches and items at most `limit`.
///
/// # Errors
/// What the writer says.
pub fn write_matches_json(matches: &Matches, limit: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    fn list<T: Serialize>(out: &mut impl Write, name: &str, items: impl Iterator<Item = T>) -> io::Result<()> {
        write!(out, ",\n\"{name}\":[")?;
        for (number, item) in items.enumerate() {
            out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, &item)?;
        }
        out.write_all(b"]")
    }
    let (pairs, items) = limited(matches, limit);
    out.write_all(b"{\"run\":")?;
    serde_json::to_writer(&mut *out, &run_of(matches.config()))?;
    list(out, "matches", pairs.iter().map(MatchLine::of))?;
    list(out, "items", items.iter())?;
    out.write_all(b",\n\"summary\":")?;
    serde_json::to_writer(&mut *out, matches.summary())?;
    out.write_all(b"}\n")
}

/// The first `limit` matches, and so many of the items as are left.
fn limited(matches: &Matches, limit: Option<usize>) -> (&[ReferenceMatch], &[ItemMatch]) {
    let (pairs, items) = (matches.pairs(), matches.items());
    let most = limit.unwrap_or(usize::MAX);
    let pairs = &pairs[..pairs.len().min(most)];
    (pairs, &items[..items.len().min(most - pairs.len())])
}

/// Writes the matches for people, under each article, at most `limit`; then a table of the items, and the summary. With a limit of 0 only the summary.
///
/// # Errors
/// What the writer says.
pub fn write_matches_text(matches: &Matches, palette: Palette, limit: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    if limit != Some(0) {
        let pairs = limited(matches, limit).0;
        for of_document in pairs.chunk_by(|x, y| (&x.pair.a, &x.file, x.line) == (&y.pair.a, &y.file, y.line)) {
            let name = document(&of_document[0].pair.a, &of_document[0].file, of_document[0].line);
            writeln!(out, "{}", palette.paint(Style::Name, &palette.shown(&name)))?;
            of_document.iter().try_for_each(|found| write_match(found, palette, out))?;
            writeln!(out)?;
        }
        let omitted = matches.pairs().len() - pairs.len();
        if omitted > 0 {
            writeln!(out, "{} left out (limit {})\n", count_of(omitted, "match", "matches"), pairs.len())?;
        }
        write_items(matches.items(), palette, out)?;
    }
    writeln!(out, "{}", match_summary_line(matches.summary()))
}

fn count_of(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// An article and where it is, if its name does not say that.
fn document(id: &str, file: &str, line: u64) -> String {
    let place = format!("{file}:{line}");
    if id == place || id == file { id.to_owned() } else { format!("{id} ({place})") }
}

fn write_match(found: &ReferenceMatch, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let pair = &found.pair;
    let rule = palette.paint(Style::Rule, pair.rule.name());
    writeln!(out, "  {rule}  with {}", palette.shown(&pair.b))?;
    let Some((passages, [a, b])) = pair.passages.as_ref().zip(pair.a_covered.zip(pair.b_covered).map(|(a, b)| [a, b].map(percent))) else {
        return writeln!(out, "    similarity {:.3}", pair.jaccard);
    };
    let counts = WordCounts::of(passages);
    let (words, longest) = (count(counts.words, "word"), found.longest);
    writeln!(out, "    {words}{}, {longest} in a row: {a} of this, {b} of that", counts.details())
}

/// How much of the items was found, and those found most.
fn write_items(items: &[ItemMatch], palette: Palette, out: &mut impl Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let found = |least: f64, below: f64| items.iter().filter(|item| item.covered >= least && item.covered < below).count();
    let shares = [("whole", 1.0, 2.0), ("80 % or more", 0.8, 1.0), ("50 % or more", 0.5, 0.8), ("less", 0.0, 0.5)];
    writeln!(out, "{}", palette.paint(Style::Name, "items by the share that one article has"))?;
    for (name, least, below) in shares {
        writeln!(out, "  {name:<14}{:>8}", found(least, below))?;
    }
    writeln!(out, "\n{}", palette.paint(Style::Name, "items found most"))?;
    writeln!(out, "  articles   in a row      share  item")?;
    for item in items.iter().take(MOST_ITEMS) {
        let most = palette.paint(Style::Faint, &format!("in {}", palette.shown(&document(&item.doc, &item.file, item.line))));
        let (documents, longest, share) = (item.documents, item.longest, percent(item.covered));
        writeln!(out, "  {documents:>8} {longest:>10} {share:>10}  {}  {most}", palette.shown(&item.id))?;
    }
    if items.len() > MOST_ITEMS {
        writeln!(out, "  and {} more", items.len() - MOST_ITEMS)?;
    }
    writeln!(out)
}

/// The totals of a comparison with a reference, in one line.
#[must_use]
pub fn match_summary_line(summary: &MatchSummary) -> String {
    let mut parts = vec![
        format!("{} share text with the reference", summary.matched_documents),
        format!("{} of {} found", summary.matched_items, count(summary.items, "item")),
        count_of(summary.matches, "match", "matches"),
    ];
    parts.extend((summary.capped_seeds > 0).then(|| {
        format!(
            "{} in more items than the setting `cap` allows, of which only the first were compared",
            count(summary.capped_seeds, "short run")
        )
    }));
    parts.extend((summary.unlisted > 0).then(|| format!("{} identical items not listed one by one", summary.unlisted)));
    parts.extend((summary.empty > 0).then(|| format!("{} empty", summary.empty)));
    parts.extend((summary.skipped > 0).then(|| format!("{} skipped", summary.skipped)));
    format!("{}: {}", count(summary.documents, "article"), parts.join("; "))
}
