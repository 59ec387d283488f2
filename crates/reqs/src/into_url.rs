//! What a person may name a URL by. How text becomes one is in `url_text`.

use std::borrow::Cow;

use url::Url;

use crate::error::Result;
use crate::url_text::{check_host, invalid, parse};

/// What names a URL: text, UTF-8 bytes, a [`Url`] already parsed, or an [`http::Uri`]. Implemented here only.
///
/// Text is parsed as the WHATWG standard does it, by the `url` crate, after white space around it was taken away. A
/// `%` that begins no escape is sent as `%25` (URL-25). A `Url` is taken as it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no URL",
    label = "not a URL",
    note = "text, UTF-8 bytes, a `Url` or an `http::Uri` are taken, owned or borrowed"
)]
pub trait IntoUrl: sealed::Sealed {
    /// The URL, checked.
    ///
    /// # Errors
    /// [`MissingSchema`](crate::ErrorKind::MissingSchema) without a scheme,
    /// [`InvalidSchema`](crate::ErrorKind::InvalidSchema) where what stands before the colon cannot be one,
    /// [`InvalidUrl`](crate::ErrorKind::InvalidUrl) for everything else that is not a URL with a host.
    fn into_url(self) -> Result<Url>;
}

impl IntoUrl for &str {
    fn into_url(self) -> Result<Url> {
        parse(self)
    }
}

impl IntoUrl for String {
    fn into_url(self) -> Result<Url> {
        parse(&self)
    }
}

impl IntoUrl for &String {
    fn into_url(self) -> Result<Url> {
        parse(self)
    }
}

/// What a loop over a list of `&str` gives.
impl IntoUrl for &&str {
    fn into_url(self) -> Result<Url> {
        parse(self)
    }
}

impl IntoUrl for Cow<'_, str> {
    fn into_url(self) -> Result<Url> {
        parse(&self)
    }
}

impl<const N: usize> IntoUrl for &[u8; N] {
    fn into_url(self) -> Result<Url> {
        self.as_slice().into_url()
    }
}

impl IntoUrl for &[u8] {
    fn into_url(self) -> Result<Url> {
        match str::from_utf8(self) {
            Ok(text) => parse(text),
            Err(_) => Err(invalid(&String::from_utf8_lossy(self), "it is not UTF-8")),
        }
    }
}

impl IntoUrl for Url {
    fn into_url(self) -> Result<Url> {
        check_host(self)
    }
}

impl IntoUrl for &Url {
    fn into_url(self) -> Result<Url> {
        check_host(self.clone())
    }
}

impl IntoUrl for http::Uri {
    fn into_url(self) -> Result<Url> {
        parse(&self.to_string())
    }
}

impl IntoUrl for &http::Uri {
    fn into_url(self) -> Result<Url> {
        parse(&self.to_string())
    }
}

/// Where to, as far as it is known before a session is.
#[derive(Debug)]
pub enum Address {
    /// A whole URL.
    Url(Url),
    /// Text that is no URL by itself, but may be one under a session's base URL.
    Relative(String),
}

mod sealed {
    use std::borrow::Cow;

    use super::{Address, IntoUrl};
    use crate::error::Result;
    use crate::url_text::address;

    pub trait Sealed {
        /// The URL, or text that may be one under a session's base URL.
        fn into_address(self) -> Result<Address>;
    }

    macro_rules! text {
        ($($kind:ty),*) => {$(
            impl Sealed for $kind {
                fn into_address(self) -> Result<Address> {
                    address(self.as_ref())
                }
            }
        )*};
    }
    text!(&str, &&str, String, &String, Cow<'_, str>);

    macro_rules! whole {
        ($($kind:ty),*) => {$(
            impl Sealed for $kind {
                fn into_address(self) -> Result<Address> {
                    self.into_url().map(Address::Url)
                }
            }
        )*};
    }
    whole!(&[u8], url::Url, &url::Url, http::Uri, &http::Uri);

    impl<const N: usize> Sealed for &[u8; N] {
        fn into_address(self) -> Result<Address> {
            self.into_url().map(Address::Url)
        }
    }
}
