//! `refrain clean` on Parquet: rows that go in every column, texts that get shorter, and the way back to the same rows.

use crate::clean::{of_type, read, run};
use crate::parquet::{FIELDS, written};
use crate::workbench::{Bench, Run, words};
use ::parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use ::parquet::file::metadata::{KeyValue, ParquetMetaData, SortingColumn};
use ::parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::schema::types::ColumnPath;
use bytes::Bytes;
use serde_json::{Value, json};
use std::fs;

/// Rows as they print, by row group, and what the file says of itself.
fn file(bench: &Bench, name: &str) -> (Vec<Vec<String>>, ParquetMetaData) {
    let bytes = Bytes::from(fs::read(bench.path().join(name)).unwrap());
    let reader = SerializedFileReader::new(bytes).unwrap();
    let group = |at: usize| reader.get_row_group(at).unwrap().get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    ((0..reader.num_row_groups()).map(group).collect(), reader.metadata().clone())
}

/// Says that both files have the same schema, metadata, codecs and order.
#[track_caller]
fn assert_alike(x: &ParquetMetaData, y: &ParquetMetaData) {
    assert_eq!(x.file_metadata().schema_descr().root_schema(), y.file_metadata().schema_descr().root_schema());
    assert_eq!(x.file_metadata().key_value_metadata(), y.file_metadata().key_value_metadata());
    for (x, y) in x.row_groups().iter().zip(y.row_groups()) {
        assert_eq!(x.sorting_columns(), y.sorting_columns());
        for (x, y) in x.columns().iter().zip(y.columns()) {
            assert_eq!(
                (x.compression_codec(), x.dictionary_page_offset().is_some()),
                (y.compression_codec(), y.dictionary_page_offset().is_some())
            );
        }
    }
}

/// Cleans, restores and cleans again; returns the input's rows, the output's, and the manifest.
#[track_caller]
fn there_and_back(bench: &Bench, input: Vec<u8>, args: &[&str]) -> [Vec<Vec<String>>; 2] {
    bench.write("in.parquet", input);
    let args = [&FIELDS[..], args].concat();
    run(bench, &[&["clean", "in.parquet", "-o", "out.parquet"], &args[..]].concat());
    run(bench, &["restore", "out.parquet", "-o", "back.parquet"]);
    let again = bench.run(&[&["clean", "out.parquet", "-o", "again.parquet"], &args[..]].concat());
    let [before, out, back] = ["in.parquet", "out.parquet", "back.parquet"].map(|name| file(bench, name));
    assert_eq!(before.0, back.0, "restored");
    assert_alike(&before.1, &back.1);
    if !out.0.is_empty() {
        assert_alike(&before.1, &out.1);
    }
    let bytes = |name: &str| fs::read(bench.path().join(name)).unwrap();
    if out.0.concat().is_empty() {
        assert_eq!(again.code, 2, "there is no article left to clean");
    } else {
        assert_eq!(bytes("out.parquet"), bytes("again.parquet"), "cleaned again");
    }
    let lines: Vec<Value> = read(bench, "out.parquet.manifest.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = of_type(&lines, "summary")[0];
    let number = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(number("bytes_in"), number("bytes_out") + number("bytes_removed"));
    assert_eq!(number("records_in"), number("records_kept") + number("records_removed"));
    assert_eq!(number("records_kept") + number("records_unreadable"), out.0.concat().len() as u64 + number("records_unreadable"));
    [before.0, out.0]
}

fn articles() -> Vec<Option<String>> {
    let text = |number: usize| match number % 10 {
        3 => Some(words("same", 40)),
        5 => None,
        7 => Some(format!("خبر {number}\n{0}\n{0}", words(&format!("d{number}-"), 30))),
        _ => Some(words(&format!("x{number}-"), 60)),
    };
    (0..160).map(text).collect()
}

fn properties() -> WriterPropertiesBuilder {
    let sorting = SortingColumn { column_idx: 0, descending: false, nulls_first: true };
    WriterProperties::builder()
        .set_key_value_metadata(Some(vec![KeyValue::new("made".to_owned(), "by hand".to_owned()), KeyValue::new("empty".to_owned(), None)]))
        .set_sorting_columns(Some(vec![sorting]))
}

#[test]
fn rows_go_in_every_column_and_texts_get_shorter() {
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ];
    for (at, codec) in codecs.into_iter().enumerate() {
        let version = if at % 2 == 0 { WriterVersion::PARQUET_1_0 } else { WriterVersion::PARQUET_2_0 };
        let properties = properties().set_compression(codec).set_writer_version(version).set_dictionary_enabled(at % 3 == 0);
        let bench = Bench::new();
        let [before, out] =
            there_and_back(&bench, written(&articles(), 70, properties.set_data_page_row_count_limit(9)), &["--keep", "first"]);
        assert_eq!(before.iter().map(Vec::len).collect::<Vec<_>>(), [70, 70, 20]);
        assert_eq!(out.concat().len(), 160 - 15);
        let mut expected = before.concat();
        for (row, shown) in expected.iter_mut().enumerate().skip(7).step_by(10) {
            let twice = words(&format!("d{row}-"), 30);
            assert!(shown.contains(&format!("{twice}\n{twice}")), "{shown}");
            *shown = shown.replacen(&format!("\n{twice}"), "", 1);
        }
        let alike: Vec<usize> = (3..160).step_by(10).collect();
        let kept = alike.iter().copied().find(|row| out.concat().contains(&expected[*row])).unwrap();
        let stays = |row: usize| row % 10 != 3 || row == kept;
        let expected: Vec<String> = expected.into_iter().enumerate().filter(|(row, _)| stays(*row)).map(|(_, shown)| shown).collect();
        assert_eq!(out.concat(), expected, "{codec:?}");
    }
}

