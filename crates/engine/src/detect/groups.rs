//! Groups of numbers in two flat lists: millions of groups of one cost eight bytes each.

use rayon::prelude::*;

/// Disjoint groups of numbers. Members ascend; groups stand in the order of their first members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Groups {
    members: Vec<u32>,
    /// Where each group begins among the members.
    starts: Vec<u32>,
}

impl Groups {
    /// `items`, those of equal key together.
    pub(super) fn by_key<K: Ord + Send>(items: impl ParallelIterator<Item = u32>, key: impl Fn(u32) -> K + Sync) -> Self {
        let mut keyed: Vec<(K, u32)> = items.map(|item| (key(item), item)).collect();
        keyed.par_sort_unstable();
        // The first of each group, then the group: sorted by that, groups stand in their order and members in theirs.
        let mut placed: Vec<(u32, u32)> = Vec::with_capacity(keyed.len());
        keyed.chunk_by(|x, y| x.0 == y.0).for_each(|same| placed.extend(same.iter().map(|member| (same[0].1, member.1))));
        drop(keyed);
        Self::placed(placed)
    }

    /// From pairs of a group's least member with each of its members.
    pub(super) fn placed(mut placed: Vec<(u32, u32)>) -> Self {
        placed.par_sort_unstable();
        let starts = (0..).zip(&placed).filter(|(_, (first, member))| first == member).map(|(at, _)| at).collect();
        Self { starts, members: placed.into_iter().map(|(_, member)| member).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The same, as groups are numbered.
    #[expect(clippy::cast_possible_truncation, reason = "members are numbered in 32 bits, and groups are no more")]
    pub(super) fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    pub(super) fn get(&self, group: u32) -> &[u32] {
        let end = self.starts.get(group as usize + 1).map_or(self.members.len(), |&end| end as usize);
        &self.members[self.starts[group as usize] as usize..end]
    }

    /// The least member of a group.
    pub(super) fn first(&self, group: u32) -> u32 {
        self.members[self.starts[group as usize] as usize]
    }

    /// For each of `count` items the group that it is in, or `u32::MAX`.
    pub(super) fn class_of(&self, count: usize) -> Vec<u32> {
        let mut class_of = vec![u32::MAX; count];
        for (group, members) in (0..).zip(self.iter()) {
            members.iter().for_each(|&member| class_of[member as usize] = group);
        }
        class_of
    }

    /// For each of `count` items the group whose least member it is, or `u32::MAX`.
    pub(super) fn class_of_first(&self, count: usize) -> Vec<u32> {
        let mut class_of = vec![u32::MAX; count];
        (0..self.count()).for_each(|group| class_of[self.first(group) as usize] = group);
        class_of
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..).take(self.len()).map(|group| self.get(group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_in_the_order_of_their_first_members() {
        let groups = Groups::by_key([5, 1, 4, 2, 9].into_par_iter(), |n| n % 3);
        assert_eq!(groups.iter().collect::<Vec<_>>(), [&[1, 4][..], &[2, 5], &[9]]);
        assert_eq!((groups.len(), groups.first(1)), (3, 2));
        assert_eq!(Groups::default().iter().count(), 0);
    }
}
