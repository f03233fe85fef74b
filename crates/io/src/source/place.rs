//! Where a record stands in its file, for those who want to write the file again.

use memchr::memchr2;
use std::ops::Range;

/// Where a record stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the bytes of the file, unpacked; of one that is not in UTF-8, decoded and without its byte-order mark.
    Bytes {
        /// The whole record, without the line end or the blank lines behind it.
        record: Range<u64>,
        /// Its text as it is written there, without quotes around it. None where that takes a parser of JSON or HTML.
        text: Option<Range<u64>>,
        /// How the text is written there.
        spelling: Spelling,
    },
    /// In the columns of a Parquet file.
    Row {
        /// Which row group, from 0.
        group: usize,
        /// Which of its rows, from 0.
        row: usize,
    },
}

/// How a text is written in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Byte for byte.
    Plain,
    /// With two quotes for one, as in a quoted field of a table.
    DoubledQuotes,
    /// The same, and with a backslash before some quotes and backslashes, as some programs quote fields of a table.
    EscapedQuotes,
    /// As a JSON string.
    Json,
    /// As an HTML page, of which the text is made.
    Markup,
}

impl Spelling {
    /// The text that `written` stands for; None for JSON and HTML.
    #[must_use]
    pub fn read(self, written: &str) -> Option<String> {
        match self {
            Self::Plain => Some(written.to_owned()),
            Self::DoubledQuotes => Some(written.replace("\"\"", "\"")),
            Self::EscapedQuotes => {
                let mut text = String::with_capacity(written.len());
                let mut copied = 0;
                for escape in self.escapes(written) {
                    text.push_str(&written[copied..escape]);
                    copied = escape + 1;
                }
                Some(text + &written[copied..])
            }
            Self::Json | Self::Markup => None,
        }
    }

    /// The position in `written` of byte `at` of the text, or of the end of the text; None beyond it, and for JSON and HTML.
    #[must_use]
    pub fn written_at(self, written: &str, at: usize) -> Option<usize> {
        if matches!(self, Self::Json | Self::Markup) {
            return None;
        }
        // An escaped character is `shift` bytes earlier in the text than its escape in `written`.
        let mut shift = 0;
        for escape in self.escapes(written) {
            if escape - shift >= at {
                break;
            }
            shift += 1;
        }
        (at + shift <= written.len()).then_some(at + shift)
    }

    /// Positions of the bytes that escape the one behind them.
    fn escapes(self, written: &str) -> impl Iterator<Item = usize> + '_ {
        let bytes = written.as_bytes();
        let is_escape = move |at: usize| {
            let pair = (bytes[at], bytes.get(at + 1));
            pair == (b'"', Some(&b'"')) || self == Self::EscapedQuotes && matches!(pair, (b'\\', Some(b'"' | b'\\')))
        };
        let mut at = if self == Self::Plain { bytes.len() } else { 0 };
        std::iter::from_fn(move || {
            loop {
                let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
                at = found + if is_escape(found) { 2 } else { 1 };
                if at == found + 2 {
                    return Some(found);
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_text_is_found_where_it_is_written() {
        for text in ["", "\"", "a\"b\"\"c", "\"\"", "plain", "خبر \"عاجل\""] {
            let written = text.replace('"', "\"\"");
            assert_eq!(Spelling::DoubledQuotes.read(&written).as_deref(), Some(text));
            for at in 0..text.len() {
                let place = Spelling::DoubledQuotes.written_at(&written, at).unwrap();
                assert_eq!(written.as_bytes()[place], text.as_bytes()[at], "{text} at {at}");
            }
            assert_eq!(Spelling::DoubledQuotes.written_at(&written, text.len()), Some(written.len()));
            assert_eq!(Spelling::DoubledQuotes.written_at(&written, text.len() + 1), None);
        }
        for text in ["", "\\", "a\"b\\c", "\\\"\\", "plain", "خبر \"عاجل\""] {
            let written = text.replace('\\', "\\\\").replace('"', "\\\"");
            assert_eq!(Spelling::EscapedQuotes.read(&written).as_deref(), Some(text));
            for at in 0..text.len() {
                let place = Spelling::EscapedQuotes.written_at(&written, at).unwrap();
                let escaped = usize::from(matches!(text.as_bytes()[at], b'"' | b'\\'));
                assert_eq!(written.as_bytes()[place + escaped], text.as_bytes()[at], "{text} at {at}");
            }
            assert_eq!(Spelling::EscapedQuotes.written_at(&written, text.len()), Some(written.len()));
        }
        assert_eq!(Spelling::EscapedQuotes.read(r#"a\nb \" "" \\ \"#).as_deref(), Some(r#"a\nb " " \ \"#));
        assert_eq!((Spelling::Plain.written_at("ab", 2), Spelling::Plain.written_at("ab", 3)), (Some(2), None));
    }
}
