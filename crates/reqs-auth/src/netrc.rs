//! `.netrc`: logins by host name, as ftp, curl and Requests read them.
//!
//! ```
//! use reqs_auth::Netrc;
//!
//! let netrc: Netrc = "machine example.com login fred password s3cr3t".parse()?;
//! let login = netrc.lookup("example.com").unwrap();
//! assert_eq!((login.username, login.password), ("fred", "s3cr3t"));
//! assert!(netrc.lookup("other.example.com").is_none());
//! # Ok::<(), reqs_auth::netrc::NetrcError>(())
//! ```

mod file;
mod parse;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use zeroize::Zeroizing;

pub use file::{MAX_FILE_BYTES, Warning};

/// What a `.netrc` file says.
#[derive(Clone, Debug, Default)]
pub struct Netrc {
    /// In the order of the file.
    entries: Vec<Entry>,
    warning: Option<Warning>,
}

/// One `machine` or the `default`.
#[derive(Clone, Default)]
struct Entry {
    /// `None` for the `default`.
    machine: Option<String>,
    login: Option<String>,
    account: Option<String>,
    password: Option<Zeroizing<String>>,
}

/// What to log in with at a host.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Login<'a> {
    /// The `login`, or where it is missing the `account`, or else nothing.
    pub username: &'a str,
    /// The `password` of the same entry, or nothing where it has none.
    pub password: &'a str,
}

/// Why a `.netrc` could not be read. Words from the file are not repeated, since any of them may be a password.
#[derive(Debug)]
pub struct NetrcError {
    path: Option<PathBuf>,
    line: Option<usize>,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    /// Between entries stands something other than `machine`, `default` or `macdef`.
    UnknownEntry,
    /// Within an entry stands something other than a keyword.
    UnknownKeyword,
    /// The text ends after a keyword.
    NoValue(&'static str),
    UnclosedQuote,
    NotUtf8,
    TooLarge,
    Io(std::io::Error),
}

impl Netrc {
    /// The login for a host, given as its bare name or address: the host of the parsed URL, without port and user
    /// information. An IPv6 address may be in brackets.
    ///
    /// An entry counts when its name is the same as the whole host, in any capitalisation. Of several entries for one host
    /// the last counts, and it counts alone: what it lacks is not taken from another. Without any, the `default` does.
    /// An entry that says nothing, like an empty `default`, is no login.
    pub fn lookup(&self, host: &str) -> Option<Login<'_>> {
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let host = bare.unwrap_or(host);
        let mut newest_first = self.entries.iter().rev();
        let is_named = |entry: &&Entry| {
            let machine = entry.machine.as_deref();
            machine.is_some_and(|machine| machine.eq_ignore_ascii_case(host))
        };
        let named = newest_first.clone().find(is_named);
        let entry = named.or_else(|| newest_first.find(|entry| entry.machine.is_none()))?;
        entry.login()
    }

    /// What the user should know about the file, for example that others can read it. It is up to the caller to tell.
    pub fn warning(&self) -> Option<&Warning> {
        self.warning.as_ref()
    }

    fn has_password(&self) -> bool {
        self.entries.iter().any(|entry| entry.password.is_some())
    }
}

/// Reads the text of a `.netrc`.
///
/// Entries are `machine NAME` and `default`, each followed by any of `login` (or `user`), `account` and `password` with a
/// value. A value may be in double quotes, and a backslash takes the next character as it is, in and out of quotes. `#` at
/// the start of a word where a keyword could stand begins a comment. `macdef` and the lines up to the next empty one are
/// passed over.
impl FromStr for Netrc {
    type Err = NetrcError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = parse::entries(text)?;
        Ok(Netrc { entries, warning: None })
    }
}

impl Entry {
    fn login(&self) -> Option<Login<'_>> {
        let said = |text: &'_ Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let username = if said(&self.login) { self.login.as_deref() } else { self.account.as_deref() };
        let login = Login {
            username: username.unwrap_or_default(),
            password: self.password.as_ref().map_or("", |password| password.as_str()),
        };
        (!login.username.is_empty() || !login.password.is_empty()).then_some(login)
    }
}

/// Shows neither password nor account.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("machine", &self.machine)
            .field("login", &self.login)
            .field("account", &self.account.as_ref().map(|_| "[redacted]"))
            .field("password", &self.password.as_ref().map(|_| "[redacted]"))
            .finish()
    }
}

/// Shows no password.
impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("username", &self.username).field("password", &"[redacted]").finish()
    }
}

impl NetrcError {
    /// The file, where it was one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The line where it happened, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    fn at(line: usize, problem: Problem) -> Self {
        NetrcError { path: None, line: Some(line), problem }
    }
}

impl fmt::Display for NetrcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}", path.display())?,
            None => f.write_str("netrc")?,
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        f.write_str(": ")?;
        match &self.problem {
            Problem::UnknownEntry => f.write_str("expected machine, default or macdef, found something else"),
            Problem::UnknownKeyword => {
                f.write_str("expected login, account or password, found something else")
            }
            Problem::NoValue(keyword) => write!(f, "{keyword} has no value"),
            Problem::UnclosedQuote => f.write_str("a quoted value is not closed"),
            Problem::NotUtf8 => f.write_str("the text is not UTF-8"),
            Problem::TooLarge => write!(f, "larger than {MAX_FILE_BYTES} bytes"),
            Problem::Io(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for NetrcError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            // Its words are in the message already, so its cause comes next.
            Problem::Io(error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
