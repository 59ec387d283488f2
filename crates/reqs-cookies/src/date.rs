//! The cookie date algorithm (RFC 6265bis section 5.1.1): tokens in any order, four of which make a date.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// 9999-12-31 23:59:59 UTC: the last date that a cookie can name, and the end of all longer lives.
pub(crate) const LAST_DATE: i64 = 253_402_300_799;

/// The earliest year a cookie date may name (RFC 6265bis section 5.1.1, step 5).
const FIRST_YEAR: i64 = 1601;

/// Reads the value of an `Expires` attribute by the algorithm of RFC 6265bis section 5.1.1.
///
/// It takes the dates of RFC 9110 (`Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`,
/// `Sun Nov  6 08:49:37 1994`) and the many that servers invent. The time zone is always UTC, as the
/// standard says. `None` when it is no date.
///
/// ```
/// let date = reqs_cookies::parse_cookie_date("Thu, 01-Jan-1970 00:00:10 GMT");
/// assert_eq!(date, Some(std::time::UNIX_EPOCH + std::time::Duration::from_secs(10)));
/// ```
pub fn parse_cookie_date(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.as_bytes().split(|&b| is_delimiter(b)) {
        if token.is_empty() {
            continue;
        }
        if time.is_none() {
            time = time_of_day(token);
            if time.is_some() {
                continue;
            }
        }
        if day.is_none() {
            day = number(token, 1, 2);
            if day.is_some() {
                continue;
            }
        }
        if month.is_none() {
            month = month_of_year(token);
            if month.is_some() {
                continue;
            }
        }
        if year.is_none() {
            year = number(token, 2, 4);
        }
    }
    let (hour, minute, second) = time?;
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    let (month, day) = (month?, day?);
    let valid = year >= FIRST_YEAR
        && (1..=days_in_month(year, month)).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 59;
    if !valid {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    Some(from_unix_seconds(seconds))
}

/// A point in time from its Unix time, no later than the last date that a cookie can name; what the
/// platform cannot hold becomes the epoch, which is past all the same.
pub(crate) fn from_unix_seconds(seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.min(LAST_DATE).unsigned_abs());
    if seconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
        .unwrap_or(UNIX_EPOCH)
}

/// The Unix time of a point in time in whole seconds, rounded down.
pub(crate) fn to_unix_seconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            let before = before.duration();
            let whole = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
            -whole - i64::from(before.subsec_nanos() > 0)
        }
    }
}

/// `delimiter = %x09 / %x20-2F / %x3B-40 / %x5B-60 / %x7B-7E`
fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}

/// `time = hms-time [ non-digit *OCTET ]` with three fields of one or two digits.
fn time_of_day(token: &[u8]) -> Option<(i64, i64, i64)> {
    let mut fields = token.splitn(3, |&b| b == b':');
    let hour = exact_number(fields.next()?, 1, 2)?;
    let minute = exact_number(fields.next()?, 1, 2)?;
    let second = number(fields.next()?, 1, 2)?;
    Some((hour, minute, second))
}

fn month_of_year(token: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let start = token.first_chunk::<3>()?;
    (1..).zip(MONTHS).find(|(_, name)| start.eq_ignore_ascii_case(*name)).map(|(number, _)| number)
}

/// A number of `least` to `most` digits, which other characters may follow but no digit.
fn number(token: &[u8], least: usize, most: usize) -> Option<i64> {
    let digits = token.iter().take_while(|b| b.is_ascii_digit()).count();
    exact_number(token.get(..digits)?, least, most)
}

fn exact_number(digits: &[u8], least: usize, most: usize) -> Option<i64> {
    if !(least..=most).contains(&digits.len()) {
        return None;
    }
    digits
        .iter()
        .try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
///
/// The year is counted from March, so that the leap day is its last; an era is 400 years or 146,097 days.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, months_since_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    const DAYS_TO_EPOCH: i64 = 719_468;
    era * 146_097 + day_of_era - DAYS_TO_EPOCH
}

#[cfg(test)]
mod tests;
