use super::*;
use proptest::prelude::*;

/// 2015-07-21, and 08:30 of that day.
const DAY: i64 = 1_437_436_800;
const HALF_PAST_EIGHT: i64 = DAY + 8 * 3600 + 30 * 60;

/// The day in every form.
const DAYS: &[&str] = &[
    "2015-07-21",
    " 2015-07-21 ",
    "2015-7-21",
    "2015/07/21",
    "2015/7/21",
    "2015.07.21",
    "2015 07 21",
    "20150721",
    "20150721.0",
    "2015-07-21Z",
    "21.07.2015",
    "21.7.2015",
    "21/07/2015",
    "07/21/2015",
    "21-07-2015",
    "07-21-2015",
    "July 21, 2015",
    "July 21 2015",
    "Jul 21 2015",
    "Jul. 21, 2015",
    "21 July 2015",
    "21 july, 2015",
    "21-Jul-2015",
    "2015-Jul-21",
    "July 21st, 2015",
    "the 21st of July 2015",
    "Tuesday, July 21, 2015",
    "21 juillet 2015",
    "mardi 21 juillet 2015",
    "mar. 21 juil. 2015",
    "le 21 JUILLET 2015",
    "٢٠١٥-٠٧-٢١",
    "۲۰۱۵/۰۷/۲۱",
    "٢١ يوليو ٢٠١٥",
    "21 يوليو 2015",
    "21 تموز 2015",
    "21 يوليو/تموز 2015",
    "21 يوليو/ تموز 2015 م",
    "21 جويلية 2015",
    "الثلاثاء 21 يوليوز 2015",
    "الثلاثاء، 21 يُوليو 2015",
    "\u{200f}21\u{200f}/07/2015",
    "2015-07-21T00:00",
    "2015-07-21 00:00:00",
    "2015-07-21T03:00:00+03:00",
    "Tue, 21 Jul 2015 00:00:00 GMT",
    "20150721000000",
    "201507210000",
    "1437436800",
    "1437436800.0",
    "1437436800.25",
    "1.4374368e9",
    "1.4374368E+12",
    "1437436800000",
    "1437436800000000",
    "1437436800000000000",
    "12:00 am July 21 2015",
];

#[test]
fn days_in_every_form() {
    for text in DAYS {
        assert_eq!(parse(text), Parsed::At(DAY), "{text}");
    }
}

/// The half hour in every form.
const TIMES: &[&str] = &[
    "2015-07-21T08:30:00Z",
    "2015-07-21t08:30:00z",
    "2015-07-21T08:30Z",
    "2015-07-21 08:30:00",
    "2015-07-21 08:30:00 UTC",
    "2015-07-21T08:30:00.123456Z",
    "2015-07-21T08:30:00,5",
    "2015-07-21T11:30:00+03:00",
    "2015-07-21T11:30:00+0300",
    "2015-07-21 11:30:00 +0300",
    "2015-07-21T11:30+03",
    "2015-07-21T03:30:00-05:00",
    "2015-07-21T03:30:00\u{2212}05:00",
    "2015-07-21T11:30:00+03:00[Asia/Riyadh]",
    "20150721T083000Z",
    "20150721T083000",
    "20150721T0830",
    "20150721T113000+0300",
    "20150721083000",
    "20150721083000Z",
    "20150721113000+0300",
    "201507210830",
    "20150721083000000",
    "20150721 083000",
    "20150721 08:30:00",
    "2015/07/21 08:30:00",
    "21.07.2015 08:30",
    "21/07/2015 08:30",
    "07/21/2015 8:30 AM",
    "07/21/2015 8:30 a.m.",
    "Tue, 21 Jul 2015 08:30:00 GMT",
    "Tue, 21 Jul 2015 08:30:00 +0000",
    "Tue, 21 Jul 2015 11:30:00 +0300",
    "Tue, 21 Jul 2015 03:30:00 EST",
    "Tue, 21 Jul 2015 08:30:00 +0000 (UTC)",
    "21 Jul 2015 08:30",
    "Tuesday, 21-Jul-15 08:30:00 GMT",
    "Tue Jul 21 08:30:00 +0000 2015",
    "Tue Jul 21 08:30:00 2015",
    "Tue Jul 21 08:30:00 UTC 2015",
    "Tue Jul 21 2015 11:30:00 GMT+0300 (Arabian Standard Time)",
    "July 21, 2015 at 8:30am",
    "21 juillet 2015 à 8h30",
    "21 juillet 2015 à 08:30",
    "21 يوليو 2015 الساعة 8:30 صباحا",
    "21 يوليو 2015 8:30 ص",
    "8:30 - 21/07/2015",
    "1437467400",
    "1437467400000",
    "1437467400123",
    "1437467400.5",
    "1437467400000000",
    "1437467400000000000",
    "٢٠١٥-٠٧-٢١ ٠٨:٣٠",
];

