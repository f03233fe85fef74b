//! From what goes to the bytes that go: the changes of one file.
//!
//! In: a file and the fates of its documents. Out: changes, which are ranges of the unpacked file, apart and ascending, each with what is put in its
//! place (mostly nothing) and with its reason. The output is the file with its changes made; the input is the output with them undone.

use super::article::char_offsets;
use super::cleaned_corpus::{Dropped, Fate};
use super::manifest::{CopyThatStayed, Exceeded, RemovalLine};
use refrain_engine::corpus::Corpus;
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use refrain_io::source::{FileCorpus, Layout, Original};
use std::io::{self, Write};
use std::ops::Range;

/// Bytes that go, and why.
pub(super) struct Change {
    /// Of the unpacked input.
    pub(super) range: Range<usize>,
    /// What comes in their place.
    pub(super) inserted: Vec<u8>,
    /// What the manifest says of it, but for what was removed.
    pub(super) line: RemovalLine,
}

/// A document of which something goes.
pub(super) struct Doomed<'a> {
    pub(super) locator: Locator,
    pub(super) id: &'a str,
    pub(super) fate: &'a Fate,
}

/// A change before its place in the undecoded file is known.
struct Planned {
    /// Where it is of, in a Parquet file: its row, and where the text of that row begins.
    row: Option<(u64, u64)>,
    range: Range<usize>,
    /// What comes there.
    put: String,
    line: RemovalLine,
}

/// The changes of a file. `name_of` gives the id of a document at a position of the run.
///
/// # Errors
/// The file has changed since it was read, or cannot be changed exactly.
pub(super) fn changes<'n>(
    corpus: &FileCorpus,
    original: &Original<'_>,
    file: &str,
    documents: &[Doomed<'_>],
    name_of: impl Fn(u32) -> &'n str,
) -> Result<Vec<Change>> {
    let layout = original.layout();
    let mut planned = Vec::new();
    let whole: Vec<(&Doomed<'_>, &Dropped)> =
        documents.iter().filter_map(|document| Some((document, document.fate.gone.as_ref()?))).collect();
    if let Some((document, gone)) = whole.first().filter(|_| original.format().is_one_article()) {
        // All of the file, whatever its encoding.
        let range = 0..original.bytes().len();
        let line = whole_line(document.id, file, gone, &name_of);
        return Ok(vec![Change { line: RemovalLine { bytes: range.len() as u64, ..line }, range, inserted: Vec::new() }]);
    }
    let ranges = layout.whole_records(&whole.iter().map(|(document, _)| document.locator).collect::<Vec<_>>())?;
    for ((document, gone), range) in whole.iter().zip(ranges) {
        let row = row_of(original, document);
        planned.push(Planned { row, range, put: String::new(), line: whole_line(document.id, file, gone, &name_of) });
    }
    for document in documents.iter().filter(|document| document.fate.gone.is_none()) {
        let row = row_of(original, document);
        planned.extend(cuts(corpus, layout, file, document, &name_of)?.into_iter().map(|planned| Planned { row, ..planned }));
    }
    // What is put before a stretch that goes comes before it.
    planned.sort_by_key(|change| (change.range.start, change.range.end));
    let is_outside = planned.last().is_some_and(|last| last.range.end > layout.length());
    if is_outside || planned.windows(2).any(|pair| pair[0].range.end > pair[1].range.start) {
        return Err(layout.changed());
    }
    let ranges = original.in_bytes(&planned.iter().map(|change| change.range.clone()).collect::<Vec<_>>())?;
    let change = |(range, planned): (Range<usize>, Planned)| {
        let (row, start) = planned.row.unzip();
        let offset = range.start as u64 - start.unwrap_or(0);
        let line = RemovalLine { row, offset, bytes: range.len() as u64, ..planned.line };
        Change { range, inserted: original.encoded(&planned.put), line }
    };
    Ok(ranges.into_iter().zip(planned).map(change).collect())
}

fn row_of(original: &Original<'_>, document: &Doomed<'_>) -> Option<(u64, u64)> {
    Some((document.locator.start, original.row_start(document.locator)?))
}

/// A line that says nothing yet.
pub(super) fn empty_line(doc: &str, file: &str) -> RemovalLine {
    RemovalLine {
        doc: doc.into(),
        file: file.into(),
        rule: None,
        span: None,
        copy: None,
        similarity: None,
        measure: None,
        row: None,
        offset: 0,
        bytes: 0,
        inserted: 0,
        removed: None,
        removed_hex: None,
    }
}

fn whole_line<'n>(doc: &str, file: &str, gone: &Dropped, name_of: &impl Fn(u32) -> &'n str) -> RemovalLine {
    RemovalLine {
        rule: Some(gone.rule),
        copy: gone.copy_id(name_of).map(|doc| CopyThatStayed { doc: doc.into(), span: None, is_in_reference: gone.item.is_some() }),
        similarity: gone.similarity,
        measure: gone.measure.map(|(name, value, threshold)| Exceeded { name: name.into(), value, threshold }),
        ..empty_line(doc, file)
    }
}

/// The cuts of one text.
fn cuts<'n>(
    corpus: &FileCorpus,
    layout: Layout<'_>,
    file: &str,
    document: &Doomed<'_>,
    name_of: &impl Fn(u32) -> &'n str,
) -> Result<Vec<Planned>> {
    let cuts = &document.fate.cuts;
    if cuts.is_empty() {
        return Ok(Vec::new());
    }
    let text = corpus.text(document.locator)?;
    if cuts.last().is_some_and(|cut| !text.is_char_boundary(cut.range.end)) {
        return Err(layout.changed());
    }
    let mut edges: Vec<usize> = cuts
        .iter()
        .flat_map(|cut| [cut.range.start, cut.range.end].into_iter().chain(cut.why.first.iter().flat_map(|first| [first.start, first.end])))
        .collect();
    edges.sort_unstable();
    edges.dedup();
    if edges.iter().any(|&edge| !text.is_char_boundary(edge)) {
        return Err(layout.changed());
    }
    let chars = char_offsets(&text, &edges);
    let in_chars = |bytes: &Range<usize>| [bytes.start, bytes.end].map(|edge| edges.binary_search(&edge).map_or(0, |at| chars[at]));
    let ranges = layout.in_content(document.locator, &cuts.iter().map(|cut| cut.range.clone()).collect::<Vec<_>>())?;
    let line = |cut: &super::article::Cut| RemovalLine {
        rule: Some(cut.why.rule),
        span: Some(in_chars(&cut.range)),
        copy: match (&cut.why.first, cut.why.other) {
            (Some(first), _) => Some(CopyThatStayed::in_corpus(document.id, in_chars(first))),
            (None, Some((other, span))) => Some(CopyThatStayed::in_corpus(name_of(other), span)),
            (None, None) => None,
        },
        similarity: cut.why.similarity,
        ..empty_line(document.id, file)
    };
    let besides = layout.consequences(document.locator, &ranges)?;
    let besides = besides.into_iter().map(|(range, put)| Planned { row: None, range, put, line: empty_line(document.id, file) });
    Ok(ranges
        .into_iter()
        .zip(cuts)
        .map(|(range, cut)| Planned { row: None, range, put: String::new(), line: line(cut) })
        .chain(besides)
        .collect())
}

/// Writes `input` with its changes made.
pub(super) fn make(input: &[u8], changes: &[Change], to: &mut dyn Write) -> io::Result<()> {
    let mut at = 0;
    for change in changes {
        to.write_all(&input[at..change.range.start])?;
        to.write_all(&change.inserted)?;
        at = change.range.end;
    }
    to.write_all(&input[at..])
}
