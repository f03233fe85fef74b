//! The fields of a JSON record, picked out without building the rest.
//!
//! In: a record and the names to look for. Out: id, text, date and outlet, borrowed from the record where they need no unescaping.

use super::fields::{Fields, Picked, Rank, Role};
use super::inner_lists::described;
use super::lenient::foreign_syntax;
use super::outlet::outlet_name;
use super::values::{Key, Text, name_of};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// The list of a page's objects in JSON-LD, one of which may be the article.
pub(super) const GRAPH: &str = "@graph";

impl Fields {
    /// The fields of one record.
    ///
    /// # Errors
    /// Words for a [`refrain_engine::Problem`]: not JSON, no object, no text field, a text that is none.
    pub(super) fn pick<'a>(&self, record: &'a str) -> Result<Picked<'a>, String> {
        let mut picking = Picking::new(self);
        picking.read(record).map_err(|error| not_json(record, &error))?;
        let names = std::mem::take(&mut picking.names);
        let none = match picking.finish() {
            Ok(picked) => return Ok(picked),
            Err(none) => none,
        };
        if names.iter().any(|name| name == GRAPH)
            && let Some(picked) = graph(record).into_iter().find_map(|object| self.pick_flat(object))
        {
            return Ok(picked);
        }
        Err(none.unwrap_or_else(|| self.no_text_in(&described(&names, record))))
    }

    /// The fields of an object of a graph, if it is an article.
    fn pick_flat<'a>(&self, object: &'a str) -> Option<Picked<'a>> {
        let mut picking = Picking::new(self);
        picking.read(object).ok()?;
        picking.finish().ok()
    }

    /// True for a node of a page's graph that is an article: it has a text, or says that it is one.
    pub(super) fn is_article(&self, node: &str) -> bool {
        #[derive(serde::Deserialize)]
        struct Node {
            #[serde(rename = "@type", default)]
            kind: serde_json::Value,
        }
        let says = |kind: &serde_json::Value| {
            kind.as_str().is_some_and(|kind| ["Article", "Posting", "Report"].iter().any(|end| kind.ends_with(end)))
        };
        let is_named = |node: Node| says(&node.kind) || node.kind.as_array().is_some_and(|kinds| kinds.iter().any(says));
        self.glance(node).has_text || serde_json::from_str(node).is_ok_and(is_named)
    }

    /// Where the JSON of a record's text is in it; None if there is none that [`Fields::pick`] would take, or the text is made of several strings.
    pub(super) fn text_place(&self, record: &str) -> Option<Range<usize>> {
        let text = self.text_found(record).or_else(|| graph(record).into_iter().find_map(|object| self.text_found(object)))?;
        let place = text.place.filter(|_| matches!(text.value, Text::One(_)) && self.joined_texts == 1)?;
        let start = place.as_ptr().addr() - record.as_ptr().addr();
        Some(start..start + place.len())
    }

    fn text_found<'a>(&self, record: &'a str) -> Option<Found<'a, Text<'a>>> {
        let mut picking = Picking { wants_place: true, ..Picking::new(self) };
        picking.read(record).ok()?;
        picking.text.filter(|text| !matches!(text.value, Text::Nothing(_)))
    }

    /// What an object has of a record. Nothing is noted of its names.
    pub(super) fn glance(&self, object: &str) -> Glance {
        let mut picking = Picking { is_quiet: true, ..Picking::new(self) };
        if picking.read(object).is_err() {
            return Glance::default();
        }
        let is_one = picking.text.as_ref().is_some_and(|text| matches!(text.value, Text::One(_)));
        let has_text = picking.text.is_some_and(|text| !text.value.is_blank()) || picking.parts.iter().any(|(_, text)| !text.is_blank());
        let has = |names: &[&str]| picking.names.iter().any(|key| names.contains(&key.as_ref()));
        Glance { has_text, is_one, is_named: (picking.found[0].is_some() || has(TITLES)) && !has(SPEAKERS) }
    }
}

/// What an object has of a record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Glance {
    pub(super) has_text: bool,
    /// The text is one string.
    pub(super) is_one: bool,
    /// It has an id or a title, and is no message of somebody.
    pub(super) is_named: bool,
}

const TITLES: &[&str] = &["title", "headline"];
/// Fields of a message that say who wrote it.
const SPEAKERS: &[&str] = &["role", "from", "speaker"];

/// The objects of a record's graph; none if it has none.
pub(super) fn graph(record: &str) -> Vec<&str> {
    #[derive(serde::Deserialize)]
    struct Graph<'a> {
        #[serde(borrow, rename = "@graph")]
        objects: Vec<&'a RawValue>,
    }
    serde_json::from_str::<Graph<'_>>(record).map(|graph| graph.objects.into_iter().map(RawValue::get).collect()).unwrap_or_default()
}

