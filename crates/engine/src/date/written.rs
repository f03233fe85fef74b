//! Dates of several numbers and words, such as `21 July 2015, 8:30 pm` or `2015-07-21T08:30:00+03:00`.

use super::words::{AFTERNOON, FILLERS, HALF_MONTHS, MONTHS, MORNING, ZONES};
use super::{Moment, compact, time};

/// A number of a date, its digits, and the sign in front of it.
#[derive(Clone, Copy, Debug)]
struct Part {
    value: i64,
    digits: usize,
    sign: char,
}

impl Part {
    /// What a day or month may be written as.
    fn is_short(self) -> bool {
        self.digits <= 2
    }

    fn is_year(self) -> bool {
        self.digits == 4
    }
}

/// What was read last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Other,
    Time,
    /// The letter in front of a time.
    T,
    Zone,
}

/// Half of the day on a 12-hour clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// What is read of a date.
#[derive(Debug, Default)]
struct Written {
    /// Numbers of the date.
    parts: Vec<Part>,
    /// The month, if it is written as a word, and how many numbers are in front of it.
    month: Option<(i64, usize)>,
    /// The month is `mar`, which is a weekday too.
    is_maybe_weekday: bool,
    /// Since midnight.
    second: Option<i64>,
    half: Option<Half>,
    minutes_east: Option<i64>,
    last: Last,
}

