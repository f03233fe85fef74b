//! Measures of repetition in an article, and the thresholds over which it is left out of a training corpus: Rae et al., "Scaling Language
//! Models: Methods, Analysis & Insights from Training Gopher" (2021), section A.1.1 and table A1.
//!
//! In: a text. Out: shares in [0, 1]. Lines are what stands between line ends, paragraphs what stands between blank lines; blank ones do not
//! count. Words are what stands between white space, and the characters of a text are those of its words. A character in overlapping
//! n-grams counts once. An n-gram that stands once repeats nothing, so its share is 0 however short the text.
//! In scripts without spaces an n-gram is a run of letters as long as n words usually are, by the weights of the text model.

use refrain_engine::detect::Weight;
use refrain_engine::error::{Error, Result};
use refrain_engine::finding::round;
use refrain_engine::{Fold, Part};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// Longest n-grams that are counted.
const LONGEST: usize = 10;
/// n-grams of which the most frequent counts, and from which on all that come again do.
const TOP: std::ops::RangeInclusive<usize> = 2..=4;

/// Declares the measures once: field, name, threshold of the paper.
macro_rules! measures {
    ($($(#[$doc:meta])* $field:ident $name:literal $threshold:literal),+ $(,)?) => {
        /// What is measured of an article; each a share in [0, 1].
        #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct Measures { $($(#[$doc])* pub $field: f64),+ }

        /// An article with a measure above one of these is dropped.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Thresholds { $($(#[$doc])* pub $field: f64),+ }

        impl Default for Thresholds {
            /// Those of the paper.
            fn default() -> Self {
                Self { $($field: $threshold),+ }
            }
        }

        impl Thresholds {
            /// The first measure above its threshold: name, value, threshold.
            #[must_use]
            pub fn exceeded(&self, measures: &Measures) -> Option<(&'static str, f64, f64)> {
                $(if measures.$field > self.$field {
                    return Some(($name, measures.$field, self.$field));
                })+
                None
            }

            /// Says whether every threshold is a share.
            ///
            /// # Errors
            /// [`Error::Config`] with the first that is none.
            pub fn check(&self) -> Result<()> {
                $(if !(0.0..=1.0).contains(&self.$field) {
                    return Err(Error::Config { setting: $name, reason: format!("must be between 0 and 1 (got {})", self.$field) });
                })+
                Ok(())
            }
        }
    };
}

measures! {
    /// Share of lines that stand before.
    duplicate_lines "duplicate_lines" 0.30,
    /// Share of paragraphs that do.
    duplicate_paragraphs "duplicate_paragraphs" 0.30,
    /// Share of characters in such lines.
    duplicate_line_characters "duplicate_line_characters" 0.20,
    /// Share of characters in such paragraphs.
    duplicate_paragraph_characters "duplicate_paragraph_characters" 0.20,
    /// Share of characters in the most frequent two words in a row.
    top_2_gram "top_2_gram" 0.20,
    /// Three words.
    top_3_gram "top_3_gram" 0.18,
    /// Four words.
    top_4_gram "top_4_gram" 0.16,
    /// Share of characters in five words in a row that stand more than once.
    duplicate_5_grams "duplicate_5_grams" 0.15,
    /// Six words.
    duplicate_6_grams "duplicate_6_grams" 0.14,
    /// Seven words.
    duplicate_7_grams "duplicate_7_grams" 0.13,
    /// Eight words.
    duplicate_8_grams "duplicate_8_grams" 0.12,
    /// Nine words.
    duplicate_9_grams "duplicate_9_grams" 0.11,
    /// Ten words.
    duplicate_10_grams "duplicate_10_grams" 0.10,
}

/// How often something stands in a text, by a hash of it.
type Counts = HashMap<u64, u32, BuildHasherDefault<DefaultHasher>>;

impl Measures {
    /// Measures a text. Time linear in its words.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (lines, line_characters) = duplicates(text.lines().map(str::trim));
        let (paragraphs, paragraph_characters) = duplicates(paragraphs(text).into_iter());
        let words = Words::of(text);
        let mut shares = [0.0; LONGEST + 1];
        let mut counts = Counts::default();
        for (n, share) in shares.iter_mut().enumerate().skip(*TOP.start()) {
            *share = words.in_repeated_grams(n, &mut counts);
        }
        Self {
            duplicate_lines: lines,
            duplicate_paragraphs: paragraphs,
            duplicate_line_characters: line_characters,
            duplicate_paragraph_characters: paragraph_characters,
            top_2_gram: shares[2],
            top_3_gram: shares[3],
            top_4_gram: shares[4],
            duplicate_5_grams: shares[5],
            duplicate_6_grams: shares[6],
            duplicate_7_grams: shares[7],
            duplicate_8_grams: shares[8],
            duplicate_9_grams: shares[9],
            duplicate_10_grams: shares[10],
        }
    }
}

/// Runs of lines with no blank one among them.
fn paragraphs(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut end, mut at) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            found.push(text[start..end].trim());
            start = at + line.len();
        }
        at += line.len();
        end = if line.trim().is_empty() { at } else { at.max(end) };
    }
    found.push(text[start..].trim());
    found
}

