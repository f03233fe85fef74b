//! HTML files, feeds, and HTML inside the fields of records: what their text is, and what `clean` and `check` do with them.

use crate::clean::{clean_and_back, manifest, of_type, read, run};
use crate::workbench::{Bench, Findings, names_in, scanned, words};
use encoding_rs::WINDOWS_1256;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A page whose menu, script and footer are those of every page.
fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html><head><meta charset=utf-8><title>{title}</title><style>.a b {{ color: red }}</style>\n\
         <script>{} if (a < b) {{ x() }}</script></head>\n<body><nav><a href='/n'>News</a></nav>\n<h1>{title}</h1>\n<p>{body}</p></body></html>\n",
        words("var", 60)
    )
}

fn item(id: &str, day: u32, body: &str) -> String {
    format!(
        "<item><title>T</title><guid>{id}</guid><pubDate>{day:02} Feb 2024 08:00:00 GMT</pubDate>\
         <description>Short</description><content:encoded><![CDATA[<p>{body}</p>]]></content:encoded></item>\n"
    )
}

fn feed(outlet: &str, items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
         <title>{outlet}</title>\n{items}</channel></rss>\n"
    )
}

fn rules(findings: &Findings) -> Vec<&Value> {
    findings.of("pair").into_iter().map(|pair| &pair["rule"]).collect()
}

#[test]
fn pages_are_compared_by_the_text_that_they_show() {
    let bench = Bench::new();
    bench.write("site/one.html", page("One", &words("a", 40)));
    bench.write("site/two.htm", page("Two", &words("b", 40)));
    assert_eq!(rules(&bench.scan(&["site"])), Vec::<&Value>::new());
    bench.write("site/copy.xhtml", format!("<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'><body><script src='x'/><p>News</p>One\n<br/>{}</body></html>", words("a", 40)));
    let found = bench.scan(&["site"]);
    assert_eq!(found.summary("documents"), 3);
    assert_eq!((rules(&found), &found.of("pair")[0]["a"]), (vec![&json!("identical")], &json!("site/copy.xhtml")));
}

#[test]
fn a_page_says_its_date_and_outlet() {
    let bench = Bench::new();
    let with = |head: &str| page("T", &words("a", 40)).replace("<style>", &format!("{head}<style>"));
    bench.write(
        "b.html",
        with("<meta property='article:published_time' content='2024-02-01T08:00:00Z'><meta property='og:site_name' content='Bow Times'>"),
    );
    bench.write("a.html", with("<link rel=canonical href='https://www.aft.example/1'><script type='application/ld+json'>{\"datePublished\":\"2024-02-02\"}</script>"));
    let found = bench.scan(&["a.html", "b.html"]);
    assert_eq!(found.of("pair")[0]["origin"], "b");
    let table = run(&bench, &["report", "a.html", "b.html", "--format", "csv", "--table", "outlets"]).stdout;
    assert!(table.contains("aft.example,Bow Times") || table.contains("Bow Times,aft.example"), "{table}");
    let named = bench.scan(&["a.html", "b.html", "--date-field", "nosuch"]);
    assert_eq!(named.of("pair").len(), 1);
}

#[test]
fn encodings_declared_inside_are_honoured() {
    let text = "خبر عاجل من المدينة القديمة ".repeat(8);
    let bench = Bench::new();
    bench.write("utf.txt", &text);
    let in_1256 = |markup: String| WINDOWS_1256.encode(&markup).0.into_owned();
    bench.write("meta.html", in_1256(format!("<html><meta http-equiv=content-type content='text/html; charset=windows-1256'><p>{text}")));
    bench.write("xml.xhtml", in_1256(format!("<?xml version='1.0' encoding = \"windows-1256\"?><html><p>{text}</p></html>")));
    bench.write(
        "feed.rss",
        in_1256(format!(
            "<?xml version='1.0' encoding='windows-1256'?><rss><channel><item><description>{text}</description></item></channel></rss>"
        )),
    );
    // Converted, with its old declaration.
    bench.write("wrong.html", format!("<html><meta charset=windows-1256><p>{text}"));
    let (_, lines) = (0, bench.scan(&["utf.txt", "meta.html", "xml.xhtml", "feed.rss", "wrong.html"]));
    assert_eq!(lines.of("cluster")[0]["members"].as_array().unwrap().len(), 5);
}

