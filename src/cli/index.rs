//! `refrain index`: articles already seen, in a file.

use super::args::{Global, Report};
use super::index_args::{AddArgs, CompactArgs, IndexArgs, IndexCommand, QueryArgs, RemoveArgs, StatsArgs};
use super::messages::{line, tell, tell_left_out};
use super::output::{palette, to_stdout};
use super::progress::Bar;
use super::score_args::ScoreFormat;
use super::settings::use_temp_dir;
use crate::check::{Gate, Given, Pairs, Purpose, hold_against};
use crate::index::{Added, Destination, Index, IndexError, Ingest, Kept, Removed, Stats, Texts, add_corpus};
use crate::report::check::{PairList, Paths, write_check_json, write_check_jsonl, write_check_text};
use crate::{DetectConfig, Detector, FileCorpus, Scope};
use anyhow::{Context, Result};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Carries out a command.
pub(super) fn run(args: &IndexArgs, global: Global) -> Result<()> {
    match &args.command {
        IndexCommand::Add(args) => add(args, global),
        IndexCommand::Query(args) => query(args, global),
        IndexCommand::Remove(args) => remove(args, global),
        IndexCommand::Stats(args) => stats(args),
        IndexCommand::Verify(args) => verify(&args.db),
        IndexCommand::Compact(args) => compact(args),
        IndexCommand::Export(args) => export(&args.db),
    }
}

fn out(text: &str) -> Result<()> {
    to_stdout(&mut |out| Ok(writeln!(out, "{text}")?))
}

fn add(args: &AddArgs, global: Global) -> Result<()> {
    let settings = args.run.settings()?;
    settings.refuse_exact("an index")?;
    let config = settings.detect();
    let given = Given::new(FileCorpus::open(&args.paths, &settings.source_without(Some(&args.db), None))?);
    let corpus = given.corpus();
    let mut guard = args.run.guard(corpus);
    guard.updates_database("index", &args.db);
    guard.check()?;
    let texts = if args.no_text { Texts::LeftOut } else { Texts::Kept };
    let index = if args.db.exists() { Some(Index::open_to_write(&args.db, &config)?) } else { None };
    let to = index.as_ref().map_or(Destination::New { path: &args.db, config: &config, texts }, Destination::Existing);
    let bar = Bar::new(corpus, global.quiet);
    let told = |kind: &str, added: Added| {
        let Added { new, replaced, unchanged } = added;
        match settings.format.unwrap_or(Report::Text) {
            Report::Text if kind == "batch" => Ok(()),
            Report::Text => out(&format!("{new} added, {replaced} replaced, {unchanged} unchanged")),
            _ => out(&serde_json::json!({"type": kind, "new": new, "replaced": replaced, "unchanged": unchanged}).to_string()),
        }
    };
    // A batch is reported once it is on the disk.
    let mut listening = Ok(());
    let how = Ingest { batch: args.batch as usize, threads: settings.pool()?.current_num_threads(), progress: &bar };
    let ingested = add_corpus(to, &given, how, |added| {
        if listening.is_ok() {
            listening = told("batch", added);
        }
    });
    bar.finish();
    let ingested = ingested?;
    listening?;
    if !global.quiet {
        tell_left_out(&[corpus.notes(), given.notes()].concat(), &ingested.problems, 0, &ingested.bad_dates, args.run.verbose);
        if ingested.renamed > 0 {
            let count = ingested.renamed;
            line(
                "note",
                &format!(
                    "{count} without an id of their own, or sharing one: recognised by their content (--id-field names a field with ids)"
                ),
            );
        }
    }
    let Added { new, replaced, unchanged } = ingested.added;
    corpus.require_articles(new + replaced + unchanged, &ingested.problems)?;
    told("added", ingested.added)
}

fn query(args: &QueryArgs, global: Global) -> Result<()> {
    let settings = args.run.settings()?;
    settings.refuse_exact("an index")?;
    let config = settings.detect();
    let index = Index::open(&args.db, &config)?;
    let given = Given::new(FileCorpus::open(&args.paths, &settings.source_without(Some(&args.db), None))?);
    // What is among the articles themselves is not asked: this reads them, and their contents.
    let reader = Detector::new(DetectConfig { scope: Scope::NearDuplicates, ..config })?.within_memory(settings.memory());
    let bar = Bar::new(given.corpus(), global.quiet);
    let pool = settings.pool()?;
    let findings = pool.install(|| reader.detect_in(&given, &bar));
    bar.finish();
    let findings = findings?;
    if !global.quiet {
        tell(&[given.corpus().notes(), given.notes()].concat(), &findings, args.run.verbose);
    }
    given.corpus().require_articles(findings.summary().documents, findings.problems())?;
    let (held, _) = hold_against(&findings, &given, &mut index.read()?, Purpose::Query, &pool)?;
    let gate = Gate { pairs: Pairs::All, ..Gate::default() };
    let check = pool.install(|| gate.check(&findings, &given, &held))?.of_index(&config);
    let check = args.cut.limit().map_or_else(|| check.clone(), |limit| check.limited(limit));
    let paths = Paths::of_folder(&std::env::current_dir().unwrap_or_default());
    let palette = palette(global.color.or(settings.color));
    to_stdout(&mut |mut out| match settings.format.unwrap_or(Report::Text) {
        Report::Jsonl => Ok(write_check_jsonl(&check, PairList::All, &mut out)?),
        Report::Json => Ok(write_check_json(&check, PairList::All, &mut out)?),
        _ => Ok(write_check_text(&check, &paths, palette, &mut out)?),
    })
}

