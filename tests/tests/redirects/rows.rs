//! Every row of the redirect matrix.

use reqs::{ErrorKind, Method};

use crate::matrix::{Kind, Place, Row, STATUSES, World};

/// RED-2, as a table: the method of the second request after 301, 302, 303, 307 and 308.
const METHODS_AFTER: [(Method, [&str; 5]); 7] = [
    (Method::GET, ["GET", "GET", "GET", "GET", "GET"]),
    (Method::HEAD, ["HEAD", "HEAD", "HEAD", "HEAD", "HEAD"]),
    (Method::POST, ["GET", "GET", "GET", "POST", "POST"]),
    (Method::PUT, ["PUT", "GET", "GET", "PUT", "PUT"]),
    (Method::PATCH, ["PATCH", "GET", "GET", "PATCH", "PATCH"]),
    (Method::DELETE, ["DELETE", "GET", "GET", "DELETE", "DELETE"]),
    (Method::OPTIONS, ["OPTIONS", "GET", "GET", "OPTIONS", "OPTIONS"]),
];

/// t:test_http_301_changes_post_to_get, t:test_http_301_doesnt_change_head_to_get and their brothers
#[test]
fn red_2_red_3_red_5_red_6_red_22_red_24_the_whole_matrix() {
    let world = World::new();
    let mut rows = 0;
    for row in world.rows() {
        check(&row);
        rows += 1;
    }
    assert_eq!(rows, 5 * 7 * 4 * 5);
}

fn check(row: &Row) {
    let keeps_body = matches!(row.status, 307 | 308);
    let second = match &row.second {
        Err(kind) => {
            assert_eq!(*kind, ErrorKind::UnrewindableBody, "{row}");
            assert!(keeps_body && row.kind == Kind::Once, "{row}");
            return;
        }
        Ok(second) => second,
    };
    assert!(!(keeps_body && row.kind == Kind::Once), "a body that was read once was sent again: {row}");

    let (_, after) = METHODS_AFTER.iter().find(|(method, _)| *method == row.method).unwrap();
    let at = STATUSES.iter().position(|status| *status == row.status).unwrap();
    assert_eq!(second.method(), after[at], "{row}");

    let sends_body = keeps_body && row.kind != Kind::None;
    assert_eq!(second.content(), if sends_body { &b"data"[..] } else { b"" }, "{row}");
    let length = match second.method().as_str() {
        _ if sends_body => Some("4"),
        "POST" | "PUT" | "PATCH" => Some("0"),
        // 307 and 308 change nothing, so that what BOD-1 says of these methods holds for them too.
        "DELETE" | "OPTIONS" if keeps_body => Some("0"),
        _ => None,
    };
    assert_eq!(second.header("content-length").as_deref(), length, "{row}");
    assert_eq!(second.header("transfer-encoding"), None, "{row}");

    let keeps_auth = matches!(row.place, Place::SameHost | Place::HttpToHttps);
    assert_eq!(second.header("authorization").as_deref(), keeps_auth.then_some("secret"), "{row}");
    let has_cookie = row.place != Place::OtherHost;
    assert_eq!(second.header("cookie").as_deref(), has_cookie.then_some("jar=1"), "{row}");
    assert_eq!(second.header("x-api-key").as_deref(), Some("k"), "{row}");
    let host = match row.place {
        Place::OtherPort => "a.example:8080",
        Place::OtherHost => "b.example",
        _ => "a.example",
    };
    assert_eq!(second.header_all("host"), [host], "{row}");
}
