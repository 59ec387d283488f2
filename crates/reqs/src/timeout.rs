//! How long to wait: for the connection, between bytes, and in all.

use std::fmt;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};

/// How long a request may wait. `None` waits without limit, as Requests does by default.
///
/// A plain number of seconds applies to connecting and to reading; a pair gives each its own:
///
/// ```
/// use std::time::Duration;
/// use reqs::Timeout;
///
/// let both: Timeout = 5.0.into();
/// let each: Timeout = (3.05, 27.0).into();
/// let forever_once_connected: Timeout = (3.05, None).into();
/// let in_all = Timeout::from(5).total(Duration::from_secs(60));
/// ```
///
/// Zero and negative times, and NaN, are refused when the request is sent (TMO-2). Where a program's own setting may be
/// absent, `setting.map_or(Timeout::NONE, Timeout::from)` has it mean no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timeout {
    pub(crate) connect: Option<Seconds>,
    pub(crate) read: Option<Seconds>,
    pub(crate) total: Option<Seconds>,
}

impl Timeout {
    /// No limit at all.
    pub const NONE: Timeout = Timeout { connect: None, read: None, total: None };

    /// The same with this limit for making a connection: resolving, TCP, TLS and proxy tunnels together.
    #[must_use]
    pub fn connect(mut self, limit: impl Into<Limit>) -> Timeout {
        self.connect = limit.into().0;
        self
    }

    /// The same with this limit for every wait for bytes; it restarts with each byte that arrives. It covers waiting
    /// for the server to take bytes, too.
    #[must_use]
    pub fn read(mut self, limit: impl Into<Limit>) -> Timeout {
        self.read = limit.into().0;
        self
    }

    /// The same with this limit for the whole exchange, from the first connection attempt to the last byte of the
    /// body, redirects included (Requests has none).
    #[must_use]
    pub fn total(mut self, limit: impl Into<Limit>) -> Timeout {
        self.total = limit.into().0;
        self
    }

    /// The limits as durations, or which of them makes no sense.
    pub(crate) fn checked(&self) -> Result<Checked> {
        Ok(Checked {
            connect: check("connect", self.connect)?,
            read: check("read", self.read)?,
            total: check("total", self.total)?,
        })
    }
}

/// A [`Timeout`] whose every limit is a positive duration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Checked {
    pub(crate) connect: Option<Duration>,
    pub(crate) read: Option<Duration>,
    pub(crate) total: Option<Duration>,
}

/// A number of seconds as it was given: checked when the request is sent.
#[derive(Clone, Copy)]
pub(crate) enum Seconds {
    Given(f64),
    Exact(Duration),
}

impl Seconds {
    /// The duration, or the number that is none.
    fn duration(self) -> std::result::Result<Duration, f64> {
        match self {
            Seconds::Exact(duration) => Ok(duration),
            Seconds::Given(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| seconds),
        }
    }
}

/// In whatever form they were given.
impl PartialEq for Seconds {
    fn eq(&self, other: &Seconds) -> bool {
        self.duration() == other.duration()
    }
}

impl fmt::Debug for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.duration() {
            Ok(duration) => duration.fmt(f),
            Err(seconds) => write!(f, "{seconds:?}s"),
        }
    }
}

/// One limit of a [`Timeout`]: seconds as a number, a [`Duration`], or `None` for no limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit(Option<Seconds>);

macro_rules! whole_seconds {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Limit {
            fn from(seconds: $kind) -> Limit {
                Limit(Some(Seconds::Exact(Duration::from_secs(seconds as u64))))
            }
        }
    )*};
}
whole_seconds!(u16, u32, u64, usize);

macro_rules! seconds {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Limit {
            fn from(seconds: $kind) -> Limit {
                Limit(Some(Seconds::Given(seconds as f64)))
            }
        }
    )*};
}
seconds!(f64, f32, i32, i64);

impl From<Duration> for Limit {
    fn from(duration: Duration) -> Limit {
        Limit(Some(Seconds::Exact(duration)))
    }
}

