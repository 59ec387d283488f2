//! The writing side of RFC 9110 section 11.4: tokens stay bare, quoted strings are escaped, and nothing that would
//! break the header field gets into it.

use super::scan::is_token_byte;
use crate::error::{Error, control_character};

/// Writes a challenge or credentials. The first mistake is kept and [`finish`](Self::finish) returns it.
///
/// ```
/// use reqs_auth::challenge::Writer;
///
/// let text = Writer::new("Custom").quoted("name", r#"say "hi""#).token("level", "3").finish()?;
/// assert_eq!(text, r#"Custom name="say \"hi\"", level=3"#);
/// # Ok::<(), reqs_auth::Error>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    text: String,
    is_empty: bool,
    mistake: Option<Error>,
}

impl Writer {
    /// Starts with a scheme, which must be a token.
    pub fn new(scheme: &str) -> Self {
        // Room for a Digest answer, the longest credentials with parameters.
        let mut text = String::with_capacity(384);
        text.push_str(scheme);
        let mistake = not_a_token(scheme);
        Writer { text, is_empty: true, mistake }
    }

    /// Adds the one opaque value that stands in place of parameters.
    #[must_use]
    pub fn token68(mut self, value: &str) -> Self {
        let bare = value.trim_end_matches('=');
        if bare.is_empty() || !bare.bytes().all(super::scan::is_token68_byte) {
            self.note(Some(Error::NotAToken { text: "token68".to_owned() }));
        }
        self.separate();
        self.text.push_str(value);
        self
    }

    /// Adds a parameter whose value is a token and stays without quotes.
    #[must_use]
    pub fn token(mut self, name: &str, value: &str) -> Self {
        self.start(name);
        self.note(not_a_token(value));
        self.text.push_str(value);
        self
    }

    /// Adds a parameter whose value is quoted, with `"` and `\` escaped.
    #[must_use]
    pub fn quoted(mut self, name: &str, value: &str) -> Self {
        self.start(name);
        // A tab is the one control character that a quoted string may have (qdtext).
        let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\t';
        if let Some(at) = value.bytes().position(is_control) {
            let part = format!("the {name} parameter");
            self.note(Some(Error::ControlCharacter { part, at }));
        }
        self.text.push('"');
        for piece in value.split_inclusive(['"', '\\']) {
            let plain = piece.strip_suffix(['"', '\\']).unwrap_or(piece);
            self.text.push_str(plain);
            if let Some(special) = piece.get(plain.len()..).filter(|rest| !rest.is_empty()) {
                self.text.push('\\');
                self.text.push_str(special);
            }
        }
        self.text.push('"');
        self
    }

    /// The text of the header field.
    ///
    /// # Errors
    /// When the scheme, a name or a token was not a token, or a value holds a control character.
    pub fn finish(self) -> Result<String, Error> {
        match self.mistake {
            Some(mistake) => Err(mistake),
            None => Ok(self.text),
        }
    }

    fn start(&mut self, name: &str) {
        self.separate();
        self.note(not_a_token(name));
        self.text.push_str(name);
        self.text.push('=');
    }

    fn separate(&mut self) {
        self.text.push_str(if self.is_empty { " " } else { ", " });
        self.is_empty = false;
    }

    fn note(&mut self, mistake: Option<Error>) {
        if self.mistake.is_none() {
            self.mistake = mistake;
        }
    }
}

fn not_a_token(text: &str) -> Option<Error> {
    if !text.is_empty() && text.bytes().all(is_token_byte) {
        return None;
    }
    if let Some(at) = control_character(text.as_bytes()) {
        let part = "a token".to_owned();
        return Some(Error::ControlCharacter { part, at });
    }
    let text = text.to_owned();
    Some(Error::NotAToken { text })
}
