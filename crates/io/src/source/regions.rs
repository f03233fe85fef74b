//! Lines and columns of stretches of documents in their files.
//!
//! In: ranges of code points of texts. Out: regions of the unpacked file, decoded to UTF-8. Always: a range that has no exact position in the file,
//! because its text was made from markup, is the region of its whole record; of a page from the first word of its text on. Takes one pass over the file.

use super::files::FileCorpus;
use super::format::Format;
use super::markup::text_start;
use super::rewrite::Layout;
use memchr::memchr2_iter;
use refrain_engine::corpus::Region;
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use std::ops::Range;

impl FileCorpus {
    /// As [`Corpus::regions`](refrain_engine::corpus::Corpus::regions).
    pub(super) fn regions_of(&self, file: u32, wanted: &[(Locator, [usize; 2])]) -> Result<Vec<Option<Region>>> {
        if wanted.is_empty() || self.texts(file as usize).is_some() {
            return Ok(vec![None; wanted.len()]);
        }
        let again;
        let opened = if let Some(opened) = self.kept(file as usize) {
            opened
        } else {
            again = self.load(file as usize)?;
            &again
        };
        let layout = Layout {
            content: &opened.content,
            start: opened.start,
            kind: &opened.kind,
            fields: self.fields(),
            html_fields: self.html_fields(),
            path: self.path(file as usize),
            texts: None,
        };
        let mut ranges: Vec<Option<Range<usize>>> = vec![None; wanted.len()];
        let mut order: Vec<usize> = (0..wanted.len()).collect();
        order.sort_by_key(|&at| wanted[at].0.start);
        for of_record in order.chunk_by(|&x, &y| wanted[x].0 == wanted[y].0) {
            let locator = wanted[of_record[0]].0;
            let Ok(record) = layout.record(locator) else { continue };
            let text = self.shown_text(&opened.kind, record).unwrap_or_default();
            let start = usize::try_from(locator.start).unwrap_or(usize::MAX);
            let first = if opened.kind.format == Format::Html { text_start(record) } else { 0 };
            let spans: Vec<[usize; 2]> = of_record.iter().map(|&at| wanted[at].1).collect();
            for (&at, bytes) in of_record.iter().zip(in_bytes(&text, &spans)) {
                ranges[at] = Some(within(&layout, locator, &bytes).unwrap_or(start + first..start + record.len()));
            }
        }
        Ok(regions(&opened.content, opened.start, &ranges))
    }
}

fn within(layout: &Layout<'_>, locator: Locator, bytes: &Range<usize>) -> Option<Range<usize>> {
    layout.in_content(locator, std::slice::from_ref(bytes)).ok()?.into_iter().next()
}

/// Ranges of code points as ranges of bytes; what is beyond the end ends there.
fn in_bytes(text: &str, spans: &[[usize; 2]]) -> Vec<Range<usize>> {
    let mut edges: Vec<usize> = spans.iter().flatten().copied().collect();
    edges.sort_unstable();
    edges.dedup();
    let mut chars = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).enumerate();
    let bytes: Vec<usize> = edges.iter().map(|&edge| chars.find(|&(at, _)| at == edge).map_or(text.len(), |(_, byte)| byte)).collect();
    let byte = |edge: usize| edges.binary_search(&edge).map_or(text.len(), |at| bytes[at]);
    spans.iter().map(|&[start, end]| byte(start)..byte(end).max(byte(start))).collect()
}

