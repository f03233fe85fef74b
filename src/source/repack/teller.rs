//! From a packed file to the steps that make it again.

use super::deflate::{Stretch, stretches};
use super::member::Member;
use super::way::Way;
use super::{Step, Steps};
use crate::source::compression::Compression;
use rayon::prelude::*;
use std::io;

/// Bytes of a part of the steps, if no step needs more.
const PART_BYTES: usize = 1 << 20;
/// Steps of a part.
const PART_STEPS: usize = 1 << 14;
/// Members that hold less are looked into together, on all threads.
const SMALL_MEMBER_BYTES: usize = 1 << 20;
/// So many bytes of them at a time.
const TOGETHER_BYTES: usize = 16 << 20;
/// Members for which no way may be found before none is looked for.
const MOST_FAILURES: u32 = 2;

/// Tells, part by part, how `packed` is made again of `content`, which it holds. Returns the bytes of members that no way was known to make again.
///
/// # Errors
/// What `tell` says.
pub(crate) fn tell(
    format: Compression,
    packed: &[u8],
    content: &[u8],
    tell: &mut (dyn FnMut(Steps) -> io::Result<()> + Send),
) -> io::Result<u64> {
    let mut teller = Teller { part: Steps::default(), tell, kept: 0 };
    let mut known = Known { format, way: None, failures: 0 };
    let mut small: Vec<Piece<'_>> = Vec::new();
    let (mut at, mut text) = (0, 0);
    while at < packed.len() {
        let found = Member::at(format, &packed[at..]).filter(|member| text + member.text <= content.len() && member.length() > 0);
        let Some(member) = found else { break };
        let piece = Piece::new(member, &packed[at..], &content[text..]);
        (at, text) = (at + member.length(), text + member.text);
        // The first one shows how the others are packed.
        if member.text >= SMALL_MEMBER_BYTES || known.is_open() {
            teller.together(&mut small, &known)?;
            teller.piece(&piece, &mut known)?;
            continue;
        }
        small.push(piece);
        if small.iter().map(|piece| piece.text.len()).sum::<usize>() >= TOGETHER_BYTES {
            teller.together(&mut small, &known)?;
        }
    }
    teller.together(&mut small, &known)?;
    teller.keep(&packed[at..], (content.len() - text) as u64)?;
    teller.flush()?;
    Ok(teller.kept)
}

/// A member with its bytes.
struct Piece<'a> {
    head: &'a [u8],
    packed: &'a [u8],
    text: &'a [u8],
    end: &'a [u8],
}

impl<'a> Piece<'a> {
    fn new(member: Member, packed: &'a [u8], content: &'a [u8]) -> Self {
        let (head, rest) = packed.split_at(member.head);
        let (packed, rest) = rest.split_at(member.packed);
        Self { head, packed, text: &content[..member.text], end: &rest[..member.end] }
    }
}

/// What is known of how members are packed.
struct Known {
    format: Compression,
    way: Option<Way>,
    failures: u32,
}

impl Known {
    /// Whether a way is still looked for.
    fn is_open(&self) -> bool {
        self.way.is_none() && self.failures < MOST_FAILURES
    }

    /// The way in which a member was packed: that of the one before, or another one.
    fn settle(&mut self, piece: &Piece<'_>) -> Option<Way> {
        let proven = self.proven(piece);
        if proven.is_some() || piece.packed.is_empty() || self.failures >= MOST_FAILURES {
            return proven;
        }
        let found = Way::find(self.format, piece.text, piece.packed);
        self.failures = if found.is_some() { 0 } else { self.failures + 1 };
        self.way = found.or(self.way);
        found
    }

    /// The way that is known, if it is that of the member.
    fn proven(&self, piece: &Piece<'_>) -> Option<Way> {
        self.way.filter(|way| !piece.packed.is_empty() && way.makes(piece.text, piece.packed))
    }

