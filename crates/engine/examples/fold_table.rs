//! Writes `src/text/fold_table.rs` from the Unicode data in ICU4X: `cargo run -p refrain-engine --example fold_table > crates/engine/src/text/fold_table.rs`.
//!
//! The rules are those of [`refrain_engine::text::Fold`]; a test in `src/text/fold.rs` checks the written table against ICU4X again,
//! over every code point, and `tests/text_model.py` against Python's Unicode data.
#![expect(clippy::print_stdout, reason = "the table is the output")]

use icu_casemap::CaseMapper;
use icu_normalizer::properties::{CanonicalComposition, CanonicalDecomposition, Decomposed};
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::{CanonicalCombiningClass, GeneralCategory};
use std::collections::HashSet;

/// Scripts written without spaces: each of their letters is a token by itself.
const NO_SPACES: &[(u32, u32)] = &[
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF), // Han
    (0x3040, 0x30FF),
    (0x31F0, 0x31FF), // Hiragana, Katakana
    (0x0E00, 0x0E7F),
    (0x0E80, 0x0EFF),
    (0x1780, 0x17FF),
    (0x1000, 0x109F), // Thai, Lao, Khmer, Myanmar
];
/// Marks that a reader may leave out: accents, Hebrew points, Arabic harakat and Quranic signs.
const DROPPED_MARKS: &[(u32, u32)] = &[
    (0x0300, 0x036F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
    (0x0591, 0x05BD),
    (0x05BF, 0x05BF),
    (0x05C1, 0x05C2),
    (0x05C4, 0x05C5),
    (0x05C7, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E4),
    (0x06E7, 0x06E8),
    (0x06EA, 0x06ED),
    (0x0898, 0x089F),
    (0x08CA, 0x08E1),
    (0x08E3, 0x08FF),
];
/// Letters that the full fold replaces, after case folding and without their accents: each with the letters that it stands for. Letters with a hamza or
/// madda need no line: they lose it as a mark.
const LETTERS: &[(&str, &str)] = &[
    // Arabic script: one letter with several code points, or one that writers exchange.
    ("\u{627}", "\u{671}"),
    ("\u{647}", "\u{629}\u{6C1}\u{6BE}\u{6D5}\u{6C3}"),
    ("\u{64A}", "\u{649}\u{6CC}"),
    ("\u{643}", "\u{6A9}\u{6AA}"),
    ("\u{6AF}", "\u{6AB}"),
    // Latin ligatures and the letters of Icelandic.
    ("ae", "æ"),
    ("oe", "œ"),
    ("d", "ð"),
    ("th", "þ"),
    // Latin and Cyrillic letters with a stroke, hook, tail or descender, and those without their dot: Unicode does not decompose them.
    ("a", "ⱥ"),
    ("b", "ƀƃɓ"),
    ("c", "ƈȼɕ"),
    ("d", "đƌȡɖɗ"),
    ("e", "ɇⱸ"),
    ("f", "ƒ"),
    ("g", "ǥɠ"),
    ("h", "ħɦⱨ"),
    ("i", "ıɨ"),
    ("j", "ȷɉɟʄʝ"),
    ("k", "ƙⱪ"),
    ("l", "łƚȴɫɬɭⱡ"),
    ("m", "ɱ"),
    ("n", "ƞȵɲɳ"),
    ("o", "øⱺ"),
    ("p", "ƥ"),
    ("q", "ɋʠ"),
    ("r", "ɍɼɽɾ"),
    ("s", "ȿʂẜẝ"),
    ("t", "ŧƫƭȶʈⱦ"),
    ("v", "ʋⱱⱴ"),
    ("w", "ⱳ"),
    ("y", "ƴɏỿ"),
    ("z", "ƶȥɀʐʑⱬ"),
    ("г", "ґғҕӷӻ"),
    ("ж", "җ"),
    ("з", "ҙ"),
    ("и", "ҋ"),
    ("к", "қҝҟӄ"),
    ("л", "ӆԓԡԯ"),
    ("м", "ӎ"),
    ("н", "ңӈӊԣԩ"),
    ("п", "ҧԥ"),
    ("р", "ҏ"),
    ("с", "ҫ"),
    ("т", "ҭ"),
    ("х", "ҳӽӿ"),
    ("ч", "ҷҹ"),
    ("ѡ", "ѽ"),
    ("ү", "ұ"),
    ("һ", "ԧ"),
    ("ҽ", "ҿ"),
];
/// Apostrophes that Unicode counts as letters: they end a token, as the other apostrophes do.
const APOSTROPHES: &[char] =
    &['\u{2B9}', '\u{2BA}', '\u{2BB}', '\u{2BC}', '\u{2BD}', '\u{2BE}', '\u{2BF}', '\u{2EE}', '\u{A78B}', '\u{A78C}'];
/// Hyphens that may break a word at the end of a line; the last two are those of scanned texts.
const HYPHENS: &[char] = &['-', '\u{58A}', '\u{2010}', '\u{2011}', '\u{FE63}', '\u{FF0D}', '¬', '\u{2E17}'];
const SOFT_HYPHEN: char = '\u{AD}';
const NON_JOINER: char = '\u{200C}';
const TATWEEL: char = '\u{0640}';

#[derive(Clone, Copy, PartialEq)]
enum Fold {
    Full,
    Light,
    None,
}

/// Where the class begins in an entry, above the code point.
const CLASS_SHIFT: u32 = 21;

struct Unicode {
    category: icu_properties::CodePointMapDataBorrowed<'static, GeneralCategory>,
    combining: icu_properties::CodePointMapDataBorrowed<'static, CanonicalCombiningClass>,
    nfkd: DecomposingNormalizerBorrowed<'static>,
    nfc: ComposingNormalizerBorrowed<'static>,
    composes_backwards: HashSet<char>,
}

impl Unicode {
    fn new() -> Self {
        let (decompose, compose) = (CanonicalDecomposition::new(), CanonicalComposition::new());
        let composes_backwards = ('\0'..=char::MAX)
            .filter_map(|c| match decompose.decompose(c) {
                Decomposed::Expansion(a, b) if compose.compose(a, b) == Some(c) => Some(b),
                _ => None,
            })
            .collect();
        Self {
            category: CodePointMapData::new(),
            combining: CodePointMapData::new(),
            nfkd: DecomposingNormalizerBorrowed::new_nfkd(),
            nfc: ComposingNormalizerBorrowed::new_nfc(),
            composes_backwards,
        }
    }

    fn fold(&self, c: char, fold: Fold) -> String {
        if fold == Fold::None {
            return c.to_string();
        }
        let decomposed = self.nfkd.normalize(c.encode_utf8(&mut [0; 4])).into_owned();
        let folded = CaseMapper::new().fold_string(&decomposed);
        let kept = self
            .nfkd
            .normalize(&folded)
            .chars()
            .filter(|&c| {
                let full = fold == Fold::Full && within(c, DROPPED_MARKS);
                !(c == TATWEEL || self.category.get(c) == GeneralCategory::Format || full)
            })
            .map(|c| if fold == Fold::Full { self.letter(c) } else { c.to_string() })
            .collect::<String>();
        self.nfc.normalize(&kept).into_owned()
    }

    /// Decimal digits to ASCII (they occur in runs of ten, from zero), letters to those that stand for them, apostrophes to one that is no letter.
    fn letter(&self, c: char) -> String {
        if self.category.get(c) == GeneralCategory::DecimalNumber {
            let mut zero = c as u32;
            while zero > 0 && self.category.get32(zero - 1) == GeneralCategory::DecimalNumber {
                zero -= 1;
            }
            return ((c as u32 - zero) % 10).to_string();
        }
        if APOSTROPHES.contains(&c) {
            return "'".into();
        }
        LETTERS.iter().find(|(_, all)| all.contains(c)).map_or_else(|| c.to_string(), |(to, _)| (*to).into())
    }

    /// Kind and normalisation flag of one folded character, as `fold.rs` reads them.
    fn class(&self, c: char) -> u32 {
        use GeneralCategory as G;
        let kind = match (self.category.get(c), within(c, NO_SPACES)) {
            (G::NonspacingMark | G::SpacingMark | G::EnclosingMark, false) => 4,
            (G::NonspacingMark | G::SpacingMark | G::EnclosingMark, true) => 5,
            (
                G::UppercaseLetter
                | G::LowercaseLetter
                | G::TitlecaseLetter
                | G::ModifierLetter
                | G::OtherLetter
                | G::DecimalNumber
                | G::LetterNumber
                | G::OtherNumber,
                no_spaces,
            ) => 2 + u32::from(no_spaces),
            _ => return 0,
        };
        let normal = if self.composes_backwards.contains(&c) {
            2
        } else {
            u32::from(self.combining.get(c) != CanonicalCombiningClass::NotReordered)
        };
        kind | normal << 4
    }

    /// Class of the characters that the tokeniser decides about by what surrounds them, and of the signs that are tokens where nothing is folded.
    fn special(&self, c: char, fold: Fold) -> Option<u32> {
        match fold {
            Fold::None => (self.class(c) == 0 && !is_space(c) && !is_noncharacter(c)).then_some(7),
            Fold::Full if c == NON_JOINER => Some(8),
            _ if HYPHENS.contains(&c) => Some(9),
            _ if c == SOFT_HYPHEN => Some(10),
            _ => None,
        }
    }
}

/// White space as in Unicode, and the four separators of ASCII, at which paragraphs and sentences end too.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c)
}

