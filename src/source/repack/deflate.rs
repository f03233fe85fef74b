//! Deflate streams, whoever packed them: a packer of their kind is run again, and where it would have written something else is noted.
//!
//! In: a stream, stretch by stretch, and what it holds. Out: for each stretch some bytes that tell how it differs from what was expected, mostly a few dozen.
//! Finding these takes about as long as packing does, and so does carrying them out; the second is done for a stretch while the first is done for the next.

use preflate_rs::{ExitCode, PreflateConfig, PreflateStreamChunkResult, PreflateStreamProcessor, RecreateStreamProcessor};
use std::io::Cursor;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Packed bytes of a stretch, if they end a block; more, if a block is longer.
const STRETCH_BYTES: usize = 1 << 20;
/// Bytes that a stretch may hold.
const MOST_TEXT_BYTES: usize = 64 << 20;

/// A stretch of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Which bytes of the stream.
    pub(super) packed: Range<usize>,
    /// Which bytes of what it holds.
    pub(super) text: Range<usize>,
    /// What tells how to pack it.
    pub(super) told: Vec<u8>,
}

/// Stretches that wait to be proven.
const MOST_WAITING: usize = 1;

/// Hands out the stretches of `stream`, which holds `text`, for which it was proven that they can be packed again. What is behind the last one cannot.
/// Breaks off with an error of `take`.
pub(super) fn stretches<E>(stream: &[u8], text: &[u8], mut take: impl FnMut(Stretch) -> Result<(), E>) -> Result<(), E> {
    let mut prover = Prover { stream, text, packer: StretchPacker::default() };
    if stream.len() < STRETCH_BYTES {
        let mut analyser = Analyser::new(stream);
        while let Some(stretch) = analyser.next().filter(|stretch| prover.proves(stretch)) {
            take(stretch)?;
        }
        return Ok(());
    }
    // The crate's types stay on the thread that they were made on.
    std::thread::scope(|scope| {
        let (found, stretches) = sync_channel(MOST_WAITING);
        scope.spawn(move || {
            let mut analyser = Analyser::new(stream);
            // Nobody takes any more where one cannot be proven.
            while analyser.next().is_some_and(|stretch| found.send(stretch).is_ok()) {}
        });
        stretches.into_iter().take_while(|stretch| prover.proves(stretch)).try_for_each(take)
    })
}

/// Packs stretches and compares.
struct Prover<'a> {
    stream: &'a [u8],
    text: &'a [u8],
    packer: StretchPacker,
}

impl Prover<'_> {
    fn proves(&mut self, stretch: &Stretch) -> bool {
        let text = self.text.get(stretch.text.clone());
        text.and_then(|text| self.packer.pack(text, &stretch.told)).is_some_and(|packed| packed == self.stream[stretch.packed.clone()])
    }
}

/// Finds the stretches of a stream.
struct Analyser<'a> {
    stream: &'a [u8],
    processor: PreflateStreamProcessor,
    /// Bytes of the stream, and of its text, that are behind.
    packed: usize,
    text: usize,
}

impl<'a> Analyser<'a> {
    fn new(stream: &'a [u8]) -> Self {
        let config = PreflateConfig { plain_text_limit: MOST_TEXT_BYTES, verify_compression: false, ..Default::default() };
        Self { stream, processor: PreflateStreamProcessor::new(&config), packed: 0, text: 0 }
    }

    /// The next stretch; None at the end, and where the stream is not understood.
    fn next(&mut self) -> Option<Stretch> {
        if self.processor.is_done() {
            return None;
        }
        let mut bytes = STRETCH_BYTES;
        loop {
            let end = self.stream.len().min(self.packed + bytes);
            let rest = &self.stream[self.packed..end];
            // The crate checks some of what it takes for granted by panics.
            let failure = match catch_unwind(AssertUnwindSafe(|| self.processor.decompress(rest))).ok()? {
                Ok(found) => return Some(self.stretch(found)),
                Err(error) => error.exit_code(),
            };
            if failure != ExitCode::ShortRead || end == self.stream.len() {
                return None;
            }
            bytes *= 2;
        }
    }

    fn stretch(&mut self, found: PreflateStreamChunkResult) -> Stretch {
        let text = self.text..self.text + self.processor.plain_text().len();
        let packed = self.packed..self.packed + found.compressed_size;
        self.processor.shrink_to_dictionary();
        (self.packed, self.text) = (packed.end, text.end);
        Stretch { packed, text, told: found.corrections }
    }
}

/// Packs the stretches of a stream again.
#[derive(Default)]
pub(super) struct StretchPacker(Option<RecreateStreamProcessor>);

impl StretchPacker {
    /// Packs the next stretch; None if that fails.
    pub(super) fn pack(&mut self, text: &[u8], told: &[u8]) -> Option<Vec<u8>> {
        let processor = self.0.get_or_insert_with(RecreateStreamProcessor::new);
        let packed = catch_unwind(AssertUnwindSafe(|| processor.recompress(&mut Cursor::new(text), told)));
        packed.ok()?.ok().map(|(packed, _)| packed)
    }
}

/// Packs the stretches of streams on a thread of its own, which is begun for the first one.
#[derive(Default)]
pub(super) struct PackerThread(Option<Ends>);

/// Where stretches go, and where they come back packed.
type Ends = (SyncSender<Job>, Receiver<Option<Vec<u8>>>);

/// A stretch to be packed.
struct Job {
    /// Whether a stream begins.
    begins: bool,
    text: Vec<u8>,
    told: Vec<u8>,
}

impl PackerThread {
    /// Packs the next stretch, the first of a stream or not; None if that fails.
    pub(super) fn pack(&mut self, begins: bool, text: Vec<u8>, told: Vec<u8>) -> Option<Vec<u8>> {
        let (jobs, packed) = self.0.get_or_insert_with(|| {
            let (jobs, asked) = sync_channel::<Job>(1);
            let (done, packed) = sync_channel(1);
            std::thread::spawn(move || {
                let mut packer = StretchPacker::default();
                for job in asked {
                    if job.begins {
                        packer = StretchPacker::default();
                    }
                    if done.send(packer.pack(&job.text, &job.told)).is_err() {
                        return;
                    }
                }
            });
            (jobs, packed)
        });
        jobs.send(Job { begins, text, told }).ok()?;
        packed.recv().ok()?
    }
}