fn remove(args: &RemoveArgs, global: Global) -> Result<()> {
    let mut ids: Vec<String> = args.ids.iter().filter(|id| *id != "-").cloned().collect();
    if args.ids.iter().any(|id| id == "-") {
        ids.extend(io::stdin().lines().collect::<io::Result<Vec<String>>>().context("standard input")?);
    }
    let index = Index::open_as_made(&args.db, true)?;
    let mut transaction = index.write()?;
    let wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
    let Removed { removed, missing } = transaction.remove(&wanted)?;
    transaction.commit()?;
    if !missing.is_empty() && !global.quiet {
        line("note", &format!("not in the index: {}", listed(&missing)));
    }
    out(&format!("{removed} removed"))
}

/// Ids in one line: all of a few, and the number of the others.
fn listed(ids: &[Box<str>]) -> String {
    const MOST: usize = 10;
    let named: Vec<&str> = ids.iter().take(MOST).map(|id| &**id).collect();
    let more = ids.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

fn stats(args: &StatsArgs) -> Result<()> {
    let index = Index::open_as_made(&args.db, false)?;
    let stats = index.read()?.stats();
    let Stats { parameters, has_texts, documents, contents, entries, runs, bytes } = stats;
    let fold = serde_json::to_value(parameters.fold)?;
    let [keys, grams, paragraphs, _, _, samples] = entries;
    match args.format.unwrap_or(ScoreFormat::Text) {
        ScoreFormat::Json => out(&serde_json::json!({
            "documents": documents, "contents": contents, "texts": has_texts, "bytes": bytes,
            "fold": fold, "shingle": parameters.shingle, "threshold": parameters.threshold, "min_words": parameters.min_words,
            "keys": keys, "grams": grams, "sampled_grams": samples, "paragraphs": paragraphs, "runs": runs,
        })
        .to_string()),
        ScoreFormat::Text => {
            let each = bytes.checked_div(documents).unwrap_or(0);
            out(&format!(
                "{documents} articles, {contents} distinct; texts {}\n{bytes} bytes, {each} per article\ncreated with fold {}, shingle {}, threshold {}, min-words {}\n\
                 {keys} band keys, {grams} selected and {samples} sampled grams, {paragraphs} paragraphs, in {runs} runs",
                if has_texts { "kept" } else { "left out" },
                fold.as_str().unwrap_or_default(),
                parameters.shingle,
                parameters.threshold,
                parameters.min_words,
            ))
        }
    }
}

fn verify(db: &Path) -> Result<()> {
    let index = Index::open_as_made(db, false).inspect_err(|error| {
        if let Some(IndexError::Foreign { objects, unnamed, .. }) = IndexError::behind(error) {
            objects.iter().for_each(|object| line("foreign", object));
            if *unnamed > 0 {
                line("foreign", &format!("{unnamed} more objects"));
            }
        }
    })?;
    let verified = index.read()?.verify()?;
    out(&format!("ok: {} articles, {} entries", verified.documents, verified.entries))
}

fn compact(args: &CompactArgs) -> Result<()> {
    if let Some(folder) = &args.temp_dir {
        use_temp_dir(folder)?;
    }
    let index = Index::open_as_made(&args.db, true)?;
    let before = index.read()?.stats().bytes;
    index.compact()?;
    out(&format!("{before} bytes before, {} now", index.read()?.stats().bytes))
}

fn export(db: &Path) -> Result<()> {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        date: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        outlet: Option<&'a str>,
        #[serde(skip_serializing_if = "str::is_empty")]
        origin: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
        characters: u64,
        words: usize,
    }
    let index = Index::open_as_made(db, false)?;
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut failed = None;
    let told = index.read()?.each(|kept: Kept| {
        let line = Line {
            id: &kept.id,
            text: kept.text.as_deref(),
            date: kept.date_text(),
            outlet: kept.outlet.as_deref(),
            origin: &kept.origin,
            line: kept.line,
            characters: kept.characters,
            words: kept.words,
        };
        let written = serde_json::to_writer(&mut out, &line).map_err(io::Error::from).and_then(|()| out.write_all(b"\n"));
        written.map_err(|error| {
            failed = Some(error);
            crate::Error::Io { path: "standard output".into(), cause: io::ErrorKind::BrokenPipe.into() }
        })
    });
    if let Some(error) = failed {
        return Err(error).context("standard output");
    }
    told?;
    out.flush().context("standard output")
}
