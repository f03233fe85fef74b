//! How far a run is, on a terminal alone.

use super::output::set_unfinished;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::Path;

/// A bar on standard error with bytes, rate and time left; nothing where that is no terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar for `bytes` of input.
    pub(super) fn new(bytes: u64, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(10));
        let template = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message("reading");
        Self(bar)
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl refrain::Progress for Bar {
    fn read(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    fn verified(&self, _pairs: u64) {
        self.0.set_message("verifying");
    }

    fn written(&self, _bytes: u64) {
        self.0.set_message("writing");
    }

    fn begun(&self, file: &Path) {
        set_unfinished(|files| files.push(file.to_path_buf()));
    }

    fn ended(&self, file: &Path) {
        set_unfinished(|files| files.retain(|unfinished| unfinished != file));
    }
}