/// A file of more than a megabyte is mapped, and texts of pages that are not packed are taken from it as it lies there.
#[test]
fn a_long_file_that_is_not_packed_gives_the_rows_of_one_that_is() {
    let text = |number: usize| match number % 10 {
        3 => Some(words("same", 2000)),
        5 => None,
        6 => Some(String::new()),
        7 => Some(format!("خبر {number}\n{0}\n{0}", words(&format!("d{number}-"), 900))),
        _ => Some(words(&format!("x{number}-"), 1800)),
    };
    let texts: Vec<Option<String>> = (0..160).map(text).collect();
    for dictionary in [true, false] {
        let rows = [Compression::UNCOMPRESSED, Compression::SNAPPY].map(|codec| {
            let properties = properties().set_compression(codec).set_dictionary_enabled(dictionary).set_data_page_size_limit(1 << 16);
            let file = written(&texts, 70, properties);
            assert!(codec == Compression::SNAPPY || file.len() > 1 << 20);
            there_and_back(&Bench::new(), file, &["--keep", "first"])
        });
        assert_eq!(rows[0], rows[1]);
        assert_eq!(rows[0][1].concat().len(), 160 - 15);
    }
}

/// Its parts are written one by one, which is not to show in how it is packed.
#[test]
#[cfg(feature = "compression")]
fn a_packed_file_is_packed_in_one_go() {
    use std::io::{Read, Write};
    let gzip = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let bench = Bench::new();
    let file = written(&articles(), 4, properties().set_compression(Compression::UNCOMPRESSED));
    bench.write("in.parquet.gz", gzip(&file));
    run(&bench, &[&["clean", "in.parquet.gz", "-o", "out.parquet.gz"], &FIELDS[..]].concat());
    let packed = fs::read(bench.path().join("out.parquet.gz")).unwrap();
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut plain).unwrap();
    // The library's blocks end a bit otherwise where it is given the bytes in other pieces.
    let in_one_go = gzip(&plain).len();
    assert!(plain.len() < file.len() && packed.len() <= in_one_go + in_one_go / 200, "{} bytes, in one go {in_one_go}", packed.len());
    run(&bench, &["restore", "out.parquet.gz", "-o", "back.parquet.gz"]);
    let mut back = Vec::new();
    flate2::read::GzDecoder::new(&fs::read(bench.path().join("back.parquet.gz")).unwrap()[..]).read_to_end(&mut back).unwrap();
    bench.write("in.parquet", &file);
    bench.write("back.parquet", back);
    assert!(self::file(&bench, "in.parquet").0 == self::file(&bench, "back.parquet").0);
}

