//! The fields of a JSON record, picked out without building the rest.
//!
//! In: a record and the names to look for. Out: id, text, date and outlet, borrowed from the record where they need no unescaping.

use super::fields::{Fields, Picked, Role};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

impl Fields {
    /// The fields of one record.
    ///
    /// # Errors
    /// Words for a [`crate::Problem`]: not JSON, no object, no text field, a text that is none.
    pub(super) fn pick<'a>(&self, record: &'a str) -> Result<Picked<'a>, String> {
        let mut picked = Picking::new(self);
        let mut json = serde_json::Deserializer::from_str(record);
        let read = Level { picking: &mut picked, depth: 0, active: u64::MAX }.deserialize(&mut json).and_then(|()| json.end());
        read.map_err(|error| not_json(&error))?;
        let Picking { found: [text, id, date, outlet], names, .. } = picked;
        let text = match text {
            Some((_, Scalar::String(text))) => text,
            Some((rank, other)) => return Err(format!("text field `{}` is {}, not a string", self.wanted[rank].whole, other.kind())),
            None => return Err(self.no_text(&names)),
        };
        let [id, date, outlet] = [id, date, outlet].map(|field| field.and_then(|(_, value)| value.into_string()));
        Ok(Picked { text, id, date, outlet })
    }

    /// Where the JSON of a record's text stands in it; None if there is none that [`Fields::pick`] would take.
    pub(super) fn text_place(&self, record: &str) -> Option<Range<usize>> {
        let mut picking = Picking { wants_place: true, ..Picking::new(self) };
        let mut json = serde_json::Deserializer::from_str(record);
        Level { picking: &mut picking, depth: 0, active: u64::MAX }.deserialize(&mut json).ok()?;
        let place = picking.place?;
        matches!(picking.found[Role::Text as usize], Some((_, Scalar::String(_)))).then_some(())?;
        let start = place.as_ptr().addr() - record.as_ptr().addr();
        Some(start..start + place.len())
    }
}

fn not_json(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let cause = words.split(" at line ").next().unwrap_or(&words).to_owned();
    if error.is_data() {
        cause
            .replace("invalid type: sequence, expected an object", "an array, not an object")
            .replace("invalid type: ", "")
            .replace(", expected an object", ", not an object")
    } else {
        format!("not JSON: {cause} at column {}", error.column())
    }
}

struct Picking<'f, 'a> {
    fields: &'f Fields,
    /// By role: the rank of the name and the value.
    found: [Option<(usize, Scalar<'a>)>; 4],
    /// Names at the top, for the message where none is the text; collected only until a text is found.
    names: Vec<Cow<'a, str>>,
    /// Whether it matters where the text stands.
    wants_place: bool,
    /// The JSON of the text, if it does.
    place: Option<&'a str>,
}

impl<'f> Picking<'f, '_> {
    fn new(fields: &'f Fields) -> Self {
        Self { fields, found: [const { None }; 4], names: Vec::new(), wants_place: false, place: None }
    }
}

/// One object of a record: at the top, or below a field on a dotted path.
struct Level<'p, 'f, 'a> {
    picking: &'p mut Picking<'f, 'a>,
    depth: usize,
    /// Bit n: the path of `wanted[n]` leads here.
    active: u64,
}

impl Level<'_, '_, '_> {
    /// The name that `key` ends, if any, and the names whose paths go on below it.
    fn matching(&self, key: &str) -> (Option<usize>, u64) {
        let (mut ends, mut below) = (None, 0);
        for (bit, wanted) in self.picking.fields.wanted.iter().enumerate() {
            if self.active >> bit & 1 == 0 {
                continue;
            }
            let rest = &wanted.path[self.depth..];
            if rest.len() == 1 && rest[0] == key || self.depth == 0 && wanted.whole == key {
                ends = ends.or(Some(bit));
            } else if rest.len() > 1 && rest[0] == key {
                below |= 1 << bit;
            }
        }
        (ends, below)
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        if self.depth == 0 { json.deserialize_map(self) } else { json.deserialize_any(self) }
    }
}

