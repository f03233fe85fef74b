//! Connections to the database: what is switched off, and what is limited, so that a file from anywhere can be opened.
//!
//! The settings follow <https://sqlite.org/security.html>. Two of its recommendations are met in other ways: every row has a checksum of its own
//! and is read by its number, so that the file can be mapped for reading, and pages are checked cell by cell only before they are changed.

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Pages that are held, in KiB.
const CACHE_KIB: u32 = 65_536;
/// Bytes of the file that are mapped, as far as the database was built to: `.cargo/config.toml` says how far.
const MAPPED_BYTES: u64 = 1 << 40;
/// Prepared statements that are kept.
const STATEMENTS: usize = 32;
/// Bytes of a row at most.
pub(super) const MOST_ROW_BYTES: i32 = 512 << 20;

/// Features of SQLite that an index does not need, and a hostile file might use.
const SWITCHES: [(DbConfig, bool); 7] = [
    (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
    (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
    (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
    (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
    (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
];

/// Bounds on what is parsed and read. Statements of an index are short; compacting attaches one database.
const LIMITS: [(Limit, i32); 11] = [
    (Limit::SQLITE_LIMIT_LENGTH, MOST_ROW_BYTES),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (Limit::SQLITE_LIMIT_COLUMN, 100),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 3),
    (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
    (Limit::SQLITE_LIMIT_ATTACHED, 1),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 10),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
];

/// Opens `file`, and waits up to `wait` whenever another process holds a lock.
pub(super) fn connect(file: &Path, flags: OpenFlags, wait: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(wait)?;
    for (switch, on) in SWITCHES {
        connection.set_db_config(switch, on)?;
    }
    connection.load_extension_disable()?;
    for (limit, most) in LIMITS {
        connection.set_limit(limit, most)?;
    }
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let pragmas = format!("PRAGMA cache_size=-{CACHE_KIB}; PRAGMA mmap_size={MAPPED_BYTES}; PRAGMA synchronous=FULL;");
    connection.execute_batch(&pragmas)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_hardened() {
        let folder = tempfile::tempdir().unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = connect(&folder.path().join("db"), flags, Duration::ZERO).unwrap();
        for (switch, on) in SWITCHES {
            assert_eq!(connection.db_config(switch).unwrap(), on, "{switch:?}");
        }
        for (limit, most) in LIMITS {
            assert_eq!(connection.limit(limit).unwrap(), most, "{limit:?}");
        }
        connection.execute_batch("CREATE TABLE t (x); PRAGMA writable_schema=ON;").unwrap();
        assert!(connection.execute("DELETE FROM sqlite_schema", []).is_err(), "the schema cannot be written");
        let big = connection.query_row("SELECT length(zeroblob(?))", [i64::from(MOST_ROW_BYTES) + 1], |row| row.get::<_, i64>(0));
        assert!(big.is_err(), "no larger value is made");
        // SAFETY: nothing is loaded, as the call shows.
        #[expect(unsafe_code, reason = "to see that it is refused")]
        let loaded = unsafe { connection.load_extension("no-such-extension", rusqlite::DEFAULT_NAME) };
        assert!(loaded.is_err_and(|error| error.to_string().contains("not authorized")));
    }
}
