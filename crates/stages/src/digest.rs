//! Digests of sets of lines that do not depend on their order.

use xxhash_rust::xxh3::xxh3_128;

/// The sum of the 128-bit hashes (XXH3) of lines, modulo 2^128: that of a whole is the sum of those of its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(u128);

impl Digest {
    /// Adds a line.
    pub fn add(&mut self, line: &[u8]) {
        self.0 = self.0.wrapping_add(xxh3_128(line));
    }

    /// Adds what another digest has.
    pub fn append(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }

    /// Adds a pair of documents, with the similarity as findings print it.
    pub fn add_pair(&mut self, rule: &str, ids: [&str; 2], jaccard: f64) {
        self.add(format!("{rule}\0{}\0{}\0{jaccard:.6}", ids[0], ids[1]).as_bytes());
    }

    /// Adds a member of the cluster whose least id is `cluster`.
    pub fn add_member(&mut self, cluster: &str, id: &str, is_kept: bool) {
        self.add(format!("{cluster}\0{id}\0{is_kept}").as_bytes());
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_does_not_count_and_repeats_do() {
        let of = |lines: &[&str]| {
            let mut digest = Digest::default();
            lines.iter().for_each(|line| digest.add(line.as_bytes()));
            digest
        };
        assert_eq!(of(&["a", "b", "c"]), of(&["c", "a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "b", "b"]));
        let mut sum = of(&["a"]);
        sum.append(of(&["b"]));
        assert_eq!(sum.to_string(), of(&["b", "a"]).to_string());
        assert_eq!(sum.to_string().len(), 32);
    }
}
