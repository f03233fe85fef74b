use super::*;

fn article<'a>(id: &'a str, text: &'a str) -> Article<'a> {
    Article { id, identity: Identity::Id, text, date: None, outlet: None, origin: "" }
}

#[test]
fn a_transaction_within_a_transaction_is_said_and_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::create(&folder.path().join("db"), &DetectConfig::default(), Texts::Kept).unwrap();
    let mut open = index.write().unwrap();
    let is_refused = |error: refrain_engine::Error| matches!(IndexError::behind(&error), Some(IndexError::InTransaction { .. }));
    assert!(index.read().is_err_and(is_refused) && index.write().is_err_and(is_refused) && index.compact().is_err_and(is_refused));
    // Articles can be made ready meanwhile, and the transaction goes on.
    let ready = index.preparer().prepare(&article("a", "some words in a row"));
    assert_eq!(open.add(&[ready]).unwrap().new, 1);
    open.commit().unwrap();
    assert_eq!(index.read().unwrap().stats().documents, 1);
}

#[test]
fn one_id_twice_in_a_batch_is_as_in_two() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::create(&folder.path().join("db"), &DetectConfig::default(), Texts::Kept).unwrap();
    let mut preparer = index.preparer();
    let batch =
        [("a", "one text"), ("b", "another"), ("a", "one text"), ("a", "a new text"), ("", "no id"), ("", "none either"), ("", "no id")];
    let batch: Vec<Prepared> = batch.iter().map(|(id, text)| preparer.prepare(&article(id, text))).collect();
    let mut transaction = index.write().unwrap();
    assert_eq!(transaction.add(&batch).unwrap(), Added { new: 4, replaced: 1, unchanged: 2 });
    transaction.commit().unwrap();
    let view = index.read().unwrap();
    let mut kept = Vec::new();
    view.each(|article| {
        kept.push((article.id.starts_with("content:"), article.text.unwrap_or_default()));
        Ok(())
    })
    .unwrap();
    assert_eq!(
        kept,
        [(false, "a new text"), (false, "another"), (true, "no id"), (true, "none either")].map(|(by, text)| (by, text.to_owned()))
    );
    assert_eq!(view.verify().unwrap().documents, 4);
}

/// An index of three articles.
fn filled(folder: &Path) -> Index {
    let index = Index::create(&folder.join("db"), &DetectConfig::default(), Texts::Kept).unwrap();
    let mut preparer = index.preparer();
    let ready: Vec<Prepared> =
        ["one text of some words", "another text", "a third"].map(|text| preparer.prepare(&article(&text[..3], text))).into();
    let mut transaction = index.write().unwrap();
    transaction.add(&ready).unwrap();
    transaction.commit().unwrap();
    index
}

fn index_error<T: std::fmt::Debug>(result: Result<T>) -> IndexError {
    match result.unwrap_err() {
        refrain_engine::Error::Index(error) => *error.downcast().unwrap(),
        error => panic!("{error}"),
    }
}

#[test]
fn an_index_created_meanwhile_is_filled_too() {
    let folder = tempfile::tempdir().unwrap();
    let (path, config) = (folder.path().join("db"), DetectConfig::default());
    let add = |index: &Index, id: &str| {
        let ready = index.preparer().prepare(&article(id, "some words in a row"));
        let mut transaction = index.write()?;
        transaction.add(&[ready])?;
        transaction.commit()
    };
    let mut calls = 0;
    let index = Index::create_filled(&path, &config, Texts::Kept, |index| {
        calls += 1;
        if calls == 1 {
            Index::create_filled(&path, &config, Texts::Kept, |index| add(index, "of another process"))?;
        }
        add(index, "own")
    })
    .unwrap();
    assert_eq!((calls, index.read().unwrap().verify().unwrap().documents), (2, 2));
    let without = Index::create_filled(&path, &config, Texts::LeftOut, |index| add(index, "own"));
    assert!(matches!(index_error(without), IndexError::Parameter { name: "no-text", .. }));
    let failed = Index::create_filled(&folder.path().join("none"), &config, Texts::Kept, |index| {
        add(index, "own")?;
        add(index, "own").and(Err(IndexError::NotFound { path: path.clone() }.into()))
    });
    assert!(failed.is_err() && !folder.path().join("none").exists());
}