/// Reads a date that is in lower case, with ASCII digits.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let mut written = Written::default();
    let mut rest = text;
    // The sign in front of a number, and whether it is right in front.
    let (mut sign, mut is_adjacent) = (' ', false);
    while let Some(first) = rest.chars().next() {
        let run = |is: fn(char) -> bool| rest.split_at(rest.find(|c| !is(c)).unwrap_or(rest.len()));
        if first.is_ascii_digit() {
            let (digits, after) = run(|c| c.is_ascii_digit());
            rest = written.number(digits, after, sign, is_adjacent)?;
            (sign, is_adjacent) = (' ', false);
        } else if first.is_alphabetic() {
            let (word, after) = run(char::is_alphabetic);
            rest = written.word(word, after)?;
            (sign, is_adjacent) = (' ', false);
        } else {
            match first {
                ' ' => is_adjacent = false,
                ',' | '.' | '/' | '-' | '+' | '\'' => (sign, is_adjacent) = (first, true),
                _ => return None,
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    written.moment()
}

/// The digits at the start of a text, and the rest.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

impl Written {
    /// Takes a number; returns what follows it.
    fn number<'t>(&mut self, number: &str, after: &'t str, sign: char, is_adjacent: bool) -> Option<&'t str> {
        let last = std::mem::take(&mut self.last);
        let is_clock =
            number.len() <= 2 && after.strip_prefix([':', 'h']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let is_dated = self.parts.len() == 3;
        if is_adjacent && matches!(sign, '+' | '-') && self.takes_offset(last, is_clock && is_dated) {
            return self.offset(number, after, sign);
        }
        if is_clock {
            return self.clock(number, after);
        }
        match number.len() {
            2 | 4 | 6 if last == Last::T => self.compact_time(number, after),
            6 if is_dated => self.compact_time(number, after),
            8 | 14 if self.parts.is_empty() => {
                let Moment { year, month, day, second, .. } = compact(number)?;
                self.parts = [(year, 4), (month, 2), (day, 2)].map(|(value, digits)| Part { value, digits, sign: '-' }).into();
                if number.len() == 14 {
                    (self.second, self.last) = (second, Last::Time);
                }
                Some(after)
            }
            1..=4 if !is_dated => {
                self.parts.push(Part { value: number.parse().ok()?, digits: number.len(), sign });
                Some(after)
            }
            _ => None,
        }
    }

    /// Whether a number with a sign is an offset from UTC: behind a time, behind the name of a zone, or as `+03:00` behind a date.
    fn takes_offset(&self, last: Last, is_clock_of_date: bool) -> bool {
        let is_open = self.minutes_east.is_none() || last == Last::Zone && self.minutes_east == Some(0);
        is_open && (self.second.is_some() || is_clock_of_date)
    }

    fn offset<'t>(&mut self, number: &str, after: &'t str, sign: char) -> Option<&'t str> {
        let (minutes, rest) = match after.strip_prefix(':') {
            Some(rest) => digits(rest),
            None => ("", after),
        };
        let (hours, minutes) = if number.len() == 4 && minutes.is_empty() { number.split_at(2) } else { (number, minutes) };
        let hours: i64 = hours.parse().ok().filter(|&hours| hours <= 14)?;
        let minutes: i64 = if minutes.is_empty() { 0 } else { minutes.parse().ok().filter(|&minutes| minutes < 60)? };
        let east = hours * 60 + minutes;
        self.minutes_east = Some(if sign == '-' { -east } else { east });
        Some(rest)
    }

    /// A time of day such as `8:30`, `08:30:15.5` or `8h30`.
    fn clock<'t>(&mut self, hour: &str, after: &'t str) -> Option<&'t str> {
        let (minute, mut rest) = digits(&after[1..]);
        let mut second = "0";
        if let Some((seconds, after)) = rest.strip_prefix(':').map(digits) {
            (second, rest) = (seconds, after_fraction(after));
        }
        if minute.len() != 2 || second.len() > 2 {
            return None;
        }
        self.set_time(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?)?;
        Some(rest)
    }

    /// A time of day without signs, such as `083015`.
    fn compact_time<'t>(&mut self, number: &str, after: &'t str) -> Option<&'t str> {
        let part = |at: usize| number.get(at..at + 2).map_or(Some(0), |digits| digits.parse().ok());
        self.set_time(part(0)?, part(2)?, part(4)?)?;
        Some(after_fraction(after))
    }

    fn set_time(&mut self, hour: i64, minute: i64, second: i64) -> Option<()> {
        let second = time(hour, minute, second)?;
        self.last = Last::Time;
        self.second.replace(second).is_none().then_some(())
    }

    /// Takes a word; returns what follows it.
    fn word<'t>(&mut self, word: &str, after: &'t str) -> Option<&'t str> {
        let last = std::mem::take(&mut self.last);
        let dotted = after.strip_prefix(".m").map(|rest| rest.strip_prefix('.').unwrap_or(rest));
        if let ("a" | "p", Some(rest)) = (word, dotted) {
            self.set_half(if word == "a" { Half::Morning } else { Half::Afternoon })?;
            return Some(rest);
        }
        if HALF_MONTHS.contains(&word) {
            let after = after.trim_start();
            let (second, rest) = after.split_at(after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len()));
            self.set_month(&format!("{word}{second}"))?;
            return Some(rest);
        }
        if word == "t" {
            self.last = Last::T;
        } else if let Some(&(_, minutes)) = ZONES.iter().find(|(name, _)| *name == word) {
            if self.minutes_east.is_some_and(|known| known != minutes) {
                return None;
            }
            (self.minutes_east, self.last) = (Some(minutes), Last::Zone);
        } else if AFTERNOON.contains(&word) && (word != "م" || last == Last::Time) {
            self.set_half(Half::Afternoon)?;
        } else if MORNING.contains(&word) {
            self.set_half(Half::Morning)?;
        } else if !FILLERS.contains(&word) {
            self.set_month(word)?;
        }
        Some(after)
    }

    fn set_half(&mut self, half: Half) -> Option<()> {
        self.half.replace(half).is_none().then_some(())
    }

    /// A month. A second one must be the same: `يوليو/تموز`.
    fn set_month(&mut self, word: &str) -> Option<()> {
        let month = (1..).zip(MONTHS).find(|(_, names)| names.contains(&word))?.0;
        let is_mar = word == "mar";
        match self.month {
            Some(_) if is_mar => {}
            Some((known, _)) if known != month && !self.is_maybe_weekday => return None,
            Some((known, _)) if known == month => {}
            _ => (self.month, self.is_maybe_weekday) = (Some((month, self.parts.len())), is_mar),
        }
        Some(())
    }

    fn moment(&self) -> Option<Moment> {
        let (year, month, day) = match self.month {
            Some((month, before)) => self.day_of_month(month, before)?,
            None => self.day_of_numbers()?,
        };
        // A time of day needs a day.
        if self.second.is_some() && day.is_none() {
            return None;
        }
        let second = match (self.second, self.half) {
            (Some(second), Some(half)) => Some(on_24_hours(second, half)?),
            (None, Some(_)) => return None,
            (second, None) => second,
        };
        Some(Moment { year, month, day: day.unwrap_or(1), second, minutes_east: self.minutes_east.unwrap_or(0) })
    }

    /// Year, month and day where the month is a word with `before` numbers in front.
    fn day_of_month(&self, month: i64, before: usize) -> Option<(i64, i64, Option<i64>)> {
        match self.parts[..] {
            [year] if year.is_year() => Some((year.value, month, None)),
            [year, day] if year.is_year() && day.is_short() && before == 1 => Some((year.value, month, Some(day.value))),
            [day, year] if day.is_short() && year.is_year() && before < 2 => Some((year.value, month, Some(day.value))),
            // Two digits are a year in mail alone, where a time follows.
            [day, year] if day.is_short() && year.digits == 2 && before == 1 && self.second.is_some() => {
                Some((year.value + if year.value < 50 { 2000 } else { 1900 }, month, Some(day.value)))
            }
            _ => None,
        }
    }

    /// Year, month and day where all are numbers.
    fn day_of_numbers(&self) -> Option<(i64, i64, Option<i64>)> {
        match self.parts[..] {
            [year] if year.is_year() => Some((year.value, 1, None)),
            [year, month] if year.is_year() && month.is_short() && is_separator(month.sign) => Some((year.value, month.value, None)),
            [month, year] if month.is_short() && year.is_year() && is_separator(year.sign) => Some((year.value, month.value, None)),
            [_, second, third] if second.sign != third.sign || !(is_separator(second.sign) || second.sign == ' ') => None,
            [year, month, day] if year.is_year() && month.is_short() && day.is_short() => Some((year.value, month.value, Some(day.value))),
            [first, second, year] if first.is_short() && second.is_short() && year.is_year() => {
                let is_day_first = first.value > 12 || second.value <= 12 && second.sign == '.' || first.value == second.value;
                let is_month_first = second.value > 12;
                let (day, month) = match (is_day_first, is_month_first) {
                    (true, _) => (first, second),
                    (_, true) => (second, first),
                    _ => return None,
                };
                Some((year.value, month.value, Some(day.value)))
            }
            _ => None,
        }
    }
}

fn is_separator(sign: char) -> bool {
    matches!(sign, '-' | '/' | '.')
}

/// What is left behind a fraction of a second.
fn after_fraction(text: &str) -> &str {
    let fraction = text.strip_prefix(['.', ',']).map(digits);
    fraction.filter(|(digits, _)| !digits.is_empty()).map_or(text, |(_, rest)| rest)
}

/// Seconds since midnight of a time on a 12-hour clock.
fn on_24_hours(second: i64, half: Half) -> Option<i64> {
    let hour = second / 3600;
    let noon = if half == Half::Afternoon { 12 } else { 0 };
    (1..=12).contains(&hour).then(|| (hour % 12 + noon) * 3600 + second % 3600)
}
