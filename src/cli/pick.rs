//! One article out of a file: the whole file, or the record that is named after a `#`.

use anyhow::{Context, Result, anyhow, bail};
use refrain::{Corpus, Error, FileCorpus, Locator, Problem, Record, SourceOptions, Visitor};
use std::path::{Path, PathBuf};

/// An article with its names.
pub(super) struct Article {
    /// As given on the command line.
    pub(super) name: String,
    /// As findings have it: the record's id, else file and line.
    pub(super) id: String,
    pub(super) text: String,
}

/// Ids that a message names.
const MOST_NAMED: usize = 3;

/// The article that `given` names: `FILE`, which then holds one article, or `FILE#ID`. With it, what a user should know of how the file was
/// read.
///
/// # Errors
/// No such file, no such record, or several of them; a file that cannot be read.
pub(super) fn pick(given: &Path, options: &SourceOptions) -> Result<(Article, Vec<String>)> {
    let (file, id) = file_and_id(given)?;
    if file.is_dir() {
        bail!("{}: is a folder; name one file", file.display());
    }
    let corpus = FileCorpus::open(std::slice::from_ref(&file), options)?;
    let listing = Listing::of(&corpus, id)?;
    let found = match id {
        Some(id) => listing.named(id)?,
        None => listing.only()?,
    };
    let text = corpus.text(found.locator)?.into_owned();
    let id = found.id.clone().unwrap_or_else(|| listing.place(found));
    let name = if given == Path::new("-") { "standard input".to_owned() } else { given.to_string_lossy().into_owned() };
    Ok((Article { name, id, text }, corpus.notes()))
}

/// The file, and the id that stands after it. A file of the whole name comes first; then the shortest one before a `#`.
fn file_and_id(given: &Path) -> Result<(PathBuf, Option<&str>)> {
    let is_there = |path: &str| path == "-" || Path::new(path).exists();
    let parts = given.to_str().filter(|whole| !is_there(whole) && whole.contains('#'));
    let Some(whole) = parts else {
        let missing = || Error::NotFound { path: given.into() };
        let there = given == Path::new("-") || given.exists();
        return if there { Ok((given.into(), None)) } else { Err(missing().into()) };
    };
    let mut cuts = whole.match_indices('#').map(|(at, _)| (&whole[..at], &whole[at + 1..]));
    let first = cuts.clone().next().map_or(whole, |(file, _)| file);
    let (file, id) = cuts.find(|(file, _)| is_there(file)).ok_or_else(|| Error::NotFound { path: first.into() })?;
    if id.is_empty() { Err(anyhow!("{whole}: the id after # is missing")) } else { Ok((file.into(), Some(id))) }
}

/// A record of the file.
struct Listed {
    /// Kept for the first few, and for those that are looked for.
    id: Option<String>,
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
}

impl Listing {
    fn of(corpus: &FileCorpus, wanted: Option<&str>) -> Result<Self> {
        let stretches = corpus.visit(|| Lister { wanted, records: Vec::new() })?;
        let mut listing = Self { file: corpus.name(0).into_owned(), records: Vec::new(), problems: Vec::new() };
        let mut line = 1;
        for stretch in stretches {
            listing.records.extend(stretch.output.into_iter().map(|record| Listed { line: record.line + line, ..record }));
            listing.problems.extend(stretch.problems.into_iter().map(|problem| Problem { line: line - 1 + problem.line, ..problem }));
            line += stretch.lines;
        }
        Ok(listing)
    }

    /// What stands for the id of a record without one.
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

    /// What there is instead, to stand at the end of a message.
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
        let id = id.filter(|_| is_wanted || self.records.len() < MOST_NAMED).map(str::to_owned);
        self.records.push(Listed { id, is_wanted, line: record.line, locator: record.locator });
    }

    fn progress(&mut self, _: u64) {}

    fn finish(self) -> Vec<Listed> {
        self.records
    }
}
