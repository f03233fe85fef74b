//! Who reuses whom, as one page that needs nothing else.
//!
//! In: a [`Dossier`] and the [`Catalogue`] of its articles. Out: HTML with its style, its script and its data. Always: what comes from the
//! input stands in the data alone, deflated and in base64, and the script shows it as text; the page's policy lets nothing be loaded.

mod cast;
mod data;
mod letters;
pub(super) mod pack;
mod script;

use super::dossier::Dossier;
use crate::catalogue::{Catalogue, Content};
pub(in crate::report) use cast::{Cast, alias};
use data::Data;
use letters::{Letters, characters};
use pack::{packed, policy_hash};
use rayon::prelude::*;
use refrain_engine::error::{Error, Result};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Language of a page's own words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Arabic.
    Ar,
}

impl Lang {
    fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ar => "ar",
        }
    }

    fn direction(self) -> &'static str {
        match self {
            Self::En => "ltr",
            Self::Ar => "rtl",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::En => "Who reuses whom",
            Self::Ar => "من ينقل عن مَن",
        }
    }

    fn outlet(self) -> &'static str {
        match self {
            Self::En => "Outlet",
            Self::Ar => "جهة",
        }
    }

    /// What stands for an outlet where nobody is named: that of the catalogue at `at`.
    pub(in crate::report) fn numbered_outlet(self, at: usize) -> String {
        format!("{} {}", self.outlet(), at + 1)
    }

    fn author(self) -> &'static str {
        match self {
            Self::En => "Author",
            Self::Ar => "كاتب",
        }
    }
}

/// Whether outlets, authors and articles go by their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anonymity {
    /// They do.
    #[default]
    Named,
    /// Numbers stand for them, and addresses are left out. Titles and texts are as they were.
    Numbered,
}

/// How a page is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageOptions {
    /// Of its own words.
    pub lang: Lang,
    /// Who is named.
    pub anonymity: Anonymity,
    /// The file is to be no larger; texts are left out to that end, then pairs.
    pub max_bytes: u64,
}

impl Default for PageOptions {
    fn default() -> Self {
        Self { lang: Lang::En, anonymity: Anonymity::Named, max_bytes: 25 << 20 }
    }
}

/// What a page holds, and what it had no room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Size of the page.
    pub bytes: u64,
    /// Articles without their text.
    pub texts_left_out: usize,
    /// Pairs that are counted and not listed.
    pub pairs_left_out: usize,
}

/// Texts of a block: enough to pack well, few enough to unpack at once.
const BLOCK_BYTES: usize = 256 << 10;
/// Articles that are read at a time.
const STRETCH: usize = 2048;
/// What a page has around each block.
const AROUND_BLOCK: usize = 64;
/// Fewer pairs are not left out, however small the page is to be.
const FEWEST_PAIRS: usize = 100;

/// Writes the page.
///
/// # Errors
/// What the writer says; an article that cannot be read again.
pub fn write_page(dossier: &Dossier, catalogue: &Catalogue<'_>, options: PageOptions, out: &mut impl Write) -> Result<Written> {
    let cast = Cast::of(dossier);
    let limit = usize::try_from(options.max_bytes).unwrap_or(usize::MAX);
    let Texts { contents, mut blocks, places, characters } = read_texts(catalogue, &cast, limit)?;
    let mut data = Data::new(dossier, catalogue, &cast, (options.lang, options.anonymity), contents);
    data.letters = Letters::of(&characters, dossier.config.fold);
    let style = script::STYLE.replace('\r', "");
    let code = script::script();
    let frame = style.len() + code.len() + 2048;
    let mut main = String::new();
    loop {
        data.place_texts(&kept(&places, blocks.len()));
        main = if main.is_empty() { pack_json(&data)? } else { main };
        let texts: usize = blocks.iter().map(|block| block.len() + AROUND_BLOCK).sum();
        if frame + main.len() + texts <= limit {
            break;
        }
        if blocks.pop().is_none() {
            let most = data.pairs() / 2;
            if most < FEWEST_PAIRS {
                break;
            }
            data.keep_pairs(&dossier.pairs, &cast, most);
            main = pack_json(&data)?;
        }
    }
    data.place_texts(&kept(&places, blocks.len()));
    main = pack_json(&data)?;
    let page = Page { lang: options.lang, style: &style, script: &code, main: &main, blocks: &blocks };
    let bytes = page.write(out).map_err(|cause| Error::Io { path: "report".into(), cause })?;
    Ok(Written { bytes, texts_left_out: data.left_out.texts, pairs_left_out: data.left_out.pairs })
}

fn pack_json(data: &Data<'_>) -> Result<String> {
    let failed = |cause: io::Error| Error::Io { path: "report".into(), cause };
    packed(&serde_json::to_vec(data).map_err(|cause| failed(cause.into()))?).map_err(failed)
}

