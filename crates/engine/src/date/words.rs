//! Words in dates. All are in lower case, without accents; forms of alef are written ا, ta marbuta ه.

/// Words that stand for a missing date.
pub(super) const MISSING: &[&str] = &["", "-", "none", "null", "nil", "nan", "nat", "n/a", "na", "unknown", "undated", "undefined", "\\n"];

/// Names of the months, without accents; forms of alef are written ا. A name of two words has no space.
pub(super) const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "janvier", "janv", "يناير", "كانونالثاني", "جانفي"],
    &["february", "feb", "fevrier", "fevr", "fev", "فبراير", "شباط", "فيفري"],
    &["march", "mar", "mars", "مارس", "اذار"],
    &["april", "apr", "avril", "avr", "ابريل", "نيسان", "افريل"],
    &["may", "mai", "مايو", "ايار", "ماي"],
    &["june", "jun", "juin", "يونيو", "يونيه", "حزيران", "جوان"],
    &["july", "jul", "juillet", "juil", "يوليو", "يوليه", "تموز", "جويليه", "يوليوز"],
    &["august", "aug", "aout", "اغسطس", "اب", "اوت", "غشت"],
    &["september", "sept", "sep", "septembre", "سبتمبر", "ايلول", "شتنبر"],
    &["october", "oct", "octobre", "اكتوبر", "تشرينالاول"],
    &["november", "nov", "novembre", "نوفمبر", "تشرينالثاني", "نونبر"],
    &["december", "dec", "decembre", "ديسمبر", "كانونالاول", "دجنبر"],
];

/// First words of months of two words.
pub(super) const HALF_MONTHS: &[&str] = &["كانون", "تشرين"];

/// Words that say nothing more about the day: weekdays, particles, endings of ordinal numbers, the era.
pub(super) const FILLERS: &[&str] = &[
    "monday",
    "mon",
    "tuesday",
    "tue",
    "tues",
    "wednesday",
    "wed",
    "thursday",
    "thu",
    "thur",
    "thurs",
    "friday",
    "fri",
    "saturday",
    "sat",
    "sunday",
    "sun",
    "lundi",
    "lun",
    "mardi",
    "mercredi",
    "mer",
    "jeudi",
    "jeu",
    "vendredi",
    "ven",
    "samedi",
    "sam",
    "dimanche",
    "dim",
    "الاثنين",
    "اثنين",
    "الثلاثاء",
    "ثلاثاء",
    "الاربعاء",
    "اربعاء",
    "الخميس",
    "خميس",
    "الجمعه",
    "جمعه",
    "السبت",
    "سبت",
    "الاحد",
    "احد",
    "يوم",
    "st",
    "nd",
    "rd",
    "th",
    "er",
    "the",
    "of",
    "at",
    "on",
    "le",
    "de",
    "a",
    "في",
    "الساعه",
    "الموافق",
    "م",
    "ميلادي",
    "ad",
    "ce",
];

/// Words in front of or behind a time of day that move it by hours, for 12-hour clocks.
pub(super) const AFTERNOON: &[&str] = &["pm", "مساء", "م"];
pub(super) const MORNING: &[&str] = &["am", "صباحا", "ص"];

/// Time zones by name, in minutes east of UTC. Names that several zones share, such as IST, are left out.
pub(super) const ZONES: &[(&str, i64)] = &[
    ("z", 0),
    ("utc", 0),
    ("gmt", 0),
    ("ut", 0),
    ("wet", 0),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("bst", 60),
    ("west", 60),
    ("cet", 60),
    ("cest", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
];