/// A code point that Unicode keeps free for internal use: ignored text is filled up with one.
fn is_noncharacter(c: char) -> bool {
    (0xFDD0..=0xFDEF).contains(&(c as u32)) || c as u32 & 0xFFFE == 0xFFFE
}

fn within(c: char, ranges: &[(u32, u32)]) -> bool {
    ranges.iter().any(|&(low, high)| (low..=high).contains(&(c as u32)))
}

/// A run of code points with one class, whose folded character stands at a fixed distance.
struct Run {
    first: u32,
    last: u32,
    class: u32,
    to: i64,
}

fn runs(unicode: &Unicode, fold: Fold, pool: &mut Vec<u32>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for c in '\0'..=char::MAX {
        let folded: Vec<char> = unicode.fold(c, fold).chars().collect();
        let (class, to) = match folded[..] {
            _ if unicode.special(c, fold).is_some() => (unicode.special(c, fold).unwrap_or(0), 0),
            [] => (1, 0),
            [one] => match unicode.class(one) {
                0 => (0, 0),
                class => (class, i64::from(one as u32) - i64::from(c as u32)),
            },
            _ => {
                let entries: Vec<u32> = folded.iter().map(|&c| unicode.class(c) << CLASS_SHIFT | c as u32).collect();
                let at = pool.windows(entries.len()).position(|w| w == entries).unwrap_or_else(|| {
                    pool.extend(&entries);
                    pool.len() - entries.len()
                });
                (6, i64::try_from(at << 5 | entries.len()).expect("a small pool"))
            }
        };
        match runs.last_mut() {
            Some(run) if run.class == class && run.to == to && run.last + 1 == c as u32 => run.last = c as u32,
            _ => runs.push(Run { first: c as u32, last: c as u32, class, to }),
        }
    }
    runs.retain(|run| run.class != 0);
    runs
}

