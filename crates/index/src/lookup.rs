//! Look-ups in the postings, and their changes: runs written, merged and thinned.

use super::Transaction;
use super::postings::{Entry, FAN, Kind, Run};
use super::store::{Store as _, Table};
use refrain_engine::error::Result;
use std::collections::HashSet;

/// A run read from its first entry to its last, a chunk at a time.
struct Cursor {
    run: Run,
    /// The chunk to read next.
    next: u32,
    entries: Vec<Entry>,
    at: usize,
}

impl Transaction<'_> {
    /// Calls `each` with every entry of the hashes, which ascend, each once, and with the place of its hash among them; in no order.
    pub(super) fn find(&self, kind: Kind, hashes: &[u32], mut each: impl FnMut(usize, Entry)) -> Result<()> {
        for run in self.state.runs.iter().filter(|run| run.kind == kind) {
            let mut first = 0;
            for of_chunk in hashes.chunk_by(|&x, &y| run.chunk_of(x) == run.chunk_of(y)) {
                let chunk = run.chunk_of(of_chunk[0]);
                let row = run.row(chunk);
                let is_read = self
                    .rows()
                    .read(Table::Postings, row, |bytes| Some(run.search(chunk, bytes, of_chunk, |at, entry| each(first + at, entry))))?;
                if !is_read {
                    return Err(self.rows().damaged(Table::Postings, row, "cannot be read"));
                }
                first += of_chunk.len();
            }
        }
        Ok(())
    }

    fn chunk(&self, run: &Run, chunk: u32, entries: &mut Vec<Entry>) -> Result<()> {
        let row = run.row(chunk);
        let is_read = self.rows().read(Table::Postings, row, |bytes| Some(run.unpack(chunk, bytes, entries)))?;
        if is_read { Ok(()) } else { Err(self.rows().damaged(Table::Postings, row, "cannot be read")) }
    }

    /// Calls `each` with every entry of a run, in order.
    pub(super) fn each_entry(&self, run: &Run, mut each: impl FnMut(Entry)) -> Result<()> {
        let mut entries = Vec::new();
        for chunk in 0..run.chunks() {
            self.chunk(run, chunk, &mut entries)?;
            entries.iter().for_each(|&entry| each(entry));
        }
        Ok(())
    }

    /// Adds a run of `entries`, and merges where there are many runs of its size.
    pub(super) fn add_run(&mut self, kind: Kind, mut entries: Vec<Entry>) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        entries.sort_unstable();
        let run = self.new_run(kind, entries.len() as u64)?;
        let mut rest = entries.as_slice();
        for chunk in 0..run.chunks() {
            let length = rest.partition_point(|entry| run.chunk_of(entry.hash()) == chunk);
            self.rows().put(Table::Postings, run.row(chunk), run.pack(chunk, &rest[..length]))?;
            rest = &rest[length..];
        }
        self.state.runs.push(run);
        loop {
            let of_kind = || self.state.runs.iter().filter(|run| run.kind == kind);
            let full = of_kind().map(Run::size).filter(|&size| of_kind().filter(|run| run.size() == size).count() >= FAN).max();
            let Some(size) = full else { return Ok(()) };
            let merged: Vec<Run> = of_kind().filter(|run| run.size() <= size).copied().collect();
            self.merge(kind, &merged)?;
        }
    }

    /// Makes one run of `merged`, all of one kind.
    pub(super) fn merge(&mut self, kind: Kind, merged: &[Run]) -> Result<()> {
        let mut run = self.new_run(kind, merged.iter().map(|run| run.entries).sum())?;
        run.bits = merged.iter().map(|run| run.bits).fold(run.bits, u8::max);
        let mut cursors: Vec<Cursor> = merged.iter().map(|&run| Cursor { run, next: 0, entries: Vec::new(), at: 0 }).collect();
        let mut out = Vec::new();
        for chunk in 0..run.chunks() {
            out.clear();
            for cursor in &mut cursors {
                // A merged run has no more chunks than the new one, so that its chunks end where some of the new one's do.
                loop {
                    let rest = &cursor.entries[cursor.at..];
                    let taken = rest.partition_point(|entry| run.chunk_of(entry.hash()) <= chunk);
                    out.extend_from_slice(&rest[..taken]);
                    cursor.at += taken;
                    let is_spent = cursor.at == cursor.entries.len();
                    let begins_later = cursor.next == cursor.run.chunks() || cursor.run.first_of(cursor.next, &run) > chunk;
                    if !is_spent || begins_later {
                        break;
                    }
                    self.chunk(&cursor.run, cursor.next, &mut cursor.entries)?;
                    (cursor.next, cursor.at) = (cursor.next + 1, 0);
                }
            }
            out.sort();
            self.rows().put(Table::Postings, run.row(chunk), run.pack(chunk, &out))?;
        }
        let gone: HashSet<u32> = merged.iter().map(|run| run.number).collect();
        for run in merged {
            self.rows().store.delete(Table::Postings, run.row(0)..=run.row(run.chunks() - 1))?;
        }
        self.state.runs.retain(|run| !gone.contains(&run.number));
        self.state.runs.push(run);
        Ok(())
    }

    fn new_run(&mut self, kind: Kind, entries: u64) -> Result<Run> {
        let number = self.state.next_run;
        let next = number.checked_add(1).ok_or_else(|| self.rows().fault("no number is left for a run of postings".into()))?;
        self.state.next_run = next;
        Ok(Run::new(number, kind, entries))
    }

    /// Takes out entries; what is around them does not count.
    pub(super) fn take_out(&mut self, kind: Kind, gone: &[(u32, u32)]) -> Result<()> {
        let gone: HashSet<(u32, u32)> = gone.iter().copied().collect();
        let mut entries = Vec::new();
        for at in (0..self.state.runs.len()).filter(|&at| self.state.runs[at].kind == kind).collect::<Vec<_>>() {
            let mut run = self.state.runs[at];
            let mut chunks: Vec<u32> = gone.iter().map(|&(hash, _)| run.chunk_of(hash)).collect();
            chunks.sort_unstable();
            chunks.dedup();
            for chunk in chunks {
                self.chunk(&run, chunk, &mut entries)?;
                let before = entries.len();
                entries.retain(|entry| !gone.contains(&(entry.hash(), entry.number())));
                if entries.len() < before {
                    self.rows().put(Table::Postings, run.row(chunk), run.pack(chunk, &entries))?;
                    self.state.runs[at].entries = self.less(run.entries, before - entries.len())?;
                    run = self.state.runs[at];
                }
            }
        }
        Ok(())
    }
}
