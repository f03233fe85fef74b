//! `refrain check`: findings as a gate.

use super::args::{Global, Report};
use super::check_args::{CHECK_FORMATS, CheckArgs, CheckSettings, FailOn, Share};
use super::destination::Reports;
use super::messages::{line, summary, tell};
use super::output::{palette, to_stdout, write_file};
use super::paths::paths_for_hosts;
use super::progress::Bar;
use crate::check::{Baseline, Check, Gate, Given, Held};
use crate::report::Palette;
use crate::report::check::{
    LeftOut, PairList, Paths, SarifOptions, headline, write_check_json, write_check_jsonl, write_check_text, write_github, write_gitlab,
    write_junit, write_markdown, write_sarif,
};
use crate::{Detector, FileCorpus, Findings};
use anyhow::{Context, Result, bail};
use std::cell::Cell;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// Exit code for findings that fail.
const FOUND: u8 = 1;

/// The flags and the settings file together.
struct Asked {
    baseline: Option<PathBuf>,
    fail_on: FailOn,
    max_duplication: Option<Share>,
    gate: Gate,
}

impl Asked {
    fn of(args: &CheckArgs, file: &CheckSettings) -> Result<Self> {
        let baseline = args.baseline.clone().or_else(|| file.baseline.clone());
        if args.update_baseline && baseline.is_none() {
            bail!("--update-baseline: no baseline file is named; add --baseline FILE");
        }
        let max_duplication = args.max_duplication.or(file.max_duplication);
        let usual = if max_duplication.is_some() { FailOn::None } else { FailOn::New };
        let mut gate = Gate { ignore: file.ignore.iter().chain(&args.ignore).cloned().collect(), ..Gate::default() };
        for (rule, level) in file.rules.iter().chain(&args.rule) {
            gate.levels.set(rule, *level);
        }
        if let Some(path) = &baseline {
            gate.baseline = read_baseline(path, args.update_baseline)?;
        }
        Ok(Self { baseline, fail_on: args.fail_on.or(file.fail_on).unwrap_or(usual), max_duplication, gate })
    }

    fn fails(&self, check: &Check) -> bool {
        let counts = |finding: &&crate::check::CheckedFinding| {
            finding.is_error()
                && match self.fail_on {
                    FailOn::New => !finding.known,
                    FailOn::Any => true,
                    FailOn::None => false,
                }
        };
        check.findings.iter().any(|finding| counts(&finding)) || self.exceeded(check).is_some()
    }

    /// That more is duplicated than is allowed, in words.
    fn exceeded(&self, check: &Check) -> Option<String> {
        let most = self.max_duplication.filter(|most| check.summary.duplication > most.0)?;
        // To more places than the limit is usually written with.
        let percent = |share: f64| (share * 1e6).round() / 1e4;
        Some(format!(
            "{} % of the text is duplicated, and --max-duplication allows {} %",
            percent(check.summary.duplication),
            percent(most.0)
        ))
    }
}

