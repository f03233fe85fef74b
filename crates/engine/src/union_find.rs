//! Disjoint sets (Tarjan): union by smaller root, path halving.

/// Disjoint sets of `0..n`. The root of a set is its smallest member.
#[derive(Debug)]
pub struct UnionFind(Vec<u32>);

impl UnionFind {
    /// `count` sets of one member each.
    pub fn new(count: usize) -> Self {
        Self((0..).take(count).collect())
    }

    /// One more set of one member; returns that.
    pub fn push(&mut self) -> u32 {
        let member = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(member);
        member
    }

    /// The smallest member of the set of `x`.
    pub fn root(&mut self, mut x: u32) -> u32 {
        while self.0[x as usize] != x {
            let above = self.0[self.0[x as usize] as usize];
            self.0[x as usize] = above;
            x = above;
        }
        x
    }

    /// Joins the sets of `x` and `y`; true if they were two.
    pub fn join(&mut self, x: u32, y: u32) -> bool {
        let (x, y) = (self.root(x), self.root(y));
        self.0[x.max(y) as usize] = x.min(y);
        x != y
    }
}
