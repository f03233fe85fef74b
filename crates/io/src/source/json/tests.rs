use super::*;
use crate::source::FieldNames;

type Found = (String, Option<String>, Option<String>);

fn pick(record: &str, names: &FieldNames) -> Result<Found, String> {
    Fields::new(names).pick(record).map(|p| (p.text.into(), p.id.map(Into::into), p.date.map(Into::into)))
}

fn outlet(record: &str) -> Option<String> {
    Fields::new(&FieldNames::default()).pick(record).unwrap().outlet.map(Into::into)
}

#[test]
fn usual_names_by_rank_whatever_their_order() {
    let found = pick(r#"{"body":"b","url":"u","content":"c\n","_id":7,"published":"2020","x":{"text":"no"}}"#, &FieldNames::default());
    assert_eq!(found, Ok(("c\n".into(), Some("7".into()), Some("2020".into()))));
    for record in
        [r#"{"text":null,"content":"c"}"#, r#"{"text":"","content":"c"}"#, r#"{"content":"c","text":5}"#, r#"{"text":[],"content":"c"}"#]
    {
        assert_eq!(pick(record, &FieldNames::default()).unwrap().0, "c", "{record}");
    }
    assert_eq!(pick(r#"{"text":" ","id":"","url":"u"}"#, &FieldNames::default()).unwrap(), (" ".into(), Some("u".into()), None));
}

#[test]
fn dotted_paths_reach_into_objects() {
    let names = FieldNames { text: Some("a.b".into()), id: Some("meta.id.raw".into()), ..FieldNames::default() };
    assert_eq!(
        pick(r#"{"a":{"x":[1],"b":"t"},"text":"no","meta":{"id":{"raw":5}}}"#, &names).unwrap(),
        ("t".into(), Some("5".into()), None)
    );
    assert_eq!(pick(r#"{"a.b":"flat","a":3}"#, &names).unwrap().0, "flat");
    assert_eq!(
        pick(r#"{"a":[{"b":"t"}]}"#, &names).unwrap_err(),
        "no text field `a.b` (has: a; in the list `a`: b); name it with the setting `text-field`"
    );
}

#[test]
fn one_field_may_be_several_things() {
    let names =
        FieldNames { id: Some("source.id".into()), date: Some("source".into()), outlet: Some("SOURCE".into()), ..FieldNames::default() };
    let fields = Fields::new(&names);
    let picked = fields.pick(r#"{"text":"t","source":{"id":7,"name":"Bow","$date":"2015"}}"#).unwrap();
    assert_eq!((picked.id.as_deref(), picked.date.as_deref(), picked.outlet.as_deref()), (Some("7"), Some("2015"), Some("Bow")));
    let names = FieldNames { outlet: Some("url".into()), ..FieldNames::default() };
    let fields = Fields::new(&names);
    let picked = fields.pick(r#"{"text":"t","url":"https://www.bow.example/1"}"#).unwrap();
    assert_eq!((picked.id.as_deref(), picked.outlet.as_deref()), (Some("https://www.bow.example/1"), Some("bow.example")));
}

#[test]
fn case_does_not_matter_where_no_name_fits_exactly() {
    let text = |record: &str| pick(record, &FieldNames::default()).unwrap().0;
    assert_eq!(text(r#"{"Text":"t","ID":3}"#), "t");
    assert_eq!(text(r#"{"TEXT":"upper","text":"lower"}"#), "lower");
    assert_eq!(text(r#"{"text":"lower","TEXT":"upper"}"#), "lower");
    assert_eq!(text(r#"{"Text":"other case","body":"exact"}"#), "exact");
    let names = FieldNames { text: Some("نص.Körper".into()), id: Some("Ключ".into()), ..FieldNames::default() };
    assert_eq!(pick(r#"{"نص":{"KÖRPER":"t"},"КЛЮЧ":"k"}"#, &names).unwrap(), ("t".into(), Some("k".into()), None));
}

#[test]
fn several_text_fields_are_paragraphs_in_the_order_of_their_names() {
    let names = FieldNames { text: Some("question, answer,note".into()), ..FieldNames::default() };
    let fields = Fields::new(&names);
    let picked = fields.pick(r#"{"note":"","Answer":["Yes.","No."],"id":1,"question":"Why?"}"#).unwrap();
    assert_eq!((picked.text.as_ref(), picked.is_joined, picked.id.as_deref()), ("Why?\n\nYes.\n\nNo.", true, Some("1")));
    assert_eq!(fields.told().unwrap(), "text from question, answer; id from id");
    assert_eq!(
        fields.pick(r#"{"id":1}"#).unwrap_err(),
        "no text field `question, answer,note` (has: id); name it with the setting `text-field`"
    );
    assert_eq!(fields.text_place(r#"{"question":"Why?"}"#), None);
}

#[test]
fn what_is_wrong_is_said() {
    let why = |record: &str| pick(record, &FieldNames::default()).unwrap_err();
    assert_eq!(why(r#"{"id":1,"body_html":"x"}"#), "no text field (has: id, body_html); name it with the setting `text-field`");
    assert_eq!(why(r#"{"text":5}"#), "text field `text` is a number, not a string");
    assert_eq!(why(r#"{"text":null}"#), "text field `text` is null, not a string");
    assert_eq!(why(r#"{"Text":[[],{}]}"#), "text field `Text` is a list without text, not a string");
    assert_eq!(why("not json"), "not JSON: expected ident at column 2");
    assert_eq!(why("[1]"), "an array, not an object");
    assert!(why(&format!("{{\"a\":{}", "[".repeat(100_000))).starts_with("not JSON"));
    assert!(why(&format!("{{\"text\":{}", "[".repeat(100_000))).starts_with("not JSON"));
}

#[test]
fn names_that_hold_nothing_are_not_told() {
    let fields = Fields::new(&FieldNames::default());
    fields.pick(r#"{"text":"t","id":null,"URL":"u","source":{"id":null},"Publisher":{"name":"Bow"},"date":""}"#).unwrap();
    assert_eq!(fields.told().unwrap(), "text from text; id from URL; outlet from Publisher");
}

#[test]
fn the_text_is_found_where_it_is_one_string() {
    let fields = Fields::new(&FieldNames::default());
    let literal = |record: &str| fields.text_place(record).map(|place| record[place].to_owned());
    assert_eq!(literal(r#"{"body":"b", "Text": "t"}"#).unwrap(), r#""b""#);
    assert_eq!(literal(r#"{"fields": {"bodyText": "t"}}"#).unwrap(), r#""t""#);
    assert_eq!(literal(r#"{"@graph": [{"name":"x"}, {"articleBody": "t"}]}"#).unwrap(), r#""t""#);
    assert_eq!(literal(r#"{"text": ["one"], "@graph": [{"text": "t"}]}"#), None);
}

#[test]
fn an_article_among_the_objects_of_a_page_is_found() {
    let page = r##"{"@context":"https://schema.org","@graph":[{"@type":"WebPage","@id":"https://bow.example/1","datePublished":"2014"},
        {"@type":"NewsArticle","@id":"https://bow.example/1#article","datePublished":"2015","articleBody":"t","publisher":{"@id":"https://www.bow.example/#org"}},
        {"@type":"Organization","@id":"https://www.bow.example/#org","name":"Bow Times"}]}"##;
    let picked = (pick(page, &FieldNames::default()).unwrap(), outlet(page));
    assert_eq!(picked, (("t".into(), Some("https://bow.example/1#article".into()), Some("2015".into())), Some("bow.example".into())));
    assert_eq!(
        pick(r#"{"@graph":[{"name":"x"}]}"#, &FieldNames::default()).unwrap_err(),
        "no text field (has: @graph); name it with the setting `text-field`"
    );
}
