//! Documents: as a caller gives them, and as a corpus hands them to the engine.

use std::borrow::Cow;

/// A document to be looked at. Its text is never altered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Names it in the findings; unique.
    pub id: String,
    /// What is compared.
    pub text: String,
    /// When it was published: ISO 8601, RFC 2822, seconds since 1970, or another common form.
    pub date: Option<String>,
    /// Who published it.
    pub outlet: Option<String>,
}

impl Document {
    /// A document without a date.
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id: id.into(), text: text.into(), date: None, outlet: None }
    }

    /// The same document, published on `date`.
    #[must_use]
    pub fn dated(self, date: impl Into<String>) -> Self {
        Self { date: Some(date.into()), ..self }
    }

    /// The same document, published by `outlet`.
    #[must_use]
    pub fn published_by(self, outlet: impl Into<String>) -> Self {
        Self { outlet: Some(outlet.into()), ..self }
    }
}

/// Where a corpus finds a document again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locator {
    /// Which file or list.
    pub file: u32,
    /// Bytes of the record.
    pub length: u32,
    /// First byte of the record, or its index.
    pub start: u64,
}

/// A document as a corpus reads it, borrowed from its input.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// None where the input names none.
    pub id: Option<Cow<'a, str>>,
    /// The text.
    pub text: Cow<'a, str>,
    /// The date, as it stands in the input.
    pub date: Option<Cow<'a, str>>,
    /// Who published it.
    pub outlet: Option<Cow<'a, str>>,
    /// Where to find it again.
    pub locator: Locator,
    /// Line of the stretch on which it starts, from 0.
    pub line: u64,
}

impl Record<'_> {
    /// True if the record is all of its file, whose name is `file`: the path is its id.
    pub fn is_whole_file(&self, file: &str) -> bool {
        self.line == 0 && self.id.as_deref() == Some(file)
    }
}

/// Characters in the text of a page where a comment of its markup has the mark `refrain:ignore-start`, or `refrain:ignore-end`. Noncharacters are kept free
/// for such uses: they are no part of a token.
pub const IGNORE_START: char = '\u{FDD1}';
/// Ends what comparison ignores.
pub const IGNORE_END: char = '\u{FDD2}';
/// Code points of a mark from its character on: more than those of a boundary, which may take its place.
pub const MARK_CHARS: usize = 5;

/// A mark as it is in the text of a page: apart from the words on both sides.
pub fn ignore_mark(mark: char) -> String {
    ['\u{FDD0}', mark].into_iter().chain(std::iter::repeat_n('\u{FDD0}', MARK_CHARS - 1)).collect()
}

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A date in ISO 8601, from seconds since 1970; None beyond the calendar.
pub fn date_text(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds).ok().map(|date| date.to_string())
}

/// True if what is of the date `x` was there before what is of the date `y`. A date at midnight (UTC) stands for its whole day: where no time is told, that is how it
/// is read, and nothing says what came first on that day.
pub(crate) fn is_before(x: i64, y: i64) -> bool {
    let day = |date: i64| date.div_euclid(DAY);
    let is_day = |date: i64| date.rem_euclid(DAY) == 0;
    if is_day(x) || is_day(y) { day(x) < day(y) } else { x < y }
}

#[cfg(test)]
mod tests {
    use super::{DAY, is_before};

    #[test]
    fn a_day_is_before_none_of_its_hours() {
        let hour = |day: i64, hour: i64| day * DAY + hour * 3600;
        for day in [-3, 0, 16_000] {
            assert!(is_before(hour(day, 8), hour(day, 9)) && !is_before(hour(day, 9), hour(day, 8)));
            assert!(!is_before(hour(day, 0), hour(day, 9)) && !is_before(hour(day, 9), hour(day, 0)), "who came first is not told");
            assert!(!is_before(hour(day, 0), hour(day, 0)));
            assert!(is_before(hour(day, 23), hour(day + 1, 0)) && is_before(hour(day, 0), hour(day + 1, 0)));
        }
    }
}
