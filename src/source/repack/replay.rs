//! From the content of a packed file, and steps, to the file as it was.

use super::deflate::PackerThread;
use super::way::Encoder;
use super::{Step, Steps};
use std::collections::VecDeque;
use std::io::{self, Write};

/// Gives the steps, part by part; None at their end.
pub(crate) type Source = Box<dyn FnMut() -> io::Result<Option<Steps>> + Send>;

/// Packs what is written to it by steps. [`Repacker::finish`] must be called.
pub(crate) struct Repacker<W: Write> {
    /// Where packed bytes go; None while [`Repacker::packing`] has it, and after an error.
    to: Option<W>,
    source: Source,
    steps: VecDeque<Step>,
    /// Those of the part at hand that were not used.
    bytes: VecDeque<u8>,
    /// A member that is being packed, and how many bytes of the content it waits for.
    packing: Option<(Encoder<W>, u64)>,
    /// The content of a stretch, as far as it is there.
    text: Vec<u8>,
    stretches: PackerThread,
}

impl<W: Write> Repacker<W> {
    pub(crate) fn new(to: W, source: Source) -> Self {
        Self {
            to: Some(to),
            source,
            steps: VecDeque::new(),
            bytes: VecDeque::new(),
            packing: None,
            text: Vec::new(),
            stretches: PackerThread::default(),
        }
    }

    /// Carries out what is left, which must need no more content, and gives the writer back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        match self.advance()? {
            None => self.to.take().ok_or_else(wrong),
            Some(_) => Err(wrong()),
        }
    }

    /// Carries out steps until one needs content; returns how much it can take, None at the end.
    fn advance(&mut self) -> io::Result<Option<u64>> {
        loop {
            if let Some((_, left)) = self.packing {
                if left > 0 {
                    return Ok(Some(left));
                }
                if let Some((encoder, _)) = self.packing.take() {
                    self.to = Some(encoder.finish()?);
                }
            }
            let Some(step) = self.steps.front().copied() else {
                let Some(part) = (self.source)()? else { return Ok(None) };
                (self.steps, self.bytes) = (part.steps.into(), part.bytes.into());
                continue;
            };
            match step {
                Step::Pass(left) if left > 0 => return Ok(Some(left)),
                Step::Deflate { text, .. } if text > self.text.len() => return Ok(Some((text - self.text.len()) as u64)),
                Step::Pass(_) => {}
                Step::Bytes(length) => {
                    let bytes = self.told(length)?;
                    self.to.as_mut().ok_or_else(wrong)?.write_all(&bytes)?;
                }
                Step::Pack { way, text } => {
                    let to = self.to.take().ok_or_else(wrong)?;
                    self.packing = Some((Encoder::new(way, to, text)?, text));
                }
                Step::Deflate { begins, told, .. } => {
                    let told = self.told(told)?;
                    let packed = self.stretches.pack(begins, std::mem::take(&mut self.text), told).ok_or_else(wrong)?;
                    self.to.as_mut().ok_or_else(wrong)?.write_all(&packed)?;
                }
            }
            self.steps.pop_front();
        }
    }

    fn told(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > self.bytes.len() { Err(wrong()) } else { Ok(self.bytes.drain(..length).collect()) }
    }
}

fn wrong() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the steps that pack the file do not fit to it; the manifest is damaged")
}

impl<W: Write> Write for Repacker<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let wanted = self.advance()?.ok_or_else(wrong)?;
        let length = usize::try_from(wanted).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = &bytes[..length];
        match (&mut self.packing, self.steps.front_mut()) {
            (Some((encoder, left)), _) => {
                encoder.write_all(bytes)?;
                *left -= length as u64;
            }
            (None, Some(Step::Pass(left))) => *left -= length as u64,
            (None, Some(Step::Deflate { .. })) => self.text.extend_from_slice(bytes),
            _ => return Err(wrong()),
        }
        Ok(length)
    }

    /// Nothing is packed before its time: that would show in the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
