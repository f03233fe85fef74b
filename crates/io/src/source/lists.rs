//! Where the records of a JSON file are: the elements of an array, values one after another, or the elements of a list inside such a value.
//!
//! In: the text of a file. Out: ranges of bytes. An object is taken for a wrapper around a list where it has no text itself, and one list of objects
//! in it has: `{"status": "ok", "articles": [...]}`. A path names the list where that does not decide. A JSON-LD page with one article in its
//! graph is a record; with several, their graph is the list.

use super::fields::{Fields, same_in_any_case};
use super::json::{GRAPH, graph};
use super::lenient::{foreign_syntax, repaired};
use super::values::Key;
use memchr::memchr_iter;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;

/// Where a value is in a JSON file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ValuePlace {
    pub(super) range: Range<usize>,
    /// Lines before it.
    pub(super) line: u64,
    /// It is a node of a page's graph, where not every node is an article.
    pub(super) is_in_graph: bool,
    /// Values of one list have nothing but blanks and commas between them.
    pub(super) list: usize,
}

/// The values of a JSON file, and what could not be read, with its line.
pub(super) struct Values {
    pub(super) places: Vec<ValuePlace>,
    pub(super) faults: Vec<(u64, String)>,
}

/// How deep a list is looked for.
const MOST_DEPTH: usize = 3;

/// The records of a JSON file.
pub(super) fn values_of(json: &str, fields: &Fields) -> Values {
    let values = read(json, fields);
    if values.faults.is_empty() {
        return values;
    }
    repaired(json).map_or(values, |repaired| read(&repaired.json, fields))
}

/// True if a value is an object around a list of records, or several.
pub(super) fn is_wrapper(json: &str, fields: &Fields) -> bool {
    let inside = |json: &str| !matches!(list_in(json, fields), Ok(None));
    inside(json) || repaired(json).is_some_and(|repaired| inside(&repaired.json))
}

fn read(json: &str, fields: &Fields) -> Values {
    let place_in = |part: &str| {
        let start = part.as_ptr().addr() - json.as_ptr().addr();
        start..start + part.len()
    };
    let (mut ranges, mut refused, mut list) = (Vec::new(), Vec::new(), 0);
    let error = if json.trim_ascii_start().starts_with('[') {
        elements(json, |element| ranges.push((place_in(element), 0, false))).err()
    } else {
        let mut values = serde_json::Deserializer::from_str(json).into_iter::<&RawValue>();
        values
            .try_for_each(|value| -> Result<(), serde_json::Error> {
                let value = value?.get();
                match list_in(value, fields) {
                    Ok(None) => ranges.push((place_in(value), list, false)),
                    Ok(Some(found)) => {
                        let is_graph = member(value, GRAPH).is_some_and(|graph| std::ptr::eq(graph, found));
                        elements(found, |element| ranges.push((place_in(element), list + 1, is_graph)))?;
                        list += 2;
                    }
                    Err(reason) => refused.push((place_in(value).start, reason)),
                }
                Ok(())
            })
            .err()
    };
    let (mut at, mut line) = (0, 0);
    let mut line_of = |start: usize| {
        line += memchr_iter(b'\n', &json.as_bytes()[at..start]).count() as u64;
        at = start;
        line
    };
    let places =
        ranges.into_iter().map(|(range, list, is_in_graph)| ValuePlace { line: line_of(range.start), range, list, is_in_graph }).collect();
    let (mut at, mut line) = (0, 1);
    let mut faults: Vec<(u64, String)> = Vec::new();
    for (start, reason) in refused {
        line += memchr_iter(b'\n', &json.as_bytes()[at..start]).count() as u64;
        at = start;
        faults.push((line, reason));
    }
    let cause = |error: &serde_json::Error| error.to_string().split(" at line ").next().unwrap_or_default().to_owned();
    faults.extend(error.map(|error: serde_json::Error| {
        let hint = foreign_syntax(json, &error).map(|hint| format!("; {hint}")).unwrap_or_default();
        (error.line() as u64, format!("not JSON: {}{hint}; the rest of the file is left out", cause(&error)))
    }));
    Values { places, faults }
}

