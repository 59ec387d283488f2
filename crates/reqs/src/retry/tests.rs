use super::*;
use http::Version;

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "as scripted")
}

fn head(status: u16, retry_after: Option<&str>) -> ResponseHead {
    let headers: Headers = retry_after.map(|value| ("Retry-After", value)).into_iter().collect();
    ResponseHead::new(Version::HTTP_11, StatusCode::from_u16(status).unwrap(), headers)
}

/// 2026-01-01 00:00:00 UTC.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

fn is_retry(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Retry(_))
}

#[test]
fn rty_2_which_errors_are_retried_for_which_methods() {
    use ErrorKind::{
        ConnectTimeout, Connection, InvalidBody, InvalidResponse, InvalidUrl, Other, Proxy, ReadTimeout,
        Resolve, Ssl, Timeout, UnrewindableBody, WriteTimeout,
    };
    let cases = [
        // kind, GET, POST
        (Resolve, true, true),
        (ConnectTimeout, true, true),
        (Proxy, true, true),
        (Connection, true, false),
        (ReadTimeout, true, false),
        (WriteTimeout, true, false),
        (InvalidResponse, true, false), // RTY-9
        (Ssl, false, false),
        (Timeout, false, false),
        (InvalidUrl, false, false),
        (UnrewindableBody, false, false),
        (InvalidBody, false, false),
        (Other, false, false),
    ];
    for (kind, get, post) in cases {
        for (method, expected) in [(Method::GET, get), (Method::POST, post)] {
            let verdict = Retry::new(3).after_error(&method, &error(kind), &mut SoFar::default());
            assert_eq!(is_retry(verdict), expected, "{method} {kind:?}");
        }
        let any = Retry::new(3).any_method();
        assert_eq!(
            is_retry(any.after_error(&Method::POST, &error(kind), &mut SoFar::default())),
            get,
            "{kind:?}"
        );
    }
}

#[test]
fn rty_3_statuses_are_retried_when_listed_or_when_the_server_names_a_time() {
    let listed = Retry::new(1).statuses([500]);
    let wait = |seconds| Verdict::Retry(Duration::from_secs(seconds));
    let cases = [
        (&listed, Method::GET, 500, None, wait(0)),
        (&listed, Method::GET, 500, Some("7"), wait(7)),
        (&listed, Method::POST, 500, None, Verdict::Accept),
        (&listed, Method::GET, 502, None, Verdict::Accept),
        (&listed, Method::GET, 502, Some("7"), Verdict::Accept),
        (&listed, Method::GET, 503, None, Verdict::Accept),
        (&listed, Method::GET, 503, Some("7"), wait(7)),
        (&listed, Method::GET, 429, Some("7"), wait(7)),
        (&listed, Method::GET, 413, Some("7"), wait(7)),
        (&listed, Method::POST, 429, Some("7"), Verdict::Accept),
        (&listed, Method::GET, 429, Some("soon"), Verdict::Accept),
    ];
    for (retry, method, status, after, expected) in cases {
        let verdict = retry.after_response(&method, &head(status, after), &mut SoFar::default(), now());
        assert_eq!(verdict, expected, "{method} {status} {after:?}");
    }
    let deaf = Retry::new(1).respect_retry_after(false);
    let verdict = deaf.after_response(&Method::GET, &head(503, Some("7")), &mut SoFar::default(), now());
    assert_eq!(verdict, Verdict::Accept);
}

#[test]
fn rty_4_an_exhausted_status_is_an_error_unless_said_otherwise() {
    let spent = |retry: &Retry, status, after| {
        let mut so_far = SoFar::default();
        while is_retry(retry.after_response(&Method::GET, &head(status, after), &mut so_far, now())) {}
        (retry.after_response(&Method::GET, &head(status, after), &mut so_far, now()), so_far.total)
    };
    assert_eq!(spent(&Retry::new(2).statuses([500]), 500, None), (Verdict::Raise, 2));
    assert_eq!(spent(&Retry::new(2).statuses([500]).raise_on_status(false), 500, None), (Verdict::Accept, 2));
    assert_eq!(spent(&Retry::new(2), 503, Some("1")), (Verdict::Accept, 2), "declined, not failed");
}