/// Shares of `parts`, and of their characters, that stand before; empty ones do not count.
fn duplicates<'t>(parts: impl Iterator<Item = &'t str>) -> (f64, f64) {
    let mut seen = Counts::default();
    let (mut all, mut again, mut characters, mut characters_again) = (0, 0, 0, 0);
    for part in parts.filter(|part| !part.is_empty()) {
        let length = part.chars().filter(|c| !c.is_whitespace()).count();
        let before = seen.entry(xxh3_64(part.as_bytes())).or_default();
        (again, characters_again) = if *before > 0 { (again + 1, characters_again + length) } else { (again, characters_again) };
        *before += 1;
        (all, characters) = (all + 1, characters + length);
    }
    (share(again, all), share(characters_again, characters))
}

/// The words of a text, and the letters of scripts without spaces, in order.
#[derive(Default)]
struct Words {
    hashes: Vec<u64>,
    /// Of each its characters.
    lengths: Vec<u32>,
    /// What those before each count for, in thirds of a word; of all together last.
    thirds: Vec<usize>,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut words = Self { thirds: vec![0], ..Self::default() };
        for word in text.split_whitespace() {
            let mut start = 0;
            let mut weight = None;
            for (at, c) in word.char_indices() {
                // A mark belongs to the letter before it.
                let (ends, next) = match part_of(c) {
                    Some(Part::LoneLetter) => (true, Some(Weight::of_letter(c))),
                    Some(Part::Mark | Part::LoneMark) => (false, weight),
                    _ => (weight.is_some(), None),
                };
                if ends && at > start {
                    words.push(&word[start..at], weight);
                    start = at;
                }
                weight = next;
            }
            words.push(&word[start..], weight);
        }
        words
    }

    fn push(&mut self, word: &str, weight: Option<Weight>) {
        self.hashes.push(xxh3_64(word.as_bytes()));
        self.lengths.push(u32::try_from(word.chars().count()).unwrap_or(u32::MAX));
        let before = self.thirds.last().copied().unwrap_or(0);
        self.thirds.push(before + weight.map_or(Weight::WORD, Weight::thirds));
    }

    /// The n-gram that begins at each word, as long as there is one: up to where n words are full.
    fn grams(&self, n: usize) -> Vec<Range<usize>> {
        let mut end = 0;
        let gram = |start: usize| {
            let full = self.thirds[start] + n * Weight::WORD;
            end += self.thirds[end..].iter().take_while(|&&thirds| thirds < full).count();
            (end < self.thirds.len()).then_some(start..end)
        };
        (0..self.hashes.len()).map_while(gram).collect()
    }

    /// Share of characters in n-grams that stand more than once: in the most frequent, the first of several, for short ones; in all for longer.
    fn in_repeated_grams(&self, n: usize, counts: &mut Counts) -> f64 {
        counts.clear();
        let ranges = self.grams(n);
        let hash = |gram: &Range<usize>| {
            let words = self.hashes[gram.clone()].iter();
            words.fold(n as u64, |hash, word| (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29))
        };
        let grams: Vec<u64> = ranges.iter().map(hash).collect();
        grams.iter().for_each(|&gram| *counts.entry(gram).or_default() += 1);
        let most = counts.values().max().copied().unwrap_or(0);
        if most < 2 {
            return 0.0;
        }
        let top = grams.iter().find(|gram| counts[gram] == most);
        let counted = |gram: &u64| if TOP.contains(&n) { Some(gram) == top } else { counts[gram] > 1 };
        let (mut covered, mut end) = (0, 0);
        for (range, _) in ranges.iter().zip(&grams).filter(|(_, gram)| counted(gram)) {
            covered += self.lengths[range.start.max(end)..range.end].iter().map(|&length| length as usize).sum::<usize>();
            end = range.end;
        }
        share(covered, self.lengths.iter().map(|&length| length as usize).sum())
    }
}