fn print_list(name: &str, kind: &str, doc: &str, items: impl Iterator<Item = String>) {
    println!("\n/// {doc}\npub(super) static {name}: &[{kind}] = &[");
    let mut line = String::from("   ");
    for item in items {
        if line.len() + item.len() > 125 {
            println!("{line}");
            line = String::from("   ");
        }
        line += &format!(" {item},");
    }
    println!("{line}\n];");
}

fn main() {
    let unicode = Unicode::new();
    println!("//! Made by `cargo run -p refrain-engine --example fold_table` from the Unicode data of ICU4X 2.4; not to be edited.");
    println!(
        "//!\n//! A run is (first, last, class, to): class = kind | normal << 4 as `fold.rs` reads them; `to` is added to the code point,"
    );
    println!("//! or, for kind 6, is offset << 5 | length in `POOL`, whose entries are class << 21 | code point.");
    let mut pool = Vec::new();
    for (fold, name, doc) in [
        (Fold::Full, "FULL", "Runs of the full fold."),
        (Fold::Light, "LIGHT", "Runs of the light fold."),
        (Fold::None, "NONE", "Runs of text as it is."),
    ] {
        let mut runs = runs(&unicode, fold, &mut pool);
        if fold == Fold::None {
            runs.iter_mut().for_each(|run| run.class &= 15); // as it is: nothing composes
        }
        print_list(
            name,
            "(u32, u32, u8, i32)",
            doc,
            runs.iter().map(|r| format!("({:#X}, {:#X}, {}, {})", r.first, r.last, r.class, r.to)),
        );
    }
    print_list("POOL", "u32", "Characters that fold to several, each as class << 21 | code point.", pool.iter().map(|e| format!("{e:#X}")));
}