#[test]
fn whoever_waits_too_long_for_a_lock_is_told_which() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = filled(folder.path());
    let other = Index::open_to_write(index.path(), index.config()).unwrap();
    index.rows.store.wait_for(std::time::Duration::from_millis(20));
    let writing = other.write().unwrap();
    for error in [index_error(index.write()), index_error(index.compact())] {
        let said = error.to_string();
        assert!(matches!(error, IndexError::Busy { .. }) && said.contains("db: another process") && said.contains("run again"), "{said}");
    }
    assert_eq!(index.read().unwrap().stats().documents, 3, "who reads does not wait");
    drop(writing);
    index.write().unwrap().commit().unwrap();
    // One that lets nobody read either.
    drop(other);
    drop(index);
    let path = folder.path().join("db");
    let keeper = rusqlite::Connection::open(&path).unwrap();
    keeper.execute_batch("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; PRAGMA user_version=4").unwrap();
    let opened = sqlite::Sqlite::open_within(&path, Access::Read, std::time::Duration::ZERO);
    assert!(matches!(index_error(opened.map(drop)), IndexError::Busy { .. }));
}

#[test]
fn counts_that_the_file_cannot_hold_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let index = filled(folder.path());
    for change in [
        |state: &mut State| state.runs[0].entries = 1 << 60,
        |state: &mut State| state.documents = 1 << 50,
        |state: &mut State| state.runs[1].bits = 30,
    ] {
        let mut transaction = index.write().unwrap();
        let before = transaction.state.clone();
        change(&mut transaction.state);
        transaction.commit().unwrap();
        let said = index_error(index.write()).to_string();
        assert!(said.contains("counts more than the file can hold"), "{said}");
        index.rows.store.begin(Access::Write).unwrap();
        index.rows.put(Table::State, STATE_ROW, before.bytes()).unwrap();
        index.rows.store.commit().unwrap();
    }
    let mut transaction = index.write().unwrap();
    transaction.state.documents = 0;
    assert!(matches!(index_error(transaction.remove(&["one"])), IndexError::Damaged { .. }), "fewer than none");
    drop(transaction);
    let mut transaction = index.write().unwrap();
    transaction.state.next_run = u32::MAX;
    let ready = index.preparer().prepare(&article("b", "more words"));
    assert!(matches!(index_error(transaction.add(&[ready])), IndexError::Damaged { .. }), "no number is left");
}

#[test]
fn objects_that_appear_after_opening_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let index = filled(folder.path());
    let other = rusqlite::Connection::open(index.path()).unwrap();
    other.execute_batch("CREATE TRIGGER late AFTER INSERT ON documents BEGIN DELETE FROM documents; END").unwrap();
    for error in [index_error(index.read()), index_error(index.write())] {
        assert!(matches!(&error, IndexError::Foreign { objects, .. } if objects == &["trigger \"late\" on \"documents\""]), "{error}");
    }
    other.execute_batch("DROP TRIGGER late").unwrap();
    assert!(index.write().is_ok());
}

#[test]
fn a_text_of_another_length_than_it_should_have_is_not_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let index = filled(folder.path());
    let transaction = index.write().unwrap();
    let mut row = transaction.document(0).unwrap();
    row.body = document::Body::Text(zstd::bulk::compress(&vec![b' '; 1 << 20], 3).unwrap());
    transaction.rows().put(Table::Documents, 0, row.bytes()).unwrap();
    let said = index_error(transaction.each(|_| Ok(()))).to_string();
    assert!(said.contains("row 0 of documents") && said.contains("of another length"), "{said}");
}

