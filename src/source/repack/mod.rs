//! Packed files byte for byte: what must be kept of a packed file, so that it can be made again from what it holds.
//!
//! In: a packed file and its content. Out: steps, with bytes, that lead from the content to the same file ([`tell`]); and the file again, from content and
//! steps ([`Repacker`]). A packed file is members one after another, each with a header and an end, which stand in the steps as they are. What a member packs is
//! packed again: by the library of its format where a level of it gives the bytes that are there, a deflate stream also by [`crate::source::deflate`]. With the
//! feature `exact-deflate`, any other deflate stream is predicted, and the differences are noted. Always: a step that packs was carried out when it was noted, and
//! gave the bytes of the file. A member for which no way is known stands there as it is. What is held at a time is a stretch of some megabytes, whatever the
//! length of the file, and with zstd up to [`WHOLE_BYTES`] for a frame that was packed in one go.

#[cfg(feature = "exact-deflate")]
mod deflate;
#[cfg(not(feature = "exact-deflate"))]
#[path = "no_deflate.rs"]
mod deflate;
mod member;
mod replay;
mod teller;
mod way;

pub(crate) use replay::{Repacker, Source};
use serde::{Deserialize, Serialize};
pub(crate) use teller::tell;
pub(crate) use way::Way;

/// Something to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Write the next bytes as they are, so many.
    Bytes(usize),
    /// Pack the next bytes of the content, so many, as one member.
    Pack {
        /// How.
        way: Way,
        /// Bytes of the content.
        text: u64,
    },
    /// Pack the next bytes of the content as the first or next stretch of a deflate stream, as the next bytes tell.
    Deflate {
        /// Whether a stream begins.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        begins: bool,
        /// Bytes of the content.
        text: usize,
        /// Bytes that tell how.
        told: usize,
    },
    /// The next bytes of the content, so many, stand in bytes that are not made of them.
    Pass(u64),
}

#[cfg(not(feature = "exact-deflate"))]
impl Step {
    /// Whether the step corrects a predicted deflate stream.
    pub(crate) fn corrects(&self) -> bool {
        matches!(self, Self::Deflate { .. })
    }
}

/// Some steps with the bytes that they use, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Steps {
    pub(crate) steps: Vec<Step>,
    pub(crate) bytes: Vec<u8>,
}

/// The longest content of a frame that is packed in one go, and so held as a whole.
const WHOLE_BYTES: u64 = 256 << 20;

#[cfg(test)]
mod tests;
