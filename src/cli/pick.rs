//! One article of a file, named as reports name it: `FILE`, `FILE#ID`, `FILE:LINE` or `FILE:LINE:COLUMN`.

use anyhow::{Context, Result, anyhow, bail};
use refrain::{Corpus, Error, FileCorpus, Locator, Problem, Record, SourceOptions, Visitor};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::{Path, PathBuf};

/// An article with its names.
pub(super) struct Article {
    /// As given on the command line.
    pub(super) name: String,
    /// As in findings: the record's id, else file and line.
    pub(super) id: String,
    pub(super) text: String,
    pub(super) file: PathBuf,
}

/// Which article of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted<'a> {
    /// The only one.
    Only,
    /// The one with this id, or at this place.
    Id(&'a str),
    /// The one on this line, from 1.
    Line(u64),
}

/// Ids that a message names.
const MOST_NAMED: usize = 3;

/// The article that `given` names, and what a user should know of how its file was read. `FILE` alone must hold a single article.
///
/// # Errors
/// No such file, no such record, or several of them; a file that cannot be read.
pub(super) fn pick(given: &Path, options: &SourceOptions) -> Result<(Article, Vec<String>)> {
    let (file, wanted) = file_and_wanted(given)?;
    if file.is_dir() {
        bail!("{}: is a folder; name one file", file.display());
    }
    let corpus = FileCorpus::open(std::slice::from_ref(&file), options)?;
    let listing = Listing::of(&corpus, wanted)?;
    let found = match wanted {
        Wanted::Id(id) => listing.named(id)?,
        Wanted::Line(line) => listing.on_line(line)?,
        Wanted::Only => listing.only()?,
    };
    let text = corpus.text(found.locator)?.into_owned();
    // Formats that are not read line by line do not count their lines.
    if let Wanted::Line(line) = wanted
        && listing.lines == 0
        && let Some(lines) = corpus.whole_text().ok().map(|text| text.lines().count()).filter(|&lines| line > lines as u64)
    {
        bail!("{}: has {lines} lines, and line {line} is wanted", listing.file);
    }
    let id = listing.own_id(&corpus, found)?.unwrap_or_else(|| listing.place(found));
    let name = if given == Path::new("-") { "standard input".to_owned() } else { given.to_string_lossy().into_owned() };
    Ok((Article { name, id, text, file }, corpus.notes()))
}

/// The file, and which of its articles. A file of the whole name comes first, then the shortest one before a `#`, then one before a line number.
fn file_and_wanted(given: &Path) -> Result<(PathBuf, Wanted<'_>)> {
    let is_there = |path: &str| path == "-" || Path::new(path).exists();
    if given == Path::new("-") || given.exists() {
        return Ok((given.into(), Wanted::Only));
    }
    let Some(whole) = given.to_str() else { return Err(Error::NotFound { path: given.into() }.into()) };
    let mut parts = whole.match_indices('#').map(|(at, _)| (&whole[..at], &whole[at + 1..]));
    if let Some((file, id)) = parts.find(|(file, _)| is_there(file)) {
        return if id.is_empty() { Err(anyhow!("{whole}: the id after # is missing")) } else { Ok((file.into(), Wanted::Id(id))) };
    }
    if let Some((file, line)) = places(whole).find(|(file, _)| is_there(file)) {
        return Ok((file.into(), Wanted::Line(line)));
    }
    let file = whole.split('#').next().unwrap_or(whole);
    Err(Error::NotFound { path: file.into() }.into())
}

/// What `whole` may be: `FILE:LINE`, then `FILE:LINE:COLUMN`; either with `#NUMBER` behind it, which tells apart articles of one name.
fn places(whole: &str) -> impl Iterator<Item = (&str, u64)> {
    let whole = whole.rsplit_once('#').filter(|(_, number)| number.parse::<u64>().is_ok()).map_or(whole, |(place, _)| place);
    let last = numbered(whole);
    last.into_iter().chain(last.and_then(|(before, _)| numbered(before)))
}

/// `FILE:NUMBER`.
fn numbered(text: &str) -> Option<(&str, u64)> {
    let (file, number) = text.rsplit_once(':')?;
    Some((file, number.parse().ok()?))
}

/// A record of the file.
struct Listed {
    /// Kept for the first few, and for those that are wanted.
    id: Option<String>,
    /// Hash of its id, if it has one.
    id_hash: Option<u64>,
    is_wanted: bool,
    /// From 1.
    line: u64,
    locator: Locator,
}

/// The records of a file.
struct Listing {
    file: String,
    records: Vec<Listed>,
    problems: Vec<Problem>,
    /// Lines of the file, in formats that are read line by line.
    lines: u64,
}

impl Listing {
    fn of(corpus: &FileCorpus, wanted: Wanted<'_>) -> Result<Self> {
        let wanted = if let Wanted::Id(id) = wanted { Some(id) } else { None };
        let stretches = corpus.visit(|| Lister { wanted, records: Vec::new() })?;
        let mut listing = Self { file: corpus.name(0).into_owned(), records: Vec::new(), problems: Vec::new(), lines: 0 };
        let mut line = 1;
        for stretch in stretches {
            listing.records.extend(stretch.output.into_iter().map(|record| Listed { line: record.line + line, ..record }));
            listing.problems.extend(stretch.problems.into_iter().map(|problem| Problem { line: line - 1 + problem.line, ..problem }));
            line += stretch.lines;
        }
        listing.lines = line - 1;
        Ok(listing)
    }

