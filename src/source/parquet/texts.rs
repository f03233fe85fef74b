//! The texts of a Parquet file that was read, to be found again by row.

use crate::source::content::Gathering;
use bytes::Bytes;
use std::io;
use std::ops::Range;

/// Texts of rows one after another.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) first_row: u64,
    /// Where they stand among all texts.
    pub(super) start: u64,
    /// Where each ends, from there.
    pub(super) ends: Vec<u32>,
    /// Rows that have none, ascending.
    pub(super) missing: Vec<Missing>,
}

/// A row without text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing {
    /// Counted from the first of its block.
    pub(super) row: u32,
    /// Definition level: which group around the text is missing.
    pub(super) level: i16,
}

/// The texts of a file by row.
#[derive(Debug)]
pub(crate) struct Texts {
    content: Bytes,
    /// In the order of the file.
    blocks: Vec<Block>,
    /// Bytes of all texts before each block, in the order of the file; at the end those of all.
    before: Vec<u64>,
    /// First row of each row group.
    groups: Vec<u64>,
    /// Path of their column; None where there is none.
    column: Option<String>,
}

impl Texts {
    pub(super) fn new(gathered: Gathering<'_>, mut blocks: Vec<Block>, groups: Vec<u64>, column: Option<String>) -> io::Result<Self> {
        blocks.sort_unstable_by_key(|block| block.first_row);
        let mut before = vec![0];
        before.extend(blocks.iter().scan(0, |bytes, block| {
            *bytes += u64::from(block.ends.last().copied().unwrap_or(0));
            Some(*bytes)
        }));
        Ok(Self { content: Bytes::from_owner(gathered.finish()?), blocks, before, groups, column })
    }

    /// The text in a row.
    pub(in crate::source) fn get(&self, row: u64) -> Option<&[u8]> {
        let (_, range) = self.find(row)?;
        self.content.get(range)
    }

    /// The text in a row, which is not copied; or the definition level where there is none. None beyond the rows.
    pub(super) fn row(&self, row: u64) -> Option<Result<Bytes, i16>> {
        let (block, range) = self.find(row)?;
        let at = u32::try_from(row - block.first_row).ok()?;
        Some(match block.missing.binary_search_by_key(&at, |missing| missing.row) {
            Ok(missing) => Err(block.missing[missing].level),
            Err(_) => Ok(self.content.slice(range)),
        })
    }

    /// The block of a row, and where its text stands in what is kept.
    fn find(&self, row: u64) -> Option<(&Block, Range<usize>)> {
        let block = &self.blocks[self.blocks.partition_point(|block| block.first_row <= row).checked_sub(1)?];
        let at = usize::try_from(row - block.first_row).ok()?;
        let end = *block.ends.get(at)?;
        let start = if at == 0 { 0 } else { block.ends[at - 1] };
        let within = |end: u32| usize::try_from(block.start + u64::from(end)).ok();
        Some((block, within(start)?..within(end)?))
    }

    /// Path of their column.
    pub(crate) fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    /// Bytes of all texts.
    pub(in crate::source) fn length(&self) -> u64 {
        self.before.last().copied().unwrap_or(0)
    }

    /// Where the text of a row begins, if all texts stand one after another in the order of their rows.
    pub(in crate::source) fn start(&self, row: u64) -> Option<u64> {
        let number = self.blocks.partition_point(|block| block.first_row <= row).checked_sub(1)?;
        let block = &self.blocks[number];
        let at = usize::try_from(row - block.first_row).ok().filter(|&at| at < block.ends.len())?;
        Some(self.before[number] + if at == 0 { 0 } else { u64::from(block.ends[at - 1]) })
    }

    /// Bytes of a text, by their place among all texts that stand so.
    pub(in crate::source) fn joined(&self, range: Range<u64>) -> Option<&[u8]> {
        if range.is_empty() {
            return Some(&[]);
        }
        let number = self.before.partition_point(|&before| before <= range.start).checked_sub(1)?;
        let block = self.blocks.get(number).filter(|_| range.end <= self.before[number + 1])?;
        let at = |edge: u64| usize::try_from(block.start + (edge - self.before[number])).ok();
        self.content.get(at(range.start)?..at(range.end)?)
    }

    /// The row group of a row, and which of its rows it is.
    pub(in crate::source) fn place(&self, row: u64) -> Option<(usize, usize)> {
        let group = self.groups.partition_point(|&first| first <= row).checked_sub(1)?;
        Some((group, usize::try_from(row - self.groups[group]).ok()?))
    }
}