#[test]
fn times_in_every_form() {
    for text in TIMES {
        assert_eq!(parse(text), Parsed::At(HALF_PAST_EIGHT), "{text}");
    }
    assert_eq!(parse("21 July 2015 8:30 PM"), Parsed::At(HALF_PAST_EIGHT + 12 * 3600));
    assert_eq!(parse("21 يوليو 2015 8:30 م"), Parsed::At(HALF_PAST_EIGHT + 12 * 3600));
    assert_eq!(parse("21 July 2015 12:30 pm"), Parsed::At(HALF_PAST_EIGHT + 4 * 3600));
    assert_eq!(parse("2015-07-21+03:00"), Parsed::At(DAY - 3 * 3600));
    assert_eq!(parse("2015-06-30T23:59:60Z"), parse("2015-06-30T23:59:59Z"));
}

#[test]
fn months_and_years_stand_for_their_first_day() {
    for text in ["2015-07", "2015/07", "07/2015", "07.2015", "201507", "July 2015", "juillet 2015", "تموز 2015"] {
        assert_eq!(parse(text), parse("2015-07-01"), "{text}");
    }
    for text in ["2015", "2015.0", "2015 م"] {
        assert_eq!(parse(text), parse("2015-01-01"), "{text}");
    }
    assert_eq!(parse("5 كانون الثاني 2015"), parse("2015-01-05"));
    assert_eq!(parse("5 تشرين الأول/أكتوبر 2015"), parse("2015-10-05"));
    assert_eq!(parse("5 آب 2015"), parse("2015-08-05"));
}

#[test]
fn every_month_is_known_in_every_language() {
    for (month, names) in (1..).zip(words::MONTHS) {
        for name in names {
            let spaced = words::HALF_MONTHS.iter().find_map(|half| Some(format!("{half} {}", name.strip_prefix(half)?)));
            let name = spaced.as_deref().unwrap_or(name);
            assert_eq!(parse(&format!("5 {name} 2015")), parse(&format!("2015-{month:02}-05")), "{name}");
        }
    }
}

#[test]
fn epochs_of_plausible_years_are_epochs() {
    for seconds in [100_000_000_i64, 946_684_800, 1_407_110_400, 1_588_204_800, 1_999_999_999, 4_102_444_799, -2_208_988_800, -1_000_000] {
        assert_eq!(parse(&seconds.to_string()), Parsed::At(seconds));
    }
    for milliseconds in [100_000_000_000_i64, 946_684_800_000, 1_588_204_800_999] {
        assert_eq!(parse(&milliseconds.to_string()), Parsed::At(milliseconds / 1000));
    }
    assert_eq!(parse("-2208988800000"), Parsed::At(-2_208_988_800));
}

#[test]
fn what_stands_for_no_date_is_missing() {
    for text in [
        "",
        "  ",
        "0",
        "0.0",
        "-1",
        "00000000",
        "0001-01-01",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00Z",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01T00:00:00+01:00",
        "1969-12-31T19:00:00-05:00",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "-62135596800",
        "-62135596800000",
        "9999-12-31",
        "9999-12-31T23:59:59",
        "None",
        "null",
        "NaN",
        "NaT",
        "N/A",
        "unknown",
    ] {
        assert_eq!(parse(text), Parsed::Missing, "{text}");
    }
}

