//! One article against all of the index: look-ups give candidates, and these are measured on the articles themselves.
//!
//! In two steps: what is looked up is gathered from the file, by one thread; candidates are measured by any number of threads, without the file.

use super::Article;
use super::Transaction;
use super::add::spread;
use super::document::{Body, DocumentRow, Outline, text_hash};
use super::error::IndexError;
use super::files::Files;
use super::identity::{Identity, Reading};
use super::postings::Kind;
use super::transaction::{unpack, unpacked_bytes};
use refrain_engine::config::DetectConfig;
use refrain_engine::detect::{Around, Evidence, Known, Matcher, Offsets, PairSide, Signature, Signer};
use refrain_engine::error::Result;
use refrain_engine::finding::FoundPair;
use refrain_engine::text::{Tokens, spellings};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;
use xxhash_rust::xxh3::xxh3_64;

/// Selected grams in common from which two articles are aligned whatever else they share, as in a run.
const SELECTED_COMMON: usize = 2;
/// A gram in this many contents is common, as in a run.
const COMMON: usize = 4;
/// A gram in at most this many contents is rare, as in a run.
const RARE: usize = 4;
/// Articles of one content that are listed one by one.
const MOST_COPIES: usize = 1000;

/// Bytes of the texts of these articles, which are in memory together: beyond this no further article is listed.
const MOST_COPIED_BYTES: u64 = 512 << 20;
/// An outline takes so many bytes in memory for one that it is packed in, at most: three become twenty.
const OUTLINE_GROWTH: u64 = 7;

/// An article that is asked about.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    pub(crate) article: Article<'a>,
    pub(crate) signature: Signature,
}

impl<'a> Article<'a> {
    /// How the article was read, if it is recognised by its content.
    pub(super) fn reading(&self) -> Option<Reading<'a>> {
        match self.identity {
            Identity::Content(reading) => Some(reading),
            _ if self.id.is_empty() => Some(Reading::default()),
            _ => None,
        }
    }

    /// True if this is the article of the index with this row, read again.
    fn is(&self, row: &DocumentRow, files: &Files) -> bool {
        let has_content_of = |row: &DocumentRow| row.meta.content_id() == row.id && self.has_content_of(row);
        match self.reading() {
            Some(reading) => has_content_of(row) && reading.is_again(self.origin, &row.meta, files),
            None if self.identity == Identity::Path => files.is_file(&row.id, self.origin),
            // Another record had the same id when it was added from this file.
            None => *row.id == *self.id || (has_content_of(row) && files.is_file(&row.meta.origin, self.origin)),
        }
    }

    fn has_content_of(&self, row: &DocumentRow) -> bool {
        row.meta.date == self.date && row.meta.outlet.as_deref() == self.outlet && row.meta.text_hash == text_hash(self.text)
    }
}

/// What the index holds that may make a pair with an article.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    candidates: Vec<Candidate>,
    /// Hashes of the article's selected and sampled grams, and whether each stands in many contents.
    common: HashMap<u32, bool>,
    /// Tokens of the article's paragraphs that are boilerplate.
    boilerplate: Vec<Range<usize>>,
    /// Grams left out because they stand in more contents than the cap.
    capped: usize,
    /// Articles of the index that are not listed one by one.
    unlisted: usize,
    path: PathBuf,
}

#[derive(Clone, Debug)]
struct Candidate {
    why: Evidence,
    content: [u64; 2],
    /// Articles of one content.
    documents: Vec<DocumentRow>,
}

/// A pair of an article with one of the index.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultPair {
    /// The pair, as a run over both would tell it.
    pub pair: FoundPair,
    /// 128 bits of the tokens of the article of the index.
    pub content: [u64; 2],
    /// The file that it was read from.
    pub origin: Box<str>,
    /// Line of the file, if the article is recognised by its content and the line is known.
    pub line: Option<u64>,
    /// Who published it.
    pub outlet: Option<Box<str>>,
}

