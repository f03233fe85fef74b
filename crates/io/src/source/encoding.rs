//! Which encoding a file is in: as declared, else by its byte-order mark, else UTF-8 if it is that, else as detected.

use super::format::Format;
use super::latin::refined;
use super::utf32::{self, ByteOrder};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use memchr::{memchr, memmem};
use std::io::{self, Read};

/// What the bytes of a file were decoded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// An encoding of the web.
    Web(&'static Encoding),
    Utf32(ByteOrder),
}

impl Charset {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Web(encoding) => encoding.name(),
            Self::Utf32(order) => order.name(),
        }
    }
}

/// How a file's bytes become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) encoding: &'static Encoding,
    /// Bytes of the byte-order mark.
    pub(super) mark_bytes: usize,
    /// The bytes must be decoded before they are UTF-8.
    pub(super) decode: bool,
    /// Words for the run's messages; None where there is nothing to say.
    pub(super) told: Option<&'static str>,
}

/// Bytes from which an encoding is detected.
const SAMPLE_BYTES: usize = 1 << 18;
/// Bytes from which UTF-16 is recognised.
const WIDE_SAMPLE_BYTES: usize = 1 << 16;
/// From this length on, UTF-16 may end in the middle of a character.
const LEAST_CUT_BYTES: usize = 64;

/// The encoding of a file whose format cannot be recognised before it is decoded: UTF-16 with or without a byte-order mark, ISO-2022-JP.
pub(super) fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) => (encoding != UTF_8 && utf32::detected(bytes).is_none()).then_some(encoding),
        // These may have texts in UTF-16 inside.
        None if bytes.starts_with(b"PAR1") || bytes.starts_with(b"WARC/") => None,
        None => utf16(bytes).or_else(|| iso_2022_jp(bytes)),
    }
}

/// Which UTF-16 a file without a mark is in, if it is. ASCII characters, line ends and spaces have a NUL byte there, which no other text has.
fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    // Half a character at the end is a cut in a long file, and no UTF-16 in a short one.
    if bytes.len() % 2 == 1 && bytes.len() < LEAST_CUT_BYTES {
        return None;
    }
    let sample = &bytes[..bytes.len().min(WIDE_SAMPLE_BYTES)];
    memchr(0, sample).filter(|_| !is_text_with_nul(sample))?;
    let of_order = |read: fn([u8; 2]) -> u16| {
        let units = || sample.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        let impossible = |c: &char| {
            c.is_control() && !matches!(c, '\t' | '\n' | '\r')
                || ('\u{e000}'..='\u{f8ff}').contains(c)
                || matches!(c, '\u{fffe}' | '\u{ffff}')
        };
        let decoded = char::decode_utf16(units());
        let (mut common, mut wrong, mut all) = (0_usize, 0_usize, 0_usize);
        for c in decoded {
            all += 1;
            match c {
                Ok(c) if impossible(&c) => wrong += 1,
                Ok('\u{3000}'..='\u{3002}' | '\u{ff01}'..='\u{ff1f}') => common += 1,
                Ok(c) => common += usize::from(c.is_ascii()),
                Err(_) => wrong += 1,
            }
        }
        (wrong * 1000 <= all && common * 100 >= all).then_some(common)
    };
    let (little, big) = (of_order(u16::from_le_bytes), of_order(u16::from_be_bytes));
    match little.max(big)? {
        most if little == Some(most) => Some(UTF_16LE),
        _ => Some(UTF_16BE),
    }
}

/// True if `bytes` are UTF-8 but for a few NUL bytes.
fn is_text_with_nul(bytes: &[u8]) -> bool {
    let rest: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
    let text = match std::str::from_utf8(&rest) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    (bytes.len() - rest.len()) * 5 < bytes.len() && text.chars().all(is_text)
}

/// ISO-2022-JP, which is ASCII but for its escape sequences.
fn iso_2022_jp(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let has_kanji = [b"\x1B$B", b"\x1B$@"].iter().any(|escape| memmem::find(sample, *escape).is_some());
    let mut detector = has_kanji.then(|| EncodingDetector::new(Iso2022JpDetection::Allow))?;
    detector.feed(sample, sample.len() == bytes.len());
    Some(detector.guess(None, Utf8Detection::Deny)).filter(|&encoding| encoding == ISO_2022_JP)
}