/// Prose, damaged dates, and dates that could mean two days.
const UNREADABLE: &[&str] = &[
    "yesterday",
    "2 hours ago",
    "9999999999999999999999",
    "03/04/2015",
    "3-4-2015",
    "21/07",
    "21 July",
    "21/07/15",
    "21.07.15",
    "15-07-21",
    "July 21",
    "2015-13-01",
    "2015-02-30",
    "2015-21-07",
    "29.02.2015",
    "31/11/2015",
    "20151332",
    "21072015",
    "20150732083000",
    "20150721253000",
    "150721",
    "201513",
    "2015072108",
    "31536000",
    "12345",
    "42206",
    "1399-12-31",
    "2101-01-01",
    "0999-01-01",
    "2608-08-05",
    "99999999999",
    "1e40",
    "1e9e9",
    "2015-07-21 25:00",
    "2015-07-21 08:61",
    "2015-07-21 08:30 08:31",
    "2015-07-21-05",
    "2015-07/21",
    "2015-07-21 13:00 pm",
    "2015-07 08:30",
    "10 Downing Street 2015",
    "May the 4th",
    "July 2015 21",
    "21 July August 2015",
    "1436/10/05 هـ",
    "5 شوال 1436",
    "2015-07-21 08:30 XYZ",
    "20.5",
    ".",
    "T",
    "+",
    "1e",
    "e9",
    "2015-W30",
    "2015-07-21 08:30 +15:00",
    "21st",
    "21 22 July 2015",
    "{\"a\":1}",
    "2015\u{0}07",
];

#[test]
fn what_is_no_date_or_could_be_two_is_not_understood() {
    for text in UNREADABLE {
        assert_eq!(parse(text), Parsed::Unreadable, "{text}");
    }
}

#[test]
fn the_first_bad_date_of_the_input_is_the_example() {
    let mut all = BadDates::default();
    let mut next = BadDates::default();
    assert_eq!((next.parse(Some("2015-07-21"), 0), next.parse(None, 1), next.parse(Some("0"), 2)), (Some(DAY), None, None));
    all.append(next.clone(), "a.jsonl", 0);
    assert_eq!((next.parse(Some("soon"), 3), next.parse(Some("later"), 4)), (None, None));
    all.append(next, "b.jsonl", 10);
    let mut last = BadDates::default();
    last.parse(Some("never"), 0);
    all.append(last, "c.jsonl", 0);
    assert_eq!(
        all.to_string(),
        "3 dates not understood and ignored, such as `soon` (b.jsonl:14); write dates as 2015-07-21 or 2015-07-21T09:30:00Z"
    );
}

proptest! {
    #[test]
    fn no_input_panics(text in "[0-9٠-٩۰-۹ ,./:+\\-eTZh\\[\\](){}a-z]{0,24}", odd in ".*") {
        parse(&text);
        parse(&odd);
        parse(&format!("{text}{odd}"));
    }

    #[test]
    fn seconds_and_milliseconds_since_1970_are_read_as_such(seconds in 100_000_000_i64..1_900_000_000, day in 2_000_i64..21_000) {
        for seconds in [seconds, day * 86_400] {
            prop_assert_eq!(parse(&seconds.to_string()), Parsed::At(seconds));
            if seconds >= 1_000_000_000 {
                prop_assert_eq!(parse(&format!("{seconds}000")), Parsed::At(seconds));
            }
        }
    }

    #[test]
    fn the_forms_of_a_day_agree(day in 0_i64..200_000, of_day in 0_i64..86_400) {
        let at = (day - 150_000) * 86_400 + of_day;
        let time = jiff::Timestamp::from_second(at).unwrap();
        let year = time.to_zoned(jiff::tz::TimeZone::UTC).year();
        if (1400..=2100).contains(&year) && of_day != 0 {
            for form in ["%Y-%m-%dT%H:%M:%SZ", "%Y%m%d%H%M%S", "%Y%m%dT%H%M%SZ", "%d.%m.%Y %H:%M:%S", "%a, %d %b %Y %H:%M:%S +0000", "%a %b %d %H:%M:%S +0000 %Y", "%B %d, %Y %I:%M:%S %p", "%Y/%m/%d %H:%M:%S UTC"] {
                let text = time.strftime(form).to_string();
                prop_assert_eq!(parse(&text), Parsed::At(at), "{}", text);
            }
        }
    }
}
