//! A page on which people judge the decisions of a cleaning, one after another, each with the text and its copy side by side.
//!
//! In: decisions, as JSON. Out: one HTML page that loads nothing. The judgements are in the browser's storage until they are saved as JSON lines, which
//! `refrain eval` reads. Texts are data of the page, never markup: the script makes text nodes alone.

use super::html::pack::policy_hash;
use std::io::{self, Write};

const FRAME: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("review.js");

/// Writes the page. `cases` is a JSON array of decisions, `name` that of the corpus.
///
/// # Errors
/// What the writer says.
pub fn write_review(cases: &serde_json::Value, name: &str, out: &mut impl Write) -> io::Result<()> {
    let script = SCRIPT.replace('\r', "");
    let policy =
        format!("default-src 'none'; style-src 'unsafe-inline'; script-src {}; base-uri 'none'; form-action 'none'", policy_hash(&script));
    let data = serde_json::json!({"name": name, "cases": cases}).to_string();
    // In a script element only `<` could begin something else.
    let data = data.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let mut rest = FRAME;
    for (mark, put) in [("{{policy}}", policy.as_str()), ("{{style}}", STYLE), ("{{data}}", &data), ("{{script}}", &script)] {
        let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
        out.write_all(before.as_bytes())?;
        out.write_all(put.as_bytes())?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_leave_the_data() {
        let cases = serde_json::json!([{"text": {"text": "</script><script>alert(1)</script><!--"}}]);
        let mut page = Vec::new();
        write_review(&cases, "</title><b>", &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(!page.contains("<!--") && !page.contains("alert(1)<") && !page.contains("<b>"));
        for word in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch(", "XMLHttpRequest", "http:", "https:"]
        {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }
}
