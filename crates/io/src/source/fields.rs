//! The fields of a record that refrain reads: which names they have, and which of a table's columns they are.
//!
//! In: the names to look for. Out: what a record holds under them; words for a record that has no text. JSON is picked apart in `json.rs`.

use super::names;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Names of fields, as dotted paths (`meta.source.id`). None: the usual names, the first of them that holds something. A name in the record's own
/// spelling is preferred; otherwise case does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldNames {
    /// What is compared; several names with commas between are joined as paragraphs. Usual names: text, content, body, `raw_content`, maintext, ...
    pub text: Option<String>,
    /// Names the document. Usual names: id, `_id`, `doc_id`, ..., url.
    pub id: Option<String>,
    /// When it was published. Usual names: date, published, ...
    pub date: Option<String>,
    /// Who published it; of an address the host counts. Usual names: outlet, source, publisher, ...
    pub outlet: Option<String>,
    /// Where a JSON file has its list of records. None: the file is one, or is one object with one list of records.
    pub records: Option<String>,
}

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    Id,
    Date,
    Outlet,
}

impl Role {
    pub(super) const ALL: [Self; 4] = [Self::Text, Self::Id, Self::Date, Self::Outlet];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Id => "id",
            Self::Date => "date",
            Self::Outlet => "outlet",
        }
    }
}

/// A name to look for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) role: Role,
    pub(super) path: Vec<String>,
    pub(super) whole: String,
    /// The user gave it.
    is_named: bool,
    /// Some record has it, whatever it holds.
    is_present: AtomicBool,
    /// Some record holds something under it, in this spelling.
    is_taken: AtomicBool,
    /// The same for other spellings.
    taken_as: RwLock<BTreeSet<String>>,
}

/// A name that was found: smaller is better. All names in their own spelling come before the same names in another case.
pub(super) type Rank = usize;

/// Names that may be joined to a text.
pub(super) const MOST_TEXTS: usize = 32;

/// The names to look for in every record, and which of them were found.
#[derive(Debug)]
pub(super) struct Fields {
    /// Those of the text come first.
    pub(super) wanted: Vec<Wanted>,
    pub(super) names: FieldNames,
    /// How many fields are joined to the text; 1 where one of several names is the text.
    pub(super) joined_texts: usize,
    /// A list or object in a text field is its JSON, not the texts in it.
    pub(super) is_verbatim: bool,
    /// Path of the list of records.
    pub(super) records_path: Option<Vec<String>>,
    /// By the last five bits of a name's first byte: bit n stands for `wanted[n]`.
    by_letter: [u128; 32],
    /// Names with characters beyond ASCII, whose case is in all their bytes.
    beyond_ascii: u128,
    /// Records that were looked at, and those among them that are JSON.
    record_count: AtomicUsize,
    json_count: AtomicUsize,
    /// Some file has a list at `records_path`.
    has_list: AtomicBool,
}

fn path_of(name: &str) -> Vec<String> {
    name.split('.').map(str::to_owned).collect()
}

impl Fields {
    pub(super) fn new(names: &FieldNames) -> Self {
        let texts = names
            .text
            .as_deref()
            .map(|names| names.split(',').map(str::trim).filter(|name| !name.is_empty()).take(MOST_TEXTS).collect::<Vec<_>>());
        let one = |name: &Option<String>| name.as_deref().map(|name| vec![name.to_owned()]);
        let roles = [
            (Role::Text, texts.as_ref().map(|texts| texts.iter().map(|&name| name.to_owned()).collect()), names::TEXT),
            (Role::Id, one(&names.id), names::ID),
            (Role::Date, one(&names.date), names::DATE),
            (Role::Outlet, one(&names.outlet), names::OUTLET),
        ];
        let mut wanted = Vec::new();
        for (role, named, usual) in roles {
            let is_named = named.is_some();
            let names: Vec<String> = named.unwrap_or_else(|| usual.iter().map(|&name| name.to_owned()).collect());
            wanted.extend(names.into_iter().map(|whole| Wanted {
                role,
                path: path_of(&whole),
                whole,
                is_named,
                is_present: AtomicBool::new(false),
                is_taken: AtomicBool::new(false),
                taken_as: RwLock::default(),
            }));
        }
        let (mut by_letter, mut beyond_ascii) = ([0; 32], 0);
        for (bit, wanted) in wanted.iter().enumerate() {
            if wanted.whole.is_ascii() {
                by_letter[usize::from(wanted.whole.bytes().next().unwrap_or(0) & 31)] |= 1 << bit;
            } else {
                beyond_ascii |= 1 << bit;
            }
        }
        Self {
            wanted,
            joined_texts: texts.map_or(1, |texts| texts.len().max(1)),
            is_verbatim: false,
            records_path: names.records.as_deref().map(path_of),
            names: names.clone(),
            by_letter,
            beyond_ascii,
            record_count: AtomicUsize::new(0),
            json_count: AtomicUsize::new(0),
            has_list: AtomicBool::new(false),
        }
    }

    /// The same with lists and objects in text fields as their JSON, or not.
    pub(super) fn verbatim(self, is_verbatim: bool) -> Self {
        Self { is_verbatim, ..self }
    }

