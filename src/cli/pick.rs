//! One article of a file, named as reports name it: `FILE`, `FILE#ID`, `FILE:LINE` or `FILE:LINE:COLUMN`.

use crate::{Corpus, Error, FileCorpus, Locator, Problem, Problems, Record, SourceOptions, Visitor};
use anyhow::{Result, anyhow, bail};
use std::collections::HashMap;
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
    /// The one on this line, from 1; if several without an id of their own are on it, the one with this number.
    Line(u64, Option<usize>),
}

/// Ids that a message names.
const MOST_NAMED: usize = 3;
/// Articles of one line that a message names.
const MOST_CHOICES: usize = 10;

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
        Wanted::Line(line, number) => listing.on_line(line, number)?,
        Wanted::Only => listing.only()?,
    };
    let text = corpus.text(found.locator)?.into_owned();
    // Formats that are not read line by line do not count their lines.
    if let Wanted::Line(line, _) = wanted
        && listing.lines == 0
        && let Some(lines) = corpus.whole_text().ok().map(|text| text.lines().count()).filter(|&lines| line > lines as u64)
    {
        bail!("{}: has {lines} lines, and line {line} is wanted", listing.file);
    }
    let id = listing.own_id(&corpus, found)?.unwrap_or_else(|| listing.name(found));
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
    if let Some((file, line, number)) = places(whole).find(|(file, ..)| is_there(file)) {
        return Ok((file.into(), Wanted::Line(line, number)));
    }
    let file = whole.split('#').next().unwrap_or(whole);
    Err(Error::NotFound { path: file.into() }.into())
}

/// What `whole` may be: `FILE:LINE`, then `FILE:LINE:COLUMN`; either with `#NUMBER` behind it, which tells apart articles of one line.
fn places(whole: &str) -> impl Iterator<Item = (&str, u64, Option<usize>)> {
    let (place, number) = without_number(whole);
    let last = numbered(place);
    last.into_iter().chain(last.and_then(|(before, _)| numbered(before))).map(move |(file, line)| (file, line, number))
}

/// `PLACE#NUMBER`, or `PLACE` alone.
fn without_number(text: &str) -> (&str, Option<usize>) {
    let split = text.rsplit_once('#').and_then(|(place, number)| Some((place, number.parse().ok()?)));
    split.map_or((text, None), |(place, number)| (place, Some(number)))
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
    problems: Problems,
    /// Lines of the file, in formats that are read line by line.
    lines: u64,
    /// How many records have an id, by its hash.
    ids: HashMap<u64, usize>,
}

impl Listing {
    fn of(corpus: &FileCorpus, wanted: Wanted<'_>) -> Result<Self> {
        let wanted = if let Wanted::Id(id) = wanted { Some(id) } else { None };
        let stretches = corpus.visit(|| Lister { wanted, records: Vec::new() })?;
        let mut listing = Self {
            file: corpus.name(0).into_owned(),
            records: Vec::new(),
            problems: Problems::new(usize::MAX),
            lines: 0,
            ids: HashMap::new(),
        };
        let mut line = 1;
        for stretch in stretches {
            listing.records.extend(stretch.output.into_iter().map(|record| Listed { line: record.line + line, ..record }));
            listing.problems.append(stretch.problems, line - 1);
            line += stretch.lines;
        }
        listing.lines = line - 1;
        for hash in listing.records.iter().filter_map(|record| record.id_hash) {
            *listing.ids.entry(hash).or_default() += 1;
        }
        Ok(listing)
    }

    /// The id of a record; None if it has none, or shares it with another record, as in findings.
    fn own_id(&self, corpus: &FileCorpus, record: &Listed) -> Result<Option<String>> {
        if !self.has_own_id(record) {
            return Ok(None);
        }
        if record.id.is_some() {
            return Ok(record.id.clone());
        }
        // Ids are not kept while the records are listed.
        let found = corpus.visit(|| IdAt { start: record.locator.start, id: None })?;
        Ok(found.into_iter().find_map(|stretch| stretch.output))
    }

    fn has_own_id(&self, record: &Listed) -> bool {
        record.id_hash.is_some_and(|hash| self.ids.get(&hash) == Some(&1))
    }

    /// The records that begin on a line.
    fn of_line(&self, line: u64) -> impl Iterator<Item = &Listed> {
        self.records.iter().filter(move |record| record.line == line)
    }

