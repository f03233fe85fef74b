//! One document at a time, for those who go through documents themselves: what stands in it more than once, and its paragraphs. By the same
//! rules as in a run.

use super::boilerplate::{Paragraph, append_paragraphs, quick_hash};
use super::within::Within;
use crate::compare::fingerprint_of;
use crate::config::DetectConfig;
use crate::finding::Repetition;
use crate::text::{Tokenizer, Tokens};
use std::ops::Range;

/// Looks at documents one by one; keeps its tables between them.
pub struct SingleDocument {
    tokenizer: Tokenizer,
    tokens: Tokens,
    within: Within,
    repetitions: Vec<Repetition>,
    paragraphs: Vec<Paragraph>,
}

impl SingleDocument {
    /// For documents that are compared under `config`.
    pub fn new(config: &DetectConfig) -> Self {
        Self {
            tokenizer: Tokenizer::new(config.fold, config.simd),
            tokens: Tokens::default(),
            within: Within::new(config.within),
            repetitions: Vec::new(),
            paragraphs: Vec::new(),
        }
    }

    /// Takes up another text.
    pub fn read(&mut self, text: &str) {
        self.tokenizer.read(text, &mut self.tokens);
    }

    /// The tokens of the text that was read last.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The same, to be taken: the next text is read into what is left in their place.
    pub fn tokens_mut(&mut self) -> &mut Tokens {
        &mut self.tokens
    }

    /// What stands in `text`, which was read last, more than once; without the document's id, in order of the later copy.
    pub fn repetitions(&mut self, text: &str) -> &[Repetition] {
        self.repetitions.clear();
        self.within.find(text, &self.tokens, &mut self.repetitions);
        &self.repetitions
    }

    /// The paragraphs of `text`, which was read last, that are as long as boilerplate is: a hash of the words, and the bytes from the first word
    /// to the last.
    pub fn paragraphs(&mut self, text: &str) -> impl Iterator<Item = (u64, Range<usize>)> + '_ {
        self.paragraphs.clear();
        append_paragraphs(text, &self.tokens, 0, quick_hash, &mut self.paragraphs);
        let bytes = |tokens: Range<usize>| self.tokens.spans[tokens.start].start as usize..self.tokens.spans[tokens.end - 1].end as usize;
        self.paragraphs.iter().map(move |paragraph| (paragraph.hash, bytes(paragraph.tokens())))
    }

    /// A hash of the words: texts of equal words are identical, whatever their spelling.
    pub fn fingerprint(&self) -> [u64; 2] {
        fingerprint_of(&self.tokens.hashes)
    }

    /// True if there is a word.
    pub fn has_words(&self) -> bool {
        !self.tokens.is_empty()
    }
}
