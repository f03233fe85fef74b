//! Parquet files: columns of every type that is read, every codec and encoding, row groups and pages.

use crate::workbench::{Bench, record, scanned, unread, words};
use ::parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use ::parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use ::parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use refrain::{Corpus, FileCorpus, Locator, Place, Record, SourceOptions, Visitor};
use std::sync::Arc;

const SCHEMA: &str = "message articles {
    required int64 id;
    optional group meta { optional binary body (UTF8); required binary outlet (UTF8); }
    optional int32 day (DATE);
    optional int64 seen (TIMESTAMP(MICROS, true));
    optional group tags (LIST) { repeated group list { optional binary element (UTF8); } }
    required binary note;
}";
pub(crate) const FIELDS: [&str; 6] = ["--text-field", "meta.body", "--date-field", "seen", "--outlet-field", "meta.outlet"];

/// A file of the texts, in row groups of `group_rows`. Ids count from 0; every article is a day older than the one before.
pub(crate) fn written(texts: &[Option<String>], group_rows: usize, properties: WriterPropertiesBuilder) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).unwrap();
    for (group, texts) in texts.chunks(group_rows).enumerate() {
        let mut rows = writer.next_row_group().unwrap();
        let numbers: Vec<i64> = (0..).skip(group * group_rows).take(texts.len()).collect();
        let bytes: Vec<ByteArray> = texts.iter().flatten().map(|text| ByteArray::from(text.as_str())).collect();
        let full = vec![1; texts.len()];
        for column in 0..7 {
            let mut writer = rows.next_column().unwrap().unwrap();
            match column {
                0 => writer.typed::<Int64Type>().write_batch(&numbers, None, None),
                1 => {
                    let levels: Vec<i16> = texts.iter().map(|text| if text.is_some() { 2 } else { 1 }).collect();
                    writer.typed::<ByteArrayType>().write_batch(&bytes, Some(&levels), None)
                }
                2 => writer.typed::<ByteArrayType>().write_batch(&vec![ByteArray::from("Courier"); texts.len()], Some(&full), None),
                3 => writer.typed::<Int32Type>().write_batch(&vec![16_637; texts.len()], Some(&full), None),
                4 => {
                    let seen: Vec<i64> = numbers.iter().map(|number| 1_437_436_800_000_000 - number * 86_400_000_000).collect();
                    writer.typed::<Int64Type>().write_batch(&seen, Some(&full), None)
                }
                5 => {
                    // Two tags an article.
                    let levels: Vec<i16> = texts.iter().flat_map(|_| [0, 1]).collect();
                    let tags = vec![ByteArray::from("tag"); 2 * texts.len()];
                    writer.typed::<ByteArrayType>().write_batch(&tags, Some(&vec![3; tags.len()]), Some(&levels))
                }
                _ => writer.typed::<ByteArrayType>().write_batch(&vec![ByteArray::from("\u{0}"); texts.len()], None, None),
            }
            .unwrap();
            writer.close().unwrap();
        }
        rows.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn articles() -> Vec<Option<String>> {
    let text = |number: usize| match number % 10 {
        3 => words("same ", 40),
        7 => format!("خبر {number}\n{0}\n{0}", words(&format!("d{number}-"), 30)),
        _ => words(&format!("x{number}-"), 60),
    };
    (0..400).map(|number| Some(text(number))).collect()
}

fn jsonl(texts: &[Option<String>]) -> String {
    let values = texts.iter().enumerate().map(|(number, text)| {
        let seen = 1_437_436_800 - number * 86_400;
        serde_json::json!({ "id": number.to_string(), "meta": { "body": text, "outlet": "Courier" }, "seen": seen }).to_string() + "\n"
    });
    values.collect()
}

#[test]
fn every_codec_and_encoding_gives_the_findings_of_json_lines() {
    let texts = articles();
    let (_, expected) = scanned("a.jsonl", jsonl(&texts), &FIELDS);
    assert!(expected.of("pair").len() > 100 && expected.of("repetition").len() == 40);
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
    ];
    for codec in codecs {
        for (version, dictionary) in [(WriterVersion::PARQUET_1_0, true), (WriterVersion::PARQUET_2_0, false)] {
            let properties = WriterProperties::builder()
                .set_compression(codec)
                .set_writer_version(version)
                .set_dictionary_enabled(dictionary)
                .set_data_page_row_count_limit(30)
                .set_write_batch_size(10);
            let (ran, found) = scanned("a.parquet", written(&texts, 150, properties), &FIELDS);
            assert_eq!(found, expected, "{codec:?} {version:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn rows_without_text_are_told_by_their_numbers() {
    let mut texts: Vec<Option<String>> = (0..10).map(|number| Some(words(&format!("w{number}-"), 20))).collect();
    (texts[4], texts[7]) = (None, Some(String::new()));
    let (ran, findings) = scanned("a.pq", written(&texts, 3, WriterProperties::builder()), &FIELDS);
    assert_eq!((findings.summary("documents"), findings.summary("empty"), findings.summary("skipped")), (9, 1, 1));
    assert!(ran.stderr.contains("skipped: a.pq:5: no text: null"), "{}", ran.stderr);
    assert!(ran.stderr.contains("text from meta.body; id from id; date from seen; outlet from meta.outlet"), "{}", ran.stderr);
}

#[test]
fn a_file_without_text_and_one_that_is_cut_are_told() {
    let file = written(&[Some("text".into())], 1, WriterProperties::builder());
    let ran = unread("a.parquet", &file, &[]);
    assert!(ran.stderr.contains("a.parquet: no text field (has: id, meta.body, meta.outlet, day, seen, "), "{}", ran.stderr);
    let ran = unread("a.parquet", &file, &["--text-field", "id"]);
    assert!(ran.stderr.contains("text field `id` is of type INT64, not text"), "{}", ran.stderr);
    let none = written(&[], 1, WriterProperties::builder());
    assert!(unread("a.parquet", none, &FIELDS).stderr.contains("without an article"));
    let bench = Bench::new();
    for length in [4, 12, file.len() / 2, file.len() - 1] {
        bench.write("a.parquet", &file[..length]);
        let ran = bench.run(&[&["scan", "a.parquet"], &FIELDS[..]].concat());
        assert!(ran.code == 2 && ran.stderr.contains("a.parquet: damaged or truncated Parquet file"), "{length}: {}", ran.stderr);
    }
}

#[test]
fn names_stand_beside_their_texts_in_long_row_groups_too() {
    let texts: Vec<Option<String>> = (0..270_000).map(|number| Some(number.to_string())).collect();
    let bench = Bench::new();
    let path = bench.write("a.parquet", written(&texts, texts.len(), WriterProperties::builder().set_data_page_row_count_limit(50_000)));
    let fields = refrain::FieldNames { text: Some("meta.body".into()), ..Default::default() };
    let corpus = FileCorpus::open(&[path], &SourceOptions { fields, ..SourceOptions::default() }).unwrap();
    let found = corpus.visit(Found::default).unwrap().into_iter().flat_map(|stretch| stretch.output);
    assert_eq!(found.filter(|(text, id, _, _)| id.as_ref() == Some(text)).count(), texts.len());
}

#[test]
fn a_damaged_file_is_an_error_or_holds_other_texts() {
    let texts: Vec<Option<String>> = (0..30).map(|number| Some(words(&format!("w{number}-"), 20))).collect();
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).set_data_page_row_count_limit(7);
    let file = written(&texts, 20, properties.set_write_batch_size(3));
    let bench = Bench::new();
    let fields = refrain::FieldNames { text: Some("meta.body".into()), date: Some("seen".into()), ..Default::default() };
    let options = SourceOptions { fields, ..SourceOptions::default() };
    for at in (4..file.len()).step_by(11) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x55;
        let path = bench.write("a.parquet", damaged);
        let corpus = FileCorpus::open(&[path], &options).unwrap();
        if let Ok(stretches) = corpus.visit(Found::default) {
            for (text, _, _, locator) in stretches.into_iter().flat_map(|stretch| stretch.output) {
                assert!(corpus.text(locator).unwrap() == text, "damaged at {at}");
            }
        }
    }
}

#[test]
fn parquet_stands_beside_other_files() {
    let bench = Bench::new();
    let text = words("w", 40);
    bench.write("news/a.parquet", written(&[Some(text.clone())], 1, WriterProperties::builder()));
    bench.write("news/b.jsonl", record("b", &text).replace("\"text\"", "\"meta.body\""));
    let findings = bench.scan(&["news", "--text-field", "meta.body"]);
    assert_eq!((&findings.of("pair")[0]["a"], &findings.of("pair")[0]["b"]), (&"0".into(), &"b".into()));
}

#[derive(Default)]
struct Found(Vec<(String, Option<String>, Option<String>, Locator)>);

impl Visitor for Found {
    type Output = Vec<(String, Option<String>, Option<String>, Locator)>;

    fn document(&mut self, record: Record<'_>) {
        self.0.push((record.text.into(), record.id.map(Into::into), record.date.map(Into::into), record.locator));
    }
    fn progress(&mut self, _: u64) {}
    fn finish(self) -> Self::Output {
        self.0
    }
}

#[test]
fn every_row_is_found_again() {
    // Pages of a few rows, and pages longer than a stretch.
    let text = |number: usize| format!("{number} ").repeat(20_000 / number.to_string().len());
    let texts: Vec<Option<String>> = (0..600).map(|number| (number % 100 != 7).then(|| text(number))).collect();
    // Texts of pages that are not packed stay in the file; with a dictionary they stand in another order there.
    let cases = [
        (1 << 16, Compression::SNAPPY, true),
        (8 << 20, Compression::SNAPPY, true),
        (1 << 16, Compression::UNCOMPRESSED, false),
        (8 << 20, Compression::UNCOMPRESSED, true),
    ];
    for (page_bytes, codec, dictionary) in cases {
        let properties =
            WriterProperties::builder().set_data_page_size_limit(page_bytes).set_compression(codec).set_dictionary_enabled(dictionary);
        let bench = Bench::new();
        let path = bench.write("a.parquet", written(&texts, 250, properties));
        let options = SourceOptions {
            fields: refrain::FieldNames { text: Some("meta.body".into()), date: Some("day".into()), ..Default::default() },
            ..SourceOptions::default()
        };
        let corpus = FileCorpus::open(&[path], &options).unwrap();
        let stretches = corpus.visit(Found::default).unwrap();
        assert!(stretches.len() > 8);
        assert_eq!(stretches.iter().map(|stretch| stretch.lines).sum::<u64>(), 600);
        let mut numbers = (0..600).filter(|number| number % 100 != 7);
        for (found, id, date, locator) in stretches.into_iter().flat_map(|stretch| stretch.output) {
            let number = numbers.next().unwrap();
            assert!(found == text(number) && id == Some(number.to_string()) && date.as_deref() == Some("2015-07-21"));
            assert!(corpus.text(locator).unwrap() == found, "row {number}");
            assert_eq!(corpus.place(locator).unwrap(), Place::Row { group: number / 250, row: number % 250 });
        }
        assert_eq!(numbers.next(), None);
    }
}
