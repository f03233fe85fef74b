//! The manifest: one JSON object a line that says what was done, file by file and removal by removal (`docs/manifest.schema.json`).
//!
//! Lines in order: the run; for each file a line, then its removals in order of their place; the summary. Spans are code points of the article's
//! text as it came, offsets are bytes of the unpacked input.

use super::copies_of::CopiesOf;
use super::policy::{Policy, Rule};
use refrain_engine::config::DetectConfig;
use refrain_io::source::{Format, Recipe};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

/// Version of the manifest's form; grows when a reader of the old one would go wrong.
pub const MANIFEST_SCHEMA: u32 = 5;

/// A line of a manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ManifestLine {
    /// The first line.
    Run(Box<RunLine>),
    /// A file; its removals follow.
    File(Box<FileLine>),
    /// Something that was taken out, or put in.
    Removal(Box<RemovalLine>),
    /// Rows of a Parquet file that changed; these follow the removals of the file.
    Rows(Box<RowsLine>),
    /// A kept article in favour of which others were removed; before the last line, in input order.
    Kept(Box<KeptLine>),
    /// The last line.
    Summary(Box<Totals>),
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// [`MANIFEST_SCHEMA`].
    pub schema: u32,
    /// Version of refrain.
    pub version: String,
    /// Whether the output is a file or a folder.
    pub output: OutputKind,
    /// Where what was removed is kept.
    pub removed_text: RemovedText,
    /// True if nothing was removed, and a field added to each record.
    pub annotated: bool,
    /// What was looked for.
    pub detection: DetectConfig,
    /// What was removed.
    pub policy: Policy,
}

/// Where the removed text is kept, from which the input is restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RemovedText {
    /// In the manifest.
    #[default]
    Inline,
    /// In a compressed file beside the manifest.
    File,
    /// Nowhere: nothing can be restored.
    None,
}

/// The file beside a manifest that has the removed text: `clean.manifest.jsonl` has `clean.removed.jsonl.zst`.
#[must_use]
pub(super) fn removed_file(manifest: &Path) -> PathBuf {
    let name = manifest.file_name().unwrap_or_default();
    let stem = name.to_str().map(|name| name.strip_suffix(".manifest.jsonl").or_else(|| name.strip_suffix(".jsonl")).unwrap_or(name));
    let mut beside = stem.map_or_else(|| name.to_os_string(), Into::into);
    beside.push(if cfg!(feature = "compression") { ".removed.jsonl.zst" } else { ".removed.jsonl" });
    manifest.with_file_name(beside)
}

/// What an output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputKind {
    /// A file.
    File,
    /// A folder of files, each under its name.
    Folder,
}

/// Length and hash of some bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// How many.
    pub bytes: u64,
    /// XXH3, 128 bits, in hexadecimal.
    pub xxh3: String,
}

impl Digest {
    /// Of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, xxh3: format!("{:032x}", xxh3_128(bytes)) }
    }

    /// Of all that a reader gives.
    pub(super) fn of_reader(mut reader: impl Read) -> io::Result<Self> {
        let mut hasher = Hashing::new(io::sink());
        io::copy(&mut reader, &mut hasher)?;
        Ok(hasher.digest())
    }
}

/// A writer that hashes what goes through it.
pub(super) struct Hashing<W> {
    to: W,
    hasher: Box<Xxh3Default>,
    bytes: u64,
}

impl<W> Hashing<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to, hasher: Box::default(), bytes: 0 }
    }

    pub(super) fn digest(&self) -> Digest {
        Digest { bytes: self.bytes, xxh3: format!("{:032x}", self.hasher.digest128()) }
    }

    pub(super) fn into_inner(self) -> W {
        self.to
    }
}

impl<W: io::Write> io::Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A file of the input, and what was written for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileLine {
    /// Its name in the output, with `/` between folders; U+FFFD in place of bytes that are not UTF-8.
    pub name: String,
    /// The bytes of the name in hexadecimal, if they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name_hex: Option<String>,
    /// Its path, as it was given.
    pub input: String,
    /// What kind of records it holds.
    pub format: Format,
    /// How it was packed, and is again; left out for a packed file of which nothing went, which was copied as it lay there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) packing: Option<Recipe>,
    /// The input, unpacked.
    pub before: Digest,
    /// The input as it lay there, if it was packed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub packed: Option<Digest>,
    /// The output, unpacked; null if nothing was left of a text file, and none was written.
    pub after: Option<Digest>,
    /// Articles, those that could not be read among them.
    pub records: u64,
    /// Articles that were removed.
    pub removed: u64,
    /// Records that could not be read, and are left as they were.
    pub unreadable: u64,
    /// Of a Parquet file that was written anew.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parquet: Option<ParquetLine>,
    /// Why the file cannot be read, if it cannot: its output is a copy, and the digests are those of its bytes as they are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub damaged: Option<String>,
}

impl FileLine {
    /// Its path in the output; None if both names contradict each other.
    pub(super) fn path(&self) -> Option<PathBuf> {
        let Some(hex) = &self.name_hex else { return Some(PathBuf::from(&self.name)) };
        let bytes = from_hex(hex)?;
        let is_same = std::str::from_utf8(&bytes).is_err() && String::from_utf8_lossy(&bytes) == self.name;
        if is_same { path_of_bytes(bytes) } else { None }
    }
}

