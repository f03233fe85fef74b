//! A number in a field of a record, compared exactly: two integers that round to the same float are different numbers.

use std::cmp::Ordering;

/// An integer or a float. Never NaN.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    /// The number that a field spells; None if it is no number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let float = || text.parse::<f64>().ok().filter(|number| !number.is_nan()).map(Self::Float);
        text.parse().ok().map(Self::Integer).or_else(float)
    }
}

/// Compares an integer with a float as real numbers.
#[expect(clippy::cast_possible_truncation, reason = "the float is in the range of the integer, and has no fraction")]
fn compare(integer: i128, float: f64) -> Ordering {
    /// 2^127, one more than the largest integer.
    const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if float >= LIMIT {
        return Ordering::Less;
    }
    if float < -LIMIT {
        return Ordering::Greater;
    }
    integer.cmp(&(float.trunc() as i128)).then_with(|| 0.0_f64.total_cmp(&(float.fract() + 0.0)))
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Self::Integer(this), Self::Integer(other)) => this.cmp(&other),
            // Adding zero turns -0.0 into 0.0: they are one number.
            (Self::Float(this), Self::Float(other)) => (this + 0.0).total_cmp(&(other + 0.0)),
            (Self::Integer(this), Self::Float(other)) => compare(this, other),
            (Self::Float(this), Self::Integer(other)) => compare(other, this).reverse(),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly() {
        let ascending = [
            "-inf",
            "-1e300",
            "-9007199254740993",
            "-9007199254740992",
            "-2.5",
            "-0.5",
            "0",
            "0.5",
            " 7 ",
            "9007199254740992",
            "9007199254740993",
            "9007199254740994.0",
            "18446744073709551615",
            "1e39",
            "inf",
        ];
        let numbers: Vec<Number> = ascending.iter().map(|text| Number::parse(text).unwrap()).collect();
        for (at, pair) in numbers.windows(2).enumerate() {
            assert_eq!(pair[0].cmp(&pair[1]), Ordering::Less, "{} {}", ascending[at], ascending[at + 1]);
            assert_eq!(pair[1].cmp(&pair[0]), Ordering::Greater, "{} {}", ascending[at], ascending[at + 1]);
        }
        for equal in [["2", "2.0"], ["-0.0", "0"], ["1e3", "1000"], ["0.0", "-0.0"]] {
            assert_eq!(Number::parse(equal[0]), Number::parse(equal[1]));
        }
        for text in ["", "seven", "NaN", "1 2"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