/// Reads a baseline; an empty one if one is to be written and there is none of this version.
fn read_baseline(path: &Path, update: bool) -> Result<Baseline> {
    let here = std::env::current_dir().context("the current folder")?;
    let path = here.join(path);
    let folder = path.parent().unwrap_or(&here);
    let baseline = match std::fs::read_to_string(&path) {
        Ok(text) if update && Baseline::is_of_other_version(&text) => Baseline::default(),
        Ok(text) => Baseline::parse(&text).map_err(|reason| anyhow::anyhow!("{}: {reason}", path.display()))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound && update => Baseline::default(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bail!("{}: the baseline does not exist; create it with --update-baseline", path.display())
        }
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let is_missing = |file: &str| !file.contains("://") && !folder.join(file).exists();
    Ok(baseline.named_from(folder, &here).with_missing(is_missing))
}

/// Reads, detects, queries the index, reports; then adds to the index.
pub(super) fn run(args: &CheckArgs, global: Global) -> Result<u8> {
    let settings = args.run.settings()?;
    let file = settings.check.clone().unwrap_or_default();
    let asked = Asked::of(args, &file)?;
    let reports = Reports::of(CHECK_FORMATS, &args.output, settings.format.or(file.format), args.run.names_format(), Report::Text)?;
    if reports.printed == Report::Gitlab && args.cut.limit().is_some() {
        bail!("--limit, --summary: a GitLab report cannot say that findings are left out; write it to a file with --output gitlab=FILE");
    }
    let config = settings.detect();
    let detector = Detector::new(config)?.within_memory(settings.memory());
    refuse_prefix_above(args.path_prefix.as_deref().or(file.path_prefix.as_deref()))?;
    let given = Given::new(FileCorpus::open(&args.paths, &settings.source_without(index_of(args, &file), asked.baseline.as_deref()))?);
    refuse_overwriting(args, &file, &asked, &reports, given.corpus())?;
    #[cfg(feature = "index")]
    let index = Opened::of(args, &file, &config)?;
    #[cfg(not(feature = "index"))]
    let index = Opened;
    let bar = Bar::new(given.corpus(), global.quiet);
    let pool = settings.pool()?;
    let findings = pool.install(|| detector.detect_in(&given, &bar));
    bar.finish();
    let findings = findings?;
    if !global.quiet {
        tell(&[given.corpus().notes(), given.notes()].concat(), &findings, args.run.verbose);
    }
    given.corpus().require_articles(findings.summary().documents, findings.problems())?;
    let report = Reporter {
        palette: palette(global.color.or(settings.color)),
        quiet: global.quiet,
        ..Reporter::of(args, &file, &reports, index.is_open())
    };
    let ran = Ran { findings: &findings, given: &given, pool: &pool, quiet: global.quiet };
    index.hold(ran, |held| {
        let check = pool.install(|| asked.gate.check(&findings, &given, held))?;
        // Reported before anything is added or becomes known: a run that is stopped in between is reported again.
        report.write(&check)?;
        if !global.quiet {
            summary(reports.printed, &headline(&check));
        }
        conclude(args, &asked, &check)
    })
}

/// Refuses a prefix that leads out of the repository.
fn refuse_prefix_above(prefix: Option<&Path>) -> Result<()> {
    if let Some(prefix) = prefix.filter(|prefix| prefix.components().any(|part| part == Component::ParentDir)) {
        bail!(
            "--path-prefix {}: is the path of the working folder from the root of the repository, and cannot have `..` in it",
            prefix.display()
        );
    }
    Ok(())
}

/// The index that is named on the command line or in the settings file.
fn index_of<'a>(args: &'a CheckArgs, file: &'a CheckSettings) -> Option<&'a Path> {
    #[cfg(feature = "index")]
    let named = args.index.as_deref();
    #[cfg(not(feature = "index"))]
    let named = {
        _ = args;
        None
    };
    named.or(file.index.as_deref())
}

/// Refuses, before anything is read, an output that is an input, the index or the baseline.
fn refuse_overwriting(args: &CheckArgs, file: &CheckSettings, asked: &Asked, reports: &Reports<Report>, corpus: &FileCorpus) -> Result<()> {
    let mut guard = args.run.guard(corpus);
    if let Some(index) = index_of(args, file) {
        #[cfg(feature = "index")]
        let adds = args.add;
        #[cfg(not(feature = "index"))]
        let adds = false;
        if adds { guard.updates_database("index", index) } else { guard.reads_database("index", index) }
    }
    if let Some(baseline) = asked.baseline.as_deref() {
        if args.update_baseline { guard.writes("baseline", baseline) } else { guard.reads("baseline", baseline) }
    }
    reports.files.iter().for_each(|(_, path)| guard.writes("output", path.as_path()));
    if let Some(path) = step_summary().filter(|_| reports.include(Report::Github)) {
        guard.adds_to(STEP_SUMMARY, path);
    }
    Ok(guard.check()?)
}

/// A run, to be compared with an index.
#[cfg_attr(not(feature = "index"), expect(dead_code, reason = "there is no index"))]
#[derive(Clone, Copy)]
struct Ran<'a> {
    findings: &'a Findings,
    given: &'a Given<FileCorpus>,
    pool: &'a rayon::ThreadPool,
    quiet: bool,
}

