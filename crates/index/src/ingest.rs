//! All articles of a corpus into an index, batch by batch: many threads make them ready, one writes.
//!
//! A first pass finds the articles without an id of their own, because there is none or because several articles have it: they are recognised by
//! their content.

use super::add::Added;
use super::files::Files;
use super::identity::{ByContent, Unnamed, content_hash};
use super::sqlite::Sqlite;
use super::{Article, Identity, Index, Prepared, Preparer, Texts};
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::{Corpus, Stretch, Visitor};
use refrain_engine::date::BadDates;
use refrain_engine::detect::{Progress, Signer, check_cancelled};
use refrain_engine::document::Record;
use refrain_engine::error::Result;
use refrain_engine::naming;
use refrain_engine::problems::Problems;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

/// The index that a corpus is added to.
#[derive(Clone, Copy, Debug)]
pub enum Destination<'i> {
    /// An open index.
    Existing(&'i Index),
    /// A new index. Its file appears with the first batch; if there is no article, or the first batch fails, there is no file.
    New {
        /// Where it is created.
        path: &'i Path,
        /// What it is created with.
        config: &'i DetectConfig,
        /// Whether it keeps texts.
        texts: Texts,
    },
}

impl<'i> From<&'i Index> for Destination<'i> {
    fn from(index: &'i Index) -> Self {
        Self::Existing(index)
    }
}

/// How a corpus is added.
#[derive(Clone, Copy)]
pub struct Ingest<'a> {
    /// Articles of a transaction, about.
    pub batch: usize,
    /// Threads that make articles ready.
    pub threads: usize,
    /// Is told how far it is.
    pub progress: &'a dyn Progress,
}

/// What became of a corpus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Articles by what became of them.
    pub added: Added,
    /// Records that were left out, by file and line.
    pub problems: Problems,
    /// Articles without an id of their own: recognised by their content.
    pub renamed: usize,
    /// Dates that were not understood; their articles have none.
    pub bad_dates: BadDates,
}

/// Stretches made ready that wait for the writer.
const WAITING: usize = 8;

/// Adds every article of `corpus`, a transaction for about a batch of them. `acknowledge` is called after each, with what it came to.
///
/// # Errors
/// What keeps a file from being read, or the index from being written; [`refrain_engine::Error::Cancelled`]. Batches that were acknowledged are kept.
pub fn add_corpus<'i>(
    to: impl Into<Destination<'i>>,
    corpus: &impl Corpus,
    how: Ingest<'_>,
    acknowledge: impl FnMut(Added),
) -> Result<Ingested> {
    match to.into() {
        Destination::Existing(index) => {
            let preparer = Preparing { config: index.config(), has_texts: index.has_texts, files: index.files.clone() };
            add_batches(&preparer, corpus, how, |batch| add_batch(index, batch), acknowledge)
        }
        Destination::New { path, config, texts } => {
            Sqlite::require_room(path)?;
            let preparer = Preparing { config, has_texts: texts == Texts::Kept, files: Arc::new(Files::of(path)) };
            let mut index = None;
            let write = |batch: &[Prepared]| match &index {
                Some(index) => add_batch(index, batch),
                None => {
                    let mut added = Added::default();
                    index = Some(Index::create_filled(path, config, texts, |index| {
                        added = add_batch(index, batch)?;
                        Ok(())
                    })?);
                    Ok(added)
                }
            };
            add_batches(&preparer, corpus, how, write, acknowledge)
        }
    }
}

/// How articles are made ready, on any thread.
struct Preparing<'c> {
    config: &'c DetectConfig,
    has_texts: bool,
    files: Arc<Files>,
}

impl Preparing<'_> {
    fn preparer(&self) -> Preparer {
        Preparer { signer: Signer::new(self.config), has_texts: self.has_texts, files: self.files.clone() }
    }
}

fn add_batches(
    preparing: &Preparing<'_>,
    corpus: &impl Corpus,
    how: Ingest<'_>,
    mut add: impl FnMut(&[Prepared]) -> Result<Added>,
    mut acknowledge: impl FnMut(Added),
) -> Result<Ingested> {
    let by_content = list(corpus, how.progress)?;
    check_cancelled(how.progress)?;
    let mut ingested = Ingested { renamed: by_content.len(), ..Ingested::default() };
    let (send, receive) = sync_channel::<Vec<Prepared>>(WAITING);
    std::thread::scope(|scope| {
        let by_content = &by_content;
        let reading = scope.spawn(move || {
            let new = || Taker {
                corpus,
                preparer: preparing.preparer(),
                by_content,
                progress: how.progress,
                ready: Vec::new(),
                bad_dates: BadDates::default(),
                send: send.clone(),
            };
            match rayon::ThreadPoolBuilder::new().num_threads(how.threads).build() {
                Ok(pool) => pool.install(|| corpus.visit(new)),
                Err(_) => corpus.visit(new),
            }
        });
        let mut waiting: Vec<Prepared> = Vec::new();
        let mut write = |waiting: &mut Vec<Prepared>| -> Result<()> {
            let added = add(waiting)?;
            waiting.clear();
            ingested.added += added;
            acknowledge(added);
            Ok(())
        };
        let mut written = Ok(());
        for ready in &receive {
            waiting.extend(ready);
            if waiting.len() >= how.batch {
                written = write(&mut waiting);
            }
            if written.is_err() {
                break;
            }
        }
        // Whoever still reads finds nobody to send to, and reads on to the end in vain.
        drop(receive);
        let visited = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        written?;
        let stretches = visited?;
        check_cancelled(how.progress)?;
        if !waiting.is_empty() {
            write(&mut waiting)?;
        }
        ingested.take(stretches, corpus);
        Ok(ingested)
    })
}