/// Regions of ranges of `content`, which begins at `start`. Lines end with `\n`, `\r\n` or `\r`, which are in no region at its end.
fn regions(content: &[u8], start: usize, ranges: &[Option<Range<usize>>]) -> Vec<Option<Region>> {
    let trimmed = |range: &Range<usize>| {
        let bytes = content.get(range.clone()).unwrap_or_default();
        let line_ends = bytes.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        range.start..range.end - line_ends
    };
    let ranges: Vec<Option<Range<usize>>> = ranges.iter().map(|range| range.as_ref().map(trimmed)).collect();
    let last = |range: &Range<usize>| {
        let before = content[..range.end.min(content.len())].iter().rposition(|&byte| byte & 0xC0 != 0x80).unwrap_or(range.start);
        if range.is_empty() { range.start } else { before.max(range.start) }
    };
    let mut edges: Vec<usize> = ranges.iter().flatten().flat_map(|range| [range.start, last(range)]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut at = Position { byte: start, line: 1, column: 1 };
    let positions: Vec<Position> = edges
        .iter()
        .map(|&edge| {
            at = at.moved(content, edge);
            at
        })
        .collect();
    let position = |edge: usize| edges.binary_search(&edge).map_or(at, |at| positions[at]);
    let region = |range: &Range<usize>| {
        let (first, end) = (position(range.start), position(last(range)));
        let width = if range.is_empty() { 0 } else { content.get(end.byte).map_or(0, |&byte| units(&[byte])) };
        Region { start_line: first.line, start_column: first.column, end_line: end.line, end_column: end.column + width }
    };
    ranges.iter().map(|range| range.as_ref().map(region)).collect()
}

/// A position in a file.
#[derive(Clone, Copy)]
struct Position {
    byte: usize,
    line: usize,
    column: usize,
}

impl Position {
    fn moved(self, content: &[u8], to: usize) -> Self {
        let to = to.clamp(self.byte, content.len());
        let (mut line, mut from) = (self.line, None);
        for end in memchr2_iter(b'\n', b'\r', &content[self.byte..to]).map(|at| self.byte + at) {
            // A carriage return before a line feed ends no line of its own.
            if content[end] == b'\n' || content.get(end + 1) != Some(&b'\n') {
                line += 1;
                from = Some(end + 1);
            }
        }
        let column = from.map_or(self.column, |_| 1) + units(&content[from.unwrap_or(self.byte)..to]);
        Self { byte: to, line, column }
    }
}

/// UTF-16 code units of UTF-8.
fn units(bytes: &[u8]) -> usize {
    bytes.iter().map(|&byte| usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str, span: [usize; 2]) -> [usize; 4] {
        let range = in_bytes(text, &[span]).remove(0);
        let Region { start_line, start_column, end_line, end_column } = regions(text.as_bytes(), 0, &[Some(range)])[0].unwrap();
        [start_line, start_column, end_line, end_column]
    }

    #[test]
    fn columns_count_utf16_units_and_line_ends_of_any_kind() {
        let text = "ab\r\nخبر 😀 عاجل\rx\n\ny";
        assert_eq!(region(text, [0, 2]), [1, 1, 1, 3]);
        assert_eq!(region(text, [4, 7]), [2, 1, 2, 4]);
        assert_eq!(region(text, [8, 9]), [2, 5, 2, 7]);
        assert_eq!(region(text, [10, 14]), [2, 8, 2, 12]);
        assert_eq!(region(text, [15, 16]), [3, 1, 3, 2]);
        assert_eq!(region(text, [0, 19]), [1, 1, 5, 2]);
        assert_eq!(region(text, [0, usize::MAX]), [1, 1, 5, 2]);
        assert_eq!(region("ab\r\n\r\n", [0, usize::MAX]), [1, 1, 1, 3]);
        assert_eq!(region("", [0, 0]), [1, 1, 1, 1]);
        assert_eq!(region("", [0, usize::MAX]), [1, 1, 1, 1]);
    }

    #[test]
    fn many_ranges_take_one_pass_and_keep_their_order() {
        let text = "ab\ncd\nef";
        let ranges = in_bytes(text, &[[6, 8], [0, 2], [3, 8], [0, 3]]).into_iter().map(Some).chain([None]).collect::<Vec<_>>();
        let found = regions(text.as_bytes(), 0, &ranges);
        let lines: Vec<_> = found.iter().flatten().map(|region| (region.start_line, region.end_line, region.end_column)).collect();
        assert_eq!((lines, found[4]), (vec![(3, 3, 3), (1, 1, 3), (2, 3, 3), (1, 1, 3)], None));
    }

    #[test]
    fn a_stretch_of_a_record_is_found_behind_its_escapes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, "\u{feff}{\"id\":\"x\",\"text\":\"one\"}\n\n{\"id\":\"😀\",\"text\":\"a\\n\\u00e9 \\\"bc\\\"\"}\n").unwrap();
        let corpus = FileCorpus::open(&[path], &super::super::SourceOptions::default()).unwrap();
        let read = refrain_engine::Detector::new(refrain_engine::DetectConfig::default())
            .unwrap()
            .detect_in(&corpus, &refrain_engine::Silent)
            .unwrap();
        let locators: Vec<Locator> = read.documents().map(|document| document.locator).collect();
        let found = corpus.regions_of(0, &[(locators[1], [5, 7]), (locators[0], [0, 3]), (locators[1], [0, usize::MAX])]).unwrap();
        let told: Vec<_> = found.into_iter().flatten().map(|r| [r.start_line, r.start_column, r.end_line, r.end_column]).collect();
        // {"id":"😀","text":"a\n\u00e9 \"bc\""}
        assert_eq!(told, [[3, 32, 3, 34], [1, 19, 1, 22], [3, 20, 3, 36]]);
    }
}