/// Writes the baseline if that is wanted, and returns the exit code.
fn conclude(args: &CheckArgs, asked: &Asked, check: &Check) -> Result<u8> {
    if let Some(path) = asked.baseline.as_deref().filter(|_| args.update_baseline) {
        let baseline = Baseline::of(check);
        let change = asked.gate.baseline.change_to(check);
        let text = baseline.text();
        write_file(path, &mut |out| out.write_all(text.as_bytes()))?;
        line("baseline", &format!("{}: {} added, {} dropped, {} kept", path.display(), change.added, change.dropped, change.kept));
        return Ok(super::SUCCESS);
    }
    if let Some(exceeded) = asked.exceeded(check) {
        line("failed", &exceeded);
    }
    Ok(if asked.fails(check) { FOUND } else { super::SUCCESS })
}

/// The variable in which GitHub names a file for the summary of a step.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

fn step_summary() -> Option<PathBuf> {
    std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// How a check is reported.
struct Reporter<'a> {
    /// Paths for people at this machine.
    paths: Paths,
    /// Paths for code hosts, which know the files of a repository.
    host_paths: Paths,
    sarif: SarifOptions,
    pairs: PairList,
    palette: Palette,
    /// Of standard output.
    limit: Option<usize>,
    reports: &'a Reports<Report>,
    quiet: bool,
    /// Results that did not fit into SARIF.
    cut: Cell<Option<LeftOut>>,
}

impl<'a> Reporter<'a> {
    fn of(args: &'a CheckArgs, file: &CheckSettings, reports: &'a Reports<Report>, has_index: bool) -> Self {
        let folder = std::env::current_dir().unwrap_or_default();
        let all_pairs = args.all_pairs.or(file.all_pairs).unwrap_or(has_index);
        Self {
            paths: Paths::of_folder(&folder),
            host_paths: paths_for_hosts(&folder, args.path_prefix.as_deref().or(file.path_prefix.as_deref()), &args.paths),
            sarif: SarifOptions {
                has_baseline: args.baseline.is_some() || file.baseline.is_some(),
                new_only: args.sarif_new_only.or(file.sarif_new_only).unwrap_or(false),
                ..SarifOptions::default()
            },
            pairs: if all_pairs { PairList::All } else { PairList::Reported },
            palette: Palette::PLAIN,
            limit: args.cut.limit(),
            reports,
            quiet: false,
            cut: Cell::new(None),
        }
    }

    fn write(&self, check: &Check) -> Result<()> {
        let Reports { printed, files } = self.reports;
        for (report, path) in files {
            write_file(path, &mut |out| self.write_one(check, *report, Palette::PLAIN, out))?;
        }
        let limited = self.limit.map(|limit| check.limited(limit));
        let written = to_stdout(&mut |out| Ok(self.write_one(limited.as_ref().unwrap_or(check), *printed, self.palette, out)?));
        if let Some(cut) = self.cut.get().filter(|_| !self.quiet) {
            line("note", &format!("SARIF: {cut}"));
        }
        if self.reports.include(Report::Github) {
            self.write_step_summary(check)?;
        }
        written
    }

    fn write_one(&self, check: &Check, report: Report, palette: Palette, mut out: impl Write) -> io::Result<()> {
        let out = &mut out;
        match report {
            Report::Text => write_check_text(check, &self.paths, palette, out),
            Report::Jsonl => write_check_jsonl(check, self.pairs, out),
            Report::Json => write_check_json(check, self.pairs, out),
            Report::Sarif => {
                let cut = write_sarif(check, &self.host_paths, &self.sarif, out)?;
                self.cut.set(cut.or(self.cut.get()));
                Ok(())
            }
            Report::Junit => write_junit(check, &self.host_paths, out),
            Report::Github => write_github(check, &self.host_paths, out),
            Report::Gitlab => write_gitlab(check, &self.host_paths, out),
            Report::Markdown => write_markdown(check, &self.host_paths, out),
        }
    }

