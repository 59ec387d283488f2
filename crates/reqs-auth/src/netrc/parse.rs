//! The grammar of `.netrc`, which is nowhere written down: words between whitespace, read as Python's `netrc` module
//! reads them, with an error where that one goes on silently with half an entry.

use zeroize::Zeroizing;

use super::{Entry, NetrcError, Problem};

pub(super) fn entries(text: &str) -> Result<Vec<Entry>, NetrcError> {
    // Editors on Windows put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut words = Words::new(text);
    let mut entries: Vec<Entry> = Vec::new();
    let mut current: Option<Entry> = None;
    while let Some(word) = words.next()? {
        let line = words.word_line;
        let value = match (word.as_str(), &mut current) {
            ("machine", _) => {
                entries.extend(current.take());
                let name = words.value("machine")?;
                let entry = current.insert(Entry::default());
                entry.machine = Some(name.as_str().to_owned());
                continue;
            }
            ("default", _) => {
                entries.extend(current.take());
                current = Some(Entry::default());
                continue;
            }
            ("macdef", _) => {
                entries.extend(current.take());
                words.value("macdef")?;
                words.skip_macro();
                continue;
            }
            (comment, _) if comment.starts_with('#') => {
                words.skip_line();
                continue;
            }
            ("login" | "user", Some(entry)) => (&mut entry.login, "login"),
            ("account", Some(entry)) => (&mut entry.account, "account"),
            ("password", Some(entry)) => {
                entry.password = Some(words.value("password")?);
                continue;
            }
            (_, Some(_)) => return Err(NetrcError::at(line, Problem::UnknownKeyword)),
            (_, None) => return Err(NetrcError::at(line, Problem::UnknownEntry)),
        };
        let (field, keyword) = value;
        *field = Some(words.value(keyword)?.as_str().to_owned());
    }
    entries.extend(current);
    Ok(entries)
}

struct Words<'a> {
    rest: std::str::Chars<'a>,
    /// The line that the next character is on.
    line: usize,
    /// The line that the last word began on.
    word_line: usize,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Words { rest: text.chars(), line: 1, word_line: 1 }
    }

    /// The word after a keyword.
    fn value(&mut self, keyword: &'static str) -> Result<Zeroizing<String>, NetrcError> {
        let line = self.word_line;
        let word = self.next()?;
        word.ok_or_else(|| NetrcError::at(line, Problem::NoValue(keyword)))
    }

    /// The next word, `None` at the end. Any word may be a password.
    fn next(&mut self) -> Result<Option<Zeroizing<String>>, NetrcError> {
        while self.peek().is_some_and(is_whitespace) {
            self.bump();
        }
        self.word_line = self.line;
        // With room for it all, no half-grown copy stays behind in memory.
        let length = self.rest.as_str().find(is_whitespace);
        let length = length.unwrap_or(self.rest.as_str().len());
        let mut word = Zeroizing::new(String::with_capacity(length));
        let is_quoted = self.peek() == Some('"');
        if is_quoted {
            self.bump();
        } else if self.peek().is_none() {
            return Ok(None);
        }
        loop {
            match self.peek() {
                Some('"') if is_quoted => {
                    self.bump();
                    return Ok(Some(word));
                }
                Some(c) if is_whitespace(c) && !is_quoted => return Ok(Some(word)),
                Some('\\') => {
                    self.bump();
                    word.extend(self.bump());
                }
                Some(c) => {
                    self.bump();
                    word.push(c);
                }
                None if is_quoted => {
                    return Err(NetrcError::at(self.word_line, Problem::UnclosedQuote));
                }
                None => return Ok(Some(word)),
            }
        }
    }

    /// Passes over what is left of the line that the last word began on.
    fn skip_line(&mut self) {
        while self.line == self.word_line && self.bump().is_some() {}
    }

    /// Passes over a macro: up to and with the first empty line.
    fn skip_macro(&mut self) {
        self.skip_line();
        while self.peek().is_some() {
            let start = self.rest.as_str();
            let line = start.split('\n').next().unwrap_or_default();
            self.word_line = self.line;
            self.skip_line();
            if line.is_empty() || line == "\r" {
                return;
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.as_str().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.line += usize::from(next == Some('\n'));
        next
    }
}

fn is_whitespace(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}
