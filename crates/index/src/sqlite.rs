//! The store in an SQLite file: rows by number in tables of one column, with a write-ahead log, so that readers see a whole state while one writes.

use super::connection::{MOST_ROW_BYTES, connect};
use super::error::IndexError;
use super::schema;
use super::store::{Access, Extent, Store, Table};
use refrain_engine::error::Result;
use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::cell::Cell;
use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Stands in the header of the file: `Rfrn`.
const APPLICATION_ID: i64 = 0x5266_726E;
/// Version of what the rows hold.
pub(super) const FORMAT: i64 = 4;
/// The oldest version of which every row can be read, if texts are kept; the first article that is added makes the file one of [`FORMAT`].
const FORMAT_BEFORE: i64 = 2;
/// The oldest version of which every row can be read if texts are not kept: earlier outlines have no spellings.
pub(super) const FORMAT_OF_OUTLINES: i64 = 4;
/// A process waits so long for another one that keeps the index locked.
const WAIT: Duration = Duration::from_secs(120);
const PAGE_BYTES: u32 = 8192;
/// First bytes of a database file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// An open file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    connection: Connection,
    wait: Duration,
    /// Number of the schema that was found to be that of an index; another process may change it.
    schema: Cell<Option<i64>>,
}

impl Sqlite {
    /// Makes a store at `path`: `fill` puts the first rows. False if another process made a file there meanwhile; that one is left as it is.
    /// The file appears when it is complete. If `fill` fails, nothing is left.
    pub(super) fn create(path: &Path, fill: impl FnOnce(Self) -> Result<Self>) -> Result<bool> {
        let failed = |cause| not_created(path, &cause);
        let folder = folder_of(path);
        // Made whole beside its name: a process that is stopped leaves no half of one.
        let made = tempfile::Builder::new().prefix(".refrain-index-").tempdir_in(folder).map_err(failed)?;
        let file = made.path().join("index");
        let store = Self::connected(&file, path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, WAIT)?;
        let set_up = format!(
            "PRAGMA page_size={PAGE_BYTES}; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FORMAT}; PRAGMA auto_vacuum=NONE;"
        );
        let tables = Table::ALL.map(|table| schema::definition(table) + ";");
        store.connection.execute_batch(&(set_up + &tables.concat())).map_err(|error| store.index_error(&error))?;
        // Nobody else knows the file yet, so that it needs no log until it has a name.
        let store = fill(store)?;
        store.connection.pragma_update(None, "journal_mode", "wal").map_err(|error| store.index_error(&error))?;
        store.close();
        match std::fs::hard_link(&file, path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
            // A file system without links.
            Err(_) => std::fs::rename(&file, path).map_err(failed)?,
        }
        // The name is on the disk too; where a folder cannot be opened, the system writes it when it likes.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(true)
    }

    /// Reports early that no index can be created at `path`.
    pub(super) fn require_room(path: &Path) -> Result<()> {
        tempfile::tempfile_in(folder_of(path)).map(drop).map_err(|cause| not_created(path, &cause).into())
    }

    /// Opens the store at `path`.
    pub(super) fn open(path: &Path, access: Access) -> Result<Self> {
        Self::open_within(path, access, WAIT)
    }

    pub(super) fn open_within(path: &Path, access: Access, wait: Duration) -> Result<Self> {
        refuse_other_files(path)?;
        let flags = match access {
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let checked = |file: &Path, flags| {
            let store = Self::connected(file, path, flags, wait)?;
            store.check_header()?;
            store.check_schema()?;
            Ok(store)
        };
        checked(path, flags).or_else(|error| {
            let is_refused = matches!(IndexError::behind(&error), Some(IndexError::ReadOnly { .. }));
            if access == Access::Write || !is_refused || !stands_still(path) {
                return Err(error);
            }
            // A folder that cannot be written has no room for what readers share; nobody writes there either.
            let uri = format!("file:{}?immutable=1", encoded(path));
            checked(Path::new(&uri), flags | OpenFlags::SQLITE_OPEN_URI).map_err(|_| error)
        })
    }

    #[cfg(test)]
    pub(super) fn wait_for(&mut self, wait: Duration) {
        self.connection.busy_timeout(wait).unwrap();
        self.wait = wait;
    }

    #[cfg(test)]
    pub(super) fn limit_rows(&self, most: i32) {
        self.connection.set_limit(rusqlite::limits::Limit::SQLITE_LIMIT_LENGTH, most).unwrap();
    }

    #[cfg(test)]
    pub(super) fn temp_folder(&self) -> PathBuf {
        let folder: String = self.connection.pragma_query_value(None, "temp_store_directory", |row| row.get(0)).unwrap();
        folder.into()
    }

    fn connected(file: &Path, named: &Path, flags: OpenFlags, wait: Duration) -> Result<Self> {
        let connection = connect(file, flags, wait).map_err(|error| index_error(named, &error, wait))?;
        Ok(Self { path: named.into(), connection, wait, schema: Cell::new(None) })
    }

    fn number(&self, name: &str) -> Result<i64> {
        self.connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| self.index_error(&error))
    }

