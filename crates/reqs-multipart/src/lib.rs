#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod boundary;
mod decode;
mod error;
mod form;
mod head;
mod part;
mod reader;
mod source;

pub use boundary::Boundary;
pub use decode::{DecodeError, MultipartLimits, MultipartReader, PartReader};
pub use error::Error;
pub use form::Form;
pub use part::Part;
pub use reader::FormReader;
