//! Levels, and the numbers that stand for values of a dictionary: runs of one number and runs of packed ones in turn.

/// The first `count` numbers of `width` bits in `bytes`; None if there are not so many.
pub(super) fn read(bytes: &[u8], width: u32, count: usize) -> Option<Vec<u32>> {
    if width > 32 {
        return None;
    }
    let mut numbers = Vec::with_capacity(count.min(1 << 20));
    let mut at = 0;
    while numbers.len() < count {
        let (head, length) = head(bytes.get(at..)?)?;
        at += length;
        let left = count - numbers.len();
        if head & 1 == 0 {
            let bytes = bytes.get(at..at + width.div_ceil(8) as usize)?;
            let number = bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte));
            let run = usize::try_from(head >> 1).ok().filter(|&run| run > 0)?;
            numbers.resize(numbers.len() + run.min(left), number);
            at += bytes.len();
        } else {
            let length = usize::try_from(head >> 1).ok()?.checked_mul(width as usize)?;
            // A last run may be cut short where nothing stands in it.
            let packed = bytes.get(at..)?;
            let packed = &packed[..length.min(packed.len())];
            let before = numbers.len();
            let held = if width == 0 { left } else { packed.len() * 8 / width as usize };
            numbers.extend((0..held.min(left)).map(|number| bits(packed, number * width as usize, width)));
            if numbers.len() == before {
                return None;
            }
            at += length;
        }
    }
    Some(numbers)
}

/// A run's head, and the bytes that it takes.
fn head(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut head = 0;
    for (at, &byte) in bytes.iter().take(9).enumerate() {
        head |= u64::from(byte & 127) << (7 * at);
        if byte < 128 {
            return Some((head, at + 1));
        }
    }
    None
}

#[expect(clippy::cast_possible_truncation, reason = "at most 32 bits")]
fn bits(bytes: &[u8], at: usize, width: u32) -> u32 {
    let word = bytes[at / 8..].iter().take(8).rev().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
    (word >> (at % 8) & ((1 << width) - 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_both_kinds_are_read() {
        // Eight numbers of three bits, 0 to 7, as the format's description has them; then five times six.
        let bytes = [0b0000_0011, 0b1000_1000, 0b1100_0110, 0b1111_1010, 10, 6];
        assert_eq!(read(&bytes, 3, 13).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7, 6, 6, 6, 6, 6]);
        assert_eq!(read(&bytes, 3, 10).unwrap().len(), 10);
        assert_eq!(read(&bytes, 3, 14), None);
        assert_eq!(read(&[200, 1, 1, 2], 16, 3).unwrap(), [513; 3]);
        assert_eq!(read(&[3], 0, 8).unwrap(), [0; 8]);
        assert_eq!((read(&[0, 0], 1, 1), read(&[3], 5, 1), read(&[2, 0], 33, 1)), (None, None, None));
    }
}