#[test]
fn an_item_of_a_feed_is_an_article() {
    let body = words("a", 40);
    let items = item("late", 3, &body) + &item("early", 1, &body) + &item("other", 2, &words("b", 40));
    let (ran, found) = scanned("feed.xml", feed("Bow Times", &items), &[]);
    assert_eq!(found.summary("documents"), 3, "{}", ran.stderr);
    let pair = found.of("pair")[0];
    assert_eq!(
        (&pair["rule"], &pair["a"], &pair["b"], &pair["origin"]),
        (&json!("identical"), &json!("early"), &json!("late"), &json!("a"))
    );
    let bench = Bench::new();
    bench.write(
        "a.atom",
        "<feed><title>Aft Daily</title><entry><link href='http://aft.example/1'/><updated>2024-01-01T00:00:00Z</updated>\
        <summary type='html'>&lt;p&gt;"
            .to_owned()
            + &body
            + "&lt;/p&gt;</summary></entry></feed>",
    );
    bench.write("b.rss", feed("Bow Times", &items));
    let table = run(&bench, &["report", "a.atom", "b.rss", "--format", "csv", "--table", "outlets"]).stdout;
    assert!(table.contains("Bow Times,Aft Daily"), "{table}");
    let compared = run(&bench, &["compare", "a.atom#http://aft.example/1", "b.rss#late", "--format", "json"]).stdout;
    assert!(compared.contains("\"jaccard\":1.0"), "{compared}");
}

#[test]
fn xml_that_is_no_feed_is_skipped_with_the_reason() {
    let bench = Bench::new();
    bench.write("in/sitemap.xml", format!("<?xml version='1.0'?><urlset><url><loc>{}</loc></url></urlset>", words("a", 40)));
    bench.write("in/page.html", page("T", &words("a", 40)));
    let ran = bench.run(&["scan", "in", "--format", "jsonl"]);
    assert_eq!((ran.findings().summary("documents"), ran.findings().summary("skipped")), (1, 1));
    assert!(ran.stderr.contains("sitemap.xml: XML with the root element `urlset` is neither a page nor a feed"), "{}", ran.stderr);
    assert_eq!(bench.run(&["scan", "in", "--strict"]).code, 2);
    for input in ["html", "text"] {
        assert_eq!(bench.scan(&["in/sitemap.xml", "--input", input]).summary("documents"), 1);
    }
}

#[test]
fn a_page_is_removed_with_its_file_or_left_as_it_is() {
    let bench = Bench::new();
    let body = words("a", 40);
    let twice = page("T", &format!("{body}</p>\n<p>{body}"));
    bench.write("in/a.html", &twice);
    bench.write("in/b.html", page("T", &format!("{body}<p>{body}")).replace("<nav>", "<nav id=n>"));
    bench.write("in/c.html", page("U", &words("c", 40)));
    run(&bench, &["clean", "in", "-o", "out", "--manifest", "m"]);
    assert_eq!((names_in(&bench.path().join("out")), read(&bench, "out/a.html")), (vec!["a.html".to_owned(), "c.html".to_owned()], twice));
    let lines = manifest(&bench, "m");
    assert_eq!((of_type(&lines, "removal").len(), &of_type(&lines, "file")[0]["format"]), (1, &json!("html")));
    run(&bench, &["restore", "out", "--manifest", "m", "-o", "back"]);
    assert_eq!(read(&bench, "back/b.html"), read(&bench, "in/b.html"));
    run(&bench, &["clean", "in", "-o", "marked", "--annotate"]);
    assert_eq!(read(&bench, "marked.annotations.jsonl").lines().count(), 3);
}

#[test]
fn an_item_is_removed_from_its_feed_and_comes_back() {
    let bench = Bench::new();
    let (body, other) = (words("a", 40), words("b", 40));
    let doubled = item("other", 2, &format!("{other}</p><p>{other}"));
    bench.write("in.xml", feed("Bow", &(item("one", 1, &body) + &item("two", 3, &body.to_uppercase()) + &doubled)));
    let (out, lines) = clean_and_back(&bench, "in.xml", &[]);
    assert_eq!(out, feed("Bow", &(item("one", 1, &body) + &doubled)));
    assert_eq!(of_type(&lines, "removal")[0]["doc"], "two");
    let refused = bench.run(&["clean", "in.xml", "-o", "x.xml", "--annotate"]);
    assert!(refused.code == 2 && refused.stderr.contains("items of a feed have no place for a field"), "{}", refused.stderr);
    let arabic =
        feed("Bow", &(item("one", 1, &"خبر عاجل ".repeat(20)) + &item("two", 2, &"خبر عاجل ".repeat(20)))).replace("UTF-8", "windows-1256");
    bench.write("arabic.xml", WINDOWS_1256.encode(&arabic).0);
    let (_, lines) = clean_and_back(&bench, "arabic.xml", &[]);
    assert_eq!(of_type(&lines, "removal").len(), 1);
}

