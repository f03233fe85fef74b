//! Dates as people and programs write them.
//!
//! In: the text of a date field. Out: [`Parsed`], seconds since 1970 (UTC where no zone is given). The text is cut into numbers, words and signs.
//! A word that is in none of the tables below makes a date unreadable, so that prose is never taken for a date. What could mean two days, such as
//! 03/04/2015, is unreadable too. A month or a year stands for its first day.

mod words;
mod written;

use crate::error::Problem;
use std::fmt;
use words::MISSING;

/// Years that are believed. Others come from another calendar, or from a number that is no date.
const YEARS: std::ops::RangeInclusive<i64> = 1400..=2100;

/// What a date field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Seconds since 1970.
    At(i64),
    /// Nothing: it is empty, or holds a value that stands for a missing date.
    Missing,
    /// Something that is not understood, or a year that is not believed.
    Unreadable,
}

impl Parsed {
    /// Seconds since 1970, if there is a date.
    pub fn seconds(self) -> Option<i64> {
        match self {
            Self::At(seconds) => Some(seconds),
            _ => None,
        }
    }
}

/// Dates of a run that were not understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadDates {
    /// How many.
    pub count: usize,
    /// The first one: its file and line, and the date as the reason.
    pub example: Option<Problem>,
}

/// Characters of an example.
const EXAMPLE_CHARS: usize = 60;

impl BadDates {
    /// Parses a date and counts it if it is not understood. `line` is that of its record, from 0.
    pub fn parse(&mut self, date: Option<&str>, line: u64) -> Option<i64> {
        let date = date?;
        let parsed = parse(date);
        if parsed == Parsed::Unreadable {
            self.count += 1;
            let example = || Problem { path: String::new(), line: line + 1, reason: date.chars().take(EXAMPLE_CHARS).collect() };
            self.example.get_or_insert_with(example);
        }
        parsed.seconds()
    }

    /// Adds those of the next part of a file, which begins behind `lines_before` lines.
    pub fn append(&mut self, next: Self, path: &str, lines_before: u64) {
        self.count += next.count;
        let place = |example: Problem| Problem { path: path.to_owned(), line: example.line + lines_before, ..example };
        self.example = self.example.take().or_else(|| next.example.map(place));
    }
}

impl fmt::Display for BadDates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.count == 1 { "" } else { "s" };
        write!(f, "{} date{s} not understood and ignored", self.count)?;
        if let Some(Problem { path, line, reason }) = &self.example {
            write!(f, ", such as `{reason}` ({path}:{line})")?;
        }
        f.write_str("; write dates as 2015-07-21 or 2015-07-21T09:30:00Z")
    }
}

/// Reads a date.
pub fn parse(text: &str) -> Parsed {
    let text = plain(text);
    let text = text.trim();
    // Databases write zeros in the form of a date.
    let is_zero = || text.contains('0') && text.chars().all(|c| "0-/.: tz+".contains(c));
    if MISSING.contains(&text) || is_zero() {
        return Parsed::Missing;
    }
    number(text).unwrap_or_else(|| written::moment(text).map_or(Parsed::Unreadable, Moment::parsed))
}

