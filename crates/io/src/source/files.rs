//! A corpus of files.

use super::SourceOptions;
use super::blank::Watched;
use super::compression::{Compression, MAGIC_BYTES};
use super::content::{Content, Spool, not_truncated, read_part, read_up_to};
use super::csv::{self, Table, TableOptions};
use super::encoding::{Charset, Decoding, decide, wide};
use super::field_reader::FieldCounts;
use super::fields::Fields;
use super::format::{Format, binary_kind, is_binary, sniff};
use super::kind::Kind;
use super::limits::{Counted, Limits, Unpacking, is_too_long};
use super::lists::values_of;
use super::markup;
use super::opened::{InputFile, Kept, Opened};
use super::reading::Reading;
use super::records::{Outcome, RecordCounts, RecordReader, cut};
use super::remote::is_remote;
use super::sample::Sample;
use super::split;
use super::trees::Walk;
use super::utf32;
use super::walk::{LeftOut, STDIN, walk};
use super::warc::{self, Pages, PassedOver};
use super::whole;
use encoding_rs::Encoding;
use rayon::prelude::*;
use refrain_engine::any_corpus::{AnyOutput, MakeVisitor, visit_any};
use refrain_engine::corpus::{Corpus, Region, Stretch, Visitor};
use refrain_engine::document::Locator;
use refrain_engine::error::{Error, Problem, Result};
use refrain_engine::problems::Problems;
use std::borrow::Cow;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// Smaller files are read, not mapped, and opened again when a text is asked for a second time.
const MAPPED_FROM_BYTES: u64 = 1 << 20;

/// Values of a JSON file that a visitor takes in one go.
const VALUES_OF_A_STRETCH: usize = 256;

/// Documents in files: text, JSONL, JSON, tables and WARC, each also in gzip, zstd, bzip2 and xz.
#[derive(Debug)]
pub struct FileCorpus {
    pub(super) files: Vec<InputFile>,
    pub(super) walk: Walk,
    pub(super) fields: Fields,
    /// How much is read.
    pub limits: Limits,
    format: Option<Format>,
    encoding: Option<&'static Encoding>,
    strict: bool,
    tables: TableOptions,
    pub(super) pages: Pages,
    pub(super) reading: Reading,
    pub(super) spool: Spool,
    pub(super) left_out: LeftOut,
    pub(super) counts: RecordCounts,
    pub(super) passed_over: PassedOver,
    /// Some text has more than blanks.
    pub(super) has_text: AtomicBool,
    pub(super) sample: Sample,
    /// What was decided about single files, by their numbers.
    pub(super) decisions: Mutex<Vec<(usize, String)>>,
}

impl FileCorpus {
    /// The files of `paths`: files, folders (walked as [`SourceOptions`] says), globs, `-` for standard input.
    ///
    /// # Errors
    /// A path that is not there, a glob that matches nothing, a folder that cannot be read, an encoding that is unknown,
    /// pages asked of a build that reads none.
    pub fn open(paths: &[PathBuf], options: &SourceOptions) -> Result<Self> {
        let walked = walk(paths, options.walk())?;
        Ok(Self {
            files: walked.files.into_iter().map(InputFile::new).collect(),
            walk: Walk::new(paths, options),
            fields: Fields::new(&options.fields).verbatim(options.verbatim),
            limits: options.limits,
            format: options.format,
            encoding: options.known_encoding()?,
            strict: options.strict,
            tables: options.tables(),
            pages: options.pages()?,
            reading: Reading::new(options)?,
            spool: Spool::default(),
            left_out: walked.left_out,
            counts: RecordCounts::default(),
            passed_over: PassedOver::default(),
            has_text: AtomicBool::new(false),
            sample: Sample::default(),
            decisions: Mutex::default(),
        })
    }

