//! Records that are ranges of a text, handed out in parallel with their lines.

use super::records::{Outcome, RecordReader};
use memchr::memchr_iter;
use rayon::prelude::*;
use refrain_engine::corpus::{Stretch, Visitor};
use refrain_engine::document::Locator;
use refrain_engine::error::Problem;
use std::ops::Range;

/// Records that a visitor takes in one go.
const RECORDS_OF_A_STRETCH: usize = 256;

/// Calls `take` with each of `ranges`, which ascend, its locator and the line of its stretch on which it begins.
pub(super) fn read<V: Visitor>(
    records: &RecordReader<'_>,
    text: &str,
    ranges: &[Range<usize>],
    visitor: &(impl Fn() -> V + Sync),
    take: impl Fn(&mut V, &str, Locator, u64) + Sync,
) -> Vec<Stretch<V::Output>> {
    let parts: Vec<&[Range<usize>]> = ranges.chunks(RECORDS_OF_A_STRETCH).collect();
    let start = |part: usize| if part == 0 { 0 } else { parts.get(part).map_or(text.len(), |ranges| ranges[0].start) };
    let stretches = parts.par_iter().enumerate().map(|(number, ranges)| {
        let (mut at, end) = (start(number), start(number + 1));
        let mut outcome = Outcome { visitor: visitor(), problems: records.problems() };
        outcome.visitor.progress((end - at) as u64);
        let lines = |range: Range<usize>| memchr_iter(b'\n', &text.as_bytes()[range]).count() as u64;
        let mut line = 0;
        for range in *ranges {
            line += lines(at..range.start);
            at = range.start;
            match records.limits.record_length(range.len()) {
                Ok(length) => {
                    let locator = Locator { file: records.file, length, start: (records.base + range.start) as u64 };
                    take(&mut outcome.visitor, &text[range.clone()], locator, line);
                }
                Err(reason) => outcome.problems.push(Problem { path: records.path.into(), line: line + 1, reason }),
            }
        }
        line += lines(at..end);
        Stretch { output: outcome.visitor.finish(), lines: line, file: records.file, problems: outcome.problems }
    });
    stretches.collect()
}
