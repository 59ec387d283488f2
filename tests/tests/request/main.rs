//! Requests as they reach the server, byte for byte: sections 2.1 (what concerns requests) to 2.7 of the specification
//! of Requests' behaviour. Names and comments carry its ids; `t:` names a test of Requests' own suite.

#![allow(missing_docs, reason = "tests are named after what they prove")]

mod bad_input;
mod body;
mod curl;
mod expect;
mod headers;
mod json;
mod merge;
mod multipart;
mod params;
mod prepared;
mod properties;
mod replay;
mod url;
mod wire;
