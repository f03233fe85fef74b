//! The store in an SQLite file: rows by number in tables of one column, with a write-ahead log, so that readers see a whole state while one writes.

use super::error::IndexError;
use super::store::{Access, Store, Table};
use crate::error::Result;
use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Stands in the header of the file: `Rfrn`.
const APPLICATION_ID: i64 = 0x5266_726E;
/// Version of what the rows hold.
pub(super) const FORMAT: i64 = 3;
/// Version before, of which every row can be read; the first article that is added makes the file one of [`FORMAT`].
const FORMAT_BEFORE: i64 = 2;
/// A writer waits so long for another.
const WAIT_SECONDS: u64 = 120;
const PAGE_BYTES: u32 = 8192;
/// Pages that are held, in KiB.
const CACHE_KIB: u32 = 65_536;
/// Bytes of the file that are mapped, as far as the database was built to: `.cargo/config.toml` says how far.
const MAPPED_BYTES: u64 = 1 << 40;
/// First bytes of a database file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// An open file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    connection: Connection,
}

impl Sqlite {
    /// Makes an empty store at `path`, or leaves what another process made there meanwhile. `fill` puts the first rows.
    pub(super) fn create(path: &Path, fill: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed = |cause: std::io::Error| match cause.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => IndexError::ReadOnly { path: path.into() },
            std::io::ErrorKind::StorageFull => IndexError::Full { path: path.into() },
            _ => IndexError::Database { path: path.into(), reason: cause.to_string() },
        };
        // Made whole beside its name: a process that is stopped leaves no half of one.
        let made = tempfile::Builder::new().prefix(".refrain-index-").tempdir_in(folder).map_err(failed)?;
        let store = Self::connect(&made.path().join("index"), path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let set_up = format!(
            "PRAGMA page_size={PAGE_BYTES}; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FORMAT}; PRAGMA auto_vacuum=NONE;"
        );
        let tables = Table::ALL.map(|table| format!("CREATE TABLE {} (row INTEGER PRIMARY KEY, bytes BLOB NOT NULL);", table.name()));
        store.connection.execute_batch(&(set_up + &tables.concat())).map_err(|error| store.told(&error))?;
        store.begin(Access::Write)?;
        fill(&store)?;
        store.commit()?;
        store.connection.pragma_update(None, "journal_mode", "wal").map_err(|error| store.told(&error))?;
        store.close();
        match std::fs::hard_link(made.path().join("index"), path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            // A file system without links.
            Err(_) => Ok(std::fs::rename(made.path().join("index"), path).map_err(failed)?),
        }
    }

    /// Opens the store at `path`.
    pub(super) fn open(path: &Path, access: Access) -> Result<Self> {
        refuse_other_files(path)?;
        let flags = match access {
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let checked = |file: &Path, flags| Self::connect(file, path, flags).and_then(|store| store.check_header().map(|()| store));
        checked(path, flags).or_else(|error| {
            if access == Access::Write || !stands_still(path) {
                return Err(error);
            }
            // A folder that cannot be written has no room for what readers share; nobody writes there either.
            let uri = format!("file:{}?immutable=1", encoded(path));
            checked(Path::new(&uri), flags | OpenFlags::SQLITE_OPEN_URI).map_err(|_| error)
        })
    }

    fn connect(file: &Path, told_as: &Path, flags: OpenFlags) -> Result<Self> {
        let told = |error: rusqlite::Error| told(told_as, &error);
        let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(told)?;
        connection.busy_timeout(Duration::from_secs(WAIT_SECONDS)).map_err(told)?;
        connection.set_prepared_statement_cache_capacity(32);
        let pragmas =
            format!("PRAGMA cache_size=-{CACHE_KIB}; PRAGMA mmap_size={MAPPED_BYTES}; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;");
        connection.execute_batch(&pragmas).map_err(told)?;
        Ok(Self { path: told_as.into(), connection })
    }

    fn check_header(&self) -> Result<()> {
        let number = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let (id, format) = (number("application_id").map_err(|e| self.told(&e))?, number("user_version").map_err(|e| self.told(&e))?);
        let path = || self.path.clone();
        if id != APPLICATION_ID {
            return Err(IndexError::NotAnIndex { path: path(), reason: "it is a database of something else".into() }.into());
        }
        if !(FORMAT_BEFORE..=FORMAT).contains(&format) {
            return Err(IndexError::Format { path: path(), found: format, known: FORMAT }.into());
        }
        let tables: i64 = self
            .connection
            .query_row(
                "SELECT count(*) FROM sqlite_schema WHERE type='table' AND name IN ('state','documents','contents','postings')",
                [],
                |row| row.get(0),
            )
            .map_err(|error| self.told(&error))?;
        let all = i64::try_from(Table::ALL.len()).unwrap_or(i64::MAX);
        if tables == all { Ok(()) } else { Err(IndexError::Damaged { path: path(), what: "a table is not there".into() }.into()) }
    }

    fn told(&self, error: &rusqlite::Error) -> crate::Error {
        told(&self.path, error).into()
    }

    fn close(self) {
        let _ = self.connection.close();
    }
}

/// No log stands beside the file, so that the file is all there is.
fn stands_still(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    !Path::new(&log).metadata().is_ok_and(|log| log.len() > 0)
}

fn told(path: &Path, error: &rusqlite::Error) -> IndexError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => IndexError::NotAnIndex { path, reason: "it is no database".into() },
        Some(ErrorCode::DatabaseCorrupt) => IndexError::Damaged { path, what: error.to_string() },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => IndexError::Busy { path, seconds: WAIT_SECONDS },
        Some(ErrorCode::DiskFull) => IndexError::Full { path },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => IndexError::ReadOnly { path },
        // Words that the tables' definitions do not allow: they were changed.
        Some(ErrorCode::Unknown) => IndexError::Damaged { path, what: error.to_string() },
        _ if matches!(error, rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..)) => {
            IndexError::Damaged { path, what: error.to_string() }
        }
        _ => IndexError::Database { path, reason: error.to_string() },
    }
}

