//! `refrain tokens`: the text model made visible.

use super::args::TokensArgs;
use anyhow::Result;
use refrain::text::{ByteSpan, LineIndex, TokenSink, for_each_token, paragraphs, sentences};
use refrain::{FileCorpus, Fold, Format, SourceOptions};
use serde_json::json;
use std::io::{self, BufWriter, Write};

/// Tokens as they come, with their folded form.
struct Listed(Vec<(String, ByteSpan)>);

impl TokenSink for Listed {
    fn token(&mut self, folded: &[u8], span: ByteSpan) {
        self.0.push((String::from_utf8_lossy(folded).into_owned(), span));
    }
}

/// Lists paragraphs, sentences and tokens in the order of the text, each with its offsets in code points.
pub(super) fn run(args: &TokensArgs) -> Result<()> {
    let options = SourceOptions { encoding: args.encoding.clone(), format: Some(Format::Text), ..SourceOptions::default() };
    let text = FileCorpus::open(std::slice::from_ref(&args.file), &options)?.whole_text()?;
    let mut tokens = Listed(Vec::new());
    for_each_token(&text, args.fold.map_or(Fold::Full, Into::into), &mut tokens);
    let index = LineIndex::new(&text);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut rest = tokens.0.iter().peekable();
    for (number, paragraph) in (1..).zip(paragraphs(&text)) {
        line(&mut out, args.json, &index, "paragraph", &number.to_string(), paragraph)?;
        for (number, sentence) in (1..).zip(sentences(&text, paragraph)) {
            line(&mut out, args.json, &index, "sentence", &number.to_string(), sentence)?;
            while let Some((folded, span)) = rest.next_if(|(_, span)| span.start < sentence.end) {
                line(&mut out, args.json, &index, "token", folded, *span)?;
            }
        }
    }
    Ok(out.flush()?)
}

/// `what` is a token's folded form, or the number of a paragraph or of a sentence in its paragraph.
fn line(out: &mut impl Write, as_json: bool, index: &LineIndex<'_>, kind: &str, what: &str, span: ByteSpan) -> io::Result<()> {
    let (start, end) = (index.chars(span.start), index.chars(span.end));
    if as_json {
        let what = if kind == "token" { json!(what) } else { json!(what.parse::<usize>().unwrap_or(0)) };
        let key = if kind == "token" { "folded" } else { "number" };
        writeln!(out, "{}", json!({ "type": kind, key: what, "start": start, "end": end }))
    } else {
        let indent = match kind {
            "paragraph" => "",
            "sentence" => "  ",
            _ => "    ",
        };
        writeln!(out, "{indent}{kind} {start}-{end} {what}")
    }
}