    /// The names that `key` may be or begin: bit n stands for `wanted[n]`.
    pub(super) fn candidates(&self, key: &str) -> u128 {
        self.by_letter[usize::from(key.bytes().next().unwrap_or(0) & 31)] | self.beyond_ascii
    }

    /// The rank of the name at `bit` if it was found in its own spelling, or in another case.
    pub(super) fn rank(&self, bit: usize, is_exact: bool) -> Rank {
        if is_exact { bit } else { self.wanted.len() + bit }
    }

    /// Notes that a record has the name at `bit`.
    pub(super) fn note_present(&self, bit: usize) {
        let wanted = &self.wanted[bit];
        if wanted.is_named {
            set(&wanted.is_present);
        }
    }

    /// Notes that a record has the name that the user gave for a field that is no text.
    pub(super) fn note_found(&self, role: Role) {
        if let Some(bit) = self.wanted.iter().position(|wanted| wanted.role == role) {
            self.note_present(bit);
        }
    }

    /// Notes that a record holds something under the name of that rank, which is spelled so there.
    pub(super) fn note_taken(&self, rank: Rank, spelled: Option<&str>) {
        let wanted = &self.wanted[rank % self.wanted.len()];
        let Some(spelled) = spelled.filter(|spelled| *spelled != wanted.whole) else { return set(&wanted.is_taken) };
        if wanted.taken_as.read().is_ok_and(|known| known.contains(spelled)) {
            return;
        }
        if let Ok(mut known) = wanted.taken_as.write() {
            known.insert(spelled.to_owned());
        }
    }

    /// Notes that so many records more were looked at.
    pub(super) fn note_records(&self, count: usize) {
        self.record_count.fetch_add(count, Ordering::Relaxed);
    }

    /// The same for records of JSON.
    pub(super) fn note_json_records(&self, count: usize) {
        self.note_records(count);
        self.json_count.fetch_add(count, Ordering::Relaxed);
    }

    /// Notes that a file has the list that the user named.
    pub(super) fn note_list(&self) {
        set(&self.has_list);
    }

    /// What the user named and no record has, in words, and how many records were looked at. None where no record was.
    pub(super) fn unfound(&self) -> Option<(String, usize)> {
        let count = self.record_count.load(Ordering::Relaxed);
        let is_unfound = |wanted: &&Wanted| wanted.is_named && !wanted.is_present.load(Ordering::Relaxed);
        let field = self.wanted.iter().find(is_unfound).map(|wanted| format!("{} field `{}`", wanted.role.name(), wanted.whole));
        let unfound = self.unfound_list().map(|path| format!("list of records `{path}`")).or(field);
        unfound.filter(|_| count > 0).map(|unfound| (unfound, count))
    }

    /// The path of the list that the user named, if no file of JSON has it.
    pub(super) fn unfound_list(&self) -> Option<String> {
        let is_missing = self.json_count.load(Ordering::Relaxed) > 0 && !self.has_list.load(Ordering::Relaxed);
        self.names.records.clone().filter(|_| is_missing)
    }

    /// Which names were taken so far, for the run's messages: `text from body`.
    pub(super) fn told(&self) -> Option<String> {
        let taken = |wanted: &Wanted| {
            let own = wanted.is_taken.load(Ordering::Relaxed).then(|| wanted.whole.clone());
            let others = wanted.taken_as.read().map(|known| known.iter().cloned().collect::<Vec<_>>()).unwrap_or_default();
            own.into_iter().chain(others).collect::<Vec<_>>()
        };
        let names = |role: Role| self.wanted.iter().filter(|wanted| wanted.role == role).flat_map(taken).collect::<Vec<_>>();
        let told: Vec<String> = Role::ALL
            .iter()
            .map(|&role| (role.name(), names(role)))
            .filter(|(_, taken)| !taken.is_empty())
            .map(|(role, taken)| format!("{role} from {}", taken.join(", ")))
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// The name that the user gave for a field that is no text, if one was given.
    pub(super) fn named(&self, role: Role) -> Option<&str> {
        let wanted = self.wanted.iter().position(|wanted| wanted.role == role && wanted.is_named)?;
        Some(&self.wanted[wanted].whole)
    }

    /// The best of the wanted names that a column has: its rank, and the column. The name of an outlet may be in a field of its own.
    fn column(&self, role: Role, names: &[impl AsRef<str>]) -> Option<(Rank, usize)> {
        let of_role = || self.wanted.iter().enumerate().filter(|(_, wanted)| wanted.role == role);
        let find = |wanted: &Wanted, is_exact: bool| {
            let is_name = |name: &str, wanted: &str| if is_exact { name == wanted } else { same_in_any_case(name, wanted) };
            let inside = |name: &str| role == Role::Outlet && name.len() > 5 && is_name(name, &format!("{}.name", wanted.whole));
            names.iter().map(AsRef::as_ref).position(|name| is_name(name, &wanted.whole) || inside(name))
        };
        [true, false]
            .into_iter()
            .find_map(|is_exact| of_role().find_map(|(bit, wanted)| Some((self.rank(bit, is_exact), find(wanted, is_exact)?))))
    }

    /// True for a name that is looked for, in any case.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.wanted.iter().any(|wanted| same_in_any_case(&wanted.whole, name))
    }

