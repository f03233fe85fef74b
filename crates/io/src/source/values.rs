//! What a field of a JSON record holds: a text in one string or several, a name or date in a string, a number, or an object around it.

use super::fields::Role;
use super::names::{INSIDE_DATE, INSIDE_HTML, INSIDE_ID, INSIDE_OUTLET, INSIDE_TEXT};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// What parts the strings of a text.
pub(super) const PARAGRAPH_END: &str = "\n\n";

/// A key, borrowed if it holds no escape.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        match Text::deserialize(json)? {
            Text::One(key) => Ok(Self(key)),
            _ => Err(D::Error::custom("a key is a string")),
        }
    }
}

/// The keys of an object, in its order.
pub(super) struct Keys(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct KeysVisitor;

        impl<'de> Visitor<'de> for KeysVisitor {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((Key(key), IgnoredAny)) = map.next_entry()? {
                    keys.push(key.into_owned());
                }
                Ok(Keys(keys))
            }
        }
        json.deserialize_map(KeysVisitor)
    }
}

/// What a text field holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text<'a> {
    /// A string.
    One(Cow<'a, str>),
    /// The strings of a list or object, as paragraphs.
    Joined(String),
    /// No text. In words, with an article.
    Nothing(&'static str),
}

impl Text<'_> {
    /// True if nothing is in it but blanks.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::One(text) => text.trim_start().is_empty(),
            Self::Joined(text) => text.is_empty(),
            Self::Nothing(_) => true,
        }
    }

    /// Adds it as a paragraph.
    pub(super) fn append_to(&self, joined: &mut String) {
        let text: &str = match self {
            Self::One(text) => text,
            Self::Joined(text) => text,
            Self::Nothing(_) => "",
        };
        if text.trim_start().is_empty() {
            return;
        }
        if !joined.is_empty() {
            joined.push_str(PARAGRAPH_END);
        }
        joined.push_str(text);
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text::One(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text::One(Cow::Owned(text.to_owned())))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Text<'de>, E> {
                Ok(Text::Nothing("true or false"))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Text<'de>, E> {
                Ok(Text::Nothing("a number"))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Text<'de>, E> {
                Ok(Text::Nothing("a number"))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Text<'de>, E> {
                Ok(Text::Nothing("a number"))
            }
            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text::Nothing("null"))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text<'de>, A::Error> {
                let mut joined = String::new();
                while let Some(text) = seq.next_element::<Text<'de>>()? {
                    text.append_to(&mut joined);
                }
                Ok(if joined.is_empty() { Text::Nothing("a list without text") } else { Text::Joined(joined) })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
                let (mut joined, mut markup) = (String::new(), String::new());
                let mut is_empty = true;
                while let Some(Key(key)) = map.next_key()? {
                    is_empty = false;
                    if INSIDE_TEXT.contains(&key.as_ref()) {
                        map.next_value::<Text<'de>>()?.append_to(&mut joined);
                    } else if INSIDE_HTML.contains(&key.as_ref()) {
                        map.next_value::<Text<'de>>()?.append_to(&mut markup);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                let joined = if joined.is_empty() { markup } else { joined };
                // NaN is read as an empty object.
                let nothing = if is_empty { "NaN or empty" } else { "an object without text" };
                Ok(if joined.is_empty() { Text::Nothing(nothing) } else { Text::Joined(joined) })
            }
        }
        json.deserialize_any(TextVisitor)
    }
}

/// An id, date or outlet from its JSON: strings and numbers as they are written, objects by what is in them, lists (but of ids) by their first element that
/// says anything. None for what says nothing.
pub(super) fn name_of<'a>(json: &'a RawValue, role: Role) -> Result<Option<Cow<'a, str>>, serde_json::Error> {
    let name = match json.get().as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => Some(Cow::Borrowed(json.get())),
        Some(b'"') => match serde_json::from_str(json.get())? {
            Text::One(name) => Some(name),
            _ => None,
        },
        Some(b'{' | b'[') => name_inside(&serde_json::from_str(json.get())?, role).map(Cow::Owned),
        _ => None,
    };
    Ok(name.filter(|name| !name.trim().is_empty()))
}

