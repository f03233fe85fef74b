//! The alphabets of deflate (RFC 1951, 3.2.5): codes of lengths and distances, and the bits behind them.

/// Codes of literals, of the end of a block, and of lengths.
pub(super) const L_CODES: usize = 286;
/// Codes of distances.
pub(super) const D_CODES: usize = 30;
/// The end of a block among the literals.
pub(super) const END_OF_BLOCK: usize = 256;
/// The first code of a length.
pub(super) const FIRST_LENGTH: usize = 257;
/// Shortest and longest match.
pub(super) const MIN_MATCH: usize = 3;
pub(super) const MAX_MATCH: usize = 258;

pub(super) const LENGTH_EXTRA: [u8; 29] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
pub(super) const DISTANCE_EXTRA: [u8; D_CODES] =
    [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

/// The order in which the lengths of the codes of code lengths are written.
pub(super) const LENGTH_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The code of a length less [`MIN_MATCH`], and the number behind it.
pub(super) fn length_code(length: u8) -> (usize, u16) {
    let number = u16::from(length);
    match length {
        255 => (28, 0),
        0..8 => (usize::from(length), 0),
        _ => {
            let extra = 5 - number.leading_zeros().saturating_sub(8);
            let code = 4 * (extra as usize + 1) + usize::from(number >> extra & 3);
            (code, number & ((1 << extra) - 1))
        }
    }
}

/// The code of a distance less one, and the number behind it.
pub(super) fn distance_code(distance: u16) -> (usize, u16) {
    if distance < 4 {
        return (usize::from(distance), 0);
    }
    let extra = 14 - distance.leading_zeros();
    (2 * (extra as usize + 1) + usize::from(distance >> extra & 1), distance & ((1 << extra) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_up_by_what_the_bits_behind_them_number() {
        let (mut length, mut distance) = (0_u16, 0_u32);
        for (code, &extra) in LENGTH_EXTRA[..28].iter().enumerate() {
            for behind in 0..1 << extra {
                if length < 255 {
                    assert_eq!(length_code(u8::try_from(length).unwrap()), (code, behind));
                }
                length += 1;
            }
        }
        assert_eq!((length, length_code(255)), (256, (28, 0)));
        for (code, &extra) in DISTANCE_EXTRA.iter().enumerate() {
            for behind in 0..1 << extra {
                assert_eq!(distance_code(u16::try_from(distance).unwrap()), (code, behind));
                distance += 1;
            }
        }
        assert_eq!(distance, 32_768);
    }
}
