//! The self-test as a whole, on invented articles.

use super::*;
use refrain_engine::corpus::Documents;
use refrain_engine::detect::Silent;
use refrain_engine::document::Document;
use refrain_engine::text::Fold;

/// Articles of words that stand nowhere else, some longer than others.
fn corpus(count: usize) -> Documents {
    let line = |n: usize, line: usize| (0..20).map(|word| format!("كلمةn{n}x{line}y{word}")).collect::<Vec<_>>().join(" ");
    let text = |n: usize| (0..4 + n % 3).map(|at| line(n, at) + ".").collect::<Vec<_>>().join("\n");
    (0..count).map(|n| Document::new(n.to_string(), text(n))).collect()
}

fn options(trials: usize) -> Options {
    Options { trials, lengths: vec![15, 30, 90], ..Options::default() }
}

fn tested(config: DetectConfig, options: &Options) -> Report {
    let sample = Sample::read(&corpus(40), &config, options, &Silent).unwrap();
    selftest(&sample, &config, options).unwrap()
}

#[test]
fn what_is_promised_is_found_and_nothing_else() {
    let report = tested(DetectConfig::default(), &options(4));
    assert_eq!((report.already_there.pairs, report.already_there.repetitions, report.unexplained), (0, 0, Unexplained::default()));
    for table in &report.tables {
        for change in [Change::Verbatim, Change::Respelled] {
            let row = table.row(change).unwrap();
            let shares: Vec<_> = row.cells.iter().map(|cell| (cell.trials, cell.found)).collect();
            assert_eq!(shares[1..], [(4, 4), (4, 4)], "{:?} {change:?}", table.kind);
            assert!(row.covered > 0.95, "{}", row.covered);
        }
        assert!(table.rows.iter().all(|row| row.cells.iter().all(|cell| cell.trials == 4)));
    }
    assert_eq!(report.table(Kind::Across).unwrap().row(Change::Verbatim).unwrap().cells[0].found, 0);
    let copies = report.copies.as_ref().unwrap();
    assert_eq!((copies[0].found, copies[4].found), (4, 0));
    assert!(copies.is_sorted_by(|x, y| x.mean_jaccard > y.mean_jaccard));
    let topics: Vec<Topic> = report.advice.iter().map(|advice| advice.about).collect();
    assert_eq!(topics[..3], [Topic::Across, Topic::Within, Topic::MinWords]);
    assert!(topics.contains(&Topic::Threshold) && !topics.contains(&Topic::Unexplained));
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| tested(DetectConfig::default(), &options(1)))
    };
    assert_eq!(on(1), on(2));
    let other = tested(DetectConfig::default(), &Options { seed: 2, ..options(1) });
    assert_ne!(on(1).copies, other.copies);
}

#[test]
fn only_what_is_looked_for_is_tested() {
    let scoped = |scope| tested(DetectConfig { scope, ..DetectConfig::default() }, &options(1));
    let kinds = |report: &Report| report.tables.iter().map(|table| table.kind).collect::<Vec<_>>();
    let report = scoped(Scope::NearDuplicates);
    assert!(kinds(&report).is_empty() && report.copies.is_some());
    assert_eq!(kinds(&scoped(Scope::Within)), [Kind::Within]);
    let report = scoped(Scope::Passages);
    assert!(kinds(&report) == [Kind::Across] && report.copies.is_none());
}

#[test]
fn a_strict_fold_misses_what_is_respelled_and_says_so() {
    let report = tested(DetectConfig { fold: Fold::None, scope: Scope::Within, ..DetectConfig::default() }, &options(6));
    assert!(report.advice.iter().any(|advice| advice.about == Topic::Fold), "{:?}", report.advice);
}

#[test]
fn options_out_of_range_are_refused() {
    for (options, setting) in [
        (Options { sample: 19, ..Options::default() }, "sample"),
        (Options { trials: 0, ..Options::default() }, "trials"),
        (Options { lengths: vec![], ..Options::default() }, "lengths"),
        (Options { lengths: vec![25, 15], ..Options::default() }, "lengths"),
        (Options { lengths: vec![4], ..Options::default() }, "lengths"),
    ] {
        let said = options.check().unwrap_err().to_string();
        assert!(said.starts_with(setting), "{said}");
    }
    assert!(Options::default().check().is_ok());
}
