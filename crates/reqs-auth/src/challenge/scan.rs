//! A cursor over one header field. Every step moves forward; only [`Scanner::token68`] looks ahead, once per
//! scheme and over text that is then read once more. So the work is at most twice the length of the field.

/// tchar of RFC 9110 section 5.6.2.
pub(super) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What `token68` consists of before its padding (RFC 9110 section 11.2).
pub(crate) fn is_token68_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)
}

fn is_whitespace(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// How many bytes were looked at, so that tests can hold the work against the length.
    #[cfg(test)]
    pub(super) looks: std::cell::Cell<usize>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Scanner {
            text,
            at: 0,
            #[cfg(test)]
            looks: std::cell::Cell::new(0),
        }
    }

    /// Passes over commas and whitespace.
    pub(super) fn skip_separators(&mut self) {
        self.take_while(|byte| byte == b',' || is_whitespace(byte));
    }

    /// Passes over whitespace; true when there was some.
    pub(super) fn skip_whitespace(&mut self) -> bool {
        !self.take_while(is_whitespace).is_empty()
    }

    /// Passes over the rest of a list element up to its comma, quoted strings as a whole.
    pub(super) fn skip_element(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b',' => return,
                b'"' => {
                    self.quoted_string();
                }
                _ => self.at += 1,
            }
        }
    }

    /// The token that starts here, empty when none does.
    pub(super) fn token(&mut self) -> &'a str {
        self.take_while(is_token_byte)
    }

    /// Passes over this byte if it comes next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// The `token68` that starts here, if what starts here is one and fills the rest of its list element. Otherwise
    /// it is the name of a parameter or of the next scheme, and nothing is passed over.
    pub(super) fn token68(&mut self) -> Option<&'a str> {
        let start = self.at;
        let is_empty = self.take_while(is_token68_byte).is_empty();
        self.take_while(|byte| byte == b'=');
        let end = self.at;
        self.skip_whitespace();
        if is_empty || !self.is_at_element_end() {
            self.at = start;
            return None;
        }
        self.text.get(start..end)
    }

    /// The value of a parameter after its `=`, and whether it is whole, that is not a quoted string still open.
    pub(super) fn value(&mut self) -> (String, bool) {
        self.skip_whitespace();
        if self.peek() == Some(b'"') {
            let value = self.quoted_string();
            // Nothing may follow the closing quote; if something does, it belongs to no value.
            self.take_while(|byte| byte != b',' && !is_whitespace(byte));
            return value;
        }
        let value = self.take_while(|byte| byte != b',' && !is_whitespace(byte));
        (value.to_owned(), true)
    }

    /// The quoted string that starts here, without quotes and escapes, and whether it is closed.
    fn quoted_string(&mut self) -> (String, bool) {
        self.at += 1;
        let mut value = String::new();
        loop {
            let plain = self.take_while(|byte| byte != b'"' && byte != b'\\');
            value.push_str(plain);
            if self.take(b'"') {
                return (value, true);
            }
            if !self.take(b'\\') {
                return (value, false);
            }
            if let Some(escaped) = self.rest().chars().next() {
                value.push(escaped);
                self.at += escaped.len_utf8();
            }
        }
    }

    /// Passes over bytes as long as the predicate holds, and gives them. The predicate must hold for all bytes above
    /// 0x7F or for none, so that the end is not within a character.
    fn take_while(&mut self, holds: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(&holds) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Whether the list element ends here.
    pub(super) fn is_at_element_end(&self) -> bool {
        matches!(self.peek(), None | Some(b','))
    }

    fn peek(&self) -> Option<u8> {
        #[cfg(test)]
        self.looks.set(self.looks.get() + 1);
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
}
