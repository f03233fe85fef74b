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
        Kind::Break | Kind::Hyphen | Kind::NonJoiner => " ".into(),
        Kind::SoftHyphen => String::new(),
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
fn none_leaves_every_character_as_it_is() {
    let table = Table::of(Fold::None);
    for c in '\0'..=char::MAX {
        let is_word = only_words(&c.to_string()) != " ";
        let kind = table.entry(c).kind();
        // Noncharacters are kept free for internal use: no text has them.
        let is_space = c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c);
        let is_break = is_space || (0xFDD0..=0xFDEF).contains(&(c as u32)) || c as u32 & 0xFFFE == 0xFFFE;
        assert_eq!(kind == Kind::Break, is_break, "U+{:04X}", c as u32);
        assert_eq!(kind == Kind::Symbol, !is_word && !is_break, "U+{:04X}", c as u32);
        assert!(is_break || table.entry(c).char() == c, "U+{:04X}", c as u32);
    }
}

/// Letters that the full fold replaces, each behind what it becomes.
const REPLACED: &[(&str, &str)] = &[
    ("ا", "ٱ"),
    ("ه", "ةہھەۃ"),
    ("ي", "ىی"),
    ("ك", "کڪ"),
    ("گ", "ګ"),
    ("ae", "æ"),
    ("oe", "œ"),
    ("th", "þ"),
    ("d", "ð"),
    (" ", "ʹʺʻʼʽʾʿˮꞌ"),
];

/// True for a letter with a stroke, a hook or the like: the table has the full list, and `tests/text_model.py` checks it by the letters' names.
fn has_no_decomposition(old: char, new: char) -> bool {
    (new.is_ascii_lowercase() || ('а'..='ҿ').contains(&new)) && !old.is_ascii() && old.is_lowercase()
}

/// The full fold is the light one without accents, with digits in ASCII and exchanged letters made one.
#[test]
fn full_differs_from_light_by_marks_digits_and_letters_alone() {
    let (full, light) = (Table::of(Fold::Full), Table::of(Fold::Light));
    let category = CodePointMapData::<G>::new();
    let nfd = DecomposingNormalizerBorrowed::new_nfd();
    let bare = |s: &str| -> String {
        nfd.normalize(s).chars().filter(|&c| !matches!(category.get(c), G::NonspacingMark | G::EnclosingMark | G::SpacingMark)).collect()
    };
    let mut attached = 0;
    for c in ('\0'..=char::MAX).filter(|&c| c != '\u{200C}') {
        let (is, was) = (bare(&folded(full, c)), bare(&folded(light, c)));
        if is.is_empty() && was == " " {
            // not yet assigned, in a block of marks
            continue;
        }
        let expected: String = was
            .chars()
            .map(|old| match REPLACED.iter().find(|(_, all)| all.contains(old)) {
                Some((new, _)) => (*new).to_owned(),
                None => old.to_string(),
            })
            .collect();
        if is == expected {
            continue;
        }
        assert_eq!(is.chars().count(), expected.chars().count(), "U+{:04X}", c as u32);
        for (new, old) in is.chars().zip(expected.chars()).filter(|(new, old)| new != old) {
            let digit = new.is_ascii_digit() && category.get(old) == G::DecimalNumber;
            attached += usize::from(!digit);
            assert!(digit || has_no_decomposition(old, new), "U+{:04X}: {old} became {new}", c as u32);
        }
    }
    assert!(attached > 200, "letters with a stroke and the like, small and capital: {attached}");
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
