use super::*;

fn seconds(text: &str) -> Option<i64> {
    parse_cookie_date(text).map(to_unix_seconds)
}

#[test]
fn ck_10_every_format_that_servers_write() {
    const NOVEMBER_6_1994: i64 = 784_111_777;
    let table = [
        // RFC 9110 section 5.6.7: the three that HTTP has had.
        ("Sun, 06 Nov 1994 08:49:37 GMT", NOVEMBER_6_1994),
        ("Sunday, 06-Nov-94 08:49:37 GMT", NOVEMBER_6_1994),
        ("Sun Nov  6 08:49:37 1994", NOVEMBER_6_1994),
        // Netscape's own, and what else is seen.
        ("Sun, 06-Nov-1994 08:49:37 GMT", NOVEMBER_6_1994),
        ("06-Nov-1994 08:49:37", NOVEMBER_6_1994),
        ("06 November 1994 08:49:37", NOVEMBER_6_1994),
        ("Sun,06 NOV 1994 08:49:37GMT", NOVEMBER_6_1994),
        ("1994 nov 6 8:49:37", NOVEMBER_6_1994),
        ("08:49:37 Nov 6 94", NOVEMBER_6_1994),
        ("Sun, 06 Nov 1994 08:49:37 +0200", NOVEMBER_6_1994),
        ("\"Sun, 06 Nov 1994 08:49:37 GMT\"", NOVEMBER_6_1994),
        ("Sun/06/Nov/1994/08:49:37", NOVEMBER_6_1994),
        ("6th Nov 1994 08:49:37", NOVEMBER_6_1994),
        ("6 Nov 1994AD 08:49:37Z", NOVEMBER_6_1994),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 01-Jan-70 00:00:01 GMT", 1),
    ];
    for (text, expected) in table {
        assert_eq!(seconds(text), Some(expected), "{text}");
    }
}

#[test]
fn bounds_of_every_field() {
    let table = [
        ("01 Jan 1601 00:00:00", Some(-11_644_473_600)),
        ("31 Dec 1600 23:59:59", None),
        ("31 Dec 9999 23:59:59", Some(LAST_DATE)),
        ("01 Jan 10000 00:00:00", None),
        ("00 Jan 2000 00:00:00", None),
        ("32 Jan 2000 00:00:00", None),
        ("31 Jan 2000 00:00:00", Some(949_276_800)),
        ("31 Apr 2000 00:00:00", None),
        ("31 Jun 2000 00:00:00", None),
        ("31 Sep 2000 00:00:00", None),
        ("31 Nov 2000 00:00:00", None),
        ("01 Jan 2000 24:00:00", None),
        ("01 Jan 2000 23:60:00", None),
        ("01 Jan 2000 23:59:60", None),
        ("01 Jan 2000 23:59:59", Some(946_771_199)),
        ("01 Jan 2000 1:2:3", Some(946_688_523)),
        ("01 Jan 2000 001:02:03", None),
        ("01 Jan 2000 01:02", None),
        ("001 Jan 2000 01:02:03", None),
        ("01 Foo 2000 01:02:03", None),
        ("01 Jan 200 01:02:03", None),
        ("01 Jan 2 01:02:03", None),
        ("01 Jan", None),
        ("", None),
        ("0", None),
    ];
    for (text, expected) in table {
        assert_eq!(seconds(text), expected, "{text}");
    }
}

#[test]
fn two_digits_of_a_year() {
    for (year, full) in [("00", "2000"), ("69", "2069"), ("70", "1970"), ("99", "1999")] {
        let date = |year: &str| seconds(&format!("01 Jan {year} 00:00:00"));
        assert!(date(year).is_some());
        assert_eq!(date(year), date(full), "{year}");
    }
}

#[test]
fn leap_years() {
    let table = [
        ("29 Feb 1999 00:00:00", None),
        ("29 Feb 2000 00:00:00", Some(951_782_400)),
        ("29 Feb 2023 00:00:00", None),
        ("29 Feb 2024 00:00:00", Some(1_709_164_800)),
        ("30 Feb 2024 00:00:00", None),
        ("01 Mar 2024 00:00:00", Some(1_709_251_200)),
        ("29 Feb 1900 00:00:00", None),
        ("29 Feb 2100 00:00:00", None),
        ("28 Feb 2100 00:00:00", Some(4_107_456_000)),
        ("01 Mar 2100 00:00:00", Some(4_107_542_400)),
    ];
    for (text, expected) in table {
        assert_eq!(seconds(text), expected, "{text}");
    }
}

/// A day after another for four hundred years: the arithmetic agrees with counting.
#[test]
fn days_follow_each_other() {
    let mut expected = days_from_civil(1800, 1, 1);
    for year in 1800..2200 {
        for month in 1..=12 {
            for day in 1..=days_in_month(year, month) {
                assert_eq!(days_from_civil(year, month, day), expected, "{year}-{month}-{day}");
                expected += 1;
            }
        }
    }
    assert_eq!(days_from_civil(1970, 1, 1), 0);
}

#[test]
fn the_first_token_of_a_kind_counts() {
    assert_eq!(seconds("01 Jan 2000 00:00:01 02 Feb 2001 00:00:02"), seconds("01 Jan 2000 00:00:01"));
    // Once there is a time, a second one is tried as the day of the month, then as the year.
    assert_eq!(seconds("00:00:01 05:06:07 Jan 2000"), seconds("05 Jan 2000 00:00:01"));
}

#[test]
fn sec_95_hostile_dates_neither_panic_nor_take_long() {
    let nested = format!("Tue, 01 Jan 2030 00:00:00 {}", "(".repeat(100_000));
    assert!(seconds(&nested).is_some());
    for text in
        ["99999999999999999999", "1:1:99999999999999999999", "\u{0}\u{ff}é 01 Jän 2000", ":::::", "--"]
    {
        assert_eq!(seconds(text), None, "{text}");
    }
}

#[test]
fn unix_seconds_go_both_ways() {
    for seconds in [-11_644_473_600, -1, 0, 1, LAST_DATE] {
        assert_eq!(to_unix_seconds(from_unix_seconds(seconds)), seconds);
    }
    assert!(from_unix_seconds(i64::MIN) <= UNIX_EPOCH);
    assert_eq!(to_unix_seconds(from_unix_seconds(i64::MAX)), LAST_DATE);
    assert_eq!(to_unix_seconds(UNIX_EPOCH - Duration::from_millis(1500)), -2);
}