    /// The files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// The text of the first file, unpacked and decoded.
    ///
    /// # Errors
    /// What keeps it from being read; [`Error::Record`] if it is no text.
    pub fn whole_text(&self) -> Result<String> {
        let opened = self.load(0)?;
        let not_text = || Error::Record(Problem { path: self.files[0].name.clone(), line: 0, reason: "not text".into() });
        let text = std::str::from_utf8(&opened.content[opened.start..]).map_err(|_| not_text())?;
        if opened.binary.is_some() { Err(not_text()) } else { Ok(text.to_owned()) }
    }

    /// Number of files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// True if there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Bytes of all files as they lie on disk; 0 for pipes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().filter_map(|file| file.path.metadata().ok()).map(|metadata| metadata.len()).sum()
    }

    /// The path of a file.
    pub fn path(&self, file: usize) -> &Path {
        &self.files[file].path
    }

    pub(super) fn input(&self, file: usize) -> &InputFile {
        &self.files[file]
    }

    pub(super) fn is_strict(&self) -> bool {
        self.strict
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// True for what can be read but once.
    pub(super) fn is_stream(path: &Path) -> bool {
        path.as_os_str() == STDIN || is_remote(path) || path.metadata().is_ok_and(|metadata| !metadata.is_file())
    }

    fn visit_file<V: Visitor>(&self, number: usize, visitor: &(impl Fn() -> V + Sync)) -> Result<Vec<Stretch<V::Output>>> {
        if let Some(Kept::Damaged(reason)) = self.files[number].kept.get() {
            return self.skipped(number, reason.clone(), visitor);
        }
        if let Some(stretches) = self.visit_stream_again(number, visitor) {
            return stretches;
        }
        let opened = self.load(number)?;
        if opened.binary.is_none() && opened.kind.format != Format::Articles {
            self.reading.splits.note(number, None);
        }
        if !self.reading.shows_html(opened.kind.format) {
            return self.visit_opened(number, opened, visitor);
        }
        let counts = FieldCounts::default();
        let stretches = self.visit_opened(number, opened, &|| self.reading.reader(visitor(), &counts))?;
        self.reading.note(number, counts);
        Ok(stretches)
    }

    fn visit_opened<V: Visitor>(
        &self,
        number: usize,
        opened: Opened,
        visitor: &(impl Fn() -> V + Sync),
    ) -> Result<Vec<Stretch<V::Output>>> {
        let file = &self.files[number];
        let mapped_bytes = opened.content.mapped_bytes();
        if opened.kind.format == Format::Parquet {
            let stretches = self.visit_rows(number, opened, visitor);
            return not_truncated(&file.path, mapped_bytes).and(stretches);
        }
        let stretches = self.read(number, &opened, visitor);
        not_truncated(&file.path, mapped_bytes)?;
        let on_disk = opened.plain && matches!(opened.content, Content::Memory(_));
        // At a second visit it is set already, to the same.
        let _ = file.kept.set(if on_disk { Kept::OnDisk(opened.kind) } else { Kept::Whole(opened) });
        stretches
    }

    pub(super) fn read<V: Visitor>(
        &self,
        number: usize,
        opened: &Opened,
        visitor: &(impl Fn() -> V + Sync),
    ) -> Result<Vec<Stretch<V::Output>>> {
        let name = self.files[number].name.as_str();
        let file = u32::try_from(number).map_err(|_| Error::TooMany { count: number })?;
        let outcome = |problems: Problems| Outcome { visitor: visitor(), problems };
        let stretch = |outcome: Outcome<V>, lines| Stretch { output: outcome.visitor.finish(), lines, file, problems: outcome.problems };
        let problem = |line, reason: &str| Problem { path: name.into(), line, reason: reason.into() };
        if let Some(kind) = opened.binary {
            return Ok(vec![stretch(outcome(problem(0, &format!("binary, not text: {kind}")).into()), 0)]);
        }
        let bytes = &opened.content[opened.start..];
        let records =
            RecordReader { bytes, base: opened.start, file, path: name, fields: &self.fields, counts: &self.counts, limits: &self.limits };
        if let Some(table) = &opened.kind.table {
            return Ok(csv::read(&records, table, visitor));
        }
        if opened.kind.format == Format::Warc {
            return Ok(warc::read(&records, self.pages, &self.passed_over, visitor));
        }
        if opened.kind.format == Format::Jsonl {
            let taken = cut(bytes.len()).into_iter().enumerate().filter(|(at, range)| self.sample.takes_stretch(number, *at, range.len()));
            let taken: Vec<_> = taken.map(|(_, range)| range).collect();
            let stretches = taken.into_par_iter().with_max_len(1).map(|range| {
                let mut outcome = outcome(records.problems());
                outcome.visitor.progress(range.len() as u64);
                let lines = records.lines(range, &mut outcome);
                stretch(outcome, lines)
            });
            return Ok(stretches.collect());
        }
        self.sample.note_whole(bytes.len());
        let Ok(text) = simdutf8::basic::from_utf8(bytes) else {
            return Err(Error::Changed { path: self.files[number].path.clone() });
        };
        if opened.kind.format.is_one_article() {
            return Ok(vec![whole::read(&records, &opened.kind, text, visitor())]);
        }
        if let Some(channel) = &opened.kind.channel {
            return Ok(markup::read_feed(&records, text, channel, visitor));
        }
        if let (Format::Articles, Some(begins)) = (opened.kind.format, &self.reading.begins) {
            let (stretches, has_match) = split::read(&records, text, begins, visitor);
            self.reading.splits.note(number, Some(has_match));
            return Ok(stretches);
        }
        let values = values_of(text, &self.fields);
        let stretches = values.places.par_chunks(VALUES_OF_A_STRETCH).map(|places| {
            let mut outcome = outcome(records.problems());
            records.values(text, places, &mut outcome);
            outcome.visitor.progress(places.iter().map(|place| place.range.len() as u64).sum());
            stretch(outcome, 0)
        });
        let rest = values.faults.iter().map(|(line, reason)| stretch(outcome(problem(*line, reason).into()), 0));
        Ok(stretches.collect::<Vec<_>>().into_iter().chain(rest).collect())
    }

    pub(super) fn load(&self, number: usize) -> Result<Opened> {
        let file = &self.files[number];
        let (content, mut plain) = self.bytes_of(&file.path)?;
        if let Some(order) = utf32::detected(&content) {
            let mark = order.mark_bytes(&content);
            let how = if mark > 0 { "byte-order mark" } else { "detected" };
            self.note(number, format!("{}: read as {} ({how})", file.name, order.name()));
            let decoded = self.keep(&file.path, &order.decode(&content[mark..])[..])?;
            not_truncated(&file.path, content.mapped_bytes())?;
            return Ok(Opened { decoded: Some(Charset::Utf32(order)), ..self.opened(number, (decoded, 0), false, None) });
        }
        let mark = Encoding::for_bom(&content).map_or(0, |(_, length)| length);
        let head = &content[mark..];
        let wide = self.encoding.map_or_else(|| wide(&content), |encoding| Some(encoding).filter(|e| !e.is_ascii_compatible())).is_some();
        let format = (!wide).then(|| self.sniffed(number, head));
        let is_text = format.is_some_and(|format| format.is_one_article() || matches!(format, Format::Articles | Format::Feed));
        if let Some(Format::Warc | Format::Parquet) = format {
            // Their texts are looked at one by one.
            return Ok(self.opened(number, (content, mark), plain, format));
        }
        if let Some(kind) = binary_kind(head).or_else(|| (is_text && is_binary(head)).then_some("it has NUL bytes")) {
            let content = Content::Memory(Vec::new());
            return Ok(Opened { content, start: 0, kind: Kind::binary(), decoded: None, plain, binary: Some(kind) });
        }
        let inside = format.filter(|_| self.encoding.is_none() && mark == 0).and_then(|format| markup::declared_inside(format, head));
        let decision = decide(&content, format, self.encoding.or(inside));
        let (content, start) = if decision.decode {
            plain = false;
            let decoded = self.keep(&file.path, Decoding::new(&content[decision.mark_bytes..], decision.encoding))?;
            not_truncated(&file.path, content.mapped_bytes())?;
            (decoded, 0)
        } else {
            (content, decision.mark_bytes)
        };
        if let Some(how) = decision.told {
            self.note(number, format!("{}: read as {} ({how})", file.name, decision.encoding.name()));
        }
        let decoded = decision.decode.then_some(Charset::Web(decision.encoding));
        Ok(Opened { decoded, ..self.opened(number, (content, start), plain, format) })
    }

    /// A file whose content is text, or records that are decoded one by one; the format is found where it is not known yet.
    fn opened(&self, number: usize, (content, start): (Content, usize), plain: bool, format: Option<Format>) -> Opened {
        let file = &self.files[number];
        let format = format.unwrap_or_else(|| self.sniffed(number, &content[start..]));
        let kind = Kind::of(format, &content[start..], &file.path, &self.fields, self.tables);
        let kind = Kind { code_fences: self.reading.code_fences, ..kind };
        if let Some(how) = kind.table.as_ref().and_then(Table::note) {
            self.note(number, format!("{}: {how}", file.name));
        }
        Opened { content, start, kind, decoded: None, plain, binary: None }
    }

    /// The format of a file that begins with `bytes`.
    fn sniffed(&self, number: usize, bytes: &[u8]) -> Format {
        let format = self.format.unwrap_or_else(|| sniff(bytes, &self.files[number].path, &self.fields, self.tables));
        self.reading.format(format)
    }

    /// The unpacked bytes of a file, and whether they are the file's own.
    pub(super) fn bytes_of(&self, path: &Path) -> Result<(Content, bool)> {
        let failed = |cause| Error::Io { path: path.into(), cause };
        if path.as_os_str() == STDIN {
            return Ok((self.unpacked(io::stdin().lock(), path, None)?, false));
        }
        #[cfg(feature = "remote")]
        if is_remote(path) {
            return Ok((self.unpacked(super::remote::open(path)?, path, None)?, false));
        }
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Ok((self.unpacked(file, path, None)?, false));
        }
        let mut head = [0; MAGIC_BYTES];
        let length = read_up_to(&mut file, &mut head).map_err(failed)?;
        if let Some(format) = Compression::by_name(path).filter(|_| length == 0) {
            return Err(format.damaged(io::Error::new(io::ErrorKind::UnexpectedEof, "it is empty"), path));
        }
        let packed = Compression::of(&head[..length]).is_some();
        if packed {
            return Ok((self.unpacked(io::Cursor::new(head[..length].to_vec()).chain(file), path, Some(metadata.len()))?, false));
        }
        if metadata.len() >= MAPPED_FROM_BYTES {
            return Ok((Content::map(&file, path).map_err(failed)?, true));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        bytes.extend_from_slice(&head[..length]);
        file.read_to_end(&mut bytes).map_err(failed)?;
        Ok((Content::Memory(bytes), true))
    }

    /// A stream to its end, unpacked if it is packed. It has `packed_bytes`, if that is known.
    fn unpacked(&self, mut stream: impl Read, path: &Path, packed_bytes: Option<u64>) -> Result<Content> {
        let mut head = [0; MAGIC_BYTES];
        let length = read_up_to(&mut stream, &mut head).map_err(|cause| Error::Io { path: path.into(), cause })?;
        let stream = io::Cursor::new(head[..length].to_vec()).chain(stream);
        let Some(format) = Compression::of(&head[..length]) else { return self.keep(path, stream) };
        let read = Cell::new(0);
        let packed_bytes = || packed_bytes.unwrap_or_else(|| read.get());
        let content = format.unpack(Counted { inner: stream, bytes: &read }, path)?;
        let content = Unpacking::new(content, || self.limits.most_unpacked(packed_bytes()));
        let unreadable = |cause| if is_too_long(&cause) { self.limits.exceeded(path, packed_bytes()) } else { format.damaged(cause, path) };
        self.spool.keep(content, unreadable)
    }

    fn keep(&self, path: &Path, stream: impl Read) -> Result<Content> {
        self.spool.keep(stream, |cause| Error::Io { path: path.into(), cause })
    }

    /// The bytes of a record again, and what it takes to read it.
    pub(super) fn record(&self, locator: Locator) -> Result<(Cow<'_, [u8]>, &Kind)> {
        let file = &self.files[locator.file as usize];
        let found = match file.kept.get() {
            Some(Kept::Whole(opened)) => {
                let start = usize::try_from(locator.start).ok();
                let bytes = start.and_then(|start| opened.content.get(start..start + locator.length as usize));
                bytes.map(|bytes| (Cow::Borrowed(bytes), &opened.kind))
            }
            Some(Kept::OnDisk(kind)) => read_part(&file.path, locator).ok().map(|bytes| (Cow::Owned(bytes), kind)),
            #[cfg(feature = "parquet")]
            Some(Kept::Rows(texts, kind, _)) => texts.get(locator.start).map(|text| (Cow::Borrowed(text), kind)),
            Some(Kept::Damaged(_)) | None => None,
        };
        found.ok_or_else(|| self.changed(locator))
    }

    pub(super) fn changed(&self, locator: Locator) -> Error {
        Error::Changed { path: self.files[locator.file as usize].path.clone() }
    }
}

