//! Which encoding a file is in: as declared, else by its byte-order mark, else UTF-8 if it is that, else as detected.

use super::format::Format;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

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

/// Decides from a file's bytes. Of a file of lines a sample is looked at, since each line is checked when it is read.
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
    match mark {
        Some((encoding, _)) if encoding != UTF_8 => return Decision { encoding, decode: true, told: Some("byte-order mark"), ..plain },
        _ => {}
    }
    let sample = if lines { whole_lines(&bytes[mark_bytes..]) } else { &bytes[mark_bytes..] };
    if simdutf8::basic::from_utf8(sample).is_ok() {
        return plain;
    }
    if mostly_utf8(sample) || lines && few_bad_lines(sample) {
        return Decision { decode: !lines, told: (!lines).then_some("with invalid bytes replaced"), ..plain };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&sample[..sample.len().min(SAMPLE_BYTES)], true);
    Decision { encoding: detector.guess(None, Utf8Detection::Deny), decode: true, told: Some("detected"), ..plain }
}

/// The lines that begin in the sample.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= SAMPLE_BYTES {
        return bytes;
    }
    match memchr::memrchr(b'\n', &bytes[..SAMPLE_BYTES]) {
        Some(end) => &bytes[..end],
        None => &bytes[..memchr::memchr(b'\n', bytes).unwrap_or(bytes.len())],
    }
}

/// True if the invalid places are few beside the characters beyond ASCII that are valid: a UTF-8 text with damage.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0, 0);
    for chunk in bytes[..bytes.len().min(4 * SAMPLE_BYTES)].utf8_chunks() {
        valid += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    invalid * 10 < valid
}

/// True if fewer than a tenth of the lines are not UTF-8: such are damaged records, not another encoding.
fn few_bad_lines(bytes: &[u8]) -> bool {
    let bad = bytes.split(|&b| b == b'\n').filter(|line| simdutf8::basic::from_utf8(line).is_err()).count();
    bad * 10 < memchr::memchr_iter(b'\n', bytes).count()
}

/// `bytes` as UTF-8; what cannot be decoded becomes U+FFFD.
pub(super) fn decode(bytes: &[u8], encoding: &'static Encoding) -> Vec<u8> {
    encoding.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
