//! Which vector instructions to use, and a hint to the memory.
#![expect(unsafe_code, reason = "an instruction that only hints")]

use serde::{Deserialize, Serialize};

/// Which vector instructions to use where texts are read. (Seeds are chained with AVX2 where there is.) The result is the same with each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Simd {
    /// The widest that the machine has.
    #[default]
    Auto,
    /// At most AVX2.
    Avx2,
    /// What every machine of this architecture has.
    Off,
}

impl Simd {
    /// What the machine has of it.
    pub(crate) fn resolve(self) -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let has_avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            match self {
                Self::Auto if has_avx512 => Self::Auto,
                Self::Auto | Self::Avx2 if is_x86_feature_detected!("avx2") => Self::Avx2,
                _ => Self::Off,
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self::Off
    }

    /// The name of what this machine uses under this setting.
    #[must_use]
    pub fn level_name(self) -> &'static str {
        match self.resolve() {
            Self::Auto => "AVX-512",
            Self::Avx2 => "AVX2",
            Self::Off => "those of every machine",
        }
    }

    /// True if bytes can be looked up and compressed 64 at a time: AVX-512 with VBMI and VBMI2 (Ice Lake, Zen 4, and later).
    pub(crate) fn has_byte_permutations(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            self.resolve() == Self::Auto
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vbmi2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt")
        }
        #[cfg(not(target_arch = "x86_64"))]
        false
    }
}

/// Asks for `list` to be brought near, all of its lines or those that hold every `step`th number: they will be read soon.
#[inline]
pub(crate) fn prefetch(list: &[u64], step: usize) {
    /// Numbers in a line of memory.
    const LINE: usize = 8;
    #[cfg(target_arch = "x86_64")]
    for number in list.iter().step_by(step.max(LINE)) {
        // SAFETY: the address is one of the list's; a prefetch reads nothing and never fails.
        unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(std::ptr::from_ref(number).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (list, step, LINE);
}
