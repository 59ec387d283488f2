//! Status codes under the names that Requests has for them: `codes::OK`, `codes::TEAPOT`, and by text.
//!
//! ```
//! use reqs::codes;
//!
//! let r = reqs::Response::builder().status(404).build();
//! assert_eq!(r.status(), codes::NOT_FOUND);
//! assert_eq!(codes::get("not_found"), Some(codes::NOT_FOUND));
//! assert_eq!(codes::get("\\o/"), Some(codes::OK));
//! assert_eq!(codes::get("no such name"), None);
//! assert_eq!(codes::names(codes::GONE).collect::<Vec<_>>(), ["GONE"]);
//! ```

use http::StatusCode;

/// The status code of that name, in any case; of a name that Requests gives to two codes the later one. (Requests:
/// `codes[name]`.)
pub fn get(name: &str) -> Option<StatusCode> {
    NAMES.iter().rev().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(code, _)| *code)
}

/// The names of a status code, spelled as the constants are.
pub fn names(code: StatusCode) -> impl Iterator<Item = &'static str> {
    NAMES.iter().filter(move |(known, _)| *known == code).map(|(_, name)| *name)
}

const fn checked(code: u16) -> StatusCode {
    match StatusCode::from_u16(code) {
        Ok(code) => code,
        Err(_) => panic!("no status code"),
    }
}

/// One line per code: its names that are constants, then those that are only looked up, being no identifiers or names
/// that a later code has as well.
macro_rules! codes {
    ($($code:literal $($name:ident)* $($other:literal)*;)*) => {
        $($(
            #[doc = concat!("Status code ", stringify!($code), ".")]
            pub const $name: StatusCode = checked($code);
        )*)*

        /// Each code with each of its names.
        const NAMES: &[(StatusCode, &str)] = &[
            $($((checked($code), stringify!($name)),)* $((checked($code), $other),)*)*
        ];
    };
}

