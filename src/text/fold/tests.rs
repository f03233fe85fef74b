//! The written table against ICU4X, over every code point.

use super::{Fold, Kind, LOW_POINTS, Low, Table};
use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory as G;

fn folded(table: &Table, c: char) -> String {
    let entry = table.entry(c);
    match entry.kind() {
        Kind::Drop => String::new(),
        Kind::Several => entry.several().map(|e| if e.kind() == Kind::Break { ' ' } else { e.char() }).collect(),
        Kind::Break => " ".into(),
        _ => entry.char().into(),
    }
}

/// `text` with everything that is no letter, number or mark as a space.
fn only_words(text: &str) -> String {
    let category = CodePointMapData::<G>::new();
    let is_word = |c| {
        matches!(
            category.get(c),
            G::UppercaseLetter
                | G::LowercaseLetter
                | G::TitlecaseLetter
                | G::ModifierLetter
                | G::OtherLetter
                | G::DecimalNumber
                | G::LetterNumber
                | G::OtherNumber
                | G::NonspacingMark
                | G::SpacingMark
                | G::EnclosingMark
        )
    };
    text.chars().map(|c| if is_word(c) { c } else { ' ' }).collect()
}

#[test]
fn light_is_nfkc_casefold_less_tatweel_and_format_characters() {
    let (table, category) = (Table::of(Fold::Light), CodePointMapData::<G>::new());
    let (nfkd, nfc) = (DecomposingNormalizerBorrowed::new_nfkd(), ComposingNormalizerBorrowed::new_nfc());
    for c in '\0'..=char::MAX {
        let cased = CaseMapper::new().fold_string(&nfkd.normalize(&c.to_string())).into_owned();
        let kept: String = nfkd.normalize(&cased).chars().filter(|&c| c != '\u{640}' && category.get(c) != G::Format).collect();
        assert_eq!(folded(table, c), only_words(&nfc.normalize(&kept)), "U+{:04X}", c as u32);
    }
}

#[test]
fn none_leaves_every_word_character_as_it_is() {
    let table = Table::of(Fold::None);
    for c in '\0'..=char::MAX {
        assert_eq!(folded(table, c), only_words(&c.to_string()), "U+{:04X}", c as u32);
    }
}

/// The full fold is the light one with marks gone, digits in ASCII and the exchanged letters made one.
#[test]
fn full_differs_from_light_by_marks_digits_and_letters_alone() {
    let (full, light) = (Table::of(Fold::Full), Table::of(Fold::Light));
    let category = CodePointMapData::<G>::new();
    let nfd = DecomposingNormalizerBorrowed::new_nfd();
    let bare = |s: &str| -> String {
        nfd.normalize(s).chars().filter(|&c| !matches!(category.get(c), G::NonspacingMark | G::EnclosingMark | G::SpacingMark)).collect()
    };
    for c in '\0'..=char::MAX {
        let (is, was) = (bare(&folded(full, c)), bare(&folded(light, c)));
        if is == was || is.is_empty() && was == " " {
            // the last: not yet assigned, in a block of marks
            continue;
        }
        assert_eq!(is.chars().count(), was.chars().count(), "U+{:04X}", c as u32);
        for (new, old) in is.chars().zip(was.chars()).filter(|(new, old)| new != old) {
            let digit = new.is_ascii_digit() && category.get(old) == G::DecimalNumber;
            let letter = matches!((old, new), ('ٱ', 'ا') | ('ة', 'ه') | ('ى' | 'ی', 'ي') | ('ک', 'ك'));
            assert!(digit || letter, "U+{:04X}: {old} became {new}", c as u32);
        }
    }
}

#[test]
fn arabic_and_latin_examples() {
    let table = Table::of(Fold::Full);
    let fold = |s: &str| s.chars().map(|c| folded(table, c)).collect::<String>();
    assert_eq!(fold("أإآٱىیةکؤئـَّ٤۷"), "ااااييهكوي47");
    assert_eq!(fold("ÉÀß\u{200f}Ⅷ㎏ﷲ"), "eassviiikgالله");
}

#[test]
fn the_low_table_says_what_the_entries_say() {
    for fold in [Fold::Full, Fold::Light, Fold::None] {
        let table = Table::of(fold);
        for c in (0..LOW_POINTS).filter_map(|p| char::from_u32(u32::try_from(p).unwrap())) {
            let low = table.low[c as usize];
            match low {
                Low::BREAK => assert_eq!(table.entry(c).kind(), Kind::Break),
                Low::DROP => assert_eq!(table.entry(c).kind(), Kind::Drop),
                Low::OTHER => {}
                letter => assert_eq!(letter.bytes()[..letter.letter_bytes().unwrap()], *folded(table, c).as_bytes()),
            }
        }
    }
}
