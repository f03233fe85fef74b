//! `refrain tokens`: the text model made visible.

use super::score_args::TokensArgs;
use crate::text::{ByteSpan, LineIndex, Tokenizer, paragraphs, sentences};
use crate::{FileCorpus, Fold, Format, Simd, SourceOptions};
use anyhow::Result;
use serde_json::{Value, json};
use std::io::{self, BufWriter, Write};

/// Lists paragraphs, sentences and tokens in the order of the text, each with its offsets in code points.
pub(super) fn run(args: &TokensArgs) -> Result<()> {
    let options = SourceOptions { encoding: args.encoding.clone(), format: Some(Format::Text), ..SourceOptions::default() };
    if args.file.is_dir() {
        anyhow::bail!("{}: is a folder; name one file", args.file.display());
    }
    let text = FileCorpus::open(std::slice::from_ref(&args.file), &options)?.whole_text()?;
    let mut tokens = Vec::new();
    Tokenizer::new(args.fold.map_or(Fold::Full, Into::into), Simd::Auto)
        .for_each(&text, |folded, span| tokens.push((String::from_utf8_lossy(folded).into_owned(), span)));
    let mut listing = Listing { out: BufWriter::new(io::stdout().lock()), as_json: args.json, index: LineIndex::new(&text) };
    let mut rest = tokens.iter().peekable();
    for (number, paragraph) in (1..).zip(paragraphs(&text)) {
        listing.unit("paragraph", number, paragraph)?;
        for (number, sentence) in (1..).zip(sentences(&text, paragraph)) {
            listing.unit("sentence", number, sentence)?;
            while let Some((folded, span)) = rest.next_if(|(_, span)| span.start < sentence.end) {
                listing.line(&json!({ "type": "token", "folded": folded }), &format!("    token {folded}"), *span)?;
            }
        }
    }
    Ok(listing.out.flush()?)
}

/// Where the lines go, and in which form.
struct Listing<'a, W: Write> {
    out: W,
    as_json: bool,
    index: LineIndex<'a>,
}

impl<W: Write> Listing<'_, W> {
    /// A paragraph, or a sentence of the paragraph before, counted from 1.
    fn unit(&mut self, kind: &str, number: usize, span: ByteSpan) -> io::Result<()> {
        let indent = if kind == "sentence" { "  " } else { "" };
        self.line(&json!({ "type": kind, "number": number }), &format!("{indent}{kind} {number}"), span)
    }

    fn line(&mut self, as_json: &Value, as_text: &str, span: ByteSpan) -> io::Result<()> {
        let (start, end) = (self.index.chars(span.start), self.index.chars(span.end));
        if !self.as_json {
            return writeln!(self.out, "{as_text} {start}-{end}");
        }
        let mut line = as_json.clone();
        line["start"] = start.into();
        line["end"] = end.into();
        writeln!(self.out, "{line}")
    }
}