fn add_batch(index: &Index, batch: &[Prepared]) -> Result<Added> {
    let mut transaction = index.write()?;
    let added = transaction.add(batch)?;
    transaction.commit()?;
    Ok(added)
}

impl Ingested {
    fn take(&mut self, stretches: Vec<Stretch<BadDates>>, corpus: &impl Corpus) {
        let (mut file, mut lines) = (0, 0);
        for stretch in stretches {
            if stretch.file != file {
                (file, lines) = (stretch.file, 0);
            }
            self.problems.append(stretch.problems, lines);
            self.bad_dates.append(stretch.output, &corpus.name(file), lines);
            lines += stretch.lines;
        }
    }
}

/// The articles of `corpus` without an id of their own.
fn list(corpus: &impl Corpus, progress: &dyn Progress) -> Result<ByContent> {
    let mut listed: Vec<Listed> = Vec::new();
    let (mut file, mut lines) = (0, 0);
    for stretch in corpus.visit(|| Lister { listed: Vec::new(), progress })? {
        if stretch.file != file {
            (file, lines) = (stretch.file, 0);
        }
        listed.extend(
            stretch.output.into_iter().map(|one| Listed { article: Unnamed { line: one.article.line + lines + 1, ..one.article }, ..one }),
        );
        lines += stretch.lines;
    }
    let id = |at: u32| &*listed[at as usize].id;
    let unnamed = naming::without_own_id(&naming::by_id(listed.len(), id), id);
    Ok(ByContent::of(unnamed.into_iter().map(|at| listed[at as usize].article).collect()))
}

struct Listed {
    id: Box<str>,
    article: Unnamed,
}

/// Lists the articles of a stretch.
struct Lister<'p> {
    listed: Vec<Listed>,
    progress: &'p dyn Progress,
}

impl Visitor for Lister<'_> {
    type Output = Vec<Listed>;

    fn document(&mut self, record: Record<'_>) {
        let hash = content_hash(
            &record.text,
            record.date.as_deref().and_then(|date| refrain_engine::date::parse(date).seconds()),
            record.outlet.as_deref(),
        );
        let article = Unnamed { file: record.locator.file, start: record.locator.start, line: record.line, hash };
        self.listed.push(Listed { id: record.id.unwrap_or_default().into(), article });
    }

    fn is_done(&self) -> bool {
        self.progress.is_cancelled()
    }

    fn progress(&mut self, _: u64) {}

    fn finish(self) -> Vec<Listed> {
        self.listed
    }
}

/// Makes the articles of a stretch ready.
struct Taker<'n, C> {
    corpus: &'n C,
    preparer: Preparer,
    by_content: &'n ByContent,
    progress: &'n dyn Progress,
    ready: Vec<Prepared>,
    bad_dates: BadDates,
    send: SyncSender<Vec<Prepared>>,
}

impl<C: Corpus> Visitor for Taker<'_, C> {
    type Output = BadDates;

    fn document(&mut self, record: Record<'_>) {
        let date = self.bad_dates.parse(record.date.as_deref(), record.line);
        let outlet = record.outlet.as_deref();
        let origin = self.corpus.name(record.locator.file);
        let identity = match self.by_content.reading(record.locator.file, record.locator.start) {
            Some(reading) => Identity::Content(reading),
            None if record.is_whole_file(&origin) => Identity::Path,
            None => Identity::Id,
        };
        let id = record.id.as_deref().unwrap_or_default();
        self.ready.push(self.preparer.prepare(&Article { id, identity, text: &record.text, date, outlet, origin: &origin }));
    }

    fn is_done(&self) -> bool {
        self.progress.is_cancelled()
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.read(bytes);
    }

    fn finish(self) -> BadDates {
        // Nobody to send to: the writer failed, and its error is told.
        let _ = self.send.send(self.ready);
        self.bad_dates
    }
}