    /// The names that a text may have.
    pub(super) fn text_names(&self) -> impl Iterator<Item = &str> {
        self.wanted.iter().filter(|wanted| wanted.role == Role::Text).map(|wanted| wanted.whole.as_str())
    }

    /// True if one of the columns is the text, in any case.
    pub(super) fn has_text_in_any_case(&self, names: &[impl AsRef<str>]) -> bool {
        self.column(Role::Text, names).is_some()
    }

    /// True if one of the columns is the text by its own spelling: in another case a line of prose may begin so.
    pub(super) fn has_text(&self, names: &[impl AsRef<str>]) -> bool {
        self.column(Role::Text, names).is_some_and(|(rank, _)| rank < self.wanted.len())
    }

    /// Which columns of a table hold what; names with dots stand for themselves.
    ///
    /// # Errors
    /// Words for a [`refrain_engine::Problem`]: no column is the text.
    pub(super) fn columns(&self, names: &[impl AsRef<str>]) -> Result<Columns, String> {
        let mut ranks = [0; 4];
        let mut column = |role: Role| {
            self.column(role, names).map(|(rank, column)| {
                self.note_present(rank % self.wanted.len());
                ranks[role as usize] = rank;
                column
            })
        };
        let text = column(Role::Text);
        let [id, date, outlet] = [Role::Id, Role::Date, Role::Outlet].map(column);
        if self.joined_texts > 1 {
            let is_column = |wanted: &Wanted| names.iter().any(|name| same_in_any_case(name.as_ref(), &wanted.whole));
            (0..self.joined_texts).filter(|&bit| is_column(&self.wanted[bit])).for_each(|bit| self.note_present(bit));
            return Err("several text fields are joined in JSON records alone; name one column".to_owned());
        }
        Ok(Columns { text: text.ok_or_else(|| self.no_text(names))?, id, date, outlet, ranks })
    }

    /// Notes which columns hold something; `names` are those of all columns, and `holds` says it by role.
    pub(super) fn note_columns(&self, columns: &Columns, names: &[impl AsRef<str>], holds: [bool; 4]) {
        let Columns { text, id, date, outlet, ranks } = *columns;
        for ((column, rank), holds) in [Some(text), id, date, outlet].into_iter().zip(ranks).zip(holds) {
            if let Some(column) = column.filter(|_| holds) {
                self.note_taken(rank, names.get(column).map(AsRef::as_ref));
            }
        }
    }

    pub(super) fn no_text(&self, names: &[impl AsRef<str>]) -> String {
        self.no_text_in(&listed(names))
    }

    /// Words for a record without a text; `has` says what it has.
    pub(super) fn no_text_in(&self, has: &str) -> String {
        let which = self.names.text.as_deref().map_or("no text field".to_owned(), |name| format!("no text field `{name}`"));
        format!("{which} (has: {has}); name it with the setting `text-field`")
    }
}

/// Sets a flag that many threads set; it is read first, so that they do not wait for each other.
fn set(flag: &AtomicBool) {
    if !flag.load(Ordering::Relaxed) {
        flag.store(true, Ordering::Relaxed);
    }
}

/// Whether two names differ in case at most.
pub(super) fn same_in_any_case(x: &str, y: &str) -> bool {
    x.eq_ignore_ascii_case(y) || !x.is_ascii() && !y.is_ascii() && x.to_lowercase() == y.to_lowercase()
}

/// Names that a message lists.
const MOST_NAMED: usize = 12;
/// Characters of a name in a message: a table without a header has texts for names.
const MOST_NAME_CHARS: usize = 40;

/// The first of some names, for a message.
pub(super) fn listed(names: &[impl AsRef<str>]) -> String {
    let has: Vec<String> = names.iter().take(MOST_NAMED).map(|name| name.as_ref().chars().take(MOST_NAME_CHARS).collect()).collect();
    let more = if names.len() > has.len() { ", ..." } else { "" };
    format!("{}{more}", has.join(", "))
}

/// Which columns of a table hold what, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) text: usize,
    pub(super) id: Option<usize>,
    pub(super) date: Option<usize>,
    pub(super) outlet: Option<usize>,
    /// Ranks of their names, by role.
    ranks: [Rank; 4],
}

/// What a record holds for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picked<'a> {
    pub(super) text: Cow<'a, str>,
    /// The text was made of several strings, or of one that is not the field itself: no part of it can be removed.
    pub(super) is_joined: bool,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) date: Option<Cow<'a, str>>,
    pub(super) outlet: Option<Cow<'a, str>>,
}

impl Picked<'_> {
    pub(super) fn into_owned(self) -> Picked<'static> {
        let own = |field: Cow<'_, str>| Cow::Owned(field.into_owned());
        let Picked { text, is_joined, id, date, outlet } = self;
        Picked { text: own(text), is_joined, id: id.map(own), date: date.map(own), outlet: outlet.map(own) }
    }
}