codes! {
    100 CONTINUE;
    101 SWITCHING_PROTOCOLS;
    102 PROCESSING;
    103 CHECKPOINT EARLY_HINTS;
    122 REQUEST_URI_TOO_LONG "URI_TOO_LONG";
    200 OK OKAY ALL_OK ALL_OKAY ALL_GOOD "\\o/" "✓";
    201 CREATED;
    202 ACCEPTED;
    203 NON_AUTHORITATIVE_INFO NON_AUTHORITATIVE_INFORMATION;
    204 NO_CONTENT;
    205 RESET_CONTENT RESET;
    206 PARTIAL_CONTENT PARTIAL;
    207 MULTI_STATUS MULTIPLE_STATUS MULTI_STATI MULTIPLE_STATI;
    208 ALREADY_REPORTED;
    226 IM_USED;
    300 MULTIPLE_CHOICES;
    301 MOVED_PERMANENTLY MOVED "\\o-";
    302 FOUND;
    303 SEE_OTHER OTHER;
    304 NOT_MODIFIED;
    305 USE_PROXY;
    306 SWITCH_PROXY;
    307 TEMPORARY_REDIRECT TEMPORARY_MOVED TEMPORARY;
    308 PERMANENT_REDIRECT RESUME_INCOMPLETE RESUME;
    400 BAD_REQUEST BAD;
    401 UNAUTHORIZED;
    402 PAYMENT_REQUIRED PAYMENT;
    403 FORBIDDEN;
    404 NOT_FOUND "-o-";
    405 METHOD_NOT_ALLOWED NOT_ALLOWED;
    406 NOT_ACCEPTABLE;
    407 PROXY_AUTHENTICATION_REQUIRED PROXY_AUTH PROXY_AUTHENTICATION;
    408 REQUEST_TIMEOUT TIMEOUT;
    409 CONFLICT;
    410 GONE;
    411 LENGTH_REQUIRED;
    412 PRECONDITION_FAILED "PRECONDITION";
    413 REQUEST_ENTITY_TOO_LARGE CONTENT_TOO_LARGE;
    414 REQUEST_URI_TOO_LARGE URI_TOO_LONG;
    415 UNSUPPORTED_MEDIA_TYPE UNSUPPORTED_MEDIA MEDIA_TYPE;
    416 REQUESTED_RANGE_NOT_SATISFIABLE REQUESTED_RANGE RANGE_NOT_SATISFIABLE;
    417 EXPECTATION_FAILED;
    418 IM_A_TEAPOT TEAPOT I_AM_A_TEAPOT;
    421 MISDIRECTED_REQUEST;
    422 UNPROCESSABLE_ENTITY UNPROCESSABLE UNPROCESSABLE_CONTENT;
    423 LOCKED;
    424 FAILED_DEPENDENCY DEPENDENCY;
    425 UNORDERED_COLLECTION UNORDERED TOO_EARLY;
    426 UPGRADE_REQUIRED UPGRADE;
    428 PRECONDITION_REQUIRED PRECONDITION;
    429 TOO_MANY_REQUESTS TOO_MANY;
    431 HEADER_FIELDS_TOO_LARGE FIELDS_TOO_LARGE;
    444 NO_RESPONSE NONE;
    449 RETRY_WITH RETRY;
    450 BLOCKED_BY_WINDOWS_PARENTAL_CONTROLS PARENTAL_CONTROLS;
    451 UNAVAILABLE_FOR_LEGAL_REASONS LEGAL_REASONS;
    499 CLIENT_CLOSED_REQUEST;
    500 INTERNAL_SERVER_ERROR SERVER_ERROR "/o\\" "✗";
    501 NOT_IMPLEMENTED;
    502 BAD_GATEWAY;
    503 SERVICE_UNAVAILABLE UNAVAILABLE;
    504 GATEWAY_TIMEOUT;
    505 HTTP_VERSION_NOT_SUPPORTED HTTP_VERSION;
    506 VARIANT_ALSO_NEGOTIATES;
    507 INSUFFICIENT_STORAGE;
    509 BANDWIDTH_LIMIT_EXCEEDED BANDWIDTH;
    510 NOT_EXTENDED;
    511 NETWORK_AUTHENTICATION_REQUIRED NETWORK_AUTH NETWORK_AUTHENTICATION;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn cod_1_as_many_codes_and_names_as_requests_has() {
        let codes: BTreeSet<_> = NAMES.iter().map(|(code, _)| code).collect();
        assert_eq!((codes.len(), NAMES.len()), (68, 126));
    }

    /// t:test_status_code_425, t:TestLookupDict::test_get, t:TestLookupDict::test_getitem
    #[test]
    fn cod_1_looked_up_by_name() {
        let cases = [
            ("ok", Some(200)),
            ("OK", Some(200)),
            ("\\o/", Some(200)),
            ("✓", Some(200)),
            ("✗", Some(500)),
            ("/o\\", Some(500)),
            ("-o-", Some(404)),
            ("-O-", Some(404)),
            ("\\o-", Some(301)),
            ("TOO_EARLY", Some(425)),
            ("too_early", Some(425)),
            ("UNORDERED", Some(425)),
            ("unordered", Some(425)),
            ("UNORDERED_COLLECTION", Some(425)),
            ("unordered_collection", Some(425)),
            ("bad_gateway", Some(502)),
            ("not_a_key", None),
            ("teapot", Some(418)),
            ("uri_too_long", Some(414)),
            ("precondition", Some(428)),
            ("early_hints", Some(103)),
            ("none", Some(444)),
            ("", None),
            ("nope", None),
        ];
        for (name, code) in cases {
            assert_eq!(get(name).map(|code| code.as_u16()), code, "{name}");
        }
    }

    #[test]
    fn cod_1_the_constants_are_what_a_lookup_finds() {
        assert_eq!(
            (TEMPORARY_REDIRECT.as_u16(), URI_TOO_LONG.as_u16(), PRECONDITION.as_u16()),
            (307, 414, 428)
        );
        assert_eq!(
            names(OK).collect::<Vec<_>>(),
            ["OK", "OKAY", "ALL_OK", "ALL_OKAY", "ALL_GOOD", "\\o/", "✓"]
        );
        assert_eq!(names(checked(599)).count(), 0);
    }
}
