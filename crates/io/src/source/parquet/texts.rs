//! The texts of a Parquet file that was read, to be found again by row.
//!
//! In: blocks of rows. Out: their texts. Those of pages that are not packed are looked up in the file itself; the others are kept unpacked.

use crate::source::content::Gathering;
use bytes::Bytes;
use std::io;
use std::ops::Range;

/// Where the texts of a block stand.
#[derive(Debug)]
pub(super) enum Stand {
    /// One after another in what is kept, from there.
    Kept(u64),
    /// In the file, each at its place.
    InFile(Vec<usize>),
}

/// Texts of rows one after another.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) first_row: u64,
    pub(super) stand: Stand,
    /// Where each ends, if they stood one after another.
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
pub struct Texts {
    kept: Bytes,
    /// The file, where texts stand in it.
    file: Bytes,
    /// In the order of the file.
    blocks: Vec<Block>,
    /// Bytes of all texts before each block, in the order of the file; at the end those of all.
    before: Vec<u64>,
    /// First row of each row group.
    groups: Vec<u64>,
    /// Path of their column; None where there is none.
    column: Option<String>,
}

impl Block {
    /// The row that holds this byte of the block, and which byte of its text that is.
    fn row_at(&self, byte: u64) -> (usize, u64) {
        let at = self.ends.partition_point(|&end| u64::from(end) <= byte);
        (at, byte - u64::from(self.start_of(at)))
    }

    fn start_of(&self, at: usize) -> u32 {
        if at == 0 { 0 } else { self.ends[at - 1] }
    }

    /// Which bytes of what is kept, or of the file, the text of a row is.
    fn range(&self, at: usize) -> Option<Range<usize>> {
        let (start, end) = (self.start_of(at), *self.ends.get(at)?);
        match &self.stand {
            Stand::Kept(first) => {
                let within = |edge: u32| usize::try_from(first + u64::from(edge)).ok();
                Some(within(start)?..within(end)?)
            }
            Stand::InFile(starts) => Some(starts[at]..starts[at] + (end - start) as usize),
        }
    }
}

impl Texts {
    /// Those of `blocks`, some of which stand in `file`, the others in `gathered`.
    pub(super) fn new(
        file: Bytes,
        gathered: Gathering<'_>,
        mut blocks: Vec<Block>,
        groups: Vec<u64>,
        column: Option<String>,
    ) -> io::Result<Self> {
        blocks.sort_unstable_by_key(|block| block.first_row);
        let mut before = vec![0];
        before.extend(blocks.iter().scan(0, |bytes, block| {
            *bytes += u64::from(block.ends.last().copied().unwrap_or(0));
            Some(*bytes)
        }));
        let is_in_file = blocks.iter().any(|block| matches!(block.stand, Stand::InFile(_)));
        let file = if is_in_file { file } else { Bytes::new() };
        Ok(Self { kept: Bytes::from_owner(gathered.finish()?), file, blocks, before, groups, column })
    }

    /// The text in a row.
    pub(in crate::source) fn get(&self, row: u64) -> Option<&[u8]> {
        let (block, at) = self.find(row)?;
        self.bytes(block).get(block.range(at)?)
    }

    /// The text in a row, which is not copied; or the definition level where there is none. None beyond the rows.
    pub(super) fn row(&self, row: u64) -> Option<Result<Bytes, i16>> {
        let (block, at) = self.find(row)?;
        let range = block.range(at)?;
        let at = u32::try_from(at).ok()?;
        Some(match block.missing.binary_search_by_key(&at, |missing| missing.row) {
            Ok(missing) => Err(block.missing[missing].level),
            Err(_) => Ok(self.bytes(block).slice(range)),
        })
    }

    /// The block of a row, and which of its rows it is.
    fn find(&self, row: u64) -> Option<(&Block, usize)> {
        let block = &self.blocks[self.blocks.partition_point(|block| block.first_row <= row).checked_sub(1)?];
        Some((block, usize::try_from(row - block.first_row).ok()?))
    }

    fn bytes(&self, block: &Block) -> &Bytes {
        match block.stand {
            Stand::Kept(_) => &self.kept,
            Stand::InFile(_) => &self.file,
        }
    }

    /// The file, if texts stand in it as it lies there.
    pub fn file(&self) -> Option<&Bytes> {
        Some(&self.file).filter(|file| !file.is_empty())
    }

    /// Path of their column.
    pub fn column(&self) -> Option<&str> {
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
        Some(self.before[number] + u64::from(block.start_of(at)))
    }

    /// Bytes of one text, by their place among all texts that stand so.
    pub(in crate::source) fn joined(&self, range: Range<u64>) -> Option<&[u8]> {
        if range.is_empty() {
            return Some(&[]);
        }
        let number = self.before.partition_point(|&before| before <= range.start).checked_sub(1)?;
        let block = self.blocks.get(number)?;
        let (at, inside) = block.row_at(range.start - self.before[number]);
        let text = self.bytes(block).get(block.range(at)?)?;
        let inside = usize::try_from(inside).ok()?;
        text.get(inside..inside.checked_add(usize::try_from(range.end - range.start).ok()?)?)
    }

    /// The row group of a row, and which of its rows it is.
    pub(in crate::source) fn place(&self, row: u64) -> Option<(usize, usize)> {
        let group = self.groups.partition_point(|&first| first <= row).checked_sub(1)?;
        Some((group, usize::try_from(row - self.groups[group]).ok()?))
    }
}
