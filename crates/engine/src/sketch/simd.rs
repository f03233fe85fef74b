//! The minima of many hash functions at once. One loop, compiled three times: for any machine, for AVX2 and for AVX-512.
#![expect(unsafe_code, reason = "functions compiled for instructions that are found at run time")]

use crate::simd::Simd;

/// Signatures are computed in blocks of this many minima: their state stays in registers.
pub(super) const LANES: usize = 32;

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the lower half of a mixed hash")]
fn minima_of(shingles: &[u64], multipliers: &[u32], addends: &[u32], minima: &mut [u32]) {
    let blocks = multipliers.chunks_exact(LANES).zip(addends.chunks_exact(LANES));
    for ((multiplier, addend), minimum) in blocks.zip(minima.chunks_exact_mut(LANES)) {
        let (mut a, mut b, mut least) = ([0; LANES], [0; LANES], [u32::MAX; LANES]);
        a.copy_from_slice(multiplier);
        b.copy_from_slice(addend);
        for &shingle in shingles {
            let x = shingle as u32;
            for lane in 0..LANES {
                least[lane] = least[lane].min(a[lane].wrapping_mul(x).wrapping_add(b[lane]));
            }
        }
        minimum.copy_from_slice(&least);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn minima_avx512(shingles: &[u64], multipliers: &[u32], addends: &[u32], minima: &mut [u32]) {
    minima_of(shingles, multipliers, addends, minima);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn minima_avx2(shingles: &[u64], multipliers: &[u32], addends: &[u32], minima: &mut [u32]) {
    minima_of(shingles, multipliers, addends, minima);
}

impl Simd {
    /// For each function (multiplier, addend) the least value over `shingles`, `u32::MAX` if there is none. `self` is resolved;
    /// the three other slices have one length, a multiple of [`LANES`].
    pub(super) fn minima(self, shingles: &[u64], multipliers: &[u32], addends: &[u32], minima: &mut [u32]) {
        match self {
            // SAFETY: `resolve` gives Auto only where all four AVX-512 features of the function were detected.
            #[cfg(target_arch = "x86_64")]
            Self::Auto => unsafe { minima_avx512(shingles, multipliers, addends, minima) },
            // SAFETY: `resolve` gives Avx2 only where AVX2 was detected.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { minima_avx2(shingles, multipliers, addends, minima) },
            _ => minima_of(shingles, multipliers, addends, minima),
        }
    }
}