#[test]
fn rty_6_backoff_doubles_from_the_second_retry_on_and_is_capped() {
    let waits = |retry: Retry, random: f64| -> Vec<f64> {
        let wait = |n| retry.0.backoff_after(&SoFar { total: n, ..SoFar::default() }, random).as_secs_f64();
        (1..=6).map(wait).collect()
    };
    assert_eq!(waits(Retry::new(9).backoff(0.5), 1.0), [0.0, 1.0, 2.0, 4.0, 8.0, 16.0]);
    assert_eq!(waits(Retry::new(9).backoff(0.5).jitter(2.0), 0.5), [0.0, 2.0, 3.0, 5.0, 9.0, 17.0]);
    let capped = Retry::new(9).backoff(0.5).max_backoff(Duration::from_secs(3));
    assert_eq!(waits(capped, 1.0), [0.0, 1.0, 2.0, 3.0, 3.0, 3.0]);
    assert_eq!(waits(Retry::new(9), 1.0), [0.0; 6]);
    assert_eq!(waits(Retry::new(9).backoff(100.0), 1.0)[5], 120.0);
}

#[test]
fn no_factor_makes_a_wait_panic() {
    for factor in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e300] {
        for total in [1, 2, 40, u32::MAX] {
            let wait =
                Retry::new(9).backoff(factor).0.backoff_after(&SoFar { total, ..SoFar::default() }, 0.3);
            assert!(wait <= MAX_BACKOFF, "{factor} {total}: {wait:?}");
        }
    }
}

#[test]
fn rty_6_sec_37_retry_after_as_seconds_or_date_and_capped() {
    let cases = [
        ("0", Some(0)),
        (" 120 ", Some(120)),
        ("99999999999999999999999", Some(u64::MAX)),
        ("Thu, 01 Jan 2026 00:01:30 GMT", Some(90)),
        ("Thursday, 01-Jan-26 00:01:30 GMT", Some(90)),
        ("Thu Jan  1 00:01:30 2026", Some(90)),
        ("Wed, 31 Dec 2025 00:00:00 GMT", Some(0)),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ];
    for (value, expected) in cases {
        let headers = Headers::from([("Retry-After", value)]);
        assert_eq!(retry_after(&headers, now()), expected.map(Duration::from_secs), "{value:?}");
    }
    let verdict = |retry: Retry| {
        retry.after_response(&Method::GET, &head(503, Some("99999999")), &mut SoFar::default(), now())
    };
    assert_eq!(verdict(Retry::new(1)), Verdict::Retry(MAX_RETRY_AFTER));
    let minute = Duration::from_secs(60);
    assert_eq!(verdict(Retry::new(1).max_retry_after(minute)), Verdict::Retry(minute));
}

#[test]
fn rty_7_total_wins_and_each_kind_has_its_count() {
    let tries = |retry: &Retry, kind: ErrorKind| {
        let mut so_far = SoFar::default();
        while is_retry(retry.after_error(&Method::GET, &error(kind), &mut so_far)) {}
        so_far.total
    };
    let retry = Retry::new(5).connect(2).read(9);
    assert_eq!(tries(&retry, ErrorKind::Resolve), 2);
    assert_eq!(tries(&retry, ErrorKind::ReadTimeout), 5);
    assert_eq!(tries(&Retry::none(), ErrorKind::Resolve), 0);
    let only_connect = Retry::new(0).total(None).connect(3);
    assert_eq!(tries(&only_connect, ErrorKind::Resolve), 3);
    assert_eq!(tries(&only_connect, ErrorKind::ReadTimeout), 0, "no count said, none spent");
    assert_eq!(Retry::from(4), Retry::new(4));
}

#[test]
fn jitter_is_spread_between_nought_and_one() {
    let values: Vec<f64> = (0..1000).map(|_| random()).collect();
    assert!(values.iter().all(|v| (0.0..1.0).contains(v)));
    let mean = values.iter().sum::<f64>() / 1000.0;
    assert!((0.4..0.6).contains(&mean), "{mean}");
}
