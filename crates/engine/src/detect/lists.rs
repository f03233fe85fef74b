//! Many lists as one.
//!
//! In: lists, of which most may be empty. Out: the same by their numbers, in two arrays.

/// Lists one after another: of millions most are empty.
#[derive(Debug)]
pub(super) struct Lists<T> {
    items: Vec<T>,
    /// Where each list ends.
    ends: Vec<usize>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { items: Vec::new(), ends: Vec::new() }
    }
}

impl<T> Lists<T> {
    pub(super) fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        self.ends.push(self.items.len());
    }

    /// The lists of all `parts`.
    pub(super) fn concat(parts: Vec<Self>) -> Self {
        let (items, lists) = parts.iter().fold((0, 0), |(items, lists), part| (items + part.items.len(), lists + part.ends.len()));
        let mut all = Self { items: Vec::with_capacity(items), ends: Vec::with_capacity(lists) };
        for part in parts {
            let before = all.items.len();
            all.items.extend(part.items);
            all.ends.extend(part.ends.iter().map(|end| before + end));
        }
        all
    }

    /// A list; empty if there is none of this number.
    pub(super) fn get(&self, at: usize) -> &[T] {
        let Some(&end) = self.ends.get(at) else { return &[] };
        &self.items[at.checked_sub(1).map_or(0, |before| self.ends[before])..end]
    }
}

#[cfg(test)]
mod tests {
    use super::Lists;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_are_those_that_were_pushed(lists in prop::collection::vec(prop::collection::vec(any::<u32>(), 0..4), 0..20), size in 1..6_usize) {
            let part = |lists: &[Vec<u32>]| {
                let mut part = Lists::default();
                lists.iter().for_each(|list| part.push(list.iter().copied()));
                part
            };
            let all = Lists::concat(lists.chunks(size).map(part).collect());
            for (at, list) in lists.iter().enumerate() {
                prop_assert_eq!(all.get(at), &list[..]);
            }
            prop_assert!(all.get(lists.len()).is_empty());
        }
    }
}