/// Decides from a file's bytes. Of a file of lines a sample is used, since each line is checked when it is read.
pub(super) fn decide(bytes: &[u8], format: Option<Format>, declared: Option<&'static Encoding>) -> Decision {
    // Their lines are checked one by one when they are read.
    let lines = matches!(format, Some(Format::Jsonl | Format::Csv));
    let mark = Encoding::for_bom(bytes);
    let mark_bytes = mark.map_or(0, |(_, length)| length);
    let plain = Decision { encoding: UTF_8, mark_bytes, decode: false, told: None };
    if let Some(encoding) = declared.filter(|&declared| mark.is_none_or(|(by_mark, _)| by_mark == declared)) {
        let decode = encoding != UTF_8 || !lines && simdutf8::basic::from_utf8(&bytes[mark_bytes..]).is_err();
        return Decision { encoding, decode, told: decode.then_some("declared"), ..plain };
    }
    if let Some(encoding) = wide(bytes) {
        return Decision { encoding, decode: true, told: Some(if mark.is_some() { "byte-order mark" } else { "detected" }), ..plain };
    }
    let sample = if lines { whole_lines(&bytes[mark_bytes..]) } else { &bytes[mark_bytes..] };
    if simdutf8::basic::from_utf8(sample).is_ok() {
        return plain;
    }
    if mark.is_some() || mostly_utf8(sample) || lines && mostly_utf8_lines(sample) {
        return Decision { decode: !lines, told: (!lines).then_some("with invalid bytes replaced"), ..plain };
    }
    // What is before the first byte beyond ASCII says nothing.
    let first = sample.iter().position(|byte| !byte.is_ascii()).unwrap_or(0).saturating_sub(SAMPLE_BYTES / 4);
    let sample = &sample[first..sample.len().min(first + SAMPLE_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let encoding = refined(sample, detector.guess(None, Utf8Detection::Deny));
    Decision { encoding, decode: true, told: Some("detected"), ..plain }
}

/// The lines that begin in the sample.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= SAMPLE_BYTES {
        return bytes;
    }
    match memchr::memrchr(b'\n', &bytes[..SAMPLE_BYTES]) {
        Some(end) => &bytes[..end],
        None => &bytes[..memchr(b'\n', bytes).unwrap_or(bytes.len())],
    }
}

/// True if the characters beyond ASCII that are valid are at least twice as many as the invalid sequences: a UTF-8 text with damage. In other encodings
/// less than half are valid by chance.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0, 0);
    for chunk in bytes[..bytes.len().min(4 * SAMPLE_BYTES)].utf8_chunks() {
        valid += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    invalid * 2 <= valid
}

/// True if the lines that are not UTF-8 are an eighth at most, or no more than those that are and have characters beyond ASCII: they are damaged
/// records, not another encoding.
fn mostly_utf8_lines(bytes: &[u8]) -> bool {
    let (mut bad, mut good, mut all) = (0, 0, 0);
    for line in bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
        all += 1;
        match simdutf8::basic::from_utf8(line) {
            Ok(line) => good += usize::from(!line.is_ascii()),
            Err(_) => bad += 1,
        }
    }
    bad * 8 <= all || bad <= good
}

/// `bytes` as UTF-8; what cannot be decoded becomes U+FFFD.
#[cfg(any(test, feature = "html"))]
pub(super) fn decode(bytes: &[u8], encoding: &'static Encoding) -> Vec<u8> {
    encoding.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
}

/// Bytes that are decoded in one go.
const DECODED_BYTES: usize = 1 << 16;

/// The same, read little by little.
pub(super) struct Decoding<'a> {
    decoder: Decoder,
    rest: &'a [u8],
    decoded: Vec<u8>,
    /// Decoded bytes that were read, and how many there are.
    read: usize,
    length: usize,
    is_done: bool,
}

impl<'a> Decoding<'a> {
    pub(super) fn new(bytes: &'a [u8], encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { decoder, rest: bytes, decoded: vec![0; DECODED_BYTES], read: 0, length: 0, is_done: false }
    }
}

