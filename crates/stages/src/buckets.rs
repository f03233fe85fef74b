//! Candidates of a bucket.

pub use refrain_engine::detect::{LARGE_BUCKET, LEADERS};

/// Calls `add` with the pairs of a bucket whose members, in order, are `rows`: all of them, or in a bucket of more than [`LARGE_BUCKET`] those with one of the first [`LEADERS`].
/// Returns how many pairs that leaves out. Time is linear in the members of large buckets.
pub fn pairs_of_bucket(rows: &[i64], mut add: impl FnMut(i64, i64)) -> u64 {
    let firsts = if rows.len() > LARGE_BUCKET { LEADERS } else { rows.len() };
    for (at, &first) in rows[..firsts].iter().enumerate() {
        rows[at + 1..].iter().for_each(|&other| add(first, other));
    }
    let rest = (rows.len() - firsts) as u64;
    rest * rest.saturating_sub(1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_added_or_counted() {
        for members in [0, 1, 2, 3, 256, 257, 1000] {
            let rows: Vec<i64> = (0..members).collect();
            let mut pairs = Vec::new();
            let left_out = pairs_of_bucket(&rows, |a, b| pairs.push((a, b)));
            assert_eq!(pairs.len() as u64 + left_out, (members * (members - 1) / 2).cast_unsigned(), "{members}");
            assert!(pairs.iter().all(|(a, b)| a < b));
            assert!(members <= 256 || pairs.len() < LEADERS * 1000);
        }
    }
}
