//! Parquet files byte for byte: what of a file must be kept, so that it can be made again from its texts.
//!
//! In: a file and its column of texts. Out: steps, with bytes, that lead from the texts to the same file ([`recipe`]); and the file again, from a cleaned
//! one, what was removed, and the steps ([`Replay`]). Nearly all of such a file are pages of texts. A page whose values stand one after another is packed
//! again, and so is a dictionary, whose values are texts in the order in which they come first; all the rest stands in the steps as it is. Always: a step that
//! packs was carried out when it was noted, and gave the bytes of the file. A page for which no way is known stands there as it is.

pub(super) mod header;
mod numbers;
mod packer;
mod pages;
mod recipe;
mod replay;
mod snappy;

pub(super) use header::Header;
#[cfg(test)]
pub(super) use header::Kind;
use packer::Packer;
pub(crate) use recipe::recipe;
pub(crate) use replay::{Replay, Return};
use serde::{Deserialize, Serialize};

/// Something to write, or to know for what is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Write the next bytes as they are, so many.
    Bytes(usize),
    /// A row group begins: what follows has the texts of the next rows, so many.
    Rows(u64),
    /// Pages are packed in this way from here on.
    Packer(Packer),
    /// Write a page: levels, which are the next bytes, and the next texts, each behind its length.
    Page {
        /// Bytes of the levels.
        levels: usize,
        /// How many texts.
        texts: usize,
        /// Bytes behind the levels that tell how to pack it.
        #[serde(skip_serializing_if = "is_zero", default)]
        told: usize,
    },
    /// Write a page of the different ones among the next texts, each behind its length, in the order in which they come first. No text is used up.
    Dictionary {
        /// How many texts are looked at.
        of: usize,
        /// If it is in another order, so many: the next bytes are numbers of texts, of four bytes each.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        listed: Option<usize>,
        /// Bytes behind these that tell how to pack it.
        #[serde(skip_serializing_if = "is_zero", default)]
        told: usize,
    },
    /// The next texts, so many, stand in pages that are not made of them.
    Pass(usize),
}

#[cfg(not(feature = "exact-deflate"))]
impl Step {
    /// Whether pages correct predicted deflate streams from here on.
    pub(crate) fn corrects(&self) -> bool {
        matches!(self, Self::Packer(Packer::Deflate))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "called by serde")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Some steps with the bytes that they use, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Steps {
    pub(crate) steps: Vec<Step>,
    pub(crate) bytes: Vec<u8>,
}

/// Bytes of a number of a text.
const NUMBER_BYTES: usize = 4;

/// The texts that stand in `page` one after another, each behind its length; None if it is not of such alone.
fn texts_of(page: &[u8]) -> Option<Vec<&[u8]>> {
    let mut texts = Vec::new();
    let mut left = page;
    while !left.is_empty() {
        let (length, rest) = left.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        texts.push(text);
        left = rest;
    }
    Some(texts)
}

/// Puts a text behind its length; None if it is too long for that.
fn put_text(text: &[u8], page: &mut Vec<u8>) -> Option<()> {
    page.extend(u32::try_from(text.len()).ok()?.to_le_bytes());
    page.extend_from_slice(text);
    Some(())
}
