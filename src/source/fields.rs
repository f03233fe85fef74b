//! The fields of a record that refrain reads: which names they have, and which of a table's columns they are.
//!
//! In: the names to look for. Out: what a record holds under them; words for a record that has no text. JSON is picked apart in `json.rs`.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names of fields, as dotted paths (`meta.source.id`). None: the usual names, the first of them that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldNames {
    /// What is compared. Usual names: text, content, body, `raw_content`, maintext, ...
    pub text: Option<String>,
    /// Names the document. Usual names: id, `_id`, `doc_id`, ..., url.
    pub id: Option<String>,
    /// When it was published. Usual names: date, published, ...
    pub date: Option<String>,
    /// Who published it. Usual names: outlet, source, publisher, ...
    pub outlet: Option<String>,
}

const TEXT_NAMES: &[&str] = &[
    "text",
    "content",
    "body",
    "raw_content",
    "maintext",
    "article",
    "article_text",
    "articleBody",
    "body_text",
    "full_text",
    "fulltext",
    "story",
];
const ID_NAMES: &[&str] = &["id", "_id", "doc_id", "docid", "document_id", "article_id", "uid", "uuid", "guid", "url"];
const DATE_NAMES: &[&str] = &[
    "date",
    "published",
    "published_at",
    "publication_date",
    "publish_date",
    "date_publish",
    "date_published",
    "datePublished",
    "pub_date",
    "pubDate",
    "datetime",
    "timestamp",
    "created_at",
    "time",
];

const OUTLET_NAMES: &[&str] = &["outlet", "source", "publisher", "newspaper", "site", "site_name", "domain", "sourceCommonName"];

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    Id,
    Date,
    Outlet,
}

const ROLES: [(Role, &str); 4] = [(Role::Text, "text"), (Role::Id, "id"), (Role::Date, "date"), (Role::Outlet, "outlet")];

/// A name to look for: the smaller its rank, the sooner it is taken.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) role: Role,
    pub(super) path: Vec<String>,
    pub(super) whole: String,
}

/// The names to look for in every record, and which of them were taken.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) wanted: Vec<Wanted>,
    /// Bit n: `wanted[n]` was taken.
    taken: AtomicU64,
}

impl Fields {
    pub(super) fn new(names: &FieldNames) -> Self {
        let roles = [
            (Role::Text, &names.text, TEXT_NAMES),
            (Role::Id, &names.id, ID_NAMES),
            (Role::Date, &names.date, DATE_NAMES),
            (Role::Outlet, &names.outlet, OUTLET_NAMES),
        ];
        let wanted = roles.into_iter().flat_map(|(role, named, usual)| {
            let names: Vec<String> =
                named.as_ref().map_or_else(|| usual.iter().map(|&name| name.to_owned()).collect(), |name| vec![name.clone()]);
            names.into_iter().map(move |whole| Wanted { role, path: whole.split('.').map(str::to_owned).collect(), whole })
        });
        Self { wanted: wanted.collect(), taken: AtomicU64::new(0) }
    }

    /// Which names were taken so far, for the run's messages: `text from body`.
    pub(super) fn told(&self) -> Option<String> {
        let taken = self.taken.load(Ordering::Relaxed);
        let names = |role: Role| -> Vec<&str> {
            (0..)
                .zip(&self.wanted)
                .filter(|(bit, wanted)| wanted.role == role && taken >> bit & 1 == 1)
                .map(|(_, w)| w.whole.as_str())
                .collect()
        };
        let told: Vec<String> = ROLES
            .iter()
            .map(|&(role, name)| (name, names(role)))
            .filter(|(_, taken)| !taken.is_empty())
            .map(|(name, taken)| format!("{name} from {}", taken.join(", ")))
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// Notes that the name of that rank was found.
    pub(super) fn take(&self, rank: usize) {
        self.taken.fetch_or(1 << rank, Ordering::Relaxed);
    }

    /// The name that the user gave for a field, if one was given.
    pub(super) fn named(&self, role: Role) -> Option<&str> {
        let mut of_role = self.wanted.iter().filter(|wanted| wanted.role == role);
        of_role.next().filter(|_| of_role.next().is_none()).map(|wanted| wanted.whole.as_str())
    }

    /// The first of the wanted names that a column has: its rank, and the column.
    fn column(&self, role: Role, names: &[impl AsRef<str>]) -> Option<(usize, usize)> {
        let of_role = self.wanted.iter().enumerate().filter(|(_, wanted)| wanted.role == role);
        of_role.into_iter().find_map(|(rank, wanted)| Some((rank, names.iter().position(|name| name.as_ref() == wanted.whole)?)))
    }

    /// The names that a text may have.
    pub(super) fn text_names(&self) -> impl Iterator<Item = &str> {
        self.wanted.iter().filter(|wanted| wanted.role == Role::Text).map(|wanted| wanted.whole.as_str())
    }

    /// True if one of the columns is the text.
    pub(super) fn has_text(&self, names: &[impl AsRef<str>]) -> bool {
        self.column(Role::Text, names).is_some()
    }

    /// Which columns of a table hold what; names with dots stand for themselves.
    ///
    /// # Errors
    /// Words for a [`crate::Problem`]: no column is the text.
    pub(super) fn columns(&self, names: &[impl AsRef<str>]) -> Result<Columns, String> {
        let column = |role| {
            self.column(role, names).map(|(rank, column)| {
                self.take(rank);
                column
            })
        };
        let text = column(Role::Text).ok_or_else(|| self.no_text(names))?;
        Ok(Columns { text, id: column(Role::Id), date: column(Role::Date), outlet: column(Role::Outlet) })
    }

    pub(super) fn no_text(&self, names: &[impl AsRef<str>]) -> String {
        let which = self.named(Role::Text).map_or("no text field".to_owned(), |name| format!("no text field `{name}`"));
        let has: Vec<String> = names.iter().take(MOST_NAMED).map(|name| name.as_ref().chars().take(MOST_NAME_CHARS).collect()).collect();
        let more = if names.len() > has.len() { ", ..." } else { "" };
        format!("{which} (has: {}{more}); name it with the setting `text-field`", has.join(", "))
    }
}

/// Names that a message lists.
const MOST_NAMED: usize = 12;
/// Characters of a name in a message: a table without a header has texts for names.
const MOST_NAME_CHARS: usize = 40;

/// Which columns of a table hold what, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) text: usize,
    pub(super) id: Option<usize>,
    pub(super) date: Option<usize>,
    pub(super) outlet: Option<usize>,
}

/// What a record holds for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picked<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) date: Option<Cow<'a, str>>,
    pub(super) outlet: Option<Cow<'a, str>>,
}

impl Picked<'_> {
    pub(super) fn into_owned(self) -> Picked<'static> {
        let own = |field: Cow<'_, str>| Cow::Owned(field.into_owned());
        Picked { text: own(self.text), id: self.id.map(own), date: self.date.map(own), outlet: self.outlet.map(own) }
    }
}
