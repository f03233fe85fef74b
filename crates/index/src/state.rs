//! The one row that says what an index holds: parameters, counts, the numbers to give next, and the runs of postings.

use super::bytes::{Reader, put_number};
use super::parameters::Parameters;
use super::postings::{Kind, Run};

/// What the row of [`super::store::Table::State`] holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub(super) parameters: Parameters,
    /// False where texts are not kept.
    pub(super) has_texts: bool,
    /// Articles.
    pub(super) documents: u64,
    /// Different contents of theirs.
    pub(super) contents: u64,
    pub(super) next_document: u32,
    pub(super) next_content: u32,
    pub(super) next_run: u32,
    pub(super) runs: Vec<Run>,
}

impl State {
    pub(super) fn new(parameters: Parameters, has_texts: bool) -> Self {
        Self { parameters, has_texts, documents: 0, contents: 0, next_document: 0, next_content: 0, next_run: 0, runs: Vec::new() }
    }

    /// False if the counts are not those of a file of so many bytes: each row and each entry takes one at least. What is counted here says how long
    /// loops run.
    pub(super) fn fits(&self, bytes: u64) -> bool {
        let of_runs = self.runs.iter().flat_map(|run| [run.entries, u64::from(run.chunks())]);
        let counts = [self.documents, self.contents].into_iter().chain(of_runs);
        counts.fold(0_u64, u64::saturating_add) <= bytes
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.parameters.put(&mut out);
        let next = [self.next_document, self.next_content, self.next_run].map(u64::from);
        let counts = [u64::from(self.has_texts), self.documents, self.contents, next[0], next[1], next[2], self.runs.len() as u64];
        counts.into_iter().for_each(|number| put_number(number, &mut out));
        for run in &self.runs {
            [u64::from(run.number), run.kind as u64, u64::from(run.bits), run.entries]
                .into_iter()
                .for_each(|number| put_number(number, &mut out));
        }
        out
    }

    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let parameters = Parameters::take(&mut from)?;
        let has_texts = from.number()? == 1;
        let (documents, contents) = (from.number()?, from.number()?);
        let (next_document, next_content, next_run) = (from.small()?, from.small()?, from.small()?);
        let count = from.small::<u16>()?;
        let mut run = || {
            let (number, kind) = (from.small()?, *Kind::ALL.get(from.small::<usize>()?)?);
            Some(Run { number, kind, bits: from.small().filter(|&bits| bits <= Run::MOST_BITS)?, entries: from.number()? })
        };
        let runs = (0..count).map(|_| run()).collect::<Option<_>>()?;
        from.is_at_end().then_some(Self { parameters, has_texts, documents, contents, next_document, next_content, next_run, runs })
    }
}