type Places = Vec<Option<(usize, usize)>>;

/// Places in blocks that are still there.
fn kept(places: &Places, blocks: usize) -> Places {
    places.iter().map(|place| place.filter(|&(block, _)| block < blocks)).collect()
}

/// What the articles of the cast say.
struct Texts {
    contents: Vec<Content>,
    /// Their texts, packed, those first that findings are most about.
    blocks: Vec<String>,
    /// Where each stands there.
    places: Places,
    /// What the texts in blocks are made of.
    characters: BTreeSet<char>,
}

/// Reads what the articles of the cast say. Blocks beyond `limit` are not made.
fn read_texts(catalogue: &Catalogue<'_>, cast: &Cast, limit: usize) -> Result<Texts> {
    let mut order: Vec<usize> = (0..cast.positions.len()).collect();
    order.sort_by_key(|&at| (Reverse(cast.weights[at]), at));
    let mut contents = vec![Content::default(); order.len()];
    let mut places: Places = vec![None; order.len()];
    let mut blocks: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut size = 0;
    for stretch in order.chunks(STRETCH) {
        let read = |&at: &usize| {
            let position = cast.positions[at] as usize;
            if position < catalogue.articles().len() { catalogue.content(position) } else { Ok(Content::default()) }
        };
        let mut read = stretch.par_iter().map(read).collect::<Result<Vec<Content>>>()?;
        if size <= limit {
            seen.append(&mut characters(read.par_iter().map(|content| content.text.as_str())));
            let cuts = cut(&read);
            let block = |range: &std::ops::Range<usize>| {
                let texts: Vec<&str> = read[range.clone()].iter().map(|content| content.text.as_str()).collect();
                serde_json::to_vec(&texts).map_err(io::Error::from).and_then(|json| packed(&json))
            };
            let packed: io::Result<Vec<String>> = cuts.par_iter().map(block).collect();
            let packed = packed.map_err(|cause| Error::Io { path: "report".into(), cause })?;
            for (range, block) in cuts.into_iter().zip(packed) {
                for at in range.clone().filter(|&at| cast.positions[stretch[at]] as usize <= catalogue.articles().len()) {
                    let is_stranger = cast.positions[stretch[at]] as usize >= catalogue.articles().len();
                    places[stretch[at]] = (!is_stranger).then_some((blocks.len(), at - range.start));
                }
                size += block.len();
                blocks.push(block);
            }
        }
        for (&at, content) in stretch.iter().zip(&mut read) {
            content.text = String::new();
            contents[at] = std::mem::take(content);
        }
    }
    Ok(Texts { contents, blocks, places, characters: seen })
}

/// Ranges of articles that are blocks.
fn cut(contents: &[Content]) -> Vec<std::ops::Range<usize>> {
    let (mut ranges, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, content) in contents.iter().enumerate() {
        bytes += content.text.len();
        if bytes >= BLOCK_BYTES || at + 1 == contents.len() {
            ranges.push(start..at + 1);
            (start, bytes) = (at + 1, 0);
        }
    }
    ranges
}

struct Page<'p> {
    lang: Lang,
    style: &'p str,
    script: &'p str,
    main: &'p str,
    blocks: &'p [String],
}

impl Page<'_> {
    /// Writes it, and says how many bytes it has.
    fn write(&self, out: &mut impl Write) -> io::Result<u64> {
        let lang = self.lang;
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; img-src data: blob:; base-uri 'none'; form-action 'none'",
            policy_hash(self.script),
            policy_hash(self.style)
        );
        let head = script::FRAME
            .replace("{{lang}}", lang.code())
            .replace("{{dir}}", lang.direction())
            .replace("{{title}}", lang.title())
            .replace("{{policy}}", &policy);
        let (before_style, rest) = head.split_once("{{style}}").unwrap_or((&head, ""));
        let (before_data, rest) = rest.split_once("{{data}}").unwrap_or((rest, ""));
        let (before_script, end) = rest.split_once("{{script}}").unwrap_or((rest, ""));
        let mut bytes = 0;
        let mut put = |piece: &str| {
            bytes += piece.len() as u64;
            out.write_all(piece.as_bytes())
        };
        [before_style, self.style, before_data].into_iter().try_for_each(&mut put)?;
        put("<script type=\"text/plain\" id=\"data\">")?;
        put(self.main)?;
        put("</script>\n")?;
        for (number, block) in self.blocks.iter().enumerate() {
            put(&format!("<script type=\"text/plain\" id=\"texts-{number}\">"))?;
            put(block)?;
            put("</script>\n")?;
        }
        [before_script, self.script, end].into_iter().try_for_each(&mut put)?;
        out.flush()?;
        Ok(bytes)
    }
}