/// The list of records in `value`; None where it is a record itself.
///
/// # Errors
/// Words for a [`refrain_engine::Problem`]: several lists may be meant.
fn list_in<'a>(value: &'a str, fields: &Fields) -> Result<Option<&'a str>, String> {
    if !value.trim_ascii_start().starts_with('{') {
        return Ok(None);
    }
    if let Some(path) = &fields.records_path {
        let list = path.iter().try_fold(value, |value, name| member(value, name)).filter(|list| list.starts_with('['));
        if list.is_some() {
            fields.note_list();
        }
        return Ok(list);
    }
    let mut lists = Vec::new();
    let glance = fields.glance(value);
    if glance.has_text {
        // A list of records may be under a name that texts have: `{"page": 1, "content": [...]}`.
        if !glance.is_one {
            lists_below(value, "", 1, b'{', &mut lists);
            lists.retain(|(name, list)| fields.text_names().any(|text| same_in_any_case(text, name)) && are_records(list, fields));
        }
        return Ok(lists.first().map(|(_, list)| *list));
    }
    match articles_in(value, fields) {
        0 => {}
        1 => return Ok(None),
        _ => return Ok(member(value, GRAPH)),
    }
    lists_below(value, "", MOST_DEPTH, b'{', &mut lists);
    // The first element may be an odd one.
    lists.retain(|(_, list)| {
        let mut has_text = false;
        let looked = elements(list, |element| has_text |= element.starts_with('{') && articles_in(element, fields) > 0);
        looked.is_ok() && has_text
    });
    match lists.as_slice() {
        [] => Ok(None),
        [(_, list)] => Ok(Some(list)),
        several => {
            let names: Vec<String> = several.iter().map(|(path, _)| format!("`{path}`")).collect();
            Err(format!("has several lists of records: {}; name one with the setting `records`", names.join(", ")))
        }
    }
}

/// How many articles an object is: one if it has a text, else those in its graph.
fn articles_in(object: &str, fields: &Fields) -> usize {
    if fields.glance(object).has_text {
        return 1;
    }
    graph(object).into_iter().filter(|object| fields.glance(object).has_text).count()
}

/// True if every element of a list is a record, and none a message or a part of a text.
fn are_records(list: &str, fields: &Fields) -> bool {
    let mut all = true;
    let looked = elements(list, |element| {
        let glance = fields.glance(element);
        all &= glance.has_text && glance.is_named;
    });
    looked.is_ok() && all
}

/// Lists in an object, and in objects below it, that begin with the byte `first`, with the paths to them.
pub(super) fn lists_below<'a>(value: &'a str, path: &str, depth: usize, first: u8, lists: &mut Vec<(String, &'a str)>) {
    let _ = members(value, |name, member| {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if member.starts_with('{') && depth > 1 {
            lists_below(member, &path, depth - 1, first, lists);
        } else if member.strip_prefix('[').is_some_and(|rest| rest.trim_ascii_start().as_bytes().first() == Some(&first)) && name != GRAPH {
            lists.push((path, member));
        }
    });
}

/// What an object has under a name; exactly so, or else in another case.
fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let (mut exact, mut other) = (None, None);
    members(object, |key, member| {
        if key == name {
            exact = Some(member);
        } else if same_in_any_case(key, name) {
            other = Some(member);
        }
    })
    .ok()?;
    exact.or(other)
}