fn not_json(record: &str, error: &serde_json::Error) -> String {
    let words = error.to_string();
    let cause = words.split(" at line ").next().unwrap_or(&words).to_owned();
    if error.is_data() {
        cause
            .replace("invalid type: sequence, expected an object", "an array, not an object")
            .replace("invalid type: ", "")
            .replace(", expected an object", ", not an object")
    } else {
        let hint = foreign_syntax(record, error).map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("not JSON: {cause} at column {}{hint}", error.column())
    }
}

/// A name or text that was found.
struct Found<'a, T> {
    rank: Rank,
    value: T,
    /// As the record spells its name, where that is not the name that was looked for.
    spelled: Option<Cow<'a, str>>,
    /// The JSON of the value, if it matters where it is.
    place: Option<&'a str>,
}

struct Picking<'f, 'a> {
    fields: &'f Fields,
    text: Option<Found<'a, Text<'a>>>,
    /// Texts to be joined, where several fields are.
    parts: Vec<(Rank, Text<'a>)>,
    /// Id, date and outlet.
    found: [Option<Found<'a, Cow<'a, str>>>; 3],
    /// Names at the top, for the message where none is the text; collected until a text is found, or all.
    names: Vec<Cow<'a, str>>,
    /// Whether it matters where the text is.
    wants_place: bool,
    /// The record is looked at before it is read: nothing is noted of its names.
    is_quiet: bool,
}

impl<'f, 'a> Picking<'f, 'a> {
    fn new(fields: &'f Fields) -> Self {
        Self { fields, text: None, parts: Vec::new(), found: [None, None, None], names: Vec::new(), wants_place: false, is_quiet: false }
    }

    fn read(&mut self, record: &'a str) -> Result<(), serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(record);
        Level { picking: self, depth: 0, active: u128::MAX, above: "" }.deserialize(&mut json).and_then(|()| json.end())
    }

    /// What was found.
    ///
    /// # Errors
    /// No text; in words if a field of that name holds none.
    fn finish(self) -> Result<Picked<'a>, Option<String>> {
        let Self { fields, text, mut parts, found: [id, date, outlet], .. } = self;
        let (text, is_joined) = if fields.joined_texts > 1 {
            parts.sort_by_key(|(rank, _)| *rank);
            let mut joined = String::new();
            for (rank, part) in &parts {
                part.append_to(&mut joined);
                if !part.is_blank() {
                    fields.note_taken(*rank, None);
                }
            }
            if joined.is_empty() {
                return Err(None);
            }
            (Cow::Owned(joined), true)
        } else {
            let Found { rank, value, spelled, .. } = text.ok_or(None)?;
            let name = || &fields.wanted[rank % fields.wanted.len()].whole;
            let (text, is_joined) = match value {
                Text::One(text) => (text, false),
                Text::Joined(text) => (Cow::Owned(text), true),
                Text::Nothing(kind) => {
                    return Err(Some(format!("text field `{}` is {kind}, not a string", spelled.as_deref().unwrap_or(name().as_str()))));
                }
            };
            if !text.trim_start().is_empty() {
                fields.note_taken(rank, spelled.as_deref());
            }
            (text, is_joined)
        };
        let [id, date, outlet] = [id, date, outlet].map(|found| {
            found.map(|Found { rank, value, spelled, .. }| {
                fields.note_taken(rank, spelled.as_deref());
                value
            })
        });
        Ok(Picked { text, is_joined, id, date, outlet: outlet.map(outlet_name) })
    }

    fn take_text(&mut self, found: Found<'a, Text<'a>>) {
        if self.fields.joined_texts > 1 {
            let bit = |rank: Rank| rank % self.fields.wanted.len();
            match self.parts.iter_mut().find(|(rank, _)| bit(*rank) == bit(found.rank)) {
                Some((rank, _)) if *rank < found.rank => {}
                Some(part) => *part = (found.rank, found.value),
                None => self.parts.push((found.rank, found.value)),
            }
            return;
        }
        // Among fields of one name the last counts, as it does for most readers of JSON.
        let order = |found: &Found<'a, Text<'a>>| (found.value.is_blank(), matches!(found.value, Text::Nothing("null")), found.rank);
        if self.text.as_ref().is_none_or(|known| order(&found) <= order(known)) {
            self.text = Some(found);
        }
    }

    fn take_name(&mut self, role: Role, found: Found<'a, Cow<'a, str>>) {
        let slot = &mut self.found[role as usize - 1];
        if slot.as_ref().is_none_or(|known| found.rank <= known.rank) {
            *slot = Some(found);
        }
    }
}

/// What a key may be: by role the best name that it ends; and the names whose paths go on below it.
#[derive(Clone, Copy, Default)]
struct Matches {
    ends: [Option<Rank>; 4],
    below: u128,
}