impl Read for Decoding<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.read == self.length && !self.is_done {
            let (result, read, written, _) = self.decoder.decode_to_utf8(self.rest, &mut self.decoded, true);
            self.rest = &self.rest[read..];
            (self.read, self.length, self.is_done) = (0, written, result == CoderResult::InputEmpty);
        }
        let length = into.len().min(self.length - self.read);
        into[..length].copy_from_slice(&self.decoded[self.read..self.read + length]);
        self.read += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn decoding_little_by_little_gives_the_same(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            times in prop::sample::select(vec![1_usize, 700]),
            label in prop::sample::select(vec!["windows-1256", "gb18030", "utf-8", "utf-16le", "iso-2022-jp", "shift_jis"]),
        ) {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let bytes = bytes.repeat(times);
            let mut decoded = Vec::new();
            Decoding::new(&bytes, encoding).read_to_end(&mut decoded).unwrap();
            prop_assert_eq!(decoded, decode(&bytes, encoding));
        }
    }

    const ARABIC: &str = "أكد وزير المالية أن الميزانية الجديدة ستعرض على المجلس في الأسبوع المقبل، وقال إن العجز تراجع";

    fn detected(label: &str) -> &'static str {
        let encoding = Encoding::for_label(label.as_bytes()).unwrap();
        let (bytes, _, _) = encoding.encode(ARABIC);
        let decision = decide(&bytes, Some(Format::Text), None);
        assert_eq!(decode(&bytes, decision.encoding), ARABIC.as_bytes(), "{label}");
        decision.encoding.name()
    }

    #[test]
    fn legacy_encodings_are_detected() {
        assert_eq!(detected("windows-1256"), "windows-1256");
        assert_eq!(detected("iso-8859-6"), "ISO-8859-6");
        let russian = "Правительство объявило о новых мерах поддержки предприятий";
        let bytes = encoding_rs::WINDOWS_1251.encode(russian).0;
        assert_eq!(decide(&bytes, Some(Format::Text), None).encoding.name(), "windows-1251");
        let chinese = "政府宣布了支持企业的新措施，市场反应积极。";
        let bytes = encoding_rs::GB18030.encode(chinese).0;
        assert_eq!(decode(&bytes, decide(&bytes, Some(Format::Text), None).encoding), chinese.as_bytes());
    }

    #[test]
    fn marks_and_declarations_come_first() {
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain("خبر".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let decision = decide(&wide, Some(Format::Text), None);
        assert_eq!((decision.encoding.name(), decision.mark_bytes), ("UTF-16LE", 2));
        assert_eq!(decode(&wide[2..], decision.encoding), "خبر".as_bytes());
        let declared = decide(b"caf\xE9", Some(Format::Text), Some(encoding_rs::WINDOWS_1252));
        assert_eq!(decode(b"caf\xE9", declared.encoding), "café".as_bytes());
        assert_eq!(
            decide("\u{feff}text".as_bytes(), Some(Format::Text), None),
            Decision { encoding: UTF_8, mark_bytes: 3, decode: false, told: None }
        );
    }

    #[test]
    fn damaged_utf8_is_not_taken_for_something_else() {
        let mut bytes = ARABIC.as_bytes().to_vec();
        bytes.truncate(bytes.len() - 1);
        let decision = decide(&bytes, Some(Format::Text), None);
        assert_eq!((decision.encoding, decision.decode), (UTF_8, true));
    }

    #[test]
    fn wide_text_needs_no_mark() {
        let units = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let long = "😀 words, ".repeat(9000);
        let texts =
            [ARABIC, "A short line\n", "政府宣布了新措施。\n市场反应积极", "{\"id\":\"1\",\"text\":\"Łódź\"}", "Вода поднялась", &long];
        for text in texts {
            let (little, big) = (units(text, u16::to_le_bytes), units(text, u16::to_be_bytes));
            assert_eq!([wide(&little), wide(&big)], [Some(UTF_16LE), Some(UTF_16BE)], "{}", text.len());
            assert_eq!(decode(&big, decide(&big, None, None).encoding), text.as_bytes());
        }
        let utf32 = |text: &str| text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect::<Vec<u8>>();
        let numbers: Vec<u8> = (0..2000_u16).flat_map(u16::to_le_bytes).collect();
        for bytes in [
            &b"text with\0 a NUL byte, and more of it"[..],
            b"words and \0 more",
            "خبر \0 عاجل".as_bytes(),
            b"\0\0",
            b"a\0b",
            b"",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            &utf32(ARABIC),
            &numbers,
        ] {
            assert_eq!(wide(bytes), None);
        }
        assert_eq!(wide(&utf32("\u{feff}a")), None);
        let japanese = "政府は新しい措置を発表した。\nABC";
        let bytes = ISO_2022_JP.encode(japanese).0;
        assert_eq!((wide(&bytes), decode(&bytes, ISO_2022_JP)), (Some(ISO_2022_JP), japanese.as_bytes().to_vec()));
        assert_eq!(wide(b"a \x1B$B that is not Japanese \x1B[0m"), None);
    }

    #[test]
    fn utf8_with_bad_lines_is_utf8() {
        let line = |text: &str, n: usize| format!("{{\"id\":{n},\"text\":\"{text}\"}}\n").into_bytes();
        let lines = |text: &str, bad: &[u8], every: usize| -> Vec<u8> {
            (0..100).flat_map(|n| if n % every == 0 { [b"{\"id\":0,\"text\":\"", bad, b"\"}\n"].concat() } else { line(text, n) }).collect()
        };
        for (text, bad, every) in [
            ("été", &b"\xFF\xFE"[..], 10),
            ("plain", b"caf\xE9", 10),
            ("déjà vu", b"d\xE9j\xE0 vu, d\xE9j\xE0 vu", 3),
            ("“No”", b"\xC3", 2),
        ] {
            let decision = decide(&lines(text, bad, every), Some(Format::Jsonl), None);
            assert_eq!((decision.encoding, decision.decode), (UTF_8, false), "{text}");
            // As a text its bad bytes are replaced, and the rest is as it was.
            let decision = decide(&lines(text, bad, every), Some(Format::Text), None);
            assert!(text.is_ascii() || every == 3 || decision.encoding == UTF_8, "{text}");
        }
        let legacy = lines("d\u{e9}j\u{e0} vu", b"x", 7);
        let legacy = encoding_rs::WINDOWS_1252.encode(std::str::from_utf8(&legacy).unwrap()).0;
        assert_eq!(decide(&legacy, Some(Format::Jsonl), None).encoding.name(), "windows-1252");
        let legacy = ["th", "ja", "ko"].map(|language| match language {
            "th" => encoding_rs::WINDOWS_874.encode("รัฐบาลประกาศมาตรการใหม่เพื่อสนับสนุนธุรกิจ เรื่องราวเกี่ยวกับ").0.into_owned(),
            "ja" => encoding_rs::EUC_JP.encode("政府は企業を支援する新しい措置を発表した。大臣は述べた。").0.into_owned(),
            _ => encoding_rs::EUC_KR.encode("정부는 기업을 지원하기 위한 새로운 조치를 발표했다.").0.into_owned(),
        });
        for bytes in legacy {
            assert_ne!(decide(&bytes, Some(Format::Text), None).encoding, UTF_8);
        }
    }

    #[test]
    fn central_european_text_comes_right() {
        let texts = [
            "Rząd ogłosił nowe środki wsparcia dla przedsiębiorstw, a związki zawodowe zażądały rozmów.",
            "Vláda oznámila nová opatření na podporu podniků a odbory žádají jednání.",
            "Nagyon jó mérkőzés volt, de hiányzott a szerencse.",
            "Vláda oznámila, že zmeny začnú platiť na jeseň a odbory žiadajú rokovania.",
        ];
        for text in texts {
            for encoding in [encoding_rs::WINDOWS_1250, encoding_rs::ISO_8859_2] {
                let ascii = "a".repeat(SAMPLE_BYTES * 2);
                let bytes = encoding.encode(&format!("{ascii}\n{text}")).0.into_owned();
                let decoded = decode(&bytes, decide(&bytes, Some(Format::Text), None).encoding);
                assert_eq!(String::from_utf8(decoded).unwrap(), format!("{ascii}\n{text}"), "{}", encoding.name());
            }
        }
    }
}
