//! `--warc-html`: which records of a crawl are pages, what their text is, and what `clean` does with them.

use crate::clean::{of_type, read, run};
use crate::warc::Found;
use crate::workbench::{Bench, Findings, Ran, Run, scanned, words};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1256};
use refrain::{Corpus, FileCorpus, Place, SourceOptions, Spelling};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const ARABIC: &str =
    "أكد وزير المالية أن الميزانية الجديدة ستعرض على المجلس في الأسبوع المقبل، وقال إن العجز تراجع إلى أدنى مستوى منذ أعوام";

fn record(kind: &str, uri: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://a.example/{uri}\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n\
         WARC-Record-ID: <urn:uuid:{uri}>\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

/// An answer over HTTP with these lines in its head.
fn answer(uri: &str, status: &str, lines: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nServer: x\r\n{lines}\r\n\r\n");
    record("response", uri, "application/http; msgtype=response", &[head.as_bytes(), body].concat())
}

fn page(uri: &str, body: &str) -> Vec<u8> {
    answer(uri, "200 OK", "Content-Type: text/html; charset=utf-8", body.as_bytes())
}

/// The texts of a crawl, each read twice, and what is told of the records that have none.
fn texts(crawl: &[u8]) -> (Vec<String>, Vec<String>) {
    let bench = Bench::new();
    let path = bench.write("a.warc", crawl);
    let corpus = FileCorpus::open(&[path], &SourceOptions { warc_html: true, ..SourceOptions::default() }).unwrap();
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for stretch in corpus.visit(Found::default).unwrap() {
        problems.extend(stretch.problems.examples().into_iter().map(|problem| problem.reason.clone()));
        for (text, locator) in stretch.output {
            assert_eq!(corpus.text(locator).unwrap(), text);
            found.push(text);
        }
    }
    (found, problems)
}

fn text_of(body: &str) -> String {
    let (mut texts, problems) = texts(&page("p", body));
    assert_eq!((texts.len(), problems.len()), (1, 0), "{problems:?}");
    texts.remove(0)
}

#[test]
fn blocks_are_paragraphs_and_what_is_not_shown_is_left_out() {
    let whole = "<!DOCTYPE html><html><head><title>T &amp; t</title><style>p > a {}</style><script>if (a<b) '<p>no</p>'</script></head>\
        <body onload=\"x('<p>')\"><!-- no --><h1>One</h1><p>two\n  <b>th</b>ree&nbsp;&#x1F600; &lt;four&gt;<br>five</p>\
        <noscript><p>no</p></noscript><template>no<template>no</template>no</template><ul><li>six<li>seven</ul>\
        <table><tr><td>eight<td>nine</table>ten<br> <br/>eleven<pre>a\n  b</pre><iframe>no</iframe><textarea>&eacute;</textarea>\
        <svg><title/><text>in</text></svg>end</body></html>";
    let told = "One\n\ntwo three 😀 <four>\nfive\n\nsix\n\nseven\n\neight\n\nnine\n\nten\n\neleven\n\na\nb\n\néinend";
    assert_eq!(text_of(whole), told);
}

#[test]
fn broken_markup_is_read_as_browsers_read_it() {
    assert_eq!(text_of("a < b & c &amp d</p>e<p>f<div>g</b></i>h"), "a < b & c & d\n\ne\n\nf\n\ngh");
    assert_eq!(text_of("<p class=\"x>y\">a</p"), "a");
    assert_eq!(text_of("a<!-- no"), "a");
    assert_eq!(text_of("a</template></pre></svg>b"), "a\n\nb");
    assert_eq!(text_of("<script>x</script><p>a</p><script>'</p>'"), "a");
    assert_eq!(text_of("<head>a<p>b</head>c"), "a\n\nbc");
    assert_eq!(text_of("<script src='x'/>a</script>b"), "b");
    assert_eq!(text_of(""), "");
    let xml = "<?xml version='1.0' encoding='windows-1256'?><script src='x' /><title/><p>خبر</p>";
    let crawl = answer("x", "200 OK", "Content-Type: application/xhtml+xml", &WINDOWS_1256.encode(xml).0);
    assert_eq!(texts(&crawl).0, ["خبر"]);
}

#[test]
fn the_encoding_is_that_of_mark_head_page_or_bytes() {
    let encoded = |encoding: &'static Encoding, markup: &str| encoding.encode(markup).0.into_owned();
    let plain = format!("<p>{ARABIC}</p>");
    let with = |meta: &str| format!("<html><head>{meta}</head>{plain}");
    let old = r#"<META content="text/html; charset=windows-1256" http-equiv=Content-Type>"#;
    let cases = [
        ("text/html; charset=\"Windows-1256\"", encoded(WINDOWS_1256, &with("<meta charset=utf-8>"))),
        ("text/html", encoded(WINDOWS_1256, &with("<meta charset='cp1256'>"))),
        ("TEXT/HTML ;charset=unheard-of", encoded(WINDOWS_1256, &with(old))),
        ("text/html", encoded(WINDOWS_1256, &plain)),
        ("text/html", encoded(UTF_8, &plain)),
        ("text/html", encoded(UTF_8, &with("<meta charset=utf-16>"))),
        ("text/html", encoded(UTF_8, &with("<!-- <meta charset=windows-1256> --><meta name=d content='charset=windows-1256'>"))),
        ("text/html; charset=windows-1256", encoded(UTF_8, &format!("\u{feff}{plain}"))),
    ];
    for (content_type, body) in cases {
        let (found, problems) = texts(&answer("a", "200 OK", &format!("Content-Type: {content_type}"), &body));
        assert_eq!((found, problems), (vec![ARABIC.to_owned()], Vec::new()), "{content_type}");
    }
}

fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    let chunk = |part: &[u8]| [format!("{:x};x=y\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
    [body.chunks(size).flat_map(chunk).collect::<Vec<u8>>(), b"0\r\n\r\n".to_vec()].concat()
}

fn packed(body: &[u8], how: &str) -> Vec<u8> {
    use std::io::Write;
    let level = flate2::Compression::new(6);
    macro_rules! pack {
        ($packer:expr) => {{
            let mut packer = $packer;
            packer.write_all(body).unwrap();
            packer.finish().unwrap()
        }};
    }
    match how {
        "gzip" => pack!(flate2::write::GzEncoder::new(Vec::new(), level)),
        "zlib" => pack!(flate2::write::ZlibEncoder::new(Vec::new(), level)),
        _ => pack!(flate2::write::DeflateEncoder::new(Vec::new(), level)),
    }
}

/// A Brotli stream that stores `body`, which is shorter than 64 KiB.
fn stored_in_brotli(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() - 1).unwrap();
    // A window of 16 bits, one block of four digits of length that is stored as it is, then an empty last one.
    let bits = (length << 4 | 1 << 20).to_le_bytes();
    [&bits[..3], body, &[3]].concat()
}

#[test]
fn what_was_done_to_a_page_on_its_way_is_undone() {
    let body = format!("<p>{ARABIC}</p>");
    let body = body.as_bytes();
    let cases = [
        ("Transfer-Encoding: chunked", chunked(body, 7)),
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked", chunked(&packed(body, "gzip"), 9)),
        ("Transfer-Encoding: gzip, chunked", chunked(&packed(body, "gzip"), 9)),
        ("Content-Encoding: X-GZIP", packed(body, "gzip")),
        ("Content-Encoding: deflate", packed(body, "zlib")),
        ("Content-Encoding: deflate", packed(body, "raw")),
        ("Content-Encoding: br", stored_in_brotli(body)),
        // What a crawler undid, and left in the head.
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked", body.to_vec()),
        ("Content-Encoding: br", body.to_vec()),
        ("Content-Encoding: identity\r\nno colon here", body.to_vec()),
    ];
    for (lines, sent) in cases {
        let (found, problems) = texts(&answer("a", "200", &format!("Content-Type: text/html\r\n{lines}"), &sent));
        assert_eq!((found, problems), (vec![ARABIC.to_owned()], Vec::new()), "{lines}");
    }
}

#[test]
fn a_page_that_cannot_be_unpacked_is_told_with_its_line() {
    let body = packed(&[b'a'; 4000], "gzip");
    let cut = &body[..body.len() - 12];
    let bomb = packed(&vec![b' '; (64 << 20) + 1], "gzip");
    let html = |lines: &str, body: &[u8]| answer("a", "200 OK", &format!("Content-Type: text/html\r\n{lines}"), body);
    let crawl = [
        html("Content-Encoding: gzip", cut),
        html("Transfer-Encoding: chunked", &chunked(b"<p>abc", 3)[..8]),
        html("Content-Encoding: zstd", &[0x28, 0xB5, 0x2F, 0xFD]),
        html("Content-Encoding: gzip", &bomb),
        html("Content-Encoding: gzip,gzip,gzip,gzip,gzip", &body),
        record("response", "b", "application/http", b"HTTP/1.1 200 OK\r\nContent-Type: text/html"),
        page("good", "<p>good"),
    ]
    .concat();
    let (found, problems) = texts(&crawl);
    assert_eq!(found, ["good"]);
    let expected = ["damaged or cut where it is unpacked", "chunks are damaged", "not undone", "64 MiB", "four times", "HTTP head"];
    assert_eq!(problems.len(), expected.len(), "{problems:?}");
    assert!(problems.iter().zip(expected).all(|(problem, expected)| problem.contains(expected)), "{problems:?}");
    let (ran, _) = scanned("a.warc", [page("good", "x"), html("Content-Encoding: gzip", cut)].concat(), &["--warc-html"]);
    assert!(ran.stderr.contains("skipped: a.warc:15: a page whose body is damaged"), "{}", ran.stderr);
    let short = |record: Vec<u8>| [b"WARC/1.0\r\nWARC-Truncated: length", &record[b"WARC/1.0".len()..]].concat();
    let text = format!("<p>{}", words("w", 3000));
    let body = packed(text.as_bytes(), "gzip");
    let (found, problems) = texts(&short(html("Content-Encoding: gzip", &body[..body.len() / 2])));
    assert!(problems.is_empty() && found[0].starts_with("w0 w1 ") && found[0].len() > 1000, "{problems:?}");
}

fn html_scan(crawl: Vec<u8>) -> (Ran, Findings) {
    scanned("a.warc", crawl, &["--warc-html"])
}

#[test]
fn only_pages_that_were_fetched_are_read() {
    let body = words("w", 30);
    let html = format!("<p>{body}</p>");
    let plain = |kind: &str, content_type: &str| record(kind, kind, content_type, html.as_bytes());
    let crawl = [
        page("one", &html),
        plain("resource", "text/html"),
        record("conversion", "wet", "text/plain", body.as_bytes()),
        answer("gone", "404 Not Found", "Content-Type: text/html", html.as_bytes()),
        answer("pdf", "200 OK", "Content-Type: application/pdf", html.as_bytes()),
        answer("bare", "200 OK", "Server: y", html.as_bytes()),
        record("revisit", "again", "application/http", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"),
        record("response", "dns", "text/dns", b"20200101000000\nexample. 300 IN A 1.2.3.4\n"),
        record("resource", "css", "text/css", html.as_bytes()),
        record("request", "ask", "application/http", b"GET / HTTP/1.1\r\n\r\n"),
    ]
    .concat();
    let (ran, findings) = html_scan(crawl.clone());
    assert_eq!((findings.summary("documents"), findings.summary("skipped")), (3, 0), "{}", ran.stderr);
    assert_eq!(findings.of("cluster")[0]["members"].as_array().unwrap().len(), 3);
    assert!(
        ran.stderr.contains("no text: 7 (1 request, 1 resource, 4 response, 1 revisit); responses are read that have"),
        "{}",
        ran.stderr
    );
    let (ran, findings) = scanned("a.warc", crawl.clone(), &[]);
    assert_eq!(findings.summary("documents"), 1);
    assert!(ran.stderr.contains("no text: 9 (1 request, 2 resource, 5 response, 1 revisit); text is read from"), "{}", ran.stderr);
    let bench = Bench::new();
    bench.write("a.warc", crawl);
    let by = |run: Run| run.folder(bench.path()).go().findings().summary("documents");
    assert_eq!(by(Run::new(&["scan", "a.warc", "--format", "jsonl"]).env("REFRAIN_WARC_HTML", "1")), 3);
    bench.write("refrain.toml", "warc-html = true\n");
    assert_eq!(by(Run::new(&["scan", "a.warc", "--format", "jsonl"])), 3);
    assert_eq!(by(Run::new(&["scan", "a.warc", "--format", "jsonl", "--warc-html=false"])), 1);
    assert_eq!(bench.run(&["compare", "a.warc#http://a.example/one", "a.warc#http://a.example/wet"]).code, 0);
}

#[test]
fn a_page_has_no_place_for_its_text() {
    let bench = Bench::new();
    let html = |title: &str| format!("<title> {title}\n&amp; more</title><p>{}", words("w", 40));
    let path = bench.write("a.warc", [page("a", &html("First")), page("b", &html("Second"))].concat());
    let corpus = FileCorpus::open(&[path], &SourceOptions { warc_html: true, ..SourceOptions::default() }).unwrap();
    let (_, locator) = corpus.visit(Found::default).unwrap().remove(0).output.remove(0);
    assert!(matches!(corpus.place(locator).unwrap(), Place::Bytes { text: None, spelling: Spelling::Markup, .. }));
}

#[test]
fn hostile_pages_take_linear_time() {
    let many = |part: &str| part.repeat((1 << 19) / part.len());
    let mut attributes = String::from("<p");
    (0..50_000).for_each(|n| write!(attributes, " a{n}=\"{n}\"").unwrap());
    let pages = [
        many("<div>"),
        many("<template>"),
        many("<svg><pre>"),
        many("<"),
        many("</"),
        many("<!--"),
        many("<!-"),
        many("&"),
        many("&notit"),
        many("&#"),
        many("<p a="),
        format!("<p {}", many("a=\"<>\" ")),
        format!("<p {}", many("a= \"\"")),
        many("</p "),
        many("\u{a0} "),
        format!("<script>{}", many("</scrip")),
        format!("<script>{}", many("<!--<script>")),
        format!("<title>{}", many("</title ")),
        attributes,
        format!("<p {}>", many("a")),
        format!("<meta content='{}'>", many("charset=")),
    ];
    let crawl: Vec<u8> = pages.iter().enumerate().flat_map(|(n, markup)| page(&format!("p{n}"), markup)).collect();
    let begun = Instant::now();
    let (found, problems) = texts(&crawl);
    assert_eq!((found.len(), problems.len()), (pages.len(), 0));
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn cleaning_drops_whole_pages_and_keeps_the_rest_byte_for_byte() {
    let (body, frame) = (words("w", 40), words("f", 12));
    let twice = page("a", &format!("<p>{body}</p><p>{body}</p><p>{frame}"));
    let copy = page("b", &format!("<div>{}</div><p>{body}<p>{frame}", body.to_uppercase()));
    let rest: Vec<Vec<u8>> = (0..3).map(|n| page(&format!("r{n}"), &format!("<p>{}<p>{frame}", words(&format!("r{n}-"), 40)))).collect();
    let only = page("frame", &format!("<p>{frame}</p>"));
    let gone = answer("gone", "404 Not Found", "Content-Type: text/html", twice.as_slice());
    let crawl = [twice.clone(), gone.clone(), copy, rest.concat(), only.clone()].concat();
    let bench = Bench::new();
    bench.write("in.warc", &crawl);
    let clean = |args: &[&str]| {
        run(&bench, &[&["clean", "in.warc", "-o", "out.warc", "--manifest", "m", "--warc-html"], args].concat());
        run(&bench, &["restore", "out.warc", "--manifest", "m", "-o", "back.warc"]);
        run(&bench, &[&["clean", "out.warc", "-o", "again.warc", "--manifest", "m2", "--warc-html"], args].concat());
        assert!(read(&bench, "back.warc") == read(&bench, "in.warc") && read(&bench, "again.warc") == read(&bench, "out.warc"));
        read(&bench, "out.warc").into_bytes()
    };
    assert!(clean(&["--keep", "first"]) == [twice.clone(), gone.clone(), rest.concat(), only].concat());
    let lines = crate::clean::manifest(&bench, "m");
    let removals = of_type(&lines, "removal");
    assert_eq!((removals.len(), &removals[0]["doc"], &removals[0]["span"]), (1, &"http://a.example/b".into(), &serde_json::Value::Null));
    let without_frames = clean(&["--keep", "first", "--remove", "within,across,boilerplate", "--boilerplate", "4"]);
    assert!(without_frames == [twice, gone, rest.concat()].concat());
    // Without its pages the crawl has no article.
    assert_eq!(bench.run(&["clean", "in.warc", "-o", "plain.warc"]).code, 2);
    assert!(!bench.path().join("plain.warc").exists());
}
