//! Two lines as the dates of two articles with the same words. Which of the two is earlier does not depend on which one has which name, a date is as old as
//! itself, and a date that is not understood is counted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain::{DetectConfig, Detector, Document, Documents, Findings, Origin, Silent};
use refrain_fuzz::{check_reports, set_up};

const TEXT: &str = "one two three four five six seven eight nine ten eleven twelve";

fn found(dates: [&str; 2]) -> Findings {
    let document = |id, date: &str| Document::new(id, TEXT).dated(date);
    let documents: Documents = [document("a", dates[0]), document("b", dates[1])].into_iter().collect();
    Detector::new(DetectConfig::default()).expect("the default makes sense").detect_in(&documents, &Silent).expect("it is in memory")
}

fn earlier(findings: &Findings) -> Option<Origin> {
    findings.pairs().next().expect("the words are the same").origin
}

fuzz_target!(init: set_up(), |data: &str| {
    let (x, y) = data.split_once('\n').unwrap_or((data, "2015-07-21T09:30:00Z"));
    let [forth, back, same] = [found([x, y]), found([y, x]), found([x, x])];
    let other = |origin| if origin == Origin::A { Origin::B } else { Origin::A };
    assert_eq!(earlier(&forth), earlier(&back).map(other), "{x:?} and {y:?}");
    assert_eq!(earlier(&same), None, "{x:?} is before itself");
    let bad = |findings: &Findings| findings.bad_dates().count;
    assert_eq!(bad(&forth), bad(&back));
    assert!(bad(&same) % 2 == 0 && bad(&forth) >= bad(&same) / 2, "{x:?} and {y:?}");
    check_reports(&forth);
});