#[test]
fn a_row_group_of_which_all_goes_is_not_written_and_comes_back() {
    let text = |n: usize| {
        Some(if n < 3 {
            words("a", 40)
        } else if n < 6 {
            words("a", 40) + " more"
        } else {
            words("b", 40)
        })
    };
    let texts: Vec<_> = (0..9).map(text).collect();
    let bench = Bench::new();
    let [_, out] = there_and_back(&bench, written(&texts, 3, properties()), &["--keep", "longest"]);
    assert_eq!(out.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
    let loops: Vec<_> = (0..4).map(|n| Some(format!("{} {n}", "read more ".repeat(40)))).collect();
    let [before, out] = there_and_back(&bench, written(&loops, 3, properties()), &["--remove", "nothing", "--filter", "gopher"]);
    assert_eq!((before.len(), out.len()), (2, 0));
}

#[test]
fn columns_say_which_of_alike_rows_stays() {
    let texts = vec![Some(words("a", 40)); 4];
    let bench = Bench::new();
    for (keep, kept) in [("highest:id", "id: 3"), ("first", "id: 0"), ("highest:meta.outlet", "id: 3"), ("outlets:Courier", "id: 3")] {
        let [_, out] = there_and_back(&bench, written(&texts, 3, properties()), &["--keep", keep]);
        assert!(out.concat().len() == 1 && out[0][0].contains(kept), "{keep}: {out:?}");
    }
}

#[test]
fn nothing_is_lost_where_nothing_goes_and_what_cannot_be_done_is_told() {
    let bench = Bench::new();
    let input = written(&[Some(words("a", 40)), None], 1, properties());
    bench.write("in.parquet", &input);
    run(&bench, &[&["clean", "in.parquet", "-o", "out.parquet"], &FIELDS[..]].concat());
    assert_eq!(fs::read(bench.path().join("out.parquet")).unwrap(), input);
    let ran =
        crate::workbench::Run::new(&[&["clean", "-", "-o", "x.parquet"], &FIELDS[..]].concat()).folder(bench.path()).stdin(input).go();
    assert!(ran.code == 2 && ran.stderr.contains("from a pipe"), "{}", ran.stderr);
}

#[test]
fn a_dictionary_that_was_given_up_is_not_tried_again_and_threads_change_nothing() {
    for (group_rows, limit, expected) in [(160, 500, 0), (160, 1 << 20, 1), (155, 12_000, 1), (7, 500, 0)] {
        let bench = Bench::new();
        let properties = properties().set_dictionary_page_size_limit(limit).set_write_batch_size(5);
        bench.write("in.parquet", written(&articles(), group_rows, properties));
        let clean = |out: &str, jobs: &str| run(&bench, &[&["clean", "in.parquet", "-o", out, "--jobs", jobs], &FIELDS[..]].concat());
        clean("one.parquet", "1");
        clean("four.parquet", "4");
        let bytes = |name: &str| fs::read(bench.path().join(name)).unwrap();
        assert_eq!(bytes("one.parquet"), bytes("four.parquet"));
        let (rows, metadata) = file(&bench, "four.parquet");
        assert_eq!(rows.concat().len(), 160 - 15);
        let dictionaries =
            |column: usize| metadata.row_groups().iter().filter(|group| group.column(column).dictionary_page_offset().is_some()).count();
        assert_eq!((dictionaries(1), dictionaries(2)), (expected, rows.len()), "{group_rows} {limit}");
    }
}

#[test]
fn annotating_adds_columns_and_the_way_back_takes_them() {
    let bench = Bench::new();
    // A schema of Arrow would lack the new columns: readers refuse the file, or leave them out.
    let keys = [("made", "by hand"), ("ARROW:schema", "c2NoZW1h")].map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned()));
    let properties = properties().set_compression(Compression::SNAPPY).set_key_value_metadata(Some(keys.to_vec()));
    bench.write("in.parquet", written(&articles(), 70, properties));
    run(&bench, &[&["clean", "in.parquet", "-o", "out.parquet", "--annotate", "--keep", "first"], &FIELDS[..]].concat());
    let (rows, metadata) = file(&bench, "out.parquet");
    let rows = rows.concat();
    let kept = metadata.file_metadata().key_value_metadata().unwrap();
    assert!(
        kept.iter().all(|pair| pair.key != "ARROW:schema") && kept.iter().any(|pair| pair.value.as_deref() == Some("c2NoZW1h")),
        "{kept:?}"
    );
    assert_eq!(rows.len(), 160);
    assert!(rows[103].contains(r#"{"keep":true,"copies":15,"copy_ids":["113","#), "{}", rows[103]);
    assert!(rows[103].contains(r#""sources":["Courier"],"first_seen":"2015-"#) && rows[5].contains("refrain: null"), "{}", rows[5]);
    assert!(rows[103].contains("refrain_copies: 15, refrain_copy_ids: [\"113\""), "{}", rows[103]);
    assert!(rows[103].contains("refrain_sources: [\"Courier\"], refrain_first_seen: \"2015-"), "{}", rows[103]);
    assert!(
        rows[5].ends_with("refrain_copies: null, refrain_copy_ids: null, refrain_sources: null, refrain_first_seen: null}"),
        "{}",
        rows[5]
    );
    assert!(rows[13].contains(r#"{"keep":false,"why":"identical","copy":"103""#), "{}", rows[13]);
    run(&bench, &["restore", "out.parquet", "-o", "back.parquet"]);
    let [before, back] = ["in.parquet", "back.parquet"].map(|name| file(&bench, name));
    assert_eq!(before.0, back.0);
    assert_alike(&before.1, &back.1);
    let ran = bench.run(&[&["clean", "out.parquet", "-o", "x.parquet", "--annotate"], &FIELDS[..]].concat());
    assert!(ran.code == 2 && ran.stderr.contains("there is a column `refrain` already"), "{}", ran.stderr);
}

/// Texts that are changed in all ways at the edges of row groups, and the numbers that the manifest has of them.
#[test]
fn changed_rows_come_back_where_they_were() {
    let text = |n: usize| match n {
        0 | 4 | 5 | 9 | 10 | 14 => Some(words("same", 40)),
        1 | 6 | 19 => Some(format!("{0}\n{0}", words(&format!("d{n}-"), 30))),
        12 => None,
        _ => Some(words(&format!("x{n}-"), 60)),
    };
    let texts: Vec<_> = (0..20).map(text).collect();
    for encoding in [Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY] {
        for group_rows in [1, 5, 20] {
            let bench = Bench::new();
            let body = ColumnPath::new(vec!["meta".to_owned(), "body".to_owned()]);
            let properties = properties().set_dictionary_enabled(false).set_column_encoding(body, encoding);
            there_and_back(&bench, written(&texts, group_rows, properties), &["--keep", "first"]);
            let lines: Vec<Value> =
                read(&bench, "out.parquet.manifest.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let parquet = &of_type(&lines, "file")[0]["parquet"];
            assert_eq!(parquet["cut"], json!([1, 6, 19]));
            assert_eq!(parquet["removed"].as_array().unwrap().len(), 5);
            assert_eq!(parquet["row_groups"], json!(vec![group_rows; 20 / group_rows]));
        }
    }
}

#[test]
fn without_removed_text_no_rows_are_kept() {
    let bench = Bench::new();
    bench.write("in.parquet", written(&articles(), 70, WriterProperties::builder()));
    run(&bench, &[&["clean", "in.parquet", "-o", "out.parquet", "--removed-text", "none"], &FIELDS[..]].concat());
    let manifest: Vec<Value> = read(&bench, "out.parquet.manifest.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(of_type(&manifest, "rows").is_empty());
    let ran = bench.run(&["restore", "out.parquet", "-o", "back.parquet"]);
    assert!(ran.code == 2 && ran.stderr.contains("does not contain the removed text"), "{}", ran.stderr);
}

#[test]
fn a_damaged_manifest_gives_no_wrong_file() {
    let bench = Bench::new();
    bench.write("in.parquet", written(&articles(), 70, WriterProperties::builder()));
    run(&bench, &[&["clean", "in.parquet", "-o", "out.parquet"], &FIELDS[..]].concat());
    let manifest = read(&bench, "out.parquet.manifest.jsonl");
    let rows = manifest.lines().find(|line| line.contains("\"type\":\"rows\"")).unwrap().to_owned() + "\n";
    let numbers = |name: &str, by: &dyn Fn(&mut Vec<Value>)| {
        let mut lines: Vec<Value> = manifest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let line = lines.iter_mut().find(|line| line["type"] == "file").unwrap();
        by(line["parquet"][name].as_array_mut().unwrap());
        lines.iter().map(|line| line.to_string() + "\n").collect::<String>()
    };
    let damaged = [
        manifest.replace(&rows, ""),
        manifest.replace(&rows, &(rows.clone() + &rows)),
        manifest.replace(&rows, &rows.replacen("\"bytes\":\"KLUv", "\"bytes\":\"KLUw", 1)),
        manifest.replace(&rows, &rows.replace("\"file\":\"out.parquet\"", "\"file\":\"x\"")),
        numbers("cut", &|rows| rows[0] = json!(8)),
        numbers("removed", &|rows| drop(rows.pop())),
        numbers("row_groups", &|rows| rows.push(json!(7))),
        numbers("row_groups", &|rows| rows[0] = json!(u64::MAX)),
    ];
    for (number, damaged) in damaged.into_iter().enumerate() {
        assert!(damaged != manifest, "{number}");
        bench.write("m", damaged);
        let ran = bench.run(&["restore", "out.parquet", "--manifest", "m", "-o", "back.parquet"]);
        assert!(ran.code == 2 && !bench.path().join("back.parquet").exists(), "{number}: {}", ran.stderr);
        assert!(ran.stderr.contains("m:") && ran.stderr.contains("damaged"), "{number}: {}", ran.stderr);
    }
}

/// Many different texts, and some that go.
fn many(count: usize, salt: &str) -> Vec<Option<String>> {
    (0..count).map(|number| Some(words(&format!("{salt}{}x", if number % 9 == 0 { 0 } else { number }), 60))).collect()
}

#[test]
fn what_was_finished_before_a_kill_is_left_alone_and_comes_back_all_the_same() {
    let bench = Bench::new();
    bench.write("in/a.parquet", written(&many(3000, "a"), 1000, WriterProperties::builder().set_encoding(Encoding::PLAIN)));
    let gzip = WriterProperties::builder().set_compression(Compression::GZIP(GzipLevel::try_new(6).unwrap()));
    bench.write("in/b.parquet", written(&many(9000, "b"), 1000, gzip.set_encoding(Encoding::PLAIN)));
    run(&bench, &[&["clean", "in", "-o", "whole", "--manifest", "whole.m"], &FIELDS[..]].concat());

    let clean = [&["clean", "in", "-o", "out", "--manifest", "out.m", "--jobs", "1"], &FIELDS[..]].concat();
    let mut child = Run::new(&clean).folder(bench.path()).start();
    let notes = bench.path().join("out/.refrain-clean");
    let is_note = |file: std::io::Result<fs::DirEntry>| {
        let name = file.unwrap().file_name();
        name.to_string_lossy().ends_with(".json")
    };
    let is_noted = || fs::read_dir(&notes).is_ok_and(|mut files| files.any(is_note));
    while !is_noted() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_noted() && !bench.path().join("out.m").exists(), "it was killed when one file was finished");
    let modified = || fs::metadata(bench.path().join("out/a.parquet")).unwrap().modified().unwrap();
    let before = modified();
    run(&bench, &[&clean[..], &["--resume"]].concat());
    assert_eq!(modified(), before, "it was written again");
    for (out, whole) in [("out/a.parquet", "whole/a.parquet"), ("out/b.parquet", "whole/b.parquet"), ("out.m", "whole.m")] {
        assert!(fs::read(bench.path().join(out)).unwrap() == fs::read(bench.path().join(whole)).unwrap(), "{out}");
    }
    run(&bench, &["restore", "out", "--manifest", "out.m", "-o", "back"]);
    for name in ["in/a.parquet", "in/b.parquet"] {
        assert!(file(&bench, name).0 == file(&bench, &name.replace("in/", "back/")).0, "{name}");
    }
}
