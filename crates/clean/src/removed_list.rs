//! A list of the removed articles, for users who filter their own files.
//!
//! In: the decisions. Out: a file with one JSON object per line (id, file, line or row, rule, the kept article), or with ids only.

use super::decide::Decisions;
use super::policy::Rule;
use refrain_engine::corpus::Corpus;
use refrain_engine::error::{Error, Result};
use refrain_io::files::{Durability, NewFile, explained};
use refrain_io::source::FileCorpus;
use serde::Serialize;
use std::io::{BufWriter, Write};
use std::path::Path;

#[derive(Serialize)]
struct RemovedArticle<'a> {
    id: &'a str,
    file: &'a str,
    /// From 1; of text formats.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// From 0; of Parquet.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    rule: Rule,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<Box<str>>,
}

/// Writes the removed articles to the file at `path`, in the order of the input: ids alone, one a line, if its name ends in `.txt`.
///
/// # Errors
/// What the file system says; an id with a line end, which is no line of a list.
pub(super) fn write(path: &Path, corpus: &FileCorpus, decisions: &Decisions) -> Result<()> {
    let failed = |cause| Error::Io { path: path.into(), cause: explained(cause) };
    let unfinished = NewFile::begin_as(path, corpus.paths())?;
    let mut to = BufWriter::new(unfinished.file());
    let ids_alone = path.extension().is_some_and(|ending| ending == "txt");
    let findings = &decisions.findings;
    let mut removed: Vec<_> = (findings.documents())
        .filter_map(|document| Some((document.locator, document, decisions.fates.get(document.locator)?.gone.as_ref()?)))
        .map(|(locator, document, gone)| ((locator.file, locator.start), document, gone))
        .collect();
    removed.sort_by_key(|(place, ..)| *place);
    for ((file, start), document, gone) in removed {
        if ids_alone {
            if document.id.contains(['\n', '\r']) {
                let reason = format!(
                    "the id of line {} of {} has a line end; name a file that does not end in .txt",
                    document.line,
                    corpus.name(file)
                );
                return Err(Error::Config { setting: "list-removed", reason });
            }
            writeln!(to, "{}", document.id).map_err(failed)?;
            continue;
        }
        let is_rows = corpus.has_rows(file as usize);
        let article = RemovedArticle {
            id: document.id,
            file: &corpus.name(file),
            line: (!is_rows).then_some(document.line),
            row: is_rows.then_some(start),
            rule: gone.rule,
            copy: gone.copy_id(|copy| findings.member(copy as usize).id),
        };
        serde_json::to_writer(&mut to, &article).map_err(|error| failed(error.into()))?;
        to.write_all(b"\n").map_err(failed)?;
    }
    to.flush().map_err(failed)?;
    drop(to);
    unfinished.keep(Durability::Run)
}
