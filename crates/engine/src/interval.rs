//! Intervals of shares.

/// Half width of a 95 % interval, in standard deviations.
pub const SIGMAS: f64 = 1.96;

/// The 95 % interval of a share that was observed in `count` draws (Wilson 1927), in [0, 1].
pub fn wilson(share: f64, count: f64) -> (f64, f64) {
    let count = count.max(1.0);
    let square = SIGMAS * SIGMAS / count;
    let middle = share + square / 2.0;
    let width = SIGMAS * (share * (1.0 - share) / count + square / (4.0 * count)).sqrt();
    (((middle - width) / (1.0 + square)).max(0.0), ((middle + width) / (1.0 + square)).min(1.0))
}