    /// Version of the file.
    pub(super) fn format(&self) -> Result<i64> {
        self.number("user_version")
    }

    fn check_header(&self) -> Result<()> {
        let (id, format) = (self.number("application_id")?, self.format()?);
        let path = || self.path.clone();
        if id != APPLICATION_ID {
            return Err(IndexError::NotAnIndex { path: path(), reason: "it is a database of something else".into() }.into());
        }
        if !(FORMAT_BEFORE..=FORMAT).contains(&format) {
            return Err(IndexError::Format { path: path(), found: format, known: FORMAT }.into());
        }
        Ok(())
    }

    /// Refuses a schema that is not that of an index. Each state of the file is checked once.
    fn check_schema(&self) -> Result<()> {
        let version = Some(self.number("schema_version")?);
        if version != self.schema.get() {
            schema::check(&self.connection, &self.path).map_err(|error| self.index_error(&error))??;
            self.schema.set(version);
        }
        Ok(())
    }

    fn index_error(&self, error: &rusqlite::Error) -> refrain_engine::Error {
        index_error(&self.path, error, self.wait).into()
    }

    fn close(self) {
        let _ = self.connection.close();
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn not_created(path: &Path, cause: &std::io::Error) -> IndexError {
    match cause.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => IndexError::ReadOnly { path: path.into() },
        std::io::ErrorKind::StorageFull => IndexError::Full { path: path.into() },
        _ => IndexError::Database { path: path.into(), reason: cause.to_string() },
    }
}

/// No log stands beside the file, so that the file is all there is.
fn stands_still(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    !Path::new(&log).metadata().is_ok_and(|log| log.len() > 0)
}

fn index_error(path: &Path, error: &rusqlite::Error, wait: Duration) -> IndexError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => IndexError::NotAnIndex { path, reason: "it is no database".into() },
        Some(ErrorCode::DatabaseCorrupt) => IndexError::Damaged { path, what: error.to_string() },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => IndexError::Busy { path, seconds: wait.as_secs() },
        Some(ErrorCode::DiskFull) => IndexError::Full { path },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => IndexError::ReadOnly { path },
        // A row as long as that was never written. Words that the tables' definitions do not allow: they were changed.
        Some(ErrorCode::TooBig | ErrorCode::Unknown) => IndexError::Damaged { path, what: error.to_string() },
        _ if matches!(error, rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..)) => {
            IndexError::Damaged { path, what: error.to_string() }
        }
        _ => IndexError::Database { path, reason: error.to_string() },
    }
}

/// Tells a file that is no database before the database does, which would take an empty one for its own.
fn refuse_other_files(path: &Path) -> Result<()> {
    let failed = |cause: std::io::Error| -> refrain_engine::Error {
        match cause.kind() {
            std::io::ErrorKind::NotFound => IndexError::NotFound { path: path.into() }.into(),
            _ => refrain_engine::Error::Io { path: path.into(), cause },
        }
    };
    let refused = |reason: &str| Err(IndexError::NotAnIndex { path: path.into(), reason: reason.into() }.into());
    if path.metadata().map_err(failed)?.is_dir() {
        return refused("it is a folder");
    }
    let mut head = Vec::new();
    File::open(path).map_err(failed)?.take(MAGIC.len() as u64).read_to_end(&mut head).map_err(failed)?;
    match head.as_slice() {
        [] => refused("it is empty"),
        head if head == MAGIC => Ok(()),
        _ => refused("it is no database"),
    }
}