    /// For a small member.
    fn told(&self, piece: &Piece<'_>) -> Told {
        match self.proven(piece) {
            Some(way) => Told::Way(way),
            None if self.format == Compression::Gzip => {
                // A short member before may have shown less than its level.
                let other = self.way.filter(|_| !piece.packed.is_empty()).and_then(|_| Way::find(self.format, piece.text, piece.packed));
                if let Some(way) = other {
                    return Told::Way(way);
                }
                let mut found = Vec::new();
                let taken: Result<(), ()> = stretches(piece.packed, piece.text, |stretch| {
                    found.push(stretch);
                    Ok(())
                });
                taken.map_or(Told::Kept, |()| Told::Stretches(found))
            }
            None => Told::Kept,
        }
    }
}

/// How a member is packed again.
enum Told {
    Way(Way),
    Stretches(Vec<Stretch>),
    Kept,
}

/// Gathers steps into parts.
struct Teller<'a> {
    part: Steps,
    tell: &'a mut (dyn FnMut(Steps) -> io::Result<()> + Send),
    kept: u64,
}

impl Teller<'_> {
    fn flush(&mut self) -> io::Result<()> {
        if self.part.steps.is_empty() { Ok(()) } else { (self.tell)(std::mem::take(&mut self.part)) }
    }

    fn step(&mut self, step: Step) -> io::Result<()> {
        if self.part.bytes.len() >= PART_BYTES || self.part.steps.len() >= PART_STEPS {
            self.flush()?;
        }
        self.part.steps.push(step);
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        for bytes in bytes.chunks(PART_BYTES) {
            match self.part.steps.last_mut() {
                Some(Step::Bytes(length)) if self.part.bytes.len() < PART_BYTES => *length += bytes.len(),
                _ => self.step(Step::Bytes(bytes.len()))?,
            }
            self.part.bytes.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Keeps what is packed of so many bytes of `text`.
    fn keep(&mut self, packed: &[u8], text: u64) -> io::Result<()> {
        self.kept += packed.len() as u64;
        self.bytes(packed)?;
        if text > 0 { self.step(Step::Pass(text)) } else { Ok(()) }
    }

    fn together(&mut self, small: &mut Vec<Piece<'_>>, known: &Known) -> io::Result<()> {
        let told: Vec<Told> = small.par_iter().map(|piece| known.told(piece)).collect();
        small.drain(..).zip(told).try_for_each(|(piece, told)| self.told(&piece, told))
    }

    fn told(&mut self, piece: &Piece<'_>, told: Told) -> io::Result<()> {
        self.bytes(piece.head)?;
        match told {
            Told::Way(way) => self.step(Step::Pack { way, text: piece.text.len() as u64 })?,
            Told::Kept => self.keep(piece.packed, piece.text.len() as u64)?,
            Told::Stretches(stretches) => {
                let (packed, text) = stretches.last().map_or((0, 0), |last| (last.packed.end, last.text.end));
                stretches.into_iter().try_for_each(|stretch| self.stretch(&stretch))?;
                self.keep(&piece.packed[packed..], (piece.text.len() - text) as u64)?;
            }
        }
        self.bytes(piece.end)
    }

    /// A member that may be larger than memory: its stretches are told as they come.
    fn piece(&mut self, piece: &Piece<'_>, known: &mut Known) -> io::Result<()> {
        match known.settle(piece) {
            Some(way) => return self.told(piece, Told::Way(way)),
            None if known.format != Compression::Gzip => return self.told(piece, Told::Kept),
            None => {}
        }
        self.bytes(piece.head)?;
        let (mut packed, mut text) = (0, 0);
        stretches(piece.packed, piece.text, |stretch| {
            (packed, text) = (stretch.packed.end, stretch.text.end);
            self.stretch(&stretch)
        })?;
        self.keep(&piece.packed[packed..], (piece.text.len() - text) as u64)?;
        self.bytes(piece.end)
    }

    fn stretch(&mut self, stretch: &Stretch) -> io::Result<()> {
        self.step(Step::Deflate { begins: stretch.packed.start == 0, text: stretch.text.len(), told: stretch.told.len() })?;
        self.part.bytes.extend_from_slice(&stretch.told);
        Ok(())
    }
}
