//! The Basic scheme: RFC 7617. User name and password go with every request, readable to whoever reads the header
//! field, so that it is for encrypted connections.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::{Error, control_character};

/// A user name and a password for the Basic scheme (Requests: `HTTPBasicAuth`).
///
/// Text is sent as UTF-8. A server that wants another encoding gets its bytes by [`from_bytes`](Self::from_bytes).
///
/// ```
/// use reqs_auth::Basic;
///
/// let header = Basic::new("Aladdin", "open sesame").authorization()?;
/// assert_eq!(header, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
/// # Ok::<(), reqs_auth::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Basic {
    username: Vec<u8>,
    password: Zeroizing<Vec<u8>>,
}

impl Basic {
    /// Takes a user name and a password, either of which may be empty. They are checked by
    /// [`authorization`](Self::authorization).
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Basic::from_bytes(username.into(), password.into())
    }

    /// Takes a user name and a password that are encoded already, for a server that does not read UTF-8.
    ///
    /// ```
    /// let latin1 = reqs_auth::Basic::from_bytes(b"Ren\xe9", b"p\xe2te");
    /// assert_eq!(latin1.authorization()?, "Basic UmVu6Tpw4nRl");
    /// # Ok::<(), reqs_auth::Error>(())
    /// ```
    pub fn from_bytes(username: impl Into<Vec<u8>>, password: impl Into<Vec<u8>>) -> Self {
        Basic { username: username.into(), password: Zeroizing::new(password.into()) }
    }

    /// The value of the `Authorization` (or `Proxy-Authorization`) field.
    ///
    /// # Errors
    /// When the user name has a colon, or either has a control character (RFC 7617 section 2). A password read from a
    /// file often ends with a line feed.
    pub fn authorization(&self) -> Result<String, Error> {
        if self.username.contains(&b':') {
            return Err(Error::ColonInUserName);
        }
        refuse_control("the user name", &self.username)?;
        refuse_control("the password", &self.password)?;
        let length = self.username.len() + 1 + self.password.len();
        let mut pair = Zeroizing::new(Vec::with_capacity(length));
        pair.extend_from_slice(&self.username);
        pair.push(b':');
        pair.extend_from_slice(&self.password);
        let mut value = String::with_capacity("Basic ".len() + length.div_ceil(3) * 4);
        value.push_str("Basic ");
        STANDARD.encode_string(pair.as_slice(), &mut value);
        Ok(value)
    }
}

/// Shows the user name only.
impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic")
            .field("username", &String::from_utf8_lossy(&self.username))
            .field("password", &"[redacted]")
            .finish()
    }
}

fn refuse_control(part: &str, bytes: &[u8]) -> Result<(), Error> {
    match control_character(bytes) {
        None => Ok(()),
        Some(at) => Err(Error::ControlCharacter { part: part.to_owned(), at }),
    }
}

#[cfg(test)]
mod tests;
