//! Stretches of a document, as findings and labels write them.
//!
//! In: `[0, 40]` or `{"start": 0, "end": 40}`. Out: a [`Stretch`]. Always: it ends no earlier than it starts.

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A stretch of a document, half-open, in code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Stretch {
    pub(super) fn length(self) -> u64 {
        self.end - self.start
    }

    /// What this shares with another, if they touch.
    pub(super) fn shared(self, other: Self) -> Option<Self> {
        let shared = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (shared.start < shared.end).then_some(shared)
    }
}

/// Code points that lie in some of the stretches.
pub(super) fn length_of_union(mut stretches: Vec<Stretch>) -> u64 {
    stretches.sort_unstable_by_key(|stretch| stretch.start);
    let (mut total, mut reached) = (0, 0);
    for stretch in stretches {
        total += stretch.end.saturating_sub(reached.max(stretch.start));
        reached = reached.max(stretch.end);
    }
    total
}

impl<'de> Deserialize<'de> for Stretch {
    // By hand, since an untagged enum copies every value before it looks at it.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Stretch;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a stretch such as [0, 40] or {\"start\": 0, \"end\": 40}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut bounds: A) -> Result<Stretch, A::Error> {
        let start = bounds.next_element()?;
        let end = bounds.next_element()?;
        if bounds.next_element::<IgnoredAny>()?.is_some() {
            return Err(A::Error::invalid_length(3, &self));
        }
        checked(start, end)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Stretch, A::Error> {
        let (mut start, mut end) = (None, None);
        while let Some(name) = fields.next_key::<super::told::Text<'_>>()? {
            match name.0.as_ref() {
                "start" => start = Some(fields.next_value()?),
                "end" => end = Some(fields.next_value()?),
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        checked(start, end)
    }
}

fn checked<E: Error>(start: Option<u64>, end: Option<u64>) -> Result<Stretch, E> {
    match (start, end) {
        (Some(start), Some(end)) if end < start => Err(E::custom(format!("a stretch that ends at {end} before it starts at {start}"))),
        (Some(start), Some(end)) => Ok(Stretch { start, end }),
        (None, _) => Err(E::missing_field("start")),
        (_, None) => Err(E::missing_field("end")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Stretch, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_stretch_is_two_numbers_or_two_fields() {
        let stretch = Stretch { start: 3, end: 9 };
        assert_eq!(read("[3, 9]"), Ok(stretch));
        assert_eq!(read(r#"{"start":3,"end":9,"paragraphs":[1,1]}"#), Ok(stretch));
        for (text, said) in
            [("[9, 3]", "ends at 3"), ("[3]", "`end`"), ("{\"end\":3}", "`start`"), ("[1,2,3]", "length 3"), ("7", "a stretch")]
        {
            let wrong = read(text).unwrap_err();
            assert!(wrong.contains(said), "{text}: {wrong}");
        }
    }

    #[test]
    fn what_lies_in_two_stretches_counts_once() {
        let stretches = [(5, 9), (0, 3), (2, 4), (6, 7), (9, 9)].map(|(start, end)| Stretch { start, end });
        assert_eq!(length_of_union(stretches.to_vec()), 8);
        assert_eq!(length_of_union(Vec::new()), 0);
    }
}