/// Calls `each` with the JSON of each element of an array.
pub(super) fn elements<'a>(array: &'a str, mut each: impl FnMut(&'a str)) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(array);
    json.deserialize_seq(Elements(|element: &'a RawValue| each(element.get()))).and_then(|()| json.end())
}

/// Calls `each` with the name and JSON of each member of an object.
pub(super) fn members<'a>(object: &'a str, mut each: impl FnMut(&str, &'a str)) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(object);
    json.deserialize_map(Members(|name: &str, member: &'a RawValue| each(name, member.get()))).and_then(|()| json.end())
}

struct Elements<F>(F);

impl<'de, F: FnMut(&'de RawValue)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element()? {
            (self.0)(value);
        }
        Ok(())
    }
}

struct Members<F>(F);

impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((Key(name), value)) = map.next_entry()? {
            (self.0)(&name, value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FieldNames;

    /// JSON of a record, lines before it, number of its list.
    type Listed = Vec<(String, u64, usize)>;

    fn at(json: &str, records: Option<&str>) -> (Listed, Vec<(u64, String)>) {
        let fields = Fields::new(&FieldNames { records: records.map(str::to_owned), ..FieldNames::default() });
        let Values { places, faults } = values_of(json, &fields);
        (places.into_iter().map(|place| (json[place.range].to_owned(), place.line, place.list)).collect(), faults)
    }

    fn listed(values: &[(&str, u64, usize)]) -> Listed {
        values.iter().map(|&(value, line, list)| (value.to_owned(), line, list)).collect()
    }

    #[test]
    fn places_of_an_array_and_of_values_in_a_row() {
        assert_eq!(at("[\n{\"a\":1},\n\n 7, [2]\n]", None), (listed(&[("{\"a\":1}", 1, 0), ("7", 3, 0), ("[2]", 3, 0)]), vec![]));
        let (found, faults) = at("{\"a\":1}\n{\"b\":\n2} {", None);
        assert_eq!((found, faults[0].0), (listed(&[("{\"a\":1}", 0, 0), ("{\"b\":\n2}", 1, 0)]), 3));
        let (found, faults) = at("[{\"a\":1}, oops]", None);
        assert_eq!((found.len(), faults[0].1.as_str()), (1, "not JSON: expected value; the rest of the file is left out"));
        assert_eq!(at("[{\"a\":NaN}]", None), (listed(&[("{\"a\":NaN}", 0, 0)]), vec![]));
    }

    #[test]
    fn a_list_under_a_key_is_found_by_its_texts() {
        let found = listed(&[(r#"{"text":"t"}"#, 1, 1), (r#"{"text":NaN}"#, 1, 1)]);
        for wrapped in [
            "{\"status\":\"ok\",\"articles\":[\n{\"text\":\"t\"}, {\"text\":NaN}]}",
            "{\"response\":{\"results\":\n[{\"text\":\"t\"},{\"text\":NaN}],\"tags\":[{\"id\":1}]}}",
            "{\"a\":{\"b\":{\"c\":[\n{\"text\":\"t\"},{\"text\":NaN}]}}}",
        ] {
            assert_eq!(at(wrapped, None), (found.clone(), vec![]), "{wrapped}");
        }
        let text = "{\"text\":\"t\"}";
        for record in
            [format!("{{\"body\":\"b\",\"comments\":[{text}]}}"), "{\"tags\":[{\"id\":1}]}".into(), format!("{{\"@graph\":[{text}]}}")]
        {
            assert_eq!(at(&record, None), (listed(&[(&record, 0, 0)]), vec![]), "{record}");
        }
        let (found, faults) = at(&format!("{{\"x\":1}}\n{{\"a\":[{text}],\"b\":[{text}]}}"), None);
        assert_eq!(
            (found.len(), faults),
            (1, vec![(2, "has several lists of records: `a`, `b`; name one with the setting `records`".to_owned())])
        );
    }

    #[test]
    fn records_under_a_name_of_texts_are_no_paragraphs() {
        for name in ["content", "Body", "messages"] {
            let wrapped = format!("{{\"page\":1,\"{name}\":[{{\"id\":1,\"text\":\"t\"}},{{\"title\":\"x\",\"text\":\"t\"}}]}}");
            assert_eq!(at(&wrapped, None).0.len(), 2, "{wrapped}");
        }
        let dialogue = "{\"messages\":[{\"id\":1,\"role\":\"user\",\"content\":\"t\"},{\"role\":\"assistant\",\"content\":\"t\"}]}";
        assert_eq!(at(dialogue, None).0, listed(&[(dialogue, 0, 0)]));
    }

    #[test]
    fn a_path_names_the_list() {
        let text = "{\"text\":\"t\"}";
        let file = format!("{{\"a\":[{text}],\"b\":{{\"c\":[{text},5]}}}}");
        assert_eq!(at(&file, Some("B.c")), (listed(&[(text, 0, 1), ("5", 0, 1)]), vec![]));
        assert_eq!(at(&file, Some("a")).0.len(), 1);
        assert_eq!(at(&file, Some("b")), (listed(&[(&file, 0, 0)]), vec![]));
        let several = format!("{{\"@graph\":[{text},{{}},{text}]}}");
        assert_eq!(at(&several, None).0, listed(&[(text, 0, 1), ("{}", 0, 1), (text, 0, 1)]));
        let graph = format!("{{\"@graph\":[{text}]}}");
        assert_eq!(at(&graph, Some("@graph")).0, listed(&[(text, 0, 1)]));
    }

    #[test]
    fn lists_and_single_values_in_one_file_are_told_apart() {
        let text = "{\"text\":\"t\"}";
        let (found, _) = at(&format!("{text}\n{{\"a\":[{text}]}}\n{text}\n{text}"), None);
        assert_eq!(found.iter().map(|(_, line, list)| (*line, *list)).collect::<Vec<_>>(), [(0, 0), (1, 1), (2, 2), (3, 2)]);
    }
}
