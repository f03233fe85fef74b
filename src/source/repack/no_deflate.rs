//! A build without the feature `exact-deflate`: streams of programs that are not known stay as they are.

use std::ops::Range;

/// A stretch of a stream; here there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) packed: Range<usize>,
    pub(super) text: Range<usize>,
    pub(super) told: Vec<u8>,
}

/// Finds no stretch.
///
/// # Errors
/// None.
#[expect(clippy::unnecessary_wraps, reason = "the same as with the feature")]
pub(super) fn stretches<E>(_stream: &[u8], _text: &[u8], _take: impl FnMut(Stretch) -> Result<(), E>) -> Result<(), E> {
    Ok(())
}

/// Packs no stretch. A manifest that has some is refused before.
#[derive(Default)]
pub(super) struct PackerThread {}

impl PackerThread {
    pub(super) fn pack(&mut self, _begins: bool, _text: Vec<u8>, _told: Vec<u8>) -> Option<Vec<u8>> {
        None
    }
}