    /// GitHub names a file for the summary of a step; several steps may add to it.
    fn write_step_summary(&self, check: &Check) -> Result<()> {
        let Some(path) = step_summary() else { return Ok(()) };
        let mut text = Vec::new();
        write_markdown(check, &self.host_paths, &mut text)?;
        if let Some(cut) = self.cut.get() {
            writeln!(text, "\nSARIF: {cut}.")?;
        }
        Ok(crate::files::append(&path, &text)?)
    }
}

#[cfg(not(feature = "index"))]
struct Opened;

#[cfg(not(feature = "index"))]
impl Opened {
    fn is_open(&self) -> bool {
        false
    }

    fn hold(self, _: Ran<'_>, tell: impl FnOnce(&Held) -> Result<u8>) -> Result<u8> {
        tell(&Held::default())
    }
}

#[cfg(feature = "index")]
use with_index::Opened;

#[cfg(feature = "index")]
mod with_index {
    use super::{CheckArgs, CheckSettings, Held, Ran, Result, bail, line};
    use crate::DetectConfig;
    use crate::check::{Purpose, hold_against};
    use crate::index::{Index, Texts};
    use std::path::PathBuf;

    /// An index that is named.
    enum Named {
        Existing(Index),
        /// Created when there are articles to add.
        New {
            path: PathBuf,
            config: DetectConfig,
            texts: Texts,
        },
    }

    impl Named {
        fn open(self) -> Result<Index> {
            Ok(match self {
                Self::Existing(index) => index,
                Self::New { path, config, texts } => Index::create(&path, &config, texts)?,
            })
        }
    }

    /// The index, if one is named.
    pub(super) struct Opened {
        index: Option<Named>,
        add: bool,
    }

    impl Opened {
        pub(super) fn of(args: &CheckArgs, file: &CheckSettings, config: &DetectConfig) -> Result<Self> {
            let Some(path) = args.index.clone().or_else(|| file.index.clone()) else {
                if args.add {
                    bail!("--add: no index is named; add --index FILE");
                }
                return Ok(Self { index: None, add: false });
            };
            if config.is_exact() {
                bail!("--index compares words, and --exact compares bytes; leave one of them out");
            }
            let texts = if args.no_text { Texts::LeftOut } else { Texts::Kept };
            let index = match (args.add, path.exists()) {
                (true, false) => {
                    Index::require_room(&path)?;
                    Named::New { path, config: *config, texts }
                }
                (true, true) => Named::Existing(Index::open_to_write(&path, config)?),
                (false, _) => Named::Existing(Index::open(&path, config)?),
            };
            Ok(Self { index: Some(index), add: args.add })
        }

        pub(super) fn is_open(&self) -> bool {
            self.index.is_some()
        }

        /// Compares the articles with the index, reports, and adds them: one transaction, so that of two writers the second sees what the first added.
        pub(super) fn hold(self, ran: Ran<'_>, tell: impl FnOnce(&Held) -> Result<u8>) -> Result<u8> {
            let Some(named) = self.index else { return tell(&Held::default()) };
            let index = named.open()?;
            let mut transaction = if self.add { index.write()? } else { index.read()? };
            let Ran { findings, given, pool, .. } = ran;
            let purpose = if self.add { Purpose::Add } else { Purpose::Check };
            let (held, added) = hold_against(findings, given, &mut transaction, purpose, pool)?;
            let code = tell(&held)?;
            transaction.commit()?;
            if self.add && !ran.quiet {
                line(
                    "index",
                    &format!(
                        "{}: {} added, {} replaced, {} unchanged (articles are added whatever the check finds)",
                        index.path().display(),
                        added.new,
                        added.replaced,
                        added.unchanged
                    ),
                );
            }
            Ok(code)
        }
    }
}