/// A path as it stands in a URI.
fn encoded(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.into());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.iter().map(|&byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

impl Store for Sqlite {
    fn begin(&self, access: Access) -> Result<()> {
        let begin = match access {
            // Every row is held to its own checksum. That a page is sound before it is changed keeps damage from spreading; to check it each time
            // that one is only read takes a third of a look-up.
            Access::Read => "PRAGMA cell_size_check=OFF; BEGIN",
            Access::Write => "PRAGMA cell_size_check=ON; BEGIN IMMEDIATE",
        };
        self.connection.execute_batch(begin).map_err(|error| self.index_error(&error))?;
        self.check_schema().inspect_err(|_| self.rollback())
    }

    fn is_in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    fn commit(&self) -> Result<()> {
        self.connection.execute_batch("COMMIT").map_err(|error| self.index_error(&error))
    }

    fn rollback(&self) {
        let _ = self.connection.execute_batch("ROLLBACK");
    }

    fn get(&self, table: Table, row: i64) -> Result<Option<Vec<u8>>> {
        let sql = match table {
            Table::State => "SELECT bytes FROM state WHERE row=?",
            Table::Documents => "SELECT bytes FROM documents WHERE row=?",
            Table::Contents => "SELECT bytes FROM contents WHERE row=?",
            Table::Postings => "SELECT bytes FROM postings WHERE row=?",
        };
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_row([row], |row| Ok(row.get_ref(0)?.as_blob()?.to_vec())).optional()
        };
        read().map_err(|error| self.index_error(&error))
    }

    fn renew_format(&self) -> Result<()> {
        let renew = || {
            let format: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if format == FORMAT { Ok(()) } else { self.connection.pragma_update(None, "user_version", FORMAT) }
        };
        renew().map_err(|error| self.index_error(&error))
    }

    fn put(&self, table: Table, row: i64, bytes: &[u8]) -> Result<()> {
        let sql = match table {
            Table::State => "INSERT OR REPLACE INTO state VALUES (?,?)",
            Table::Documents => "INSERT OR REPLACE INTO documents VALUES (?,?)",
            Table::Contents => "INSERT OR REPLACE INTO contents VALUES (?,?)",
            Table::Postings => "INSERT OR REPLACE INTO postings VALUES (?,?)",
        };
        let write = || self.connection.prepare_cached(sql)?.execute((row, bytes));
        match write() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => {
                let most = u64::from(MOST_ROW_BYTES.unsigned_abs());
                Err(IndexError::TooLarge {
                    path: self.path.clone(),
                    what: format!("a row of {}", table.name()),
                    bytes: bytes.len() as u64,
                    most,
                }
                .into())
            }
            result => result.map(drop).map_err(|error| self.index_error(&error)),
        }
    }

    fn delete(&self, table: Table, rows: RangeInclusive<i64>) -> Result<()> {
        let sql = format!("DELETE FROM {} WHERE row BETWEEN ? AND ?", table.name());
        let write = || self.connection.prepare_cached(&sql)?.execute((rows.start(), rows.end()));
        write().map(drop).map_err(|error| self.index_error(&error))
    }

    fn scan(&self, table: Table, visit: &mut dyn FnMut(i64, &[u8]) -> Result<()>) -> Result<()> {
        let sql = format!("SELECT row, bytes FROM {} ORDER BY row", table.name());
        let mut statement = self.connection.prepare_cached(&sql).map_err(|error| self.index_error(&error))?;
        let mut rows = statement.query([]).map_err(|error| self.index_error(&error))?;
        let mut before = None;
        while let Some(row) = rows.next().map_err(|error| self.index_error(&error))? {
            let number: i64 = row.get(0).map_err(|error| self.index_error(&error))?;
            // Pages that refer to each other in a circle would never end.
            if before.is_some_and(|before| before >= number) {
                let what = format!("row {number} of {} is out of order", table.name());
                return Err(IndexError::Damaged { path: self.path.clone(), what }.into());
            }
            before = Some(number);
            let bytes = row.get_ref(1).and_then(|bytes| Ok(bytes.as_blob()?)).map_err(|error| self.index_error(&error))?;
            visit(number, bytes)?;
        }
        Ok(())
    }

    fn faults(&self, extent: Extent) -> Result<Vec<String>> {
        let statements = match extent {
            Extent::Contents => &["PRAGMA integrity_check"][..],
            Extent::Structure => &["PRAGMA quick_check"],
            // By the schema table SQLite checks the list of free pages, which are overwritten first.
            Extent::WrittenFirst => &["PRAGMA quick_check(sqlite_schema)", "PRAGMA quick_check(state)"],
        };
        let read = |sql: &&str| {
            let mut statement = self.connection.prepare(sql)?;
            let lines = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
            Ok(lines.into_iter().filter(|line| line != "ok").collect::<Vec<_>>())
        };
        let faults: rusqlite::Result<Vec<Vec<String>>> = statements.iter().map(read).collect();
        faults.map(|faults| faults.concat()).map_err(|error| self.index_error(&error))
    }

    fn shrink(&self) -> Result<()> {
        // SQLite knows no `temp-dir`; left alone, it takes /var/tmp.
        let folder = tempfile::env::temp_dir();
        let spill = |cause| refrain_engine::Error::Spill { folder: folder.clone(), cause };
        let name = folder.to_str().ok_or_else(|| spill(std::io::Error::other("its name is not UTF-8")))?;
        let set = self.connection.pragma_update(None, "temp_store_directory", name);
        set.map_err(|_| spill(std::io::Error::other("it is not a folder that can be written")))?;
        self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => IndexError::NoRoomToCompact { path: self.path.clone(), temp_dir: folder.clone() }.into(),
            _ => self.index_error(&error),
        })
    }

    fn pages_bytes(&self) -> Result<u64> {
        let bytes = self.number("page_count")?.saturating_mul(self.number("page_size")?);
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    fn bytes(&self) -> u64 {
        let length = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        length(&self.path) + length(Path::new(&log))
    }
}
