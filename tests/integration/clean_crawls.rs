//! `refrain clean` on WARC and WET: records that go, blocks that get shorter, and a gzip member for each record.

use crate::clean::{clean_and_back, of_type, read};
use crate::workbench::{Bench, words};
use std::fs;

fn record(kind: &str, uri: &str, block: &str, digests: bool) -> String {
    let digests = if digests { "WARC-Block-Digest: sha1:AAAA\r\nwarc-payload-digest: sha1:BBBB\r\n" } else { "" };
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2020-01-01T00:00:00Z\r\nX-Score: {}\r\n{digests}\
         WARC-Record-ID: <urn:uuid:{uri}>\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
        uri.len(),
        block.len()
    )
}

#[test]
fn records_go_whole_and_blocks_keep_their_lengths_right() {
    let bench = Bench::new();
    let (body, other) = (words("w", 40), words("o", 40));
    let info = record("warcinfo", "a.wet", "software: x\r\n", true);
    let loud = record("conversion", "http://b.example/longer", &body.to_uppercase(), true);
    let last = record("conversion", "http://c.example/", &other, true);
    let twice = record("conversion", "http://a.example/", &format!("{body}\n\n{body}\n"), true);
    bench.write("in.wet", info.clone() + &twice + &loud + &last);
    let (out, lines) = clean_and_back(&bench, "in.wet", &[]);
    assert_eq!(out, info.clone() + &record("conversion", "http://a.example/", &format!("{body}\n"), false) + &last);
    let rules: Vec<&str> = of_type(&lines, "removal").iter().filter_map(|line| line["rule"].as_str()).collect();
    assert_eq!(rules, ["repeated-paragraph", "identical"]);
    let (out, _) = clean_and_back(&bench, "in.wet", &["--keep", "highest:x-score"]);
    assert_eq!(out, info.clone() + &loud + &last);
    let (out, _) = clean_and_back(&bench, "in.wet", &["--keep", "outlets:B.example"]);
    assert_eq!(out, info + &loud + &last);
    let ran = bench.run(&["clean", "in.wet", "-o", "marked.wet", "--annotate"]);
    assert!(ran.code == 2 && ran.stderr.contains("no place for a field"), "{}", ran.stderr);
}

#[cfg(feature = "compression")]
#[test]
fn a_packed_crawl_has_a_member_for_each_record() {
    use std::io::{Read, Write};
    let members = |mut packed: &[u8]| {
        let mut found = Vec::new();
        while !packed.is_empty() {
            let mut member = flate2::bufread::GzDecoder::new(packed);
            let mut text = String::new();
            member.read_to_string(&mut text).unwrap();
            packed = member.into_inner();
            found.push(text);
        }
        found
    };
    let pack = |content: &str| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        packer.write_all(content.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let text = |n: usize| words(&format!("t{}x", n % 3), 30);
    let records: Vec<String> = (0..5).map(|n| record("conversion", &format!("http://a.example/{n}"), &text(n), false)).collect();
    for packed in [records.iter().flat_map(|record| pack(record)).collect::<Vec<u8>>(), pack(&records.concat())] {
        let bench = Bench::new();
        bench.write("in.warc.gz", packed);
        clean_and_back(&bench, "in.warc.gz", &[]);
        assert_eq!(members(&fs::read(bench.path().join("out.warc.gz")).unwrap()), records[..3]);
    }
    let bench = Bench::new();
    bench.write("in.warc", records.concat());
    clean_and_back(&bench, "in.warc", &[]);
    assert_eq!(read(&bench, "out.warc"), records[..3].concat());
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    fn crawl() -> impl Strategy<Value = String> {
        let sentence = |n: usize| words(["a", "ب", "é", "x\"", "😀t", "WARC/1.0"][n], [12, 30, 11, 26, 3, 14][n]) + ".";
        let unit = (0..6_usize, "(\n|\n\n| |\r\n|\r\n\r\n)").prop_map(move |(n, separator)| sentence(n) + &separator);
        let text = prop::collection::vec(unit, 0..7).prop_map(|units| units.concat());
        let kind = prop_oneof![6 => Just("conversion"), 1 => Just("response")];
        let one = (text, any::<u8>(), kind, any::<bool>(), 0..12_u8).prop_map(|(text, uri, kind, digests, fault)| {
            let whole = record(kind, &format!("http://h.example/{uri}"), &text, digests);
            // Too short, or beyond the end: a length that reaches into other records would reach elsewhere when those are shorter.
            match fault {
                0 => whole.replace("Content-Length: ", "Content-Length: 3\r\nX-Length: "),
                1 => whole.replace("Content-Length: ", "Content-Length: 99999"),
                _ => whole,
            }
        });
        // One article is always there: a run that reads none fails.
        let first = record("conversion", "http://h.example/first", &words("first", 12), false);
        prop::collection::vec(one, 0..9).prop_map(move |records| first.clone() + &records.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_crawl_that_was_cleaned_comes_back_and_is_clean(crawl in crawl()) {
            let bench = Bench::new();
            bench.write("in.wet", &crawl);
            clean_and_back(&bench, "in.wet", &[]);
        }
    }
}
