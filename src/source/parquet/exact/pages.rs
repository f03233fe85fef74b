//! The pages of one column of texts in one row group: which of them can be made again, and of what.

use super::header::{self, Header, Kind, PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY};
use super::packer::{Packer, parts_of_gzip, told_of_stream, unpack};
use super::{numbers, texts_of};
use parquet::basic::Compression;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

/// Pages at the beginning of which the largest shows how all are packed.
const SAMPLES: usize = 8;
/// Of these, how many are tried.
const TRIES: usize = 3;
/// Chunks for which no way may be found before none is looked for.
const MOST_FAILURES: u32 = 2;

/// What is known of the column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) codec: Compression,
    /// Definition level of a text that is there.
    pub(super) full: u32,
}

/// The way in which pages are packed, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub(super) packer: Option<Packer>,
    /// Chunks for which none was found.
    failures: u32,
}

/// A page as it lies in the file.
#[derive(Clone, Copy)]
struct Page<'a> {
    header: Header,
    /// Bytes of the header.
    head: &'a [u8],
    body: &'a [u8],
}

/// A page that can be made again.
pub(super) struct Made<'a> {
    /// Bytes that stand before what is packed.
    pub(super) before: &'a [u8],
    /// What is packed with the texts, before them.
    pub(super) levels: Vec<u8>,
    /// How it is packed, where the packer does not say all.
    pub(super) told: Vec<u8>,
    /// Bytes that stand behind.
    pub(super) behind: &'a [u8],
}

/// A page by its content.
pub(super) enum Content<'a> {
    /// It stays as it is.
    Kept(&'a [u8]),
    /// Numbers that stand for texts of the dictionary; it stays as it is.
    Numbers(&'a [u8], Vec<u32>),
    /// Texts one after another.
    Texts(Made<'a>),
    /// The dictionary; where its order is not that of the texts, which text each of its values is.
    Dictionary(Made<'a>, Option<Vec<u32>>),
}

/// A page, and how many texts it has.
pub(super) struct Told<'a> {
    pub(super) head: &'a [u8],
    pub(super) texts: usize,
    pub(super) content: Content<'a>,
    /// Its texts, where it is a dictionary.
    entries: Vec<Vec<u8>>,
}

/// The pages of `chunk`, with the way in which they are packed, which may be that of the chunk before. None if it cannot be said which texts stand in
/// which page.
pub(super) fn pages_of<'a>(chunk: &'a [u8], column: Column, known: &mut Known) -> Option<Vec<Told<'a>>> {
    let mut pages = Vec::new();
    let mut at = 0;
    while at < chunk.len() {
        let header = header::read(&chunk[at..])?;
        let start = at + header.length;
        let body = chunk.get(start..start.checked_add(header.packed)?)?;
        pages.push(Page { header, head: &chunk[at..start], body });
        at = start + body.len();
    }
    let mut samples: Vec<&Page<'_>> =
        pages.iter().filter(|page| page.is_of_texts() && page.codec(column) == column.codec).take(SAMPLES).collect();
    samples.sort_by_key(|page| std::cmp::Reverse(page.header.unpacked));
    if !samples.is_empty() && known.failures < MOST_FAILURES {
        let found = samples.iter().take(TRIES).find_map(|sample| sample.packer(column, known.packer));
        known.failures += u32::from(found.is_none());
        known.packer = found.or(known.packer);
    }
    let told: Option<Vec<Told<'a>>> = pages.par_iter().map(|page| page.told(column, known.packer)).collect();
    let mut told = told?;
    settle_dictionary(&mut told, &pages);
    Some(told)
}

impl<'a> Page<'a> {
    fn is_of_texts(&self) -> bool {
        match self.header.kind {
            Kind::Dictionary => [PLAIN, PLAIN_DICTIONARY].contains(&self.header.encoding),
            Kind::Data | Kind::DataV2 { .. } => self.header.encoding == PLAIN,
            Kind::Other => false,
        }
    }

    /// What is packed of it.
    fn packed(&self) -> Option<Range<usize>> {
        match self.header.kind {
            Kind::DataV2 { levels, .. } => (levels <= self.body.len()).then_some(levels..self.body.len()),
            _ => Some(0..self.body.len()),
        }
    }

    fn codec(&self, column: Column) -> Compression {
        match self.header.kind {
            Kind::DataV2 { packed: false, .. } => Compression::UNCOMPRESSED,
            _ => column.codec,
        }
    }

