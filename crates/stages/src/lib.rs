//! Near-duplicates in stages that separate processes run over shards of a corpus, as the tasks of a Slurm array or the targets of make.
//!
//! In: the files of each shard. Out: pairs, clusters and the document that is kept of each, the same as one process finds. Each stage reads what the stages before it left in
//! a folder, writes Parquet and a [`Manifest`], and does nothing if it did the same before. The order is [`sketch`] for each shard, [`classes`] and [`candidates`] for each part, [`sets`]
//! for each shard, [`verify`] for each part, and [`components`] once. [`removals`] are then the documents of a shard that are not kept.

mod buckets;
mod candidates;
mod classes;
mod columns;
mod components;
mod digest;
mod error;
mod findings;
mod manifest;
mod members;
mod removals;
mod sets;
mod sketch;
mod verify;
mod work;

pub use buckets::{LARGE_BUCKET, LEADERS, pairs_of_bucket};
pub use candidates::candidates;
pub use classes::classes;
pub use components::components;
pub use digest::Digest;
pub use error::{Error, Result};
pub use findings::{FindingsDigest, digest_of_findings};
pub use manifest::{MANIFEST_SCHEMA, Manifest, Settings, Stage};
pub use removals::{Removal, check_texts, removals};
pub use sets::sets;
pub use sketch::{LeftOut, sketch};
pub use verify::verify;
pub use work::{Finished, Share, Work};
