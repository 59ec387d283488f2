//! `/digest-auth`: the server's side of Digest (RFC 7616), with the cookies that httpbin plays with.
//!
//! MD5, SHA-256, SHA-512 as httpbin has them; beyond it SHA-512-256 and the `-sess` forms.

use std::collections::HashMap;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;

use super::call::{Call, bad_request, json_response};
use super::cookies::set_cookie;

const REALM: &str = "me@kennethreitz.com";

pub(super) async fn three(
    Path((qop, user, password)): Path<(String, String, String)>,
    call: Call,
) -> Response {
    digest_auth(&call, &qop, &user, &password, "MD5", "never")
}

pub(super) async fn four(Path(path): Path<(String, String, String, String)>, call: Call) -> Response {
    let (qop, user, password, algorithm) = path;
    digest_auth(&call, &qop, &user, &password, &algorithm, "never")
}

pub(super) async fn five(Path(path): Path<(String, String, String, String, String)>, call: Call) -> Response {
    let (qop, user, password, algorithm, stale_after) = path;
    digest_auth(&call, &qop, &user, &password, &algorithm, &stale_after)
}

/// `stale_after`: after how many answers the nonce is stale; `never`, or a number counted down in a cookie.
/// `?require-cookie=1`: answers need the cookies that the challenge set.
fn digest_auth(
    call: &Call,
    qop: &str,
    user: &str,
    password: &str,
    algorithm: &str,
    stale_after: &str,
) -> Response {
    let challenge = Challenge {
        algorithm: Algorithm::named(algorithm).unwrap_or(Algorithm::Md5),
        session: algorithm.to_ascii_lowercase().ends_with("-sess"),
        qop: if matches!(qop, "auth" | "auth-int") { qop.to_owned() } else { "auth, auth-int".to_owned() },
    };
    let needs_cookie = call
        .argument("require-cookie")
        .is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "1" | "t" | "true"));
    let credentials = call.header(header::AUTHORIZATION).and_then(|value| Credentials::parse(&value));
    let Some(credentials) =
        credentials.filter(|_| !needs_cookie || call.headers.contains_key(header::COOKIE))
    else {
        let mut response = challenge.response(false);
        set_cookie(&mut response, call, "stale_after", stale_after);
        set_cookie(&mut response, call, "fake", "fake_value");
        return response;
    };

    if needs_cookie && call.cookie("fake").as_deref() != Some("fake_value") {
        let mut response = json_response(&json!({ "errors": ["missing cookie set on challenge"] }));
        *response.status_mut() = StatusCode::FORBIDDEN;
        set_cookie(&mut response, call, "fake", "fake_value");
        return response;
    }

    let nonce = credentials.get("nonce").to_owned();
    let remaining = call.cookie("stale_after");
    let stale =
        call.cookie("last_nonce").is_some_and(|last| last == nonce) || remaining.as_deref() == Some("0");
    if stale || !challenge.accepts(&credentials, call, user, password) {
        let mut response = challenge.response(stale);
        set_cookie(&mut response, call, "stale_after", stale_after);
        set_cookie(&mut response, call, "last_nonce", &nonce);
        set_cookie(&mut response, call, "fake", "fake_value");
        return response;
    }

    if credentials.get("uri") != call.target() {
        return bad_request(format!("uri is `{}`, the target `{}`", credentials.get("uri"), call.target()));
    }
    let mut response = json_response(&json!({ "authenticated": true, "user": user }));
    set_cookie(&mut response, call, "fake", "fake_value");
    if let Some(remaining) = remaining {
        let next = remaining.parse::<u32>().ok().and_then(|count| count.checked_sub(1));
        set_cookie(
            &mut response,
            call,
            "stale_after",
            &next.map_or("never".to_owned(), |count| count.to_string()),
        );
    }
    response
}

struct Challenge {
    algorithm: Algorithm,
    session: bool,
    qop: String,
}