fn name_inside(value: &Value, role: Role) -> Option<String> {
    let inside = match role {
        Role::Text => &[],
        Role::Id => INSIDE_ID,
        Role::Date => INSIDE_DATE,
        Role::Outlet => INSIDE_OUTLET,
    };
    let name = match value {
        Value::String(name) => name.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(_) if role == Role::Id => return None,
        Value::Array(values) => return values.iter().find_map(|value| name_inside(value, role)),
        Value::Object(fields) => return inside.iter().find_map(|name| name_inside(fields.get(*name)?, role)),
        Value::Null | Value::Bool(_) => return None,
    };
    (!name.trim().is_empty()).then_some(name)
}

/// A value as a reader would see it: the names in a list, with commas between.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Array(values) => {
            let names: Vec<String> = values.iter().filter_map(|value| name_inside(value, Role::Outlet)).collect();
            (!names.is_empty()).then(|| names.join(", "))
        }
        value => name_inside(value, Role::Outlet),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> Text<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_strings_of_lists_and_messages_are_paragraphs() {
        let joined = |text: &str| Text::Joined(text.to_owned());
        assert_eq!(text(r#""one""#), Text::One("one".into()));
        assert_eq!(text(r#"["one","","two\n"]"#), joined("one\n\ntwo\n"));
        assert_eq!(
            text(
                r#"[{"role":"user","content":"one"},{"content":[{"type":"text","text":"two"},{"type":"image_url","image_url":{"url":"x"}}],"role":"assistant"}]"#
            ),
            joined("one\n\ntwo")
        );
        assert_eq!(text(r#"[{"from":"human","value":"one"},{"from":"gpt","value":"two"}]"#), joined("one\n\ntwo"));
        assert_eq!(
            text(r#"{"summary":["one"],"sections":[{"headline":[],"paragraphs":["two","three"]},{"headline":["four"],"paragraphs":[]}]}"#),
            joined("one\n\ntwo\n\nthree\n\nfour")
        );
        for (json, kind) in [
            ("[1,null]", "a list without text"),
            ("{}", "NaN or empty"),
            ("{\"a\":\"b\"}", "an object without text"),
            ("5", "a number"),
            ("null", "null"),
            ("true", "true or false"),
        ] {
            assert_eq!(text(json), Text::Nothing(kind), "{json}");
        }
    }

    #[test]
    fn names_and_dates_in_objects_are_found() {
        for (role, json, name) in [
            (Role::Outlet, r#"{"id":null,"name":"Bow Times"}"#, Some("Bow Times")),
            (Role::Outlet, r#"{"id":"bow","name":null}"#, Some("bow")),
            (Role::Outlet, r#"[{"@type":"Organization","name":"Bow Times"}]"#, Some("Bow Times")),
            (Role::Outlet, r#"["", "Bow Times"]"#, Some("Bow Times")),
            (Role::Outlet, r#"{"kind":"x"}"#, None),
            (Role::Outlet, "7", Some("7")),
            (Role::Outlet, r#""  ""#, None),
            (Role::Id, r#"{"$oid":"5f1"}"#, Some("5f1")),
            (Role::Id, "1e3", Some("1e3")),
            (Role::Id, r#"["a"]"#, None),
            (Role::Date, r#"{"$date":"2015-07-21T08:30:00Z"}"#, Some("2015-07-21T08:30:00Z")),
            (Role::Date, r#"{"$date":1437467400000}"#, Some("1437467400000")),
            (Role::Date, r#"{"$date":{"$numberLong":"1437467400000"}}"#, Some("1437467400000")),
            (Role::Date, "null", None),
            (Role::Date, "false", None),
        ] {
            let json: &RawValue = serde_json::from_str(json).unwrap();
            assert_eq!(name_of(json, role).unwrap().as_deref(), name, "{json}");
        }
    }
}
