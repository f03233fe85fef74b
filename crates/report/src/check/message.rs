//! A finding in words, for every form of report.

use super::gate::{CheckedFinding, Kind};
use refrain_engine::finding::{FoundPair, Origin, PairRule, Repetition, WordCounts};

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(String),
    /// The name of the other copy, which a report may make a link.
    Other(String),
}

impl CheckedFinding {
    /// What was found, in one sentence without its place. Ids come from the input.
    #[must_use]
    pub fn message(&self) -> String {
        let parts = self.parts().into_iter().map(|part| match part {
            Part::Text(text) | Part::Other(text) => text,
        });
        parts.collect()
    }

    /// The same in parts, of which one names the other copy, unless that is the same place.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let (before, other, after) = match &self.kind {
            Kind::Repetition(Repetition { copies: Some(copies), again, .. }) => {
                return vec![Part::Text(format!("A phrase occurs {copies} times in a row in {}", paragraphs(again.paragraphs)))];
            }
            Kind::Repetition(repetition) => of_repetition(repetition),
            Kind::Pair(pair) => self.of_pair(pair),
        };
        vec![Part::Text(before), Part::Other(other), Part::Text(after)]
    }

    /// The text before the other copy, its name, and the text behind it.
    fn of_pair(&self, pair: &FoundPair) -> (String, String, String) {
        let is_a = *pair.a == *self.at.id;
        let origin = match (pair.origin, is_a) {
            (Some(Origin::A), true) | (Some(Origin::B), false) => ", which is later",
            (Some(_), _) => ", which is earlier",
            (None, _) => "",
        };
        let of_index = if self.seen.is_some() { " of the index" } else { "" };
        let counts = WordCounts::of(pair.passages.as_deref().unwrap_or_default());
        let (words, details) = (counts.words, counts.details());
        let covered = if is_a { pair.a_covered } else { pair.b_covered };
        let covered = covered.map_or_else(String::new, |share| format!(", {} % of this article", (share * 1000.0).floor() / 10.0));
        let more = match self.more {
            0 => String::new(),
            1 => ", and 1 other article".to_owned(),
            more => format!(", and {more} other articles"),
        };
        let (before, after) = match pair.rule {
            PairRule::Identical if counts.respelled > 0 => ("The same words as ".to_owned(), format!(", {} respelled", counts.respelled)),
            PairRule::Identical => ("The same words as ".to_owned(), String::new()),
            PairRule::NearDuplicate => ("Similar as a whole to ".to_owned(), format!(": Jaccard {}", pair.jaccard)),
            PairRule::Contained => {
                let own = if is_a { pair.a_in_b } else { pair.b_in_a };
                let whole = if own >= 0.8 { "Most of this article is in " } else { "This article contains most of " };
                (whole.to_owned(), format!(": {words} words{details}{covered}"))
            }
            PairRule::ReusedPassage => (format!("Shares {words} words{details}{covered} with "), String::new()),
            PairRule::Template => (format!("Shares a template of {words} words{details}{covered} with "), String::new()),
        };
        (before, self.other.id.to_string(), format!("{of_index}{origin}{more}{after}"))
    }

    /// True if the other article of a pair is in the index.
    #[must_use]
    pub fn is_against_index(&self) -> bool {
        self.seen.is_some()
    }
}

fn of_repetition(repetition: &Repetition) -> (String, String, String) {
    let (first, again) = (paragraphs(repetition.first.paragraphs), paragraphs(repetition.again.paragraphs));
    let share = (repetition.similarity * 1000.0).floor() / 10.0;
    (format!("{} words of ", repetition.words), first, format!(" are repeated in {again}, similarity {share} %"))
}

fn paragraphs([first, last]: [usize; 2]) -> String {
    if first == last { format!("paragraph {first}") } else { format!("paragraphs {first}-{last}") }
}