impl Matches {
    /// Nothing is looked for here.
    fn is_none(&self) -> bool {
        self.ends == [None; 4] && self.below == 0
    }

    /// The rank of the text, if the key is nothing else.
    fn only_text(&self) -> Option<Rank> {
        let [text, others @ ..] = &self.ends;
        text.filter(|_| *others == [None; 3] && self.below == 0)
    }
}

/// One object of a record: at the top, or below a field on a dotted path.
struct Level<'p, 'f, 'a> {
    picking: &'p mut Picking<'f, 'a>,
    depth: usize,
    /// Bit n: the path of `wanted[n]` leads here.
    active: u128,
    /// The names that led here as the record spells them, with a dot behind each.
    above: &'p str,
}

impl<'a> Level<'_, '_, 'a> {
    fn matching(&self, key: &str) -> Matches {
        let fields = self.picking.fields;
        let mut matches = Matches::default();
        let mut open = if self.depth == 0 { self.active & fields.candidates(key) } else { self.active };
        while open != 0 {
            let bit = open.trailing_zeros() as usize;
            open &= open - 1;
            let Some(wanted) = fields.wanted.get(bit) else { break };
            let rest = &wanted.path[self.depth..];
            let end = (self.depth == 0).then(|| same(&wanted.whole, key)).or_else(|| (rest.len() == 1).then(|| same(&rest[0], key)));
            if let Some(is_exact) = end.flatten() {
                let rank = fields.rank(bit, is_exact && wanted.whole.starts_with(self.above));
                let best = &mut matches.ends[wanted.role as usize];
                *best = Some(best.map_or(rank, |best| best.min(rank)));
                if !self.picking.is_quiet {
                    fields.note_present(bit);
                }
            } else if rest.len() > 1 && same(&rest[0], key).is_some() {
                matches.below |= 1 << bit;
            }
        }
        matches
    }

    /// Takes what is under a key that several names end, or that ends one and goes on.
    fn take(&mut self, json: &'a RawValue, matches: Matches, key: &Key<'a>) -> Result<(), serde_json::Error> {
        let place = Some(json.get());
        for (role, rank) in Role::ALL.into_iter().zip(matches.ends) {
            let Some(rank) = rank else { continue };
            let spelled = self.spelled(rank, key);
            if role == Role::Text {
                let value = match serde_json::from_str(json.get())? {
                    Text::Joined(_) if self.picking.fields.is_verbatim => Text::Joined(json.get().to_owned()),
                    value => value,
                };
                self.picking.take_text(Found { rank, value, spelled, place });
            } else if let Some(value) = name_of(json, role)? {
                self.picking.take_name(role, Found { rank, value, spelled, place });
            }
        }
        if matches.below != 0 {
            let mut inner = serde_json::Deserializer::from_str(json.get());
            self.below(&key.0, matches.below, |level| level.deserialize(&mut inner))?;
        }
        Ok(())
    }

    /// Reads what is below a key.
    fn below<T>(&mut self, key: &str, active: u128, read: impl FnOnce(Level<'_, '_, 'a>) -> T) -> T {
        let above = format!("{}{key}.", self.above);
        read(Level { picking: &mut *self.picking, depth: self.depth + 1, active, above: &above })
    }

    fn spelled(&self, rank: Rank, key: &Key<'a>) -> Option<Cow<'a, str>> {
        let whole = || if self.above.is_empty() { key.0.clone() } else { Cow::Owned(format!("{}{}", self.above, key.0)) };
        (rank >= self.picking.fields.wanted.len()).then(whole)
    }
}

/// Whether a key is a name: in its own spelling, or in another case.
fn same(name: &str, key: &str) -> Option<bool> {
    if name == key { Some(true) } else { super::fields::same_in_any_case(name, key).then_some(false) }
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

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'de>>()? {
            let matches = self.matching(&key.0);
            if matches.is_none() {
                map.next_value::<IgnoredAny>()?;
            } else if let Some(rank) = matches.only_text().filter(|_| !self.picking.wants_place && !self.picking.fields.is_verbatim) {
                let value = map.next_value()?;
                let spelled = self.spelled(rank, &key);
                self.picking.take_text(Found { rank, value, spelled, place: None });
            } else if matches.ends == [None; 4] {
                self.below(&key.0, matches.below, |level| map.next_value_seed(level))?;
            } else {
                // Numbers are names and dates as they are written, so these are taken raw.
                self.take(map.next_value()?, matches, &key).map_err(A::Error::custom)?;
            }
            if self.depth == 0 && (self.picking.text.is_none() || self.picking.is_quiet) {
                self.picking.names.push(key.0);
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

#[cfg(test)]
mod tests;
