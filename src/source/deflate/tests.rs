use super::*;

/// Text of a small vocabulary with phrases that repeat, and random bytes in the middle, which no block packs.
fn text() -> Vec<u8> {
    const LENGTH: usize = 700_000;
    let (mut seed, mut text) = (9_u32, Vec::new());
    while text.len() < LENGTH {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let word = seed >> 16;
        if (300_000..380_000).contains(&text.len()) {
            text.extend(&seed.to_le_bytes()[2..]);
            continue;
        }
        text.extend(format!("{} ", word % 3000).bytes());
        if word.is_multiple_of(7) {
            text.extend(format!("phrase {} of some length ", word % 50).repeat(2).bytes());
        }
    }
    text.truncate(LENGTH);
    text
}

/// Lengths at which programs differ: ends of windows and of the parts of pigz.
const LENGTHS: [usize; 11] = [0, 1, 2, 3, 10, 300, 65_500, 131_072, 131_073, 200_000, 700_000];

/// CRC-32 of what each program wrote, by level, of the beginnings of the text, one after another: GNU gzip 1.12, zlib 1.2.13 with `memLevel` 8 and 9,
/// and pigz 2.6 with two threads.
#[rustfmt::skip]
const SUMS: [(Program, [u32; 9]); 4] = [
    (Program::Gzip, [0x62EB_13AE, 0xCBB1_556F, 0x73F9_B78E, 0x79B3_3F3C, 0x3A85_EE84, 0x6FAA_A2AD, 0xDE74_9418, 0xBDB1_12C0, 0xBDB1_12C0]),
    (Program::Zlib, [0xDFBA_3A19, 0xE428_A5F4, 0x1463_FA00, 0xBD4C_5AD5, 0x1C1E_0A8C, 0x9330_A87E, 0xE452_573B, 0xF856_C5C2, 0xF856_C5C2]),
    (Program::ZlibMost, [0x285B_0132, 0xDA1C_D81E, 0x63C7_D77F, 0x3A5C_607E, 0x8226_1C47, 0xF0F8_3A76, 0xFDF3_2B90, 0x4ABD_AE62, 0x3B04_DE98]),
    (Program::Pigz, [0xF2A8_D7F5, 0xB290_E359, 0x6A05_706A, 0x1EC6_0208, 0xB211_859D, 0xC293_D33F, 0x1157_2C42, 0x1EA1_AFA7, 0x1EA1_AFA7]),
];

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn streams_are_those_of_the_programs() {
    let text = text();
    assert_eq!(crc(&text), 0xcbf8de3c, "the text is another one");
    for (by, sums) in SUMS {
        for (level, sum) in (1..).zip(sums) {
            let deflater = Deflater { by, level };
            let streams: Vec<u8> = LENGTHS.iter().flat_map(|&length| deflater.pack(&text[..length]).unwrap()).collect();
            assert_eq!(crc(&streams), sum, "{deflater:?}");
        }
    }
}

#[test]
fn pieces_of_the_text_do_not_show() {
    let text = text();
    for by in PROGRAMS {
        let deflater = Deflater { by, level: 2 };
        for piece in [777, 131_072, 500_000] {
            let mut encoder = deflater.encoder(Vec::new()).unwrap();
            text.chunks(piece).for_each(|piece| encoder.write_all(piece).unwrap());
            assert!(encoder.finish().unwrap() == deflater.pack(&text).unwrap(), "{by:?} in pieces of {piece}");
        }
    }
}

#[test]
fn long_texts_are_read_back() {
    use std::io::Read;
    // The buffer moves; matches are long, and there are runs of one byte.
    let text = [text().repeat(3), vec![b'a'; 3_000_000], text()].concat();
    for deflater in
        [(Program::Gzip, 1), (Program::Zlib, 6), (Program::Pigz, 4), (Program::ZlibMost, 3)].map(|(by, level)| Deflater { by, level })
    {
        let packed = deflater.pack(&text).unwrap();
        let mut back = Vec::new();
        flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_end(&mut back).unwrap();
        assert!(back == text, "{deflater:?}");
    }
}

#[test]
fn other_levels_are_refused() {
    assert!([0, 10, u32::MAX].iter().all(|&level| Deflater { by: Program::Zlib, level }.pack(b"text").is_none()));
}