/// A Parquet file that was written anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParquetLine {
    /// Path of the column of texts.
    pub text: String,
    /// The column that was added, behind all others.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub added: Option<String>,
    /// Rows of each row group of the input.
    pub row_groups: Vec<u64>,
    /// Rows that were removed, numbered from 0, ascending.
    pub removed: Vec<u64>,
    /// Rows whose texts were cut, likewise.
    pub cut: Vec<u64>,
    /// The removed and the cut rows as they were, as a Parquet file.
    pub rows: Digest,
    /// Checksum of the numbers: XXH3, 64 bits, in hexadecimal.
    pub sum: String,
}

#[cfg(feature = "parquet")]
impl ParquetLine {
    /// The checksum of the numbers as they are.
    pub(super) fn checksum(&self) -> String {
        let mut hasher = Xxh3Default::new();
        for numbers in [&self.row_groups, &self.removed, &self.cut] {
            hasher.update(&(numbers.len() as u64).to_le_bytes());
            numbers.iter().for_each(|number| hasher.update(&number.to_le_bytes()));
        }
        hasher.update(self.added.as_deref().unwrap_or_default().as_bytes());
        format!("{:016x}", hasher.digest())
    }
}

/// A part of the rows of a Parquet file that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsLine {
    /// Name of the file.
    pub file: String,
    /// The next bytes of a Parquet file of these rows, a megabyte at most, as a frame of zstd in base64.
    pub bytes: String,
}

/// A stretch that was taken out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemovalLine {
    /// The article's id.
    pub doc: String,
    /// Name of the file.
    pub file: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<Rule>,
    /// Which code points of the article's text; null for the whole article.
    pub span: Option<[usize; 2]>,
    /// The copy that stayed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub copy: Option<CopyThatStayed>,
    /// How alike both are: matched words over all inside an article, Jaccard of two, containment in the copy for `contained`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub similarity: Option<f64>,
    /// The measure that was over its threshold.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measure: Option<Exceeded>,
    /// Which row of a Parquet file, from 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub row: Option<u64>,
    /// Where in the unpacked input; in a Parquet file, where in the text of the row.
    pub offset: u64,
    /// How many bytes were there.
    pub bytes: u64,
    /// How many were put in their place.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub inserted: u64,
    /// What was there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub removed: Option<String>,
    /// The same in hexadecimal, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub removed_hex: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "called by serde")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// An article that others were removed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLine {
    /// The article's id.
    pub doc: String,
    /// Name of its file.
    pub file: String,
    /// The articles removed in favour of it.
    #[serde(flatten)]
    pub copies: CopiesOf,
}

/// The copy for which something was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyThatStayed {
    /// The article that has it.
    pub doc: String,
    /// Which code points of its text as it came; null for the whole article.
    pub span: Option<[usize; 2]>,
    /// True if the article is of the reference, and not of the corpus.
    #[serde(default, rename = "in_reference", skip_serializing_if = "std::ops::Not::not")]
    pub is_in_reference: bool,
}

impl CopyThatStayed {
    /// A span of an article of the corpus.
    pub(super) fn in_corpus(doc: &str, span: [usize; 2]) -> Self {
        Self { doc: doc.into(), span: Some(span), is_in_reference: false }
    }
}

/// A measure over its threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exceeded {
    /// Its name.
    pub name: String,
    /// What was measured.
    pub value: f64,
    /// What was allowed.
    pub threshold: f64,
}

/// How much one rule removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTotal {
    /// Stretches or articles.
    pub removals: u64,
    /// Bytes of the unpacked input.
    pub bytes: u64,
}

/// Totals. `bytes_in + bytes_inserted = bytes_out + bytes_removed`, `records_in = records_kept + records_removed`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Files read.
    pub files: u64,
    /// Their bytes, unpacked.
    pub bytes_in: u64,
    /// Bytes of the output, unpacked.
    pub bytes_out: u64,
    /// Bytes taken out.
    pub bytes_removed: u64,
    /// Bytes put in.
    pub bytes_inserted: u64,
    /// Articles, those that could not be read among them.
    pub records_in: u64,
    /// Articles of the output.
    pub records_kept: u64,
    /// Articles taken out.
    pub records_removed: u64,
    /// Records that could not be read, and were kept as they are.
    pub records_unreadable: u64,
    /// Files that cannot be read, and were copied.
    #[serde(default)]
    pub files_damaged: u64,
    /// By rule, in the order of [`Rule`].
    pub rules: BTreeMap<Rule, RuleTotal>,
}

impl Totals {
    /// Counts a file and its removals in.
    pub(super) fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.bytes_removed += other.bytes_removed;
        self.bytes_inserted += other.bytes_inserted;
        self.records_in += other.records_in;
        self.records_kept += other.records_kept;
        self.records_removed += other.records_removed;
        self.records_unreadable += other.records_unreadable;
        self.files_damaged += other.files_damaged;
        for (rule, total) in &other.rules {
            let sum = self.rules.entry(*rule).or_default();
            sum.removals += total.removals;
            sum.bytes += total.bytes;
        }
    }
}

/// The bytes of a path in hexadecimal, if they are not UTF-8.
#[cfg(unix)]
pub(super) fn name_hex(name: &Path) -> Option<String> {
    use std::os::unix::ffi::OsStrExt;
    let bytes = name.as_os_str().as_bytes();
    std::str::from_utf8(bytes).is_err().then(|| to_hex(bytes))
}

/// Names of other systems are not made of bytes.
#[cfg(not(unix))]
pub(super) fn name_hex(_: &Path) -> Option<String> {
    None
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "None on other systems")]
fn path_of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn path_of_bytes(_: Vec<u8>) -> Option<PathBuf> {
    None
}

/// Bytes in hexadecimal.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that `hex` stands for; None if it is none.
pub(super) fn from_hex(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok()).collect()
}