/// The text in lower case, with ASCII digits and plain spaces, without accents and marks of direction, and without what programs put in brackets at
/// the end: the name of the zone, which they write as an offset too.
fn plain(text: &str) -> String {
    let text = text.trim();
    let bracket = text.ends_with([']', ')']).then(|| text.rfind(['[', '('])).flatten().filter(|&at| at > 0);
    let mut plain = String::with_capacity(text.len());
    for c in text[..bracket.unwrap_or(text.len())].chars() {
        match c {
            '٠'..='٩' => plain.push(digit(c, '٠')),
            '۰'..='۹' => plain.push(digit(c, '۰')),
            'أ' | 'إ' | 'آ' | 'ٱ' => plain.push('ا'),
            'ة' => plain.push('ه'),
            'é' | 'è' | 'ê' | 'É' => plain.push('e'),
            'û' | 'ù' | 'Û' => plain.push('u'),
            'à' | 'À' => plain.push('a'),
            '،' => plain.push(','),
            '\u{2212}' | '\u{2010}' | '\u{2011}' | '\u{2013}' => plain.push('-'),
            // Vowel signs, tatweel, marks of direction.
            '\u{64B}'..='\u{652}'
            | '\u{640}'
            | '\u{61C}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}' => {}
            c if c.is_whitespace() => plain.push(' '),
            c => plain.extend(c.to_lowercase()),
        }
    }
    plain
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

/// Epochs by their number of digits: how many units a second has. Shorter numbers are no epochs: today's seconds have ten digits, those of 1973 nine.
const EPOCHS: [(std::ops::RangeInclusive<usize>, i64); 4] = [(9..=10, 1), (12..=13, 1_000), (15..=16, 1_000_000), (18..=19, 1_000_000_000)];

/// Widths of the parts of a date without separators, by its number of digits: year, month, day, hour, minute, second. Thousandths may follow.
const COMPACT: [(usize, &[usize]); 7] = [
    (4, &[4]),
    (6, &[4, 2]),
    (8, &[4, 2, 2]),
    (10, &[4, 2, 2, 2]),
    (12, &[4, 2, 2, 2, 2]),
    (14, &[4, 2, 2, 2, 2, 2]),
    (17, &[4, 2, 2, 2, 2, 2]),
];

/// First year of dates whose digits could be an epoch as well.
const MODERN: i64 = 1900;

/// A date that is one number: a calendar date without separators, or an epoch. None where it is something else.
fn number(text: &str) -> Option<Parsed> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((mantissa, exponent)) = text.split_once('e') {
        let whole = mantissa.strip_prefix('-').unwrap_or(mantissa).split('.').all(is_number);
        let power = exponent.strip_prefix('+').unwrap_or(exponent);
        if !whole || !is_number(power) || power.len() > 2 {
            return None;
        }
        let value: f64 = text.parse().ok()?;
        return Some(if value.abs() < 1e19 { whole_number(&format!("{value:.0}")) } else { Parsed::Unreadable });
    }
    let (integer, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let unsigned = integer.strip_prefix('-').unwrap_or(integer);
    if !is_number(unsigned) || !is_number(fraction) {
        return None;
    }
    // 20.07 is no number; 20150721.0 is one that a table of numbers was written with.
    let is_whole = fraction.bytes().all(|byte| byte == b'0');
    (is_whole || unsigned.len() >= 9).then(|| whole_number(integer))
}

fn whole_number(digits: &str) -> Parsed {
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let Ok(value) = digits.parse::<i64>() else { return Parsed::Unreadable };
    if matches!(value, 0 | -1) {
        return Parsed::Missing;
    }
    let seconds = EPOCHS.iter().find(|(lengths, _)| lengths.contains(&unsigned.len())).map(|(_, units)| value.div_euclid(*units));
    // 1407110400 is a second of 2014, and no hour of the 15th century.
    let is_modern = |moment: &Moment| moment.year >= MODERN || seconds.is_none();
    let calendar = if value > 0 { compact(digits).filter(is_modern) } else { None };
    match (calendar, seconds) {
        // 2015072108 is an hour of 2015, or a second of 2033.
        (Some(_), Some(_)) if digits.len() == 10 => Parsed::Unreadable,
        (Some(moment), _) => moment.parsed(),
        (None, Some(seconds)) => believed(seconds),
        (None, None) if value < 0 && unsigned.len() >= 6 => believed(value),
        // The year 1 in seconds, milliseconds or microseconds: how programs write no date.
        (None, None) => {
            if is_year_one(value) {
                Parsed::Missing
            } else {
                Parsed::Unreadable
            }
        }
    }
}

/// First second of the year 1.
const YEAR_ONE: i64 = -62_135_596_800;

fn is_year_one(value: i64) -> bool {
    [1, 1_000, 1_000_000].iter().any(|units| YEAR_ONE * units == value)
}

/// Seconds since 1970, if they are of a year that is believed.
fn believed(seconds: i64) -> Parsed {
    if is_year_one(seconds) {
        return Parsed::Missing;
    }
    let date = jiff::Timestamp::from_second(seconds).map(|date| date.to_zoned(jiff::tz::TimeZone::UTC).date());
    if date.is_ok_and(|date| YEARS.contains(&i64::from(date.year()))) { Parsed::At(seconds) } else { Parsed::Unreadable }
}

/// A calendar date in digits alone.
fn compact(digits: &str) -> Option<Moment> {
    let (_, widths) = COMPACT.iter().find(|(length, _)| *length == digits.len())?;
    let mut at = 0;
    let mut parts = [0, 1, 1, 0, 0, 0];
    for (part, width) in parts.iter_mut().zip(*widths) {
        *part = digits.get(at..at + width)?.parse().ok()?;
        at += width;
    }
    let [year, month, day, hour, minute, second] = parts;
    let moment = Moment { year, month, day, second: Some(time(hour, minute, second)?), minutes_east: 0 };
    (YEARS.contains(&year) && moment.seconds().is_some()).then_some(moment)
}

/// Seconds since midnight; None for no time of day.
fn time(hour: i64, minute: i64, second: i64) -> Option<i64> {
    // A leap second counts as the one before it.
    (hour < 24 && minute < 60 && second <= 60).then(|| hour * 3600 + minute * 60 + second.min(59))
}

/// A point in time as it is written.
#[derive(Clone, Copy, Debug)]
struct Moment {
    year: i64,
    month: i64,
    day: i64,
    /// Since midnight.
    second: Option<i64>,
    minutes_east: i64,
}

impl Moment {
    fn seconds(self) -> Option<i64> {
        let part = |number: i64| i8::try_from(number).ok();
        let date = jiff::civil::Date::new(i16::try_from(self.year).ok()?, part(self.month)?, part(self.day)?).ok()?;
        let midnight = date.duration_since(jiff::civil::date(1970, 1, 1)).as_secs();
        Some(midnight + self.second.unwrap_or(0) - self.minutes_east * 60)
    }

    fn parsed(self) -> Parsed {
        let Some(seconds) = self.seconds() else { return Parsed::Unreadable };
        let is_midnight = self.second.unwrap_or(0) == 0;
        // How programs write no date, in whatever zone.
        let sentinels = [(1, 1, 1), (1970, 1, 1), (9999, 12, 31)];
        if seconds == 0 || sentinels.contains(&(self.year, self.month, self.day)) && (is_midnight || self.year == 9999) {
            return Parsed::Missing;
        }
        if YEARS.contains(&self.year) { Parsed::At(seconds) } else { Parsed::Unreadable }
    }
}

#[cfg(test)]
mod tests;
