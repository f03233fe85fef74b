//! Names of documents: one rule for every command.
//!
//! In: the ids of the documents of a run, in the order of the input. Out: names for the documents without an id of their own: the input gives none, an
//! empty one, or one that several documents share. Such a document is named by its position in the input, `FILE:LINE`. Several on one line, as in a JSON
//! array, have `#1`, `#2` and so on behind it; so has one whose name is the id of another document.

use rayon::prelude::*;
use std::collections::{HashMap, HashSet};

/// Positions of documents in the order of their ids; documents with the same id in the order of the input.
pub fn by_id<'d>(count: usize, id: impl Fn(u32) -> &'d str + Sync) -> Vec<u32> {
    let mut order: Vec<u32> = (0..).take(count).collect();
    order.par_sort_unstable_by(|&x, &y| id(x).cmp(id(y)).then(x.cmp(&y)));
    order
}

/// Positions of the documents without an id of their own, ascending. `by_id` is what [`by_id`] returned.
pub fn without_own_id<'d>(by_id: &[u32], id: impl Fn(u32) -> &'d str) -> Vec<u32> {
    let of_one_id = by_id.chunk_by(|&x, &y| id(x) == id(y));
    let mut unnamed: Vec<u32> = of_one_id.filter(|same| same.len() > 1 || id(same[0]).is_empty()).flatten().copied().collect();
    unnamed.sort_unstable();
    unnamed
}

/// Names for `unnamed`, the documents without an id of their own, in the order of the input. `own` are the ids of the others, `place` says `FILE:LINE`.
pub fn stand_ins<'d>(unnamed: &[u32], own: impl Iterator<Item = &'d str>, place: impl Fn(u32) -> String) -> Vec<Box<str>> {
    let own: HashSet<&str> = own.collect();
    let places: Vec<String> = unnamed.iter().map(|&document| place(document)).collect();
    // Of each place how many documents it has, and the last number that was given.
    let mut numbers: HashMap<&str, (usize, u64)> = HashMap::with_capacity(places.len());
    places.iter().for_each(|place| numbers.entry(place).or_default().0 += 1);
    let mut name = |place: &String| -> Box<str> {
        let Some((count, last)) = numbers.get_mut(place.as_str()) else { return place.as_str().into() };
        if *count == 1 && !own.contains(place.as_str()) {
            return place.as_str().into();
        }
        loop {
            *last += 1;
            let name = format!("{place}#{last}");
            if !own.contains(name.as_str()) {
                return name.into();
            }
        }
    };
    places.iter().map(&mut name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of documents with these ids in a file, one a line.
    fn names(ids: &[&str]) -> Vec<String> {
        let id = |n: u32| ids[n as usize];
        let order = by_id(ids.len(), id);
        let unnamed = without_own_id(&order, id);
        let own = (0..).zip(ids).filter(|(n, _)| !unnamed.contains(n)).map(|(_, id)| *id);
        let stand_ins = stand_ins(&unnamed, own, |n| format!("f:{}", n + 1));
        let mut names: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
        unnamed.iter().zip(stand_ins).for_each(|(&n, name)| names[n as usize] = name.into());
        names
    }

    #[test]
    fn a_document_without_an_id_of_its_own_is_named_by_its_position() {
        assert_eq!(names(&["a", "", "b", ""]), ["a", "f:2", "b", "f:4"]);
        assert_eq!(names(&["a", "b", "a"]), ["f:1", "b", "f:3"]);
        assert_eq!(names(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_name_that_is_an_id_of_another_gets_a_number() {
        assert_eq!(names(&["", "f:1", "f:1#2"]), ["f:1#1", "f:1", "f:1#2"]);
        let stand_ins = stand_ins(&[0, 1, 2, 3], ["f:1#2"].into_iter(), |n| format!("f:{}", n / 3 + 1));
        assert_eq!(stand_ins, ["f:1#1", "f:1#3", "f:1#4", "f:2"].map(Box::from), "three on a line");
        // An id that two documents share is the name of neither.
        assert_eq!(names(&["", "f:1", "f:1"]), ["f:1", "f:2", "f:3"]);
    }
}
