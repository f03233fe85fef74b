//! All articles of a corpus into an index, batch by batch: many threads make them ready, one writes.
//!
//! Names are settled before anything is added: an article without an id, or with one that it shares, is named by file and line, as in a run.

use super::add::Added;
use super::{Article, Index, Prepared, Preparer};
use crate::corpus::{Corpus, Stretch, Visitor};
use crate::detect::Progress;
use crate::document::{Record, parse_date};
use crate::error::{Problem, Result};
use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{SyncSender, sync_channel};
use xxhash_rust::xxh3::xxh3_64;

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
    pub problems: Vec<Problem>,
    /// Articles named by file and line, for want of an id or because it is shared.
    pub renamed: usize,
    /// Articles with a date that was not understood, taken for none.
    pub bad_dates: usize,
}

/// Stretches made ready that wait for the writer.
const WAITING: usize = 8;

/// Adds every article of `corpus`, a transaction for about a batch of them. `acknowledge` is called after each, with what it came to.
///
/// # Errors
/// What keeps a file from being read, or the index from being written; batches that were acknowledged are kept.
pub fn add_corpus(index: &Index, corpus: &impl Corpus, how: Ingest<'_>, mut acknowledge: impl FnMut(Added)) -> Result<Ingested> {
    let names = Names::of(corpus)?;
    let preparer = index.preparer()?;
    let (config, has_texts) = (*index.config(), preparer.has_texts);
    let mut ingested = Ingested { renamed: names.renamed.len(), ..Ingested::default() };
    let (send, receive) = sync_channel::<Vec<Prepared>>(WAITING);
    std::thread::scope(|scope| {
        let names = &names;
        let reading = scope.spawn(move || {
            let new = || Taker {
                corpus,
                preparer: Preparer { signer: crate::detect::Signer::new(&config), has_texts },
                names,
                progress: how.progress,
                ready: Vec::new(),
                bad_dates: 0,
                send: send.clone(),
            };
            match rayon::ThreadPoolBuilder::new().num_threads(how.threads).build() {
                Ok(pool) => pool.install(|| corpus.visit(new)),
                Err(_) => corpus.visit(new),
            }
        });
        let mut waiting: Vec<Prepared> = Vec::new();
        let mut write = |waiting: &mut Vec<Prepared>| -> Result<()> {
            let added = add_batch(index, waiting)?;
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
        if !waiting.is_empty() {
            write(&mut waiting)?;
        }
        ingested.take(stretches);
        Ok(ingested)
    })
}

fn add_batch(index: &Index, waiting: &mut Vec<Prepared>) -> Result<Added> {
    let mut transaction = index.write()?;
    let added = transaction.add(waiting)?;
    transaction.commit()?;
    waiting.clear();
    Ok(added)
}

impl Ingested {
    fn take(&mut self, stretches: Vec<Stretch<usize>>) {
        let (mut file, mut lines) = (0, 0);
        for stretch in stretches {
            if stretch.file != file {
                (file, lines) = (stretch.file, 0);
            }
            let shift = |line| if line == 0 { 0 } else { line + lines };
            self.problems.extend(stretch.problems.into_iter().map(|problem| Problem { line: shift(problem.line), ..problem }));
            self.bad_dates += stretch.output;
            lines += stretch.lines;
        }
        self.problems.sort();
    }
}

/// The articles that get other names than their ids, by file and first byte.
struct Names {
    renamed: HashMap<(u32, u64), Box<str>>,
}

impl Names {
    fn of(corpus: &impl Corpus) -> Result<Self> {
        let stretches = corpus.visit(|| Lister(Vec::new()))?;
        let mut seen = HashSet::new();
        let mut shared: HashSet<u64> = HashSet::from([0]);
        for id in stretches.iter().flat_map(|stretch| &stretch.output).map(|listed| listed.id) {
            if !seen.insert(id) {
                shared.insert(id);
            }
        }
        let mut renamed = HashMap::new();
        let mut taken: HashSet<Box<str>> = HashSet::new();
        let (mut file, mut lines) = (0, 0);
        for stretch in &stretches {
            if stretch.file != file {
                (file, lines) = (stretch.file, 0);
            }
            for listed in stretch.output.iter().filter(|listed| shared.contains(&listed.id)) {
                let place = format!("{}:{}", corpus.name(stretch.file), listed.line + lines + 1);
                let mut name: Box<str> = place.as_str().into();
                for number in 2.. {
                    if !seen.contains(&id_of(&name)) && taken.insert(name.clone()) {
                        break;
                    }
                    name = format!("{place}#{number}").into();
                }
                renamed.insert((stretch.file, listed.start), name);
            }
            lines += stretch.lines;
        }
        Ok(Self { renamed })
    }
}

/// A hash of an id, 0 for none.
fn id_of(id: &str) -> u64 {
    if id.is_empty() { 0 } else { xxh3_64(id.as_bytes()).max(1) }
}

struct Listed {
    id: u64,
    line: u64,
    start: u64,
}

/// Lists the ids of a stretch.
struct Lister(Vec<Listed>);

impl Visitor for Lister {
    type Output = Vec<Listed>;

    fn document(&mut self, record: Record<'_>) {
        self.0.push(Listed { id: id_of(record.id.as_deref().unwrap_or_default()), line: record.line, start: record.locator.start });
    }

    fn progress(&mut self, _: u64) {}

    fn finish(self) -> Vec<Listed> {
        self.0
    }
}

/// Makes the articles of a stretch ready.
struct Taker<'n, C> {
    corpus: &'n C,
    preparer: Preparer,
    names: &'n Names,
    progress: &'n dyn Progress,
    ready: Vec<Prepared>,
    bad_dates: usize,
    send: SyncSender<Vec<Prepared>>,
}

impl<C: Corpus> Visitor for Taker<'_, C> {
    type Output = usize;

    fn document(&mut self, record: Record<'_>) {
        let place = (record.locator.file, record.locator.start);
        let id = self.names.renamed.get(&place).map_or_else(|| record.id.as_deref().unwrap_or_default(), AsRef::as_ref);
        let date = record.date.as_deref().map(parse_date);
        self.bad_dates += usize::from(date == Some(None));
        let outlet = record.outlet.as_deref();
        let origin = self.corpus.name(record.locator.file);
        self.ready.push(self.preparer.prepare(&Article { id, text: &record.text, date: date.flatten(), outlet, origin: &origin }));
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.read(bytes);
    }

    fn finish(self) -> usize {
        // Nobody to send to: the writer failed, and its error is told.
        let _ = self.send.send(self.ready);
        self.bad_dates
    }
}
