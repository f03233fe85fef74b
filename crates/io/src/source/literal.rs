//! From a place in a text to its place in the JSON string that holds it, escapes and all.

use memchr::memchr;

/// Where each of `edges` (ascending byte offsets of the decoded text) stands in `inside`, the bytes between the quotes of a JSON string.
/// Half a surrogate pair counts as U+FFFD, as it does where records are read. None if an edge lies beyond the end or inside a character.
pub(super) fn places_in_literal(inside: &[u8], edges: &[usize]) -> Option<Vec<usize>> {
    let (mut raw, mut decoded) = (0, 0);
    let mut places = Vec::with_capacity(edges.len());
    for &edge in edges {
        while decoded < edge {
            let rest = inside.get(raw..)?;
            let plain = memchr(b'\\', rest).unwrap_or(rest.len()).min(edge - decoded);
            if plain > 0 {
                (raw, decoded) = (raw + plain, decoded + plain);
                continue;
            }
            let (escape, character) = escape(rest)?;
            (raw, decoded) = (raw + escape, decoded + character);
        }
        if decoded != edge {
            return None;
        }
        places.push(raw);
    }
    Some(places)
}

/// Bytes of the escape that `bytes` begin with, and of the character that it stands for.
fn escape(bytes: &[u8]) -> Option<(usize, usize)> {
    if bytes.get(1)? != &b'u' {
        return Some((2, 1));
    }
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6).filter(|digits| digits.starts_with(b"\\u"))?;
        u32::from_str_radix(std::str::from_utf8(&digits[2..]).ok()?, 16).ok()
    };
    Some(match unit(0)? {
        0xD800..0xDC00 if unit(6).is_some_and(|low| (0xDC00..0xE000).contains(&low)) => (12, 4),
        unit => (6, char::from_u32(unit).map_or('\u{fffd}'.len_utf8(), char::len_utf8)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_an_escaped_string_is_found_again() {
        let literal = r#""a\n\"é\u00e9 \ud83d\ude00\/\\ب\u0628x""#;
        let text: String = serde_json::from_str(literal).unwrap();
        let inside = &literal[1..literal.len() - 1];
        let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let places = places_in_literal(inside.as_bytes(), &edges).unwrap();
        for pair in edges.windows(2).zip(places.windows(2)) {
            let (decoded, raw) = (&text[pair.0[0]..pair.0[1]], &inside[pair.1[0]..pair.1[1]]);
            assert_eq!(serde_json::from_str::<String>(&format!("\"{raw}\"")).unwrap(), decoded);
        }
        assert_eq!(places_in_literal(br"\ud800x", &[3, 4]), Some(vec![6, 7]), "half a pair is U+FFFD");
        assert_eq!(places_in_literal(b"ab", &[3]), None);
        assert_eq!(places_in_literal(br"\u00e9", &[1]), None);
    }
}
