//! The page's own files: frame, style and script. The script is one closure of plain JavaScript, put together from a file a concern.

/// The frame; placeholders in double braces.
pub(super) const FRAME: &str = include_str!("page.html");
/// The style.
pub(super) const STYLE: &str = include_str!("style.css");

/// Files of the script, in the order in which they are read.
const FILES: &[&str] = &[
    include_str!("words-en.js"),
    include_str!("words-ar.js"),
    include_str!("base.js"),
    include_str!("store.js"),
    include_str!("filter.js"),
    include_str!("text.js"),
    include_str!("picture.js"),
    include_str!("table.js"),
    include_str!("summary.js"),
    include_str!("outlets.js"),
    include_str!("network.js"),
    include_str!("time.js"),
    include_str!("stories.js"),
    include_str!("article.js"),
    include_str!("pair.js"),
    include_str!("repetition.js"),
    include_str!("tables.js"),
    include_str!("main.js"),
];

/// The script as it stands in the page.
pub(super) fn script() -> String {
    let mut script = String::from("(() => {\n'use strict';\n");
    for file in FILES {
        script.push_str(file);
        script.push('\n');
    }
    script.push_str("})();\n");
    // The hash of the policy is that of what a browser reads, and browsers read no carriage returns.
    script.replace('\r', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_script_ends_it() {
        for code in [script().as_str(), STYLE] {
            assert!(!code.contains("</script") && !code.contains("</style") && !code.contains("<!--"));
        }
    }

    #[test]
    fn nothing_in_the_script_makes_markup_of_text_or_asks_the_network() {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "fetch(",
            "XMLHttpRequest",
            "import(",
        ] {
            assert!(!script().contains(word), "{word}");
        }
    }
}