impl Challenge {
    /// 401 with a new nonce.
    fn response(&self, stale: bool) -> Response {
        let session = if self.session { "-sess" } else { "" };
        let challenge = format!(
            "Digest realm=\"{REALM}\", nonce=\"{}\", qop=\"{}\", opaque=\"{}\", algorithm={}{session}, stale={}",
            random(),
            self.qop,
            random(),
            self.algorithm.name(),
            if stale { "True" } else { "False" },
        );
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], ()).into_response()
    }

    /// RFC 7616 section 3.4.1.
    fn accepts(&self, credentials: &Credentials, call: &Call, user: &str, password: &str) -> bool {
        let hash = |text: &str| self.algorithm.hash(text.as_bytes());
        let get = |name| credentials.get(name);
        if get("username") != user {
            return false;
        }

        let mut ha1 = hash(&format!("{user}:{}:{password}", get("realm")));
        if self.session {
            ha1 = hash(&format!("{ha1}:{}:{}", get("nonce"), get("cnonce")));
        }
        let mut a2 = format!("{}:{}", call.method, call.target());
        if get("qop") == "auth-int" {
            a2 = format!("{a2}:{}", self.algorithm.hash(&call.body));
        }
        let ha2 = hash(&a2);
        let expected = match get("qop") {
            "" => hash(&format!("{ha1}:{}:{ha2}", get("nonce"))),
            qop => hash(&format!("{ha1}:{}:{}:{}:{qop}:{ha2}", get("nonce"), get("nc"), get("cnonce"))),
        };
        get("response") == expected
    }
}

#[derive(Clone, Copy)]
enum Algorithm {
    Md5,
    Sha256,
    Sha512,
    Sha512_256,
}

impl Algorithm {
    fn named(name: &str) -> Option<Algorithm> {
        let name = name.to_ascii_uppercase();
        Some(match name.strip_suffix("-SESS").unwrap_or(&name) {
            "MD5" => Algorithm::Md5,
            "SHA-256" => Algorithm::Sha256,
            "SHA-512" => Algorithm::Sha512,
            "SHA-512-256" => Algorithm::Sha512_256,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Sha512 => "SHA-512",
            Algorithm::Sha512_256 => "SHA-512-256",
        }
    }

    fn hash(self, bytes: &[u8]) -> String {
        let algorithm = match self {
            Algorithm::Md5 => return format!("{:x}", md5::compute(bytes)),
            Algorithm::Sha256 => &digest::SHA256,
            Algorithm::Sha512 => &digest::SHA512,
            Algorithm::Sha512_256 => &digest::SHA512_256,
        };
        hex(digest::digest(algorithm, bytes).as_ref())
    }
}

/// What an `Authorization: Digest …` says, names in lower case.
struct Credentials(HashMap<String, String>);

impl Credentials {
    fn parse(value: &str) -> Option<Credentials> {
        let (scheme, mut rest) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let mut fields = HashMap::new();
        while let Some((name, after)) = rest.split_once('=') {
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => unquote(quoted)?,
                None => {
                    let end = after.find(',').unwrap_or(after.len());
                    (after[..end].trim().to_owned(), &after[end..])
                }
            };
            fields.insert(name.trim().to_ascii_lowercase(), value);
            rest = after.trim_start_matches([',', ' ']);
        }
        Some(Credentials(fields))
    }

    /// A field's value; empty when it is not there.
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// The rest of a quoted-string (RFC 9110 section 5.6.4) after its first quote, and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// 32 hexadecimal digits that nobody can guess.
fn random() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("the system's random numbers");
    hex(&bytes)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_come_apart_at_the_right_commas() {
        let parsed =
            Credentials::parse(r#"Digest username="a, \"b\"", uri="/x?y=1", qop=auth,nc=00000001"#).unwrap();
        assert_eq!(parsed.get("username"), "a, \"b\"");
        assert_eq!(parsed.get("uri"), "/x?y=1");
        assert_eq!((parsed.get("qop"), parsed.get("nc"), parsed.get("cnonce")), ("auth", "00000001", ""));
        assert!(Credentials::parse("Basic eDp5").is_none());
    }

    // The values of the example in RFC 7616 section 3.9.1.
    #[test]
    fn the_hashes_are_those_of_the_rfc() {
        let cases = [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ];
        for (algorithm, expected) in cases {
            let hash = |text: &str| algorithm.hash(text.as_bytes());
            let ha1 = hash("Mufasa:http-auth@example.org:Circle of Life");
            let ha2 = hash("GET:/dir/index.html");
            let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
            let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            assert_eq!(hash(&format!("{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")), expected);
        }
    }
}
