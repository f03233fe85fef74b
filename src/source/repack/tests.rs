use super::way::{Call, Encoder};
use super::{Repacker, Step, Steps, Way, tell};
use crate::source::compression::Compression::{self, Bzip2, Gzip, Xz, Zstd};
use proptest::prelude::*;
use std::io::{self, Write};

/// Whether any deflate stream is made again, not only those of known programs.
const PREDICTS: bool = cfg!(feature = "exact-deflate");

/// The steps to `packed`, and how many bytes of it they keep.
fn told(format: Compression, packed: &[u8], content: &[u8]) -> (Vec<Steps>, u64) {
    let mut parts = Vec::new();
    let kept = tell(format, packed, content, &mut |part| {
        parts.push(part);
        Ok(())
    });
    (parts, kept.unwrap())
}

/// What the steps make of `content`, which is written in pieces of so many bytes.
fn made(parts: &[Steps], content: &[u8], piece: usize) -> io::Result<Vec<u8>> {
    let mut parts = parts.to_vec();
    parts.reverse();
    let mut packer = Repacker::new(Vec::new(), Box::new(move || Ok(parts.pop())));
    content.chunks(piece).try_for_each(|piece| packer.write_all(piece))?;
    packer.finish()
}

/// Holds a packed file to come back; returns how many bytes of it are kept, and how many bytes the steps have.
fn comes_back(format: Compression, packed: &[u8], content: &[u8]) -> (u64, usize) {
    let (parts, kept) = told(format, packed, content);
    for piece in [1 << 20, 1000] {
        assert!(made(&parts, content, piece).unwrap() == packed, "{format:?} in pieces of {piece}");
    }
    (kept, parts.iter().map(|part| part.bytes.len()).sum())
}

/// Words of a small language, so that there is something to find for a packer.
fn text(bytes: usize, mut seed: u32) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes + 16);
    while text.len() < bytes {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.extend(format!("{} ", (seed >> 16) % 3000).bytes());
    }
    text.truncate(bytes);
    text
}