    /// The records without an id of their own that begin on a line: these are numbered.
    fn unnamed_of_line(&self, line: u64) -> Vec<&Listed> {
        self.of_line(line).filter(|record| !self.has_own_id(record)).collect()
    }

    /// The name of a record without an id of its own.
    fn name(&self, record: &Listed) -> String {
        let place = format!("{}:{}", self.file, record.line);
        match self.unnamed_of_line(record.line).as_slice() {
            [] | [_] => place,
            several => {
                let before = several.iter().position(|other| std::ptr::eq(*other, record)).unwrap_or_default();
                format!("{place}#{}", before + 1)
            }
        }
    }

    /// How a record is named on the command line, if its id is kept.
    fn argument(&self, record: &Listed) -> Option<String> {
        if self.has_own_id(record) { record.id.as_ref().map(|id| format!("{}#{id}", self.file)) } else { Some(self.name(record)) }
    }

    /// The record with the id, or at the place, that `wanted` names.
    fn named(&self, wanted: &str) -> Result<&Listed> {
        let mut found = self.records.iter().filter(|record| record.is_wanted);
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (Some(first), Some(second)) => {
                let (file, one, other) = (&self.file, self.name(first), self.name(second));
                bail!("{file}: has several articles with the id {wanted}; name one by its line: {one}, {other}")
            }
            (None, _) => match self.line_of(wanted) {
                Some((line, number)) => self.begins_on(line, number),
                None => bail!("{}: has no article {wanted}{}", self.file, self.told()),
            },
        }
    }

    /// The record that begins on `line`, or contains it.
    fn on_line(&self, line: u64, number: Option<usize>) -> Result<&Listed> {
        let file = &self.file;
        let before = self.records.iter().filter(|record| record.line <= line).max_by_key(|record| record.line);
        let is_skipped = |problem: &&&Problem| problem.line <= line && before.is_none_or(|record| record.line < problem.line);
        let examples = self.problems.examples();
        let skipped = examples.iter().rfind(is_skipped);
        match (before, skipped) {
            (_, Some(&problem)) => Err(Error::Record(problem.clone()).into()),
            (Some(_), None) if self.lines > 0 && line > self.lines => bail!("{file}: has {} lines, and line {line} is wanted", self.lines),
            (Some(record), None) => self.begins_on(record.line, number),
            (None, None) => bail!("{file}: has no article on line {line}{}", self.told()),
        }
    }

    /// The line that `wanted` names as findings do, if an article begins on it.
    fn line_of(&self, wanted: &str) -> Option<(u64, Option<usize>)> {
        let (place, number) = without_number(wanted);
        let line: u64 = place.strip_prefix(self.file.as_str())?.strip_prefix(':')?.parse().ok()?;
        self.of_line(line).next().map(|_| (line, number))
    }

    /// The record that begins on `line`; of several the one with the number.
    fn begins_on(&self, line: u64, number: Option<usize>) -> Result<&Listed> {
        let unnamed = self.unnamed_of_line(line);
        if let Some(number) = number {
            let found = number.checked_sub(1).and_then(|at| unnamed.get(at)).copied();
            // Where an id looks like the name, the number may be a higher one.
            return match found.or_else(|| unnamed.first().copied().filter(|_| unnamed.len() == 1)) {
                Some(record) => Ok(record),
                None => bail!("{}:{line}: has no article number {number}{}", self.file, self.choices(line)),
            };
        }
        let mut of_line = self.of_line(line);
        match (of_line.next(), of_line.next()) {
            (Some(only), None) => Ok(only),
            _ => bail!("{}:{line}: has several articles{}", self.file, self.choices(line)),
        }
    }

    /// Names of the articles of a line, for the end of a message.
    fn choices(&self, line: u64) -> String {
        let names: Vec<String> = self.of_line(line).filter_map(|record| self.argument(record)).take(MOST_CHOICES).collect();
        let rest = self.of_line(line).count() - names.len();
        let more = if rest > 0 { format!(", and {rest} more") } else { String::new() };
        format!("; name one: {}{more}", names.join(", "))
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
                let example = self.argument(first).unwrap_or_default();
                bail!("{file}: has {count} articles; name one: {example}")
            }
        }
    }

    /// The articles that there are, for the end of a message.
    fn told(&self) -> String {
        let names: Vec<String> =
            self.records.iter().take(MOST_NAMED).map(|record| record.id.clone().unwrap_or_else(|| self.name(record))).collect();
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