/// Tells a file that is no database before the database does, which would take an empty one for its own.
fn refuse_other_files(path: &Path) -> Result<()> {
    let failed = |cause: std::io::Error| -> crate::Error {
        match cause.kind() {
            std::io::ErrorKind::NotFound => IndexError::NotFound { path: path.into() }.into(),
            _ => crate::Error::Io { path: path.into(), cause },
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
        self.connection.execute_batch(begin).map_err(|error| self.told(&error))
    }

    fn is_in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    fn commit(&self) -> Result<()> {
        self.connection.execute_batch("COMMIT").map_err(|error| self.told(&error))
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
        read().map_err(|error| self.told(&error))
    }

    fn renew_format(&self) -> Result<()> {
        let renew = || {
            let format: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if format == FORMAT { Ok(()) } else { self.connection.pragma_update(None, "user_version", FORMAT) }
        };
        renew().map_err(|error| self.told(&error))
    }

    fn put(&self, table: Table, row: i64, bytes: &[u8]) -> Result<()> {
        let sql = match table {
            Table::State => "INSERT OR REPLACE INTO state VALUES (?,?)",
            Table::Documents => "INSERT OR REPLACE INTO documents VALUES (?,?)",
            Table::Contents => "INSERT OR REPLACE INTO contents VALUES (?,?)",
            Table::Postings => "INSERT OR REPLACE INTO postings VALUES (?,?)",
        };
        let write = || self.connection.prepare_cached(sql)?.execute((row, bytes));
        write().map(drop).map_err(|error| self.told(&error))
    }

    fn delete(&self, table: Table, rows: RangeInclusive<i64>) -> Result<()> {
        let sql = format!("DELETE FROM {} WHERE row BETWEEN ? AND ?", table.name());
        let write = || self.connection.prepare_cached(&sql)?.execute((rows.start(), rows.end()));
        write().map(drop).map_err(|error| self.told(&error))
    }

    fn scan(&self, table: Table, visit: &mut dyn FnMut(i64, &[u8]) -> Result<()>) -> Result<()> {
        let sql = format!("SELECT row, bytes FROM {} ORDER BY row", table.name());
        let mut statement = self.connection.prepare_cached(&sql).map_err(|error| self.told(&error))?;
        let mut rows = statement.query([]).map_err(|error| self.told(&error))?;
        while let Some(row) = rows.next().map_err(|error| self.told(&error))? {
            let number = row.get(0).map_err(|error| self.told(&error))?;
            let bytes = row.get_ref(1).and_then(|bytes| Ok(bytes.as_blob()?)).map_err(|error| self.told(&error))?;
            visit(number, bytes)?;
        }
        Ok(())
    }

    fn faults(&self) -> Result<Vec<String>> {
        let read = || {
            let mut statement = self.connection.prepare("PRAGMA integrity_check")?;
            let lines = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
            Ok(lines.into_iter().filter(|line| line != "ok").collect())
        };
        read().map_err(|error| self.told(&error))
    }

    fn shrink(&self) -> Result<()> {
        self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").map_err(|error| self.told(&error))
    }

    fn bytes(&self) -> u64 {
        let length = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        length(&self.path) + length(Path::new(&log))
    }
}