fn pack(way: Way, text: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(way, Vec::new(), text.len() as u64).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn gzip(level: u32, parts: &[&[u8]]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new().filename("a name").mtime(7).write(Vec::new(), flate2::Compression::new(level));
    for part in parts {
        encoder.write_all(part).unwrap();
        encoder.flush().unwrap();
    }
    encoder.finish().unwrap()
}

fn zstd(level: i32, call: Call, size: bool) -> Way {
    Way::Zstd { level, checksum: level % 2 == 0, size, call, long: false }
}

#[test]
fn every_way_is_found_again() {
    let text = text(700_000, 1);
    let mut ways = vec![
        (Zstd, zstd(3, Call::Stream, false)),
        (Zstd, zstd(3, Call::Jobs, true)),
        (Zstd, zstd(6, Call::Whole, true)),
        (Zstd, zstd(12, Call::Stream, true)),
        (Zstd, zstd(-3, Call::Stream, true)),
        (Zstd, Way::Zstd { level: 3, checksum: true, size: true, call: Call::Jobs, long: true }),
    ];
    ways.extend([1, 9].map(|level| (Bzip2, Way::Bzip2 { level })));
    for (level, extreme, check, blocks) in [(0, false, 4, false), (3, false, 1, true), (6, true, 0, false), (6, false, 10, true)] {
        ways.push((Xz, Way::Xz { level, extreme, check, blocks }));
    }
    for (format, way) in ways {
        // xz takes its time.
        let text = &text[..if format == Xz { 50_000 } else { text.len() }];
        let packed = pack(way, text);
        assert_eq!(comes_back(format, &packed, text), (0, 0), "{way:?}");
        // Another member, an empty one, and one that is short.
        let more = [packed, pack(way, b""), pack(way, b"short")].concat();
        assert_eq!(comes_back(format, &more, &[text, b"short"].concat()).0, 0, "{way:?}");
    }
}

#[test]
fn a_deflate_stream_comes_back_whoever_packed_it() {
    let text = text(2_500_000, 2);
    for level in [1, 6, 9] {
        let packed = pack(Way::Deflate { level }, &text);
        let packed = [&gzip(level, &[])[..17], &packed, &[0; 8]].concat();
        assert_eq!(comes_back(Gzip, &packed, &text), (0, 25), "level {level}");
    }
    for level in [0, 6, 9] {
        // Nobody packs so in one go: after each part there is an empty block.
        let packed = gzip(level, &text.chunks(500_001).collect::<Vec<_>>());
        let (kept, told) = comes_back(Gzip, &packed, &text);
        let fits = if PREDICTS { kept == 0 && told < packed.len() / 10 } else { kept + 25 == packed.len() as u64 };
        assert!(fits, "level {level}: {kept} kept, {told} told of {}", packed.len());
    }
    let members: Vec<Vec<u8>> = text.chunks(20_000).map(|part| gzip(6, &[&part[..7000], &part[7000..]])).collect();
    let (kept, told) = comes_back(Gzip, &members.concat(), &text);
    let fits = if PREDICTS { kept == 0 && told < 150 * members.len() } else { told == members.concat().len() };
    assert!(fits, "{kept} kept, {told} told of {}", members.len());
}

#[test]
fn what_is_not_understood_is_kept() {
    let text = text(300_000, 3);
    // Such a size of blocks is no program's.
    let odd = {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.set_target_cblock_size(Some(5000)).unwrap();
        encoder.write_all(&text).unwrap();
        encoder.finish().unwrap()
    };
    assert_eq!(comes_back(Zstd, &odd, &text).0, odd.len() as u64);
    let skippable = b"\x50\x2A\x4D\x18\x04\0\0\0abcd";
    let known = pack(zstd(3, Call::Stream, false), &text);
    assert_eq!(comes_back(Zstd, &[skippable, &odd[..], &known, skippable].concat(), &[&text[..], &text].concat()).0, odd.len() as u64);
    let behind = [gzip(6, &[&text]), vec![0; 40]].concat();
    assert_eq!(comes_back(Gzip, &behind, &text).0, if PREDICTS { 40 } else { behind.len() as u64 - 25 });
    let padded = [pack(Way::Xz { level: 0, extreme: false, check: 4, blocks: false }, &text), vec![0; 8]].concat();
    assert_eq!(comes_back(Xz, &padded, &text).0, 0);
}

#[test]
fn steps_that_do_not_fit_are_told() {
    let text = text(100_000, 4);
    let (parts, _) = told(Gzip, &gzip(6, &[&text[..40_000], &text[40_000..]]), &text);
    assert!(made(&parts, &text[..99_999], 1000).is_err());
    assert!(made(&parts, &[&text[..], b"more"].concat(), 1000).is_err());
    let with = |steps: Vec<Step>| made(&[Steps { steps, bytes: vec![1, 2, 3] }], b"text", 4);
    assert!(with(vec![Step::Bytes(3), Step::Pass(4)]).is_ok_and(|made| made == [1, 2, 3]));
    assert!(with(vec![Step::Bytes(4), Step::Pass(4)]).is_err());
    assert!(with(vec![Step::Pass(3)]).is_err() && with(vec![Step::Pass(5)]).is_err());
    assert!(with(vec![Step::Deflate { begins: true, text: 4, told: 3 }]).is_err());
    for way in [Way::Deflate { level: 77 }, Way::Bzip2 { level: 0 }, Way::Xz { level: 6, extreme: true, check: 77, blocks: true }] {
        assert!(with(vec![Step::Pack { way, text: 4 }]).is_err(), "{way:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_members_come_back(lengths in prop::collection::vec((0_usize..60_000, 0_u32..10), 1..6), seed in any::<u32>(), garbage in prop::collection::vec(any::<u8>(), 0..9)) {
        let (mut packed, mut content) = (Vec::new(), Vec::new());
        for (number, (length, level)) in (0_u32..).zip(lengths) {
            let text = text(length, seed ^ number);
            packed.extend(gzip(level, &text.chunks(length / 2 + 1).collect::<Vec<_>>()));
            content.extend(text);
        }
        packed.extend(garbage);
        comes_back(Gzip, &packed, &content);
    }
}