    /// The id of a record; None if it has none, or shares it with another record, as in findings.
    fn own_id(&self, corpus: &FileCorpus, record: &Listed) -> Result<Option<String>> {
        if record.id_hash.is_none() || self.records.iter().filter(|other| other.id_hash == record.id_hash).count() > 1 {
            return Ok(None);
        }
        if record.id.is_some() {
            return Ok(record.id.clone());
        }
        // Ids are not kept while the records are listed.
        let found = corpus.visit(|| IdAt { start: record.locator.start, id: None })?;
        Ok(found.into_iter().find_map(|stretch| stretch.output))
    }

    /// The name of a record without an id.
    fn place(&self, record: &Listed) -> String {
        format!("{}:{}", self.file, record.line)
    }

    /// The record with the id, or at the place, that `wanted` names.
    fn named(&self, wanted: &str) -> Result<&Listed> {
        let mut found = self.records.iter().filter(|record| record.is_wanted);
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (Some(first), Some(second)) => {
                let (file, one, other) = (&self.file, self.place(first), self.place(second));
                bail!("{file}: has several articles with the id {wanted}; name one by its line: {file}#{one}, {file}#{other}")
            }
            (None, _) => self.at_place(wanted).with_context(|| format!("{}: has no article {wanted}{}", self.file, self.told())),
        }
    }

    /// The record that begins on `line`, or contains it.
    fn on_line(&self, line: u64) -> Result<&Listed> {
        let file = &self.file;
        let before = self.records.iter().filter(|record| record.line <= line).max_by_key(|record| record.line);
        let skipped = self.problems.iter().rfind(|problem| problem.line <= line && before.is_none_or(|record| record.line < problem.line));
        match (before, skipped) {
            (_, Some(problem)) => Err(Error::Record(problem.clone()).into()),
            (Some(_), None) if self.lines > 0 && line > self.lines => bail!("{file}: has {} lines, and line {line} is wanted", self.lines),
            (Some(record), None) => Ok(record),
            (None, None) => bail!("{file}: has no article on line {line}{}", self.told()),
        }
    }

    fn at_place(&self, wanted: &str) -> Option<&Listed> {
        let line: u64 = wanted.strip_prefix(self.file.as_str())?.strip_prefix(':')?.parse().ok()?;
        self.records.iter().find(|record| record.line == line)
    }

    /// The record of a file that has one.
    fn only(&self) -> Result<&Listed> {
        match self.records.as_slice() {
            [only] => Ok(only),
            [] => match self.problems.first() {
                Some(problem) => Err(Error::Record(problem.clone()).into()),
                None => bail!("{}: holds no article", self.file),
            },
            [first, ..] => {
                let (file, count) = (&self.file, self.records.len());
                let example = first.id.clone().unwrap_or_else(|| self.place(first));
                bail!("{file}: has {count} articles; name one: {file}#{example}")
            }
        }
    }

    /// The articles that there are, for the end of a message.
    fn told(&self) -> String {
        let names: Vec<String> =
            self.records.iter().take(MOST_NAMED).map(|record| record.id.clone().unwrap_or_else(|| self.place(record))).collect();
        let rest = self.records.len() - names.len();
        let more = if rest > 0 { format!(", and {rest} more") } else { String::new() };
        let mut told = if names.is_empty() { "; it holds none".to_owned() } else { format!(" (has: {}{more})", names.join(", ")) };
        if let Some(problem) = self.problems.first() {
            told += &format!("; left out: {problem}");
        }
        told
    }
}

/// Lists the records of a stretch.
struct Lister<'w> {
    wanted: Option<&'w str>,
    records: Vec<Listed>,
}

impl Visitor for Lister<'_> {
    type Output = Vec<Listed>;

    fn document(&mut self, record: Record<'_>) {
        let id = record.id.as_deref().filter(|id| !id.is_empty());
        let is_wanted = self.wanted.is_some() && id == self.wanted;
        let id_hash = id.map(|id| BuildHasherDefault::<DefaultHasher>::new().hash_one(id));
        let id = id.filter(|_| is_wanted || self.records.len() < MOST_NAMED).map(str::to_owned);
        self.records.push(Listed { id, id_hash, is_wanted, line: record.line, locator: record.locator });
    }

    fn progress(&mut self, _: u64) {}

    fn finish(self) -> Vec<Listed> {
        self.records
    }
}

/// Finds the id of the record that begins at `start`.
struct IdAt {
    start: u64,
    id: Option<String>,
}

impl Visitor for IdAt {
    type Output = Option<String>;

    fn document(&mut self, record: Record<'_>) {
        if record.locator.start == self.start {
            self.id = record.id.map(Into::into);
        }
    }

    fn progress(&mut self, _: u64) {}

    fn finish(self) -> Option<String> {
        self.id
    }
}