impl FileCorpus {
    fn visit_any(&self, visitor: &MakeVisitor<'_, '_>) -> Result<Vec<Stretch<AnyOutput>>> {
        let watched = || Watched::new(visitor(), &self.has_text);
        let size = |number: usize| self.files[number].path.metadata().map_or(0, |metadata| metadata.len());
        let taken: Vec<usize> = (0..self.files.len()).filter(|&number| self.sample.takes_file(number, || size(number))).collect();
        let files = taken.into_par_iter().map(|number| self.or_damage(number, self.visit_file(number, &watched)));
        let stretches: Vec<Stretch<AnyOutput>> = self.without_damaged(files.collect::<Result<_>>()?, &visitor)?;
        self.check_named_fields()?;
        self.check_split()?;
        if self.strict {
            let (mut file, mut lines) = (0, 0);
            for stretch in &stretches {
                if stretch.file != file {
                    (file, lines) = (stretch.file, 0);
                }
                if let Some(problem) = stretch.problems.first() {
                    let line = if problem.line == 0 { 0 } else { problem.line + lines };
                    return Err(Error::Record(Problem { line, ..problem.clone() }));
                }
                lines += stretch.lines;
            }
        }
        Ok(stretches)
    }
}

impl Corpus for FileCorpus {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        visit_any(visitor, |any| self.visit_any(any))
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        let (bytes, kind) = self.record(locator)?;
        let text = match bytes {
            Cow::Borrowed(bytes) => self.shown_text(kind, bytes),
            Cow::Owned(bytes) => self.shown_text(kind, &bytes).map(|text| Cow::Owned(text.into_owned())),
        };
        text.ok_or_else(|| self.changed(locator))
    }

    fn regions(&self, file: u32, wanted: &[(Locator, [usize; 2])]) -> Result<Vec<Option<Region>>> {
        self.regions_of(file, wanted)
    }

    fn check_lengths(&self) -> Result<()> {
        self.files.iter().try_for_each(|file| not_truncated(&file.path, file.mapped_bytes()))
    }

    fn has_no_ids(&self, file: u32) -> bool {
        self.reading.splits.is_of_texts(file as usize)
    }

    fn name(&self, file: u32) -> Cow<'_, str> {
        Cow::Borrowed(self.files.get(file as usize).map_or("", |file| &file.name))
    }
}
