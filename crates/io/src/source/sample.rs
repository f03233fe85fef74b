//! A sample of a corpus: some stretches of its files, evenly spread, for a forecast.
//!
//! In: a share. Out: which stretches are read, and which share of the bytes they are. Of a corpus of many files whole files are read; of a few files in
//! JSON lines stretches of a mebibyte; of other files all.

use super::FileCorpus;
use std::sync::atomic::{AtomicU64, Ordering};

/// From this number on files are read or left out as a whole.
const MANY_FILES: usize = 64;
/// Shifts the choice from file to file, so that short files are not all left out.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// Which part of a corpus is read.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// None: all.
    share: Option<f64>,
    is_of_files: bool,
    all: AtomicU64,
    taken: AtomicU64,
}

impl FileCorpus {
    /// The same, of which a visit reads about `share`, above 0 to 1. Line numbers are those of the sample.
    #[must_use]
    pub fn sampled(mut self, share: f64) -> Self {
        let is_of_files = self.files.len() >= MANY_FILES;
        self.sample = Sample { share: (share < 1.0).then_some(share), is_of_files, ..Sample::default() };
        self
    }

    /// The share of the bytes that visits read; 1 for a corpus that is no sample.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn sampled_share(&self) -> f64 {
        let (all, taken) = (self.sample.all.load(Ordering::Relaxed), self.sample.taken.load(Ordering::Relaxed));
        if self.sample.share.is_none() || all == 0 { 1.0 } else { taken as f64 / all as f64 }
    }
}

impl Sample {
    /// Whether a file is read.
    pub(super) fn takes_file(&self, file: usize, bytes: impl FnOnce() -> u64) -> bool {
        match self.share {
            Some(share) if self.is_of_files => self.count(is_taken(file, share, 0.0), bytes()),
            _ => true,
        }
    }

    /// Whether a stretch of a file is read.
    pub(super) fn takes_stretch(&self, file: usize, stretch: usize, bytes: usize) -> bool {
        match self.share {
            #[expect(clippy::cast_precision_loss, reason = "its fraction is enough")]
            Some(share) if !self.is_of_files => self.count(is_taken(stretch, share, file as f64 * GOLDEN), bytes as u64),
            _ => true,
        }
    }

    /// Notes a file that is read as a whole although stretches are chosen.
    pub(super) fn note_whole(&self, bytes: usize) {
        if self.share.is_some() && !self.is_of_files {
            self.count(true, bytes as u64);
        }
    }

    fn count(&self, is_taken: bool, bytes: u64) -> bool {
        self.all.fetch_add(bytes, Ordering::Relaxed);
        self.taken.fetch_add(if is_taken { bytes } else { 0 }, Ordering::Relaxed);
        is_taken
    }
}

/// Whether the stretch or file of this number is among those that are spread evenly over all. Without an offset the first is.
#[expect(clippy::cast_precision_loss, reason = "numbers of files and stretches are far below 2^52")]
fn is_taken(number: usize, share: f64, offset: f64) -> bool {
    let sum = |count: usize| count as f64 * share + (1.0 - share + offset.fract());
    sum(number + 1).floor() > sum(number).floor()
}

#[cfg(test)]
mod tests {
    use super::is_taken;

    #[test]
    fn a_share_is_spread_evenly() {
        for share in [0.01, 0.25, 0.5, 0.9] {
            let taken: Vec<usize> = (0..1000).filter(|&number| is_taken(number, share, 0.3)).collect();
            assert!((taken.len() as f64 - 1000.0 * share).abs() <= 1.0, "{share}: {}", taken.len());
            assert!(is_taken(0, share, 0.0));
            assert!(taken.windows(2).all(|pair| ((pair[1] - pair[0]) as f64) < 1.0 / share + 1.0));
        }
    }
}