impl From<Option<f64>> for Limit {
    fn from(seconds: Option<f64>) -> Limit {
        Limit(seconds.map(Seconds::Given))
    }
}

macro_rules! one_limit_for_connect_and_read {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Timeout {
            fn from(value: $kind) -> Timeout {
                let Limit(limit) = value.into();
                Timeout { connect: limit, read: limit, total: None }
            }
        }
    )*};
}
one_limit_for_connect_and_read!(f64, f32, u16, u32, u64, usize, i32, i64, Duration, Option<f64>);

impl<C: Into<Limit>, R: Into<Limit>> From<(C, R)> for Timeout {
    fn from((connect, read): (C, R)) -> Timeout {
        Timeout { connect: connect.into().0, read: read.into().0, total: None }
    }
}

fn check(name: &'static str, limit: Option<Seconds>) -> Result<Option<Duration>> {
    let Some(limit) = limit else { return Ok(None) };
    let duration = limit.duration().map_err(|seconds| {
        let shown = in_words(seconds);
        let message =
            format!("the {name} timeout of {shown} seconds is not a positive number that a clock can hold");
        Error::new(ErrorKind::InvalidOption, message)
    })?;
    if duration.is_zero() {
        let message = format!("the {name} timeout is zero; use None to wait without limit");
        return Err(Error::new(ErrorKind::InvalidOption, message));
    }
    Ok(Some(duration))
}

/// A number of seconds that is no timeout. Made of whole numbers: what formats any float is 30 KB of code, in programs that
/// may need it for nothing else.
fn in_words(seconds: f64) -> String {
    match Duration::try_from_secs_f64(-seconds) {
        Ok(below) => {
            let text = format!("-{}.{:09}", below.as_secs(), below.subsec_nanos());
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Err(_) if seconds.is_nan() => "NaN".to_owned(),
        Err(_) => "so many".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmo_1_one_number_is_both_and_a_pair_is_each() {
        let seconds = |s| Some(Duration::from_secs_f64(s));
        let of = |t: Timeout| t.checked().unwrap();
        assert_eq!(of(5.0.into()), Checked { connect: seconds(5.0), read: seconds(5.0), total: None });
        assert_eq!(
            of((3.05, 27).into()),
            Checked { connect: seconds(3.05), read: seconds(27.0), total: None }
        );
        assert_eq!(of((3.05, None).into()), Checked { connect: seconds(3.05), read: None, total: None });
        assert_eq!(of(None.into()), Checked::default());
        for seven in [7_u16.into(), 7_u32.into(), 7_u64.into(), 7_usize.into(), 7_i64.into(), 7_f32.into()] {
            assert_eq!(of(seven), of(7.into()));
        }
        assert_eq!(of(Some(Duration::from_secs(7)).map_or(Timeout::NONE, Timeout::from)), of(7.into()));
        assert_eq!(of(Timeout::NONE.total(9.0)).total, seconds(9.0));
    }

    #[test]
    fn the_form_in_which_a_limit_was_given_makes_no_difference() {
        assert_eq!(Timeout::from(5_u64), Timeout::from(5.0));
        assert_ne!(Timeout::from(5_u64), Timeout::from(5.1));
        let shown = format!("{:?}", Timeout::from((1.5, None)).total(-1));
        assert_eq!(shown, "Timeout { connect: Some(1.5s), read: None, total: Some(-1.0s) }");
    }

    #[test]
    fn tmo_2_what_no_clock_can_wait_is_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            let error = Timeout::from(bad).checked().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidOption, "{bad}");
        }
        assert!(Timeout::from(0u32).checked().is_err());
        assert!(Timeout::from(Duration::ZERO).checked().is_err());
        assert!(
            Timeout::from(1u32)
                .read(-0.5)
                .checked()
                .unwrap_err()
                .to_string()
                .contains("read timeout of -0.5")
        );
    }
}
