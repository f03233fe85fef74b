//! The texts of a Parquet file that was read, to be found again by row.

use crate::source::content::{Content, Gathering};
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
}

/// The texts of a file by row.
#[derive(Debug)]
pub(in crate::source) struct Texts {
    content: Content,
    /// In the order of the file.
    blocks: Vec<Block>,
    /// First row of each row group.
    groups: Vec<u64>,
}

impl Texts {
    pub(super) fn new(gathered: Gathering<'_>, mut blocks: Vec<Block>, groups: Vec<u64>) -> io::Result<Self> {
        blocks.sort_unstable_by_key(|block| block.first_row);
        Ok(Self { content: gathered.finish()?, blocks, groups })
    }

    /// The text in a row.
    pub(in crate::source) fn get(&self, row: u64) -> Option<&[u8]> {
        let block = &self.blocks[self.blocks.partition_point(|block| block.first_row <= row).checked_sub(1)?];
        let at = usize::try_from(row - block.first_row).ok()?;
        let end = *block.ends.get(at)?;
        let start = if at == 0 { 0 } else { block.ends[at - 1] };
        let within = |end: u32| usize::try_from(block.start + u64::from(end)).ok();
        let range: Range<usize> = within(start)?..within(end)?;
        self.content.get(range)
    }

    /// The row group of a row, and which of its rows it is.
    pub(in crate::source) fn place(&self, row: u64) -> Option<(usize, usize)> {
        let group = self.groups.partition_point(|&first| first <= row).checked_sub(1)?;
        Some((group, usize::try_from(row - self.groups[group]).ok()?))
    }
}
