//! The lists inside a JSON value that has no text, for messages: the records may be in one of them.
//!
//! In: a value. Out: words that name its fields, those of the records in its list of objects, or the list that is empty.

use super::fields::listed;
use super::lists::{elements, lists_below, members};

/// The fields of a value, and those of the records in its longest list of objects, for a message. Without such a list, the list that is empty.
pub(super) fn described(names: &[impl AsRef<str>], value: &str) -> String {
    let lists = |first| {
        let mut lists = Vec::new();
        lists_below(value, "", usize::MAX, first, &mut lists);
        lists
    };
    if let Some((path, list)) = lists(b'{').into_iter().max_by_key(|(_, list)| list.len()) {
        return format!("{}; in the list `{path}`: {}", listed(names), listed(&names_in(list)));
    }
    match lists(b']').first() {
        Some((path, _)) => format!("{}; the list `{path}` is empty", listed(names)),
        None => listed(names),
    }
}

/// The paths of the lists of objects in a value.
pub(super) fn paths(value: &str) -> Vec<String> {
    let mut lists = Vec::new();
    lists_below(value, "", usize::MAX, b'{', &mut lists);
    lists.into_iter().map(|(path, _)| format!("`{path}`")).collect()
}

/// The names of the fields of a list's first object; of an object inside it the dotted paths.
fn names_in(list: &str) -> Vec<String> {
    let mut first = None;
    let _ = elements(list, |element| first = first.or(Some(element).filter(|element| element.starts_with('{'))));
    let mut names = Vec::new();
    let _ = members(first.unwrap_or("{}"), |name, member| {
        let before = names.len();
        if member.starts_with('{') {
            let _ = members(member, |inner, _| names.push(format!("{name}.{inner}")));
        }
        if names.len() == before {
            names.push(name.to_owned());
        }
    });
    names
}
