#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

mod chunked;
mod decode;
mod error;
mod exchange;
mod frame;
mod framing;
mod grammar;
mod headers;
mod limits;
mod request;
mod response;
mod reuse;

#[doc = include_str!("../SUPPORTED.md")]
pub mod supported {}

pub use chunked::ChunkedDecoder;
pub use decode::{DecodeError, DecodeLimits, Decoder, Progress};
pub use error::Error;
pub use exchange::{Exchange, Received};
pub use frame::Frame;
pub use framing::{BodyLength, ResponseBody};
pub use headers::{HeaderError, HeaderProblem, Headers, Iter};
pub use limits::Limits;
pub use request::RequestHead;
pub use response::ResponseHead;
pub use reuse::CloseReason;