#[test]
fn a_check_names_the_line_on_which_the_text_of_a_page_begins() {
    let bench = Bench::new();
    bench.write("a.html", page("T", &words("a", 40)));
    bench.write("b.html", page("T", &words("a", 40)));
    bench.write("f.rss", feed("Bow", &(item("one", 1, &words("c", 40)) + &item("two", 2, &words("c", 40)))));
    let ran = bench.run(&["check", "a.html", "b.html", "f.rss", "--format", "github"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("file=b.html,line=4,") && ran.stdout.contains("file=f.rss,line=4,"), "{}", ran.stdout);
}

#[test]
fn html_in_a_field_is_read_as_what_it_shows() {
    let body = [words("a", 30), words("b", 30)];
    let plain = json!({ "id": "plain", "text": body.join("\n\n") });
    let markup =
        json!({ "id": "markup", "text": format!("<div class=\"x\">\n<p>{}</p>\n<p>{}<img src=\"i\"></p></div>", body[0], body[1]) });
    let escaped = json!({ "id": "escaped", "text": format!("&lt;p&gt;{}&lt;/p&gt;&lt;p&gt;{}&lt;/p&gt;", body[0], body[1]) });
    let records = [plain, markup, escaped];
    let lines: String = records.iter().map(|record| record.to_string() + "\n").collect();
    let table: String = records
        .iter()
        .map(|record| format!("{},\"{}\"\n", record["id"].as_str().unwrap(), record["text"].as_str().unwrap().replace('"', "\"\"")))
        .collect();
    for (name, content) in
        [("in.jsonl", lines.clone()), ("in.json", json!(records).to_string()), ("in.csv", "id,text\n".to_owned() + &table)]
    {
        let (ran, found) = scanned(name, &content, &[]);
        assert_eq!(rules(&found), vec!["identical"; 3], "{name}");
        assert!(
            ran.stderr.contains("text fields with HTML, read as the text that it shows; cleaning removes such a record as a whole or not at all (html-fields=no leaves it): 2"),
            "{}",
            ran.stderr
        );
        let (_, as_it_is) = scanned(name, &content, &["--html-fields", "no"]);
        assert!(rules(&as_it_is).iter().all(|rule| *rule != "identical"), "{name}");
    }
    let (_, all) = scanned(
        "in.jsonl",
        json!({ "id": "a", "text": format!("<custom>{}</custom>", words("a", 30)) }).to_string()
            + "\n"
            + &json!({ "id": "b", "text": words("a", 30) }).to_string(),
        &["--html-fields", "yes"],
    );
    assert_eq!(rules(&all), ["identical"]);
}

#[test]
fn cleaning_takes_nothing_from_the_middle_of_markup_and_locates_references() {
    let bench = Bench::new();
    let (body, other) = (words("a", 40), words("b", 40));
    let record = |id: &str, text: String| json!({ "id": id, "text": text }).to_string() + "\n";
    let twice = record("markup", format!("<p>{body}</p><p>{body}</p>"));
    let input = twice.clone()
        + &record("copy", format!("{body}<br>{body}"))
        + &record("reference", format!("Bow &amp; \"Aft\"&#8217;s\n{other} &eacute;t&eacute;\n{other} &eacute;t&eacute;\n"));
    bench.write("in.jsonl", &input);
    let (out, lines) = clean_and_back(&bench, "in.jsonl", &["--keep", "longest"]);
    let kept = record("reference", format!("Bow &amp; \"Aft\"&#8217;s\n{other} &eacute;t&eacute;\n"));
    assert!(out.ends_with(&kept) && out.lines().count() == 2, "{out}");
    assert!(out.starts_with(&twice) || out.starts_with("{\"id\":\"copy\""), "{out}");
    assert_eq!(of_type(&lines, "removal").len(), 2);
    let table = format!("id,text\n1,\"Bow &amp; \"\"Aft\"\"\n{other}\n{other}\"\n2,\"<p>{body}</p><p>{body}</p>\"\n");
    bench.write("in.csv", &table);
    let (out, _) = clean_and_back(&bench, "in.csv", &[]);
    assert_eq!(out, table.replacen(&format!("\n{other}"), "", 1));
}

#[test]
fn hostile_markup_takes_linear_time() {
    let many = |part: &str| part.repeat((1 << 18) / part.len());
    let bench = Bench::new();
    let contents = [
        many("<div>"),
        many("<"),
        many("<!--"),
        many("&"),
        many("<a b='"),
        many("<title><br>"),
        many("<item>\n<title>"),
        many("<item>\n"),
        many("<description>"),
        many("<![CDATA["),
        many("<item>\n<description>&lt;p&gt;&"),
        many("<link href=\""),
        many("&amp;"),
        many("&#x"),
        many("<p "),
        many("</p>"),
    ];
    for (n, content) in contents.iter().enumerate() {
        bench.write(&format!("in/{n}.html"), content);
        bench.write(&format!("in/{n}.rss"), format!("<rss><channel>{content}"));
        bench.write(&format!("in/{n}.jsonl"), json!({ "text": content }).to_string());
        bench.write(&format!("in/{n}.md"), format!("---\n{content}"));
    }
    bench.write("in/fences.md", (0..20_000).map(|n| ["```a\n", "~~~b\n", "> ````c\n"][n % 3]).collect::<String>());
    let begun = Instant::now();
    let found = bench.scan(&["in", "--only", "near-duplicates"]);
    assert!(found.summary("documents") > 48 && begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}