#[test]
fn a_row_that_is_too_long_is_named_when_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let index = filled(folder.path());
    index.rows.store.limit_rows(1000);
    let noise: String = (0..2000).map(|n| format!("{} ", n * 7919 % 10_007)).collect();
    let ready = index.preparer().prepare(&article("long", &noise));
    let said = index_error(index.write().unwrap().add(&[ready])).to_string();
    assert!(said.contains("a row of documents has") && said.contains("split the article"), "{said}");
    assert_eq!(index.read().unwrap().verify().unwrap().documents, 3);
}

#[test]
fn compacting_takes_the_folder_for_temporary_files() {
    let folder = tempfile::tempdir().unwrap();
    let index = filled(folder.path());
    index.compact().unwrap();
    assert_eq!(index.rows.store.temp_folder(), tempfile::env::temp_dir());
    assert_eq!(index.read().unwrap().verify().unwrap().documents, 3);
}

#[test]
fn a_text_that_is_too_long_is_named_before_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let index = filled(folder.path());
    let mut ready = index.preparer().prepare(&Article { origin: "books.jsonl", ..article("long", "a few words") });
    ready.bytes = transaction::MOST_TEXT_BYTES;
    index.write().unwrap().add(std::slice::from_ref(&ready)).unwrap();
    ready.bytes += 1;
    let said = index_error(index.write().unwrap().add(&[ready])).to_string();
    assert!(said.contains("the text of article \"long\" (books.jsonl) has 268435457 bytes"), "{said}");
}

/// What an index says of an article is what a scan of both says, with or without texts.
#[test]
fn respelled_words_are_those_of_a_scan() {
    let words: Vec<String> = (0..60).map(|n| format!("كلمة{n}")).collect();
    let mut other = words.clone();
    (other[20], other[21], other[40]) = ("كلمه20".into(), "كَلِمةٌ21".into(), "new".into());
    other[59].push('\u{64c}');
    let (old, new) = (words.join(" "), other.join("، "));
    let config = DetectConfig::default();
    let documents = [("a", &old), ("b", &new), ("c", &old)].map(|(id, text)| refrain_engine::Document::new(id, text));
    let findings = refrain_engine::Detector::new(config).unwrap().detect(documents).unwrap();
    let expected: Vec<_> = findings.pairs().filter(|pair| pair.b == "b").map(|pair| refrain_engine::FoundPair::from_pair(&pair)).collect();
    assert_eq!(expected[0].passages.as_ref().unwrap()[0].respelled, 3);
    for texts in [Texts::Kept, Texts::LeftOut] {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::create(&folder.path().join("db"), &config, texts).unwrap();
        let ready = index.preparer().prepare(&article("a", &old));
        let mut transaction = index.write().unwrap();
        transaction.add(&[ready]).unwrap();
        transaction.commit().unwrap();
        let mut matcher = index.matcher();
        let asked = matcher.ask(article("b", &new));
        let result = index.read().unwrap().query(&asked, &std::collections::HashSet::new(), &mut matcher).unwrap();
        assert_eq!(result.pairs.iter().map(|found| found.pair.clone()).collect::<Vec<_>>(), expected);
        assert_eq!(index.read().unwrap().verify().unwrap().documents, 1);
    }
}

#[test]
fn an_index_without_texts_of_an_earlier_format_is_refused() {
    for (texts, is_refused) in [(Texts::Kept, false), (Texts::LeftOut, true)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let config = DetectConfig::default();
        drop(Index::create(&path, &config, texts).unwrap());
        rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version=3").unwrap();
        match Index::open(&path, &config) {
            Ok(_) => assert!(!is_refused),
            Err(error) => assert!(is_refused && error.to_string().contains("format 3 and contains no texts"), "{error}"),
        }
    }
}
