//! WARC and WET: which records are read, what they are called, what is told of the rest.

use crate::workbench::{Bench, scanned, unread, words};
use refrain::{Corpus, FileCorpus, Place, Record, SourceOptions, Spelling, Visitor};

fn record(kind: &str, number: usize, uri: &str, block: &str) -> String {
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2020-01-0{number}T00:00:00Z\r\n\
         WARC-Record-ID: <urn:uuid:{number}>\r\nX-Name: name-{number}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
        block.len()
    )
}

#[test]
fn records_are_named_by_address_and_dated() {
    let text = words("w", 30);
    let crawl = record("warcinfo", 1, "a.wet", "x: y\r\n")
        + &record("conversion", 3, "http://Courier.example/a", &text)
        + &record("conversion", 2, "http://other.example/b", &text)
        + &record("response", 4, "http://other.example/c", "HTTP/1.1 200 OK\r\n\r\n<p>x");
    let (ran, findings) = scanned("a.wet", &crawl, &[]);
    let pair = findings.of("pair")[0];
    assert_eq!((&pair["a"], &pair["b"]), (&"http://Courier.example/a".into(), &"http://other.example/b".into()));
    assert_eq!(pair["origin"], "b");
    assert_eq!((findings.summary("documents"), findings.summary("skipped")), (2, 0));
    assert!(ran.stderr.contains("WARC records left out because they are no text: 2 (1 response, 1 warcinfo)"), "{}", ran.stderr);
    let (_, by_id) = scanned("a.wet", &crawl, &["--id-field", "warc-record-id"]);
    assert_eq!(by_id.of("pair")[0]["a"], "urn:uuid:2");
    let (_, by_name) = scanned("a.wet", &crawl, &["--id-field", "X-Name"]);
    assert_eq!(by_name.of("pair")[0]["a"], "name-2");
    let (_, elsewhere) = scanned("a.wet", &crawl, &["--id-field", "doc_id"]);
    assert_eq!(elsewhere.of("pair")[0]["a"], "http://Courier.example/a");
}

#[test]
fn an_address_that_comes_twice_gives_way_to_the_record_id() {
    let text = words("w", 30);
    let again = record("conversion", 1, "http://a.example/", &text) + &record("conversion", 2, "http://a.example/", &text);
    let (_, findings) = scanned("a.wet", again, &[]);
    let pair = findings.of("pair")[0];
    assert_eq!((&pair["a"], &pair["b"]), (&"urn:uuid:1".into(), &"urn:uuid:2".into()));
}

#[test]
fn damaged_records_are_told_with_their_lines() {
    let good = |number| record("conversion", number, &format!("http://a.example/{number}"), "good\n");
    let wrong = good(2).replace("Content-Length: 5", "Content-Length: 50");
    let cut = good(5);
    let not_text = record("conversion", 6, "u", "XX").replace("XX", "\u{1}\u{2}").into_bytes();
    let not_text: Vec<u8> = not_text.into_iter().map(|byte| if byte < 3 { 0xFF } else { byte }).collect();
    let cut = &cut.as_bytes()[..cut.len() - 6];
    let file = [good(1).as_bytes(), wrong.as_bytes(), good(3).as_bytes(), &not_text, good(4).as_bytes(), cut].concat();
    let (ran, findings) = scanned("a.warc", file, &[]);
    assert_eq!((findings.summary("documents"), findings.summary("skipped")), (3, 3), "{}", ran.stderr);
    let told: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("skipped")).collect();
    assert_eq!(told.len(), 3);
    assert!(told[0].starts_with("skipped: a.warc:13: a WARC record whose Content-Length"), "{told:?}");
    assert!(told[1].starts_with("skipped: a.warc:37: a WARC record with bytes that are not UTF-8"), "{told:?}");
    assert!(told[2].starts_with("skipped: a.warc:60: a WARC record that is cut"), "{told:?}");
    let ran = unread("a.warc", "no crawl\n", &[]);
    assert!(ran.stderr.contains("no article read: 1 record skipped"), "{}", ran.stderr);
    assert!(unread("a.warc", "", &[]).stderr.contains("without an article"));
}

/// Takes texts, and where they are found again.
#[derive(Default)]
pub(crate) struct Found(Vec<(String, refrain::Locator)>);

impl Visitor for Found {
    type Output = Vec<(String, refrain::Locator)>;

    fn document(&mut self, record: Record<'_>) {
        self.0.push((record.text.into_owned(), record.locator));
    }
    fn progress(&mut self, _: u64) {}
    fn finish(self) -> Self::Output {
        self.0
    }
}

#[test]
fn large_files_are_cut_between_records_and_every_text_is_found_again() {
    let text = |number: usize| words(&format!("x{number}-"), 500);
    let content: String = (0..1000).map(|n| record("conversion", n, &format!("http://a.example/{n}"), &text(n))).collect();
    let bench = Bench::new();
    let path = bench.write("a.warc.wet", &content);
    let corpus = FileCorpus::open(&[path], &SourceOptions::default()).unwrap();
    let stretches = corpus.visit(Found::default).unwrap();
    assert!(stretches.len() > 2);
    assert_eq!(stretches.iter().map(|stretch| stretch.lines).sum::<u64>(), content.matches('\n').count() as u64);
    for (number, (found, locator)) in stretches.into_iter().flat_map(|stretch| stretch.output).enumerate() {
        assert!(found == text(number) && corpus.text(locator).unwrap() == found, "record {number}");
        let Place::Bytes { record, text: Some(place), spelling: Spelling::Plain } = corpus.place(locator).unwrap() else { panic!() };
        let at = |range: std::ops::Range<u64>| &content[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        assert!(at(record).starts_with("WARC/1.0") && at(place) == found);
    }
}
