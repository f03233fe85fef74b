//! The schema that every index has, and what a file contains besides.
//!
//! A schema is a program: views, triggers, generated columns, checks and virtual tables run when a table is read or written. An index has four tables
//! and nothing else. A file with any other object is refused before a table of it is touched.

use super::error::IndexError;
use super::store::Table;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::path::Path;

/// Foreign objects that are named; a hostile file may have millions.
const MOST_NAMED: usize = 1000;
/// Characters of a name that are shown.
const NAME_CHARS: usize = 60;

/// The statement that creates a table, as SQLite keeps it.
pub(super) fn definition(table: Table) -> String {
    format!("CREATE TABLE {} (row INTEGER PRIMARY KEY, bytes BLOB NOT NULL)", table.name())
}

/// A row of the schema table.
struct Object {
    kind: String,
    name: String,
    table: String,
    definition: String,
}

impl Object {
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let text = |at| {
            Ok::<_, rusqlite::Error>(match row.get_ref(at)? {
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                _ => String::new(),
            })
        };
        Ok(Self { kind: text(0)?, name: text(1)?, table: text(2)?, definition: text(3)? })
    }

    /// The table of an index that this is, exactly.
    fn own_table(&self) -> Option<Table> {
        let is_own = |table: &Table| {
            self.kind == "table" && self.name == table.name() && self.table == table.name() && self.definition == definition(*table)
        };
        Table::ALL.into_iter().find(is_own)
    }

    fn described(&self) -> String {
        let name = shown(&self.name);
        let is_virtual = self.definition.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("CREATE VIRTUAL"));
        let is_known = Table::ALL.iter().any(|table| self.name == table.name());
        match self.kind.as_str() {
            "table" if is_virtual => format!("virtual table {name}"),
            "table" if is_known => format!("table {name} with another definition ({})", shown(&self.definition)),
            "table" | "view" => format!("{} {name}", self.kind),
            "trigger" | "index" => format!("{} {name} on {}", self.kind, shown(&self.table)),
            kind => format!("object {name} of unknown kind {}", shown(kind)),
        }
    }
}

/// A name in quotes, without control characters and of a limited length.
fn shown(name: &str) -> String {
    let mut start: String = name.chars().take(NAME_CHARS).collect();
    if start.len() < name.len() {
        start.push('…');
    }
    format!("{start:?}")
}

/// Refuses a schema that is not exactly that of an index.
pub(super) fn check(connection: &Connection, path: &Path) -> rusqlite::Result<Result<(), IndexError>> {
    let mut statement = connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema")?;
    let mut rows = statement.query([])?;
    let (mut own, mut objects, mut unnamed) = (Vec::new(), Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let object = Object::of(row)?;
        match object.own_table() {
            Some(table) if !own.contains(&table) => own.push(table),
            _ if objects.len() < MOST_NAMED => objects.push(object.described()),
            _ => unnamed += 1,
        }
    }
    if !objects.is_empty() {
        return Ok(Err(IndexError::Foreign { path: path.into(), objects, unnamed }));
    }
    Ok(match Table::ALL.into_iter().find(|table| !own.contains(table)) {
        Some(missing) => Err(IndexError::Damaged { path: path.into(), what: format!("table {} is missing", missing.name()) }),
        None => Ok(()),
    })
}