/// What the index says of an article.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryResult {
    /// By the ids of the pairs.
    pub pairs: Vec<ResultPair>,
    /// Grams that proposed nothing, because they stand in more contents than the cap.
    pub capped: usize,
    /// Articles of the index, copies of one that is listed, that are not listed one by one.
    pub unlisted: usize,
}

/// Asks: makes signatures, and measures candidates; keeps its scratch space.
pub struct QueryMatcher {
    signer: Signer,
    matcher: Matcher,
}

impl Body {
    /// Bytes of memory that it takes, unpacked.
    fn unpacked_bytes(&self) -> u64 {
        match self {
            Self::Text(packed) => unpacked_bytes(packed).unwrap_or(0),
            Self::Outline(outline) => outline.len() as u64 * OUTLINE_GROWTH,
        }
    }
}

/// What speaks for a content.
#[derive(Clone, Copy, Default)]
struct SharedGrams {
    key: bool,
    selected: usize,
    /// Shares a rare gram of the sample: where there is one, there may be others that were not sampled.
    is_near: bool,
    may_meet: bool,
}

impl Transaction<'_> {
    /// What the index says of `asked`. The article itself and those with the ids in `besides` are passed over.
    ///
    /// # Errors
    /// What the database says.
    pub fn query(&self, asked: &Query<'_>, besides: &HashSet<&str>, matcher: &mut QueryMatcher) -> Result<QueryResult> {
        matcher.matches(asked, &self.gather(asked, besides)?)
    }

    /// Looks up what may make a pair with `asked`.
    ///
    /// # Errors
    /// What the database says.
    pub fn gather(&self, asked: &Query<'_>, besides: &HashSet<&str>) -> Result<Candidates> {
        let config = &self.index.config;
        let mut gathered = Candidates { path: self.rows().path.clone(), ..Candidates::default() };
        let mut evidence: BTreeMap<u32, SharedGrams> = BTreeMap::new();
        // Identical articles share their keys; without near-duplicates they are found all the same.
        let mut keys = asked.signature.keys.clone();
        keys.sort_unstable();
        keys.dedup();
        if config.across() {
            self.find(Kind::Keys, &keys, |_, entry| evidence.entry(entry.number()).or_default().key = true)?;
        }
        if config.passages() {
            self.add_grams(asked, config, &mut evidence, &mut gathered)?;
            self.add_samples(asked, &mut evidence, &mut gathered)?;
            self.find_boilerplate(asked, config, &mut gathered)?;
            let content = [(asked.signature.content[0] >> 32) as u32];
            self.find(Kind::Contents, &content, |_, entry| evidence.entry(entry.number()).or_default().selected += SELECTED_COMMON)?;
        }
        for (content, evidence) in evidence {
            let strong = evidence.selected >= SELECTED_COMMON;
            let weak = !strong && evidence.selected > 0 && evidence.may_meet;
            let why = Evidence { key: evidence.key, strong, near: !strong && evidence.is_near, weak };
            if why.key || why.strong || why.near || why.weak {
                let (candidate, unlisted) = self.candidate(asked, content, why, besides)?;
                gathered.unlisted += unlisted;
                if !candidate.documents.is_empty() {
                    gathered.candidates.push(candidate);
                }
            }
        }
        Ok(gathered)
    }

    fn add_grams(
        &self,
        asked: &Query<'_>,
        config: &DetectConfig,
        evidence: &mut BTreeMap<u32, SharedGrams>,
        gathered: &mut Candidates,
    ) -> Result<()> {
        let grams = &asked.signature.grams;
        let mut placed: Vec<(u32, usize)> = grams.iter().enumerate().map(|(at, gram)| (spread(gram.hash), at)).collect();
        placed.sort_unstable();
        let hashes: Vec<u32> = placed.iter().map(|(hash, _)| *hash).collect();
        let mut found = Vec::new();
        self.find(Kind::Grams, &hashes, |at, entry| found.push((placed[at].1, entry.number(), Around(entry.around))))?;
        found.sort_unstable();
        gathered.common = grams.iter().map(|gram| (gram.hash, false)).collect();
        for of_gram in found.chunk_by(|x, y| x.0 == y.0) {
            let gram = grams[of_gram[0].0];
            // The article itself has it too.
            let contents = of_gram.len() + 1;
            gathered.common.insert(gram.hash, contents >= COMMON);
            if contents > config.cap {
                gathered.capped += 1;
                continue;
            }
            for &(_, content, around) in of_gram {
                let evidence = evidence.entry(content).or_default();
                evidence.selected += 1;
                evidence.may_meet |= gram.around.may_meet(around);
            }
        }
        Ok(())
    }

    /// Grams of the sample: those that are rare speak for a content, those that many have make templates.
    fn add_samples(&self, asked: &Query<'_>, evidence: &mut BTreeMap<u32, SharedGrams>, gathered: &mut Candidates) -> Result<()> {
        let mut found = Vec::new();
        self.find(Kind::Samples, &asked.signature.samples, |at, entry| found.push((at, entry.number())))?;
        found.sort_unstable();
        gathered.common.extend(asked.signature.samples.iter().map(|&gram| (gram, false)));
        for of_gram in found.chunk_by(|x, y| x.0 == y.0) {
            let contents = of_gram.len() + 1;
            gathered.common.insert(asked.signature.samples[of_gram[0].0], contents >= COMMON);
            if contents <= RARE {
                of_gram.iter().for_each(|&(_, content)| evidence.entry(content).or_default().is_near = true);
            }
        }
        Ok(())
    }

    fn find_boilerplate(&self, asked: &Query<'_>, config: &DetectConfig, gathered: &mut Candidates) -> Result<()> {
        let paragraphs = &asked.signature.paragraphs;
        let mut hashes: Vec<u32> = paragraphs.iter().map(|paragraph| paragraph.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let mut contents = vec![1; hashes.len()];
        self.find(Kind::Paragraphs, &hashes, |at, _| contents[at] += 1)?;
        let is_boilerplate = |hash: &u32| hashes.binary_search(hash).is_ok_and(|at| contents[at] >= config.boilerplate);
        let frames = paragraphs.iter().filter(|paragraph| is_boilerplate(&paragraph.hash));
        gathered.boilerplate = frames.map(|paragraph| paragraph.tokens.clone()).collect();
        Ok(())
    }

    fn candidate(&self, asked: &Query<'_>, content: u32, why: Evidence, besides: &HashSet<&str>) -> Result<(Candidate, usize)> {
        let row = self.content(content)?;
        let (mut documents, mut unlisted, mut bytes) = (Vec::new(), 0, 0);
        for &number in &row.documents {
            if documents.len() == MOST_COPIES || bytes >= MOST_COPIED_BYTES {
                unlisted = row.documents.len() - documents.len();
                break;
            }
            let mut document = self.document(number)?;
            if document.content != content {
                return Err(self.rows().fault(format!("article {number} is not of content {content}, which names it")));
            }
            if !asked.article.is(&document, self.files()) && !besides.contains(&*document.id) {
                bytes += document.body.unpacked_bytes();
                self.show_paths(&mut document.id, &mut document.meta);
                documents.push(document);
            }
        }
        Ok((Candidate { why, content: row.hash, documents }, unlisted))
    }
}

