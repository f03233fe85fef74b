//! What windows are made of: the words of a text, its lines, paragraphs or sentences.

use crate::policy::SpanUnit;
use crate::units::Units;
use refrain_engine::text::{Tokens, paragraphs, sentences};
use std::ops::Range;

/// An item with its tokens and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) tokens: Range<usize>,
    pub(super) bytes: Range<usize>,
}

/// The lines, paragraphs or sentences of a text that have tokens; none for words, which are their tokens.
pub(super) fn items(text: &str, tokens: &Tokens, unit: SpanUnit) -> Vec<Item> {
    let spans = match unit {
        SpanUnit::Words(_) => return Vec::new(),
        SpanUnit::Lines => {
            let item = |line: crate::units::Line| Item { tokens: line.tokens, bytes: line.bytes };
            return Units::of(text, tokens).lines.into_iter().map(item).collect();
        }
        SpanUnit::Paragraphs => paragraphs(text),
        SpanUnit::Sentences(_) => paragraphs(text).into_iter().flat_map(|paragraph| sentences(text, paragraph)).collect(),
    };
    let mut next = 0;
    let item = |span: refrain_engine::text::ByteSpan| {
        let begun = tokens.spans[next..].iter().take_while(|token| token.start < span.end).count();
        let own = next..next + begun;
        next = own.end;
        (!own.is_empty()).then(|| Item { tokens: own, bytes: span.range() })
    };
    spans.into_iter().filter_map(item).collect()
}
