//! Glob patterns, of which every one is either matched or refused.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Braces inside each other, at most. Parsing a pattern goes one call deeper for each.
const MOST_NESTED: usize = 32;

/// Whether wildcards match the separator between folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wildcards {
    /// As in a shell.
    InsideNames,
    /// Any text.
    Anywhere,
}

/// A matcher for `pattern`.
///
/// # Errors
/// The reason why it cannot be parsed, or that it is too large.
pub fn matcher(pattern: &str, wildcards: Wildcards) -> Result<GlobSet, String> {
    if depth(pattern) > MOST_NESTED {
        return Err(format!("more than {MOST_NESTED} braces inside each other"));
    }
    let separator = wildcards == Wildcards::InsideNames;
    let glob = GlobBuilder::new(pattern).literal_separator(separator).build().map_err(|error| error.kind().to_string())?;
    // A set says that a pattern is too large, where a single matcher panics.
    GlobSetBuilder::new().add(glob).build().map_err(|_| "too large; use several patterns".into())
}

/// The most braces that are open at once.
fn depth(pattern: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for letter in pattern.chars() {
        match letter {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_cannot_be_used_are_errors() {
        let many = |text: &str| text.repeat(5_000);
        for (pattern, said) in [
            (many("{"), "more than 32 braces"),
            (many("{a,") + &many("}"), "more than 32 braces"),
            (many("{aaaaaaaa,b*}{[a-z]*,[!x]??}{c,d,e,f}").repeat(4), "too large"),
            ("[".into(), "unclosed character class"),
        ] {
            for wildcards in [Wildcards::InsideNames, Wildcards::Anywhere] {
                let refused = matcher(&pattern, wildcards).err().unwrap_or_default();
                assert!(refused.contains(said), "{said}: {refused}");
            }
        }
        assert!(matcher("{a,{b,c}}*", Wildcards::Anywhere).unwrap().is_match("c/x"));
        assert!(!matcher("{a,{b,c}}*", Wildcards::InsideNames).unwrap().is_match("c/x"));
    }
}