impl Candidates {
    /// Renames the articles with the names of articles that are given, which are others: both would have one name in a finding.
    pub fn rename_those_in(&mut self, names: &HashSet<&str>) {
        let documents = self.candidates.iter_mut().flat_map(|candidate| &mut candidate.documents);
        documents.filter(|row| names.contains(&*row.id)).for_each(|row| row.id = other_name(&row.id));
    }
}

/// The name in findings of an article of the index whose id is the name of another article, which is given.
pub(crate) fn other_name(id: &str) -> Box<str> {
    format!("{id} (index)").into()
}

/// An article of the index, unpacked.
enum Unpacked {
    /// With its tokens and their spellings.
    Text(String, Tokens, Vec<u32>),
    Outline(Outline),
}

impl QueryMatcher {
    /// For articles that are compared under `config`.
    pub fn new(config: &DetectConfig) -> Self {
        Self { signer: Signer::new(config), matcher: Matcher::new(config) }
    }

    /// Makes a question of an article.
    pub fn ask<'a>(&mut self, article: Article<'a>) -> Query<'a> {
        Query { article, signature: self.signer.of_text(article.text) }
    }

    /// Measures what was gathered for `asked`.
    ///
    /// # Errors
    /// [`IndexError::Damaged`].
    pub fn matches(&mut self, asked: &Query<'_>, gathered: &Candidates) -> Result<QueryResult> {
        let outlet = |outlet: Option<&str>| outlet.map_or(0, |outlet| xxh3_64(outlet.as_bytes()).max(1));
        let Query { article, signature } = asked;
        if gathered.candidates.is_empty() {
            return Ok(QueryResult { pairs: Vec::new(), capped: gathered.capped, unlisted: gathered.unlisted });
        }
        let spelled: Vec<u32> = spellings(article.text, &signature.tokens.spans).collect();
        let own = PairSide {
            id: article.id,
            date: article.date,
            outlet: outlet(article.outlet),
            hashes: &signature.tokens.hashes,
            spellings: &spelled,
            offsets: Offsets::Text(article.text, &signature.tokens.spans),
        };
        let is_common = |gram: u32| gathered.common.get(&gram).copied();
        let known = Known { of: article.id, is_common: &is_common, boilerplate: &gathered.boilerplate };
        let mut result = QueryResult { pairs: Vec::new(), capped: gathered.capped, unlisted: gathered.unlisted };
        for candidate in &gathered.candidates {
            let unpacked = candidate.documents.iter().map(|row| self.unpacked(row, &gathered.path)).collect::<Result<Vec<_>>>()?;
            let sides: Vec<PairSide<'_>> = candidate
                .documents
                .iter()
                .zip(&unpacked)
                .map(|(row, unpacked)| {
                    let (hashes, spellings, offsets) = match unpacked {
                        Unpacked::Text(text, tokens, spellings) => (&tokens.hashes, spellings, Offsets::Text(text, &tokens.spans)),
                        Unpacked::Outline(outline) => (&outline.hashes, &outline.spellings, Offsets::Chars(&outline.spans)),
                    };
                    PairSide { id: &row.id, date: row.meta.date, outlet: outlet(row.meta.outlet.as_deref()), hashes, spellings, offsets }
                })
                .collect();
            let pairs = self.matcher.pairs(own, &sides, candidate.why, &known);
            result.pairs.extend(pairs.into_iter().zip(&candidate.documents).map(|(pair, row)| ResultPair {
                pair,
                content: candidate.content,
                origin: row.meta.origin.clone(),
                line: row.meta.line(),
                outlet: row.meta.outlet.clone(),
            }));
        }
        result.pairs.sort_by(|x, y| (&x.pair.a, &x.pair.b).cmp(&(&y.pair.a, &y.pair.b)));
        Ok(result)
    }

    fn unpacked(&mut self, row: &DocumentRow, path: &std::path::Path) -> Result<Unpacked> {
        let damaged = || IndexError::Damaged { path: path.into(), what: format!("what is kept of article {} cannot be read", row.id) };
        Ok(match &row.body {
            Body::Text(packed) => {
                let text = unpack(packed, row.meta.chars).ok_or_else(damaged)?;
                let mut tokens = Tokens::default();
                self.signer.tokens(&text, &mut tokens);
                let spellings = spellings(&text, &tokens.spans).collect();
                Unpacked::Text(text, tokens, spellings)
            }
            Body::Outline(outline) => Unpacked::Outline(Outline::of(outline).ok_or_else(damaged)?),
        })
    }
}