/// How a character takes part in words; None for ASCII, which needs no table.
fn part_of(c: char) -> Option<Part> {
    if c.is_ascii() { None } else { Fold::None.part(c) }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { round(part as f64 / whole as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_paragraphs_that_stand_before() {
        let measures = Measures::of("one two\nabc\none two\n\nabc\n\nxyz w");
        assert_eq!(measures.duplicate_lines, round(2.0 / 5.0));
        assert_eq!(measures.duplicate_line_characters, round(9.0 / 22.0), "22 characters, white space aside");
        assert_eq!((measures.duplicate_paragraphs, measures.duplicate_paragraph_characters), (0.0, 0.0));
        let measures = Measures::of("a b\nc\n\na b\nc\n \nd");
        assert_eq!((measures.duplicate_paragraphs, measures.duplicate_paragraph_characters), (round(1.0 / 3.0), round(3.0 / 7.0)));
        assert_eq!(Measures::of(" \n\n"), Measures::default());
    }

    #[test]
    fn characters_in_overlapping_grams_count_once() {
        assert_eq!(Measures::of("ha ha ha ha").top_2_gram, 1.0);
        assert_eq!(Measures::of("ha ha ha ha").top_3_gram, 1.0);
        assert_eq!(Measures::of("one two").top_2_gram, 0.0, "what stands once repeats nothing");
        let measures = Measures::of("a b c d e x a b c d e y");
        assert_eq!(measures.duplicate_5_grams, round(10.0 / 12.0));
        assert_eq!(measures.duplicate_6_grams, 0.0);
        assert_eq!(measures.top_2_gram, round(4.0 / 12.0), "the first of several that are as frequent");
    }

    /// Thai as it is written, without spaces: letters repeat all the time, words do not.
    #[test]
    fn letters_of_scripts_without_spaces_are_counted_as_parts_of_words() {
        let thresholds = Thresholds::default();
        let thai = "เมื่อคืนพายุพัดเรือประมงสามลำจมลงในท่าเรือเล็กทางใต้ ชาวบ้านเก้าคนได้รับการช่วยเหลือจากหน่วยกู้ภัยก่อนรุ่งสาง นายกเทศมนตรีกล่าวว่า\
                    กำแพงด้านตะวันออกเสียหายหนักและต้องใช้เวลาซ่อมอย่างน้อยสองเดือน ผู้ดูแลคลังสินค้าเสริมว่าข้าวครึ่งหนึ่งเปียกน้ำ";
        let chinese = "昨夜暴风雨袭击南部小港三艘渔船沉没九人获救市长今晨表示码头东侧受损严重修复至少需要两个月仓库主管补充说一半粮食被水浸湿损失由保险公司承担气象专家提醒渔民周末之前不要出海";
        for text in [thai, chinese] {
            assert_eq!(thresholds.exceeded(&Measures::of(text)), None, "{text}");
            let doubled = [text, text].concat();
            assert_eq!(Measures::of(&doubled).duplicate_10_grams, 1.0, "{text}");
        }
        assert!(Measures::of(&"อ่านต่อที่นี่".repeat(20)).top_2_gram > 0.2);
        assert_eq!(Words::of("ที่นา 三艘x1 ab").lengths, [3, 1, 1, 1, 1, 2, 2]);
    }

    #[test]
    fn the_thresholds_of_the_paper() {
        let thresholds = Thresholds::default();
        assert_eq!(thresholds.exceeded(&Measures::of(&"read more ".repeat(20))).map(|found| found.0), Some("top_2_gram"));
        let prose: String = (0..200).map(|n| format!("word{n} ")).collect();
        assert_eq!(thresholds.exceeded(&Measures::of(&prose)), None);
        assert!(Thresholds { top_2_gram: 1.5, ..thresholds }.check().is_err());
    }
}