    /// What is packed of it, unpacked.
    fn unpacked(&self, column: Column) -> Option<Cow<'a, [u8]>> {
        let packed = self.packed()?;
        let bytes = self.header.unpacked.checked_sub(packed.start)?;
        match self.codec(column) {
            Compression::UNCOMPRESSED => Some(Cow::Borrowed(&self.body[packed])),
            codec => unpack(codec, &self.body[packed], bytes).map(Cow::Owned),
        }
    }

    /// How it is packed: as others were, or in another way, or in none that is known.
    fn packer(&self, column: Column, other: Option<Packer>) -> Option<Packer> {
        let page = self.unpacked(column)?;
        let packed = &self.body[self.packed()?];
        let is_it = |packer: &Packer| packer.makes_page(&page, packed);
        other.filter(is_it).or_else(|| Packer::find(self.codec(column), &page, packed))
    }

    fn told(&self, column: Column, packer: Option<Packer>) -> Option<Told<'a>> {
        let (texts, content, entries) = match self.header.kind {
            Kind::Data | Kind::DataV2 { .. } => {
                let (texts, content) = self.data(column, packer)?;
                (texts, content, Vec::new())
            }
            Kind::Dictionary => {
                let (content, entries) = self.dictionary(column, packer).unwrap_or((Content::Kept(self.body), Vec::new()));
                (0, content, entries)
            }
            Kind::Other => (0, Content::Kept(self.body), Vec::new()),
        };
        Some(Told { head: self.head, texts, content, entries })
    }

    fn data(&self, column: Column, packer: Option<Packer>) -> Option<(usize, Content<'a>)> {
        let page = self.unpacked(column)?;
        let (levels, texts) = self.levels(&page, column)?;
        let values = page.get(levels.clone())?;
        let kept = (texts, Content::Kept(self.body));
        Some(match self.header.encoding {
            PLAIN if texts_of(values).is_some_and(|found| found.len() == texts) => {
                let made = self.made(&page, (column, packer));
                made.map_or(kept, |made| (texts, Content::Texts(Made { levels: page[..levels.start].to_vec(), ..made })))
            }
            PLAIN_DICTIONARY | RLE_DICTIONARY => {
                let read = values.split_first().and_then(|(width, values)| numbers::read(values, u32::from(*width), texts));
                read.map_or(kept, |read| (texts, Content::Numbers(self.body, read)))
            }
            _ => kept,
        })
    }

    /// Where values stand in what was packed, and how many.
    fn levels(&self, page: &[u8], column: Column) -> Option<(Range<usize>, usize)> {
        let (levels, start) = match self.header.kind {
            Kind::DataV2 { levels, .. } => (&self.body[..levels], 0),
            _ if column.full == 0 => (&[][..], 0),
            _ if self.header.level_encoding == RLE => {
                let (length, rest) = page.split_first_chunk()?;
                let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
                (rest.get(..length)?, size_of::<u32>() + length)
            }
            _ => return None,
        };
        let texts = match column.full {
            0 => self.header.values,
            full => numbers::read(levels, full.ilog2() + 1, self.header.values)?.iter().filter(|&&level| level == full).count(),
        };
        match self.header.kind {
            Kind::DataV2 { texts: told, .. } if told != texts => None,
            _ => Some((start..page.len(), texts)),
        }
    }

    fn dictionary(&self, column: Column, packer: Option<Packer>) -> Option<(Content<'a>, Vec<Vec<u8>>)> {
        let page = self.unpacked(column).filter(|_| self.is_of_texts())?;
        let entries: Vec<Vec<u8>> =
            texts_of(&page).filter(|texts| texts.len() == self.header.values)?.iter().map(|text| text.to_vec()).collect();
        Some((Content::Dictionary(self.made(&page, (column, packer))?, None), entries))
    }

    /// What it takes to pack `page` again.
    fn made(&self, page: &[u8], (column, packer): (Column, Option<Packer>)) -> Option<Made<'a>> {
        let (before, packed) = self.body.split_at(self.packed()?.start);
        let made = |told, before, behind| Made { before, levels: Vec::new(), told, behind };
        if self.codec(column) != column.codec {
            return None;
        }
        match packer? {
            Packer::Deflate => {
                let [header, stream, end] = parts_of_gzip(packed)?;
                let told = told_of_stream(page, stream)?;
                Some(made(told, &self.body[..before.len() + header.len()], end))
            }
            packer @ (Packer::Deflated(_) | Packer::ZlibRs { .. }) => {
                let [header, stream, end] = parts_of_gzip(packed)?;
                packer.makes(page, stream).then(|| made(Vec::new(), &self.body[..before.len() + header.len()], end))
            }
            packer => packer.makes(page, packed).then(|| made(Vec::new(), before, &[])),
        }
    }
}

/// Finds out in which order a dictionary stands; one whose texts do not all come in the pages behind it stays as it is.
fn settle_dictionary<'a>(told: &mut [Told<'a>], pages: &[Page<'a>]) {
    let Some(number) = told.iter().position(|page| matches!(page.content, Content::Dictionary(..))) else { return };
    let entries = std::mem::take(&mut told[number].entries);
    let mut first: Vec<Option<u32>> = vec![None; entries.len()];
    let mut text = 0;
    let mut is_known = number == 0;
    for page in &told[number + 1..] {
        let Content::Numbers(_, numbers) = &page.content else { break };
        for &entry in numbers {
            match first.get_mut(entry as usize) {
                Some(place) => *place = place.or(Some(text)),
                None => is_known = false,
            }
            text += 1;
        }
    }
    let order: Option<Vec<u32>> = first.into_iter().collect();
    let different: HashSet<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    match (order.filter(|_| is_known), &mut told[number].content) {
        (Some(order), Content::Dictionary(_, listed)) => {
            let is_natural = different.len() == entries.len() && order.is_sorted();
            *listed = (!is_natural).then_some(order);
            told[number].texts = text as usize;
        }
        (_, content) => *content = Content::Kept(pages[number].body),
    }
}