impl<'de> Visitor<'de> for Level<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            let (ends, below) = self.matching(&key);
            if let Some(rank) = ends {
                let role = self.picking.fields.wanted[rank].role as usize;
                // Numbers are names and dates as they are written, so these are taken raw.
                let is_text = role == Role::Text as usize;
                let mut place = None;
                let value: Scalar<'de> = if !is_text {
                    raw(map.next_value()?)?
                } else if self.picking.wants_place {
                    let json: &'de RawValue = map.next_value()?;
                    place = Some(json.get());
                    serde_json::from_str(json.get()).map_err(A::Error::custom)?
                } else {
                    map.next_value()?
                };
                let better = self.picking.found[role].as_ref().is_none_or(|(held, old)| match (old, &value) {
                    (Scalar::Null, _) => true,
                    (_, Scalar::Null) => false,
                    _ => rank <= *held,
                });
                if better {
                    self.picking.fields.take(rank);
                    self.picking.found[role] = Some((rank, value));
                    self.picking.place = if is_text { place } else { self.picking.place };
                }
            } else if below != 0 {
                map.next_value_seed(Level { picking: &mut *self.picking, depth: self.depth + 1, active: below })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            if self.depth == 0 && self.picking.found[Role::Text as usize].is_none() {
                self.picking.names.push(key);
            }
        }
        Ok(())
    }

    // Below a dotted path something else than an object: the path leads nowhere.
    fn visit_borrowed_str<E>(self, _: &'de str) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// A key, borrowed if it holds no escape.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        match Scalar::deserialize(json)? {
            Scalar::String(key) => Ok(Self(key)),
            _ => Err(D::Error::custom("a key is a string")),
        }
    }
}

/// A name or date from its JSON.
fn raw<'a, E: serde::de::Error>(json: &'a RawValue) -> Result<Scalar<'a>, E> {
    match json.get().as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => Ok(Scalar::Number(Cow::Borrowed(json.get()))),
        _ => serde_json::from_str(json.get()).map_err(E::custom),
    }
}

/// A value without structure, borrowed if it can be.
#[derive(Clone, Debug, PartialEq)]
enum Scalar<'a> {
    String(Cow<'a, str>),
    Number(Cow<'a, str>),
    Bool,
    Null,
    Nested,
}

impl<'a> Scalar<'a> {
    fn kind(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Number(_) => "a number",
            Self::Bool => "true or false",
            Self::Null => "null",
            Self::Nested => "an object or array",
        }
    }

    /// A name or date: strings and numbers as they are written.
    fn into_string(self) -> Option<Cow<'a, str>> {
        match self {
            Self::String(text) | Self::Number(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> serde::Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;

        impl<'de> Visitor<'de> for ScalarVisitor {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::String(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::String(Cow::Owned(text.to_owned())))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Bool)
            }
            fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Number(number.to_string().into()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Number(number.to_string().into()))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Number(number.to_string().into()))
            }
            fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Null)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Nested)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Nested)
            }
        }
        json.deserialize_any(ScalarVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FieldNames;

    fn pick(record: &str, names: &FieldNames) -> Result<(String, Option<String>, Option<String>), String> {
        Fields::new(names).pick(record).map(|p| (p.text.into(), p.id.map(Into::into), p.date.map(Into::into)))
    }

    #[test]
    fn usual_names_by_rank_whatever_their_order() {
        let found = pick(r#"{"body":"b","url":"u","content":"c\n","_id":7,"published":"2020","x":{"text":"no"}}"#, &FieldNames::default());
        assert_eq!(found, Ok(("c\n".into(), Some("7".into()), Some("2020".into()))));
        assert_eq!(pick(r#"{"text":null,"content":"c"}"#, &FieldNames::default()).unwrap().0, "c");
    }

    #[test]
    fn dotted_paths_reach_into_objects() {
        let names = FieldNames { text: Some("a.b".into()), id: Some("meta.id.raw".into()), ..FieldNames::default() };
        assert_eq!(
            pick(r#"{"a":{"x":[1],"b":"t"},"text":"no","meta":{"id":{"raw":5}}}"#, &names).unwrap(),
            ("t".into(), Some("5".into()), None)
        );
        assert_eq!(pick(r#"{"a.b":"flat","a":3}"#, &names).unwrap().0, "flat");
        assert_eq!(
            pick(r#"{"a":[{"b":"t"}]}"#, &names).unwrap_err(),
            "no text field `a.b` (has: a); name it with the setting `text-field`"
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let why = |record: &str| pick(record, &FieldNames::default()).unwrap_err();
        assert_eq!(why(r#"{"id":1,"body_html":"x"}"#), "no text field (has: id, body_html); name it with the setting `text-field`");
        assert_eq!(why(r#"{"text":5}"#), "text field `text` is a number, not a string");
        assert_eq!(why(r#"{"text":null}"#), "text field `text` is null, not a string");
        assert_eq!(why("not json"), "not JSON: expected ident at column 2");
        assert_eq!(why("[1]"), "an array, not an object");
        assert!(why(&format!("{{\"a\":{}", "[".repeat(100_000))).starts_with("not JSON"));
    }
}
