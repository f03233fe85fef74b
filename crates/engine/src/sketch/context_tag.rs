//! What stands on both sides of a selected gram, in a byte: most documents that have one such gram in common share nothing around it.
//!
//! In: the tokens of a document, and a place. Out: a byte that two documents may compare. An index keeps the same in two bytes, which are on disks
//! and stay as they are ([`crate::detect`], `Around`).

use crate::text::GRAM;

/// Four bits for the tokens before a gram, four for those after. Of two documents that share a run over the gram, one of the two is equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ContextTag(u8);

/// A side that the document ends on. No side has `ALL_BITS` alone.
const NOTHING: u8 = 0;
const ALL_BITS: u8 = 15;

impl ContextTag {
    /// May meet whatever is beside another: the gram stands at several places.
    pub(crate) const ANY: Self = Self(u8::MAX);

    /// The tokens of a side that are looked at: of a run of `run` tokens over a gram as many stand on the longer side of it, at least.
    pub(crate) fn width(run: usize) -> usize {
        run.saturating_sub(GRAM).div_ceil(2)
    }

    /// Fills `sums` with the sum of all tokens before each, and of all at last. Linear.
    pub(crate) fn sum(tokens: &[u64], sums: &mut Vec<u64>) {
        let mut sum = 0_u64;
        sums.clear();
        sums.push(0);
        sums.extend(tokens.iter().map(|&token| {
            sum = sum.wrapping_add(token);
            sum
        }));
    }

    /// Of the gram that begins at token `gram` of those of which [`Self::sum`] gave `sums`.
    #[inline]
    pub(crate) fn of(sums: &[u64], gram: usize, width: usize) -> Self {
        if width == 0 {
            return Self::ANY;
        }
        let side = |start: Option<usize>| {
            let sums = start.and_then(|start| Some((sums.get(start)?, sums.get(start + width)?)));
            sums.map_or(NOTHING, |(start, end)| bits_of(end.wrapping_sub(*start)))
        };
        Self(side(gram.checked_sub(width)) << 4 | side(Some(gram + GRAM)))
    }

    pub(crate) fn from_byte(byte: u8) -> Self {
        Self(byte)
    }

    pub(crate) fn byte(self) -> u8 {
        self.0
    }

    /// True if the two may stand in a run that both documents share; never false if they do.
    #[inline(always)]
    pub(crate) fn may_meet(self, other: Self) -> bool {
        let differ = self.0 ^ other.0;
        let meets = |side: u8| (differ & side == 0) & (self.0 & side != NOTHING);
        meets(0xF0) | meets(0x0F) | (self == Self::ANY) | (other == Self::ANY)
    }
}

/// Neither [`NOTHING`] nor [`ALL_BITS`]; of the sum of the tokens of a side.
#[expect(clippy::cast_possible_truncation, reason = "less than 15")]
fn bits_of(sum: u64) -> u8 {
    let hash = sum.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    ((hash * u64::from(ALL_BITS - NOTHING - 1)) >> 32) as u8 + NOTHING + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::mix;
    use proptest::prelude::*;

    fn of(tokens: &[u64], gram: usize, width: usize) -> ContextTag {
        let mut sums = Vec::new();
        ContextTag::sum(tokens, &mut sums);
        ContextTag::of(&sums, gram, width)
    }

    proptest! {
        #[test]
        fn what_stands_in_a_common_run_may_meet(run in 4..40_usize, at in any::<usize>(), before in 0..40_u64, after in 0..40_u64, seed in any::<u64>()) {
            let tokens = |from: u64, count: u64| (from..from + count).map(|n| mix(n ^ seed)).collect::<Vec<u64>>();
            let common = tokens(0, run as u64);
            let one = [tokens(1000, before), common.clone(), tokens(2000, after)].concat();
            let other = [tokens(3000, after), common, tokens(4000, before)].concat();
            let (gram, width) = (at % (run - GRAM + 1), ContextTag::width(run));
            let x = of(&one, usize::try_from(before).unwrap() + gram, width);
            let y = of(&other, usize::try_from(after).unwrap() + gram, width);
            prop_assert!(x.may_meet(y) && y.may_meet(x));
            prop_assert!(x.may_meet(ContextTag::ANY) && ContextTag::ANY.may_meet(ContextTag::default()));
        }
    }

    #[test]
    fn most_of_what_is_different_does_not_meet() {
        let tokens: Vec<u64> = (1..4000).map(mix).collect();
        let all: Vec<ContextTag> = (0..1000).map(|at| of(&tokens, at * 3, 11)).collect();
        let met = all.windows(2).filter(|pair| pair[0].may_meet(pair[1])).count();
        assert!((100..190).contains(&met), "{met}");
        assert!(!ContextTag::default().may_meet(ContextTag::default()), "two ends meet nothing");
    }
}
