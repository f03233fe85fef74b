//! JSON as programs write it that do not keep to the standard: NaN and Infinity, and halves of surrogate pairs.
//!
//! In: JSON that a parser refused. Out: JSON of the same length that it takes, so that places in one are places in the other.

use memchr::{memchr2, memchr3};
use std::ops::Range;

/// JSON after its repair.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repaired {
    pub(super) json: String,
    /// Halves of surrogate pairs became U+FFFD.
    pub(super) had_half_pairs: bool,
}

/// Numbers that JSON does not have.
const NO_NUMBERS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// `json` with an empty object for NaN and Infinity and with `\ufffd` for each escape of half a surrogate pair; None if it has neither.
pub(super) fn repaired(json: &str) -> Option<Repaired> {
    let mut repair = Repair { json, done: String::new(), copied: 0, had_half_pairs: false };
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr3(b'"', b'N', b'I', rest)) {
        at += next;
        if bytes[at] == b'"' {
            at = repair.string(at + 1);
            continue;
        }
        let start = if at > 0 && bytes[at - 1] == b'-' { at - 1 } else { at };
        match NO_NUMBERS.iter().find(|name| json[start..].starts_with(*name)) {
            Some(name) => {
                repair.put(start..start + name.len(), &format!("{{}}{}", " ".repeat(name.len() - 2)));
                at = start + name.len();
            }
            None => at += 1,
        }
    }
    repair.finish()
}

/// What wrote a value that is no JSON, and what to do: words for a message. None where its syntax does not show it.
pub(super) fn foreign_syntax(json: &str, error: &serde_json::Error) -> Option<&'static str> {
    const PYTHON: [&str; 6] = ["nan", "inf", "None", "True", "False", "datetime"];
    const MONGO: [&str; 8] = ["ObjectId", "ISODate", "NumberLong", "NumberInt", "NumberDecimal", "BinData", "Timestamp", "UUID"];
    let line = json.split('\n').nth(error.line().checked_sub(1)?)?;
    let at = error.column().checked_sub(1)?;
    let before = line.as_bytes().get(..at)?;
    let start = before.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |last| last + 1);
    let rest = line.get(start..)?;
    let word = rest.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    if MONGO.contains(&word) {
        return Some("this is the syntax of the Mongo shell; export with mongoexport");
    }
    let is_python = PYTHON.contains(&word) || rest.starts_with('\'');
    is_python.then_some("this is the syntax of Python; write it with json.dumps")
}

struct Repair<'a> {
    json: &'a str,
    done: String,
    /// Bytes of `json` that are in `done`.
    copied: usize,
    had_half_pairs: bool,
}

impl Repair<'_> {
    fn put(&mut self, range: Range<usize>, by: &str) {
        self.done.push_str(&self.json[self.copied..range.start]);
        self.done.push_str(by);
        self.copied = range.end;
    }

    /// Repairs a string whose first byte is at `at`; returns where it ends.
    fn string(&mut self, mut at: usize) -> usize {
        let json = self.json;
        let unit = |at: usize| json.get(at..at + 6).filter(|e| e.starts_with("\\u")).and_then(|e| u16::from_str_radix(&e[2..], 16).ok());
        while let Some(next) = json.as_bytes().get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
            at += next;
            if json.as_bytes()[at] == b'"' {
                return at + 1;
            }
            let is_pair = |high: u16| (0xD800..0xDC00).contains(&high) && unit(at + 6).is_some_and(|low| (0xDC00..0xE000).contains(&low));
            at += match unit(at) {
                Some(high) if is_pair(high) => 12,
                Some(0xD800..=0xDFFF) => {
                    self.put(at..at + 6, "\\ufffd");
                    self.had_half_pairs = true;
                    6
                }
                _ => 2,
            };
        }
        json.len()
    }

    fn finish(mut self) -> Option<Repaired> {
        (self.copied > 0).then(|| {
            self.done.push_str(&self.json[self.copied..]);
            Repaired { json: self.done, had_half_pairs: self.had_half_pairs }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(json: &str) -> Option<String> {
        let repaired = repaired(json).map(|repaired| repaired.json);
        assert!(repaired.iter().all(|repaired| repaired.len() == json.len()));
        repaired
    }

    #[test]
    fn halves_of_pairs_are_replaced_and_pairs_left() {
        assert_eq!(
            json_of(r#""\ud83d\ude00 \ud800 \\ud800 \udc00\ud801""#).as_deref(),
            Some(r#""\ud83d\ude00 \ufffd \\ud800 \ufffd\ufffd""#)
        );
        assert_eq!(json_of(r#""\ud83d\ude00 \n é \"#), None);
        assert_eq!(json_of(r#""\ud80"#), None);
        assert!(repaired(r#"["\ud800", NaN]"#).unwrap().had_half_pairs && !repaired("NaN").unwrap().had_half_pairs);
    }

    #[test]
    fn the_writer_of_foreign_syntax_is_named() {
        let hint = |json: &str| foreign_syntax(json, &serde_json::from_str::<serde_json::Value>(json).unwrap_err());
        for json in [r#"{"n" : NumberLong(3)}"#, "{\n\"_id\": ObjectId(\"5f\"),\n}", r#"{"d":ISODate("2024-01-01")}"#] {
            assert!(hint(json).is_some_and(|hint| hint.contains("mongoexport")), "{json}");
        }
        for json in [r#"{"n":nan}"#, r#"{"n": None}"#, r#"{"n":[1, True]}"#, "{'a': 1}", r#"{"n": inf}"#] {
            assert!(hint(json).is_some_and(|hint| hint.contains("Python")), "{json}");
        }
        for json in ["{\"a\":1", "{\"é\": oops}", "", "no", "{\"n\":nul}"] {
            assert_eq!(hint(json), None, "{json}");
        }
    }

    #[test]
    fn numbers_that_json_does_not_have_become_empty_objects() {
        let json = r#"{"a":NaN,"b":[-Infinity, Infinity],"c":"NaN \" Infinity","NaN":1}"#;
        let repaired = json_of(json).unwrap();
        assert_eq!(repaired, r#"{"a":{} ,"b":[{}       , {}      ],"c":"NaN \" Infinity","NaN":1}"#);
        assert!(serde_json::from_str::<serde_json::Value>(&repaired).is_ok());
        for whole in [r#"{"a":"NaN"}"#, "Nan", "I", "{}", "", "null -1"] {
            assert_eq!(json_of(whole), None, "{whole}");
        }
    }
}
