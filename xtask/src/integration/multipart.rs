//! What parsers that nobody here wrote find in a form of `reqs-multipart`: Python's `email` and PyPI's `multipart`.
//!
//! The form is that of the crate's example `write_form`, which also tells what stands in it. Names, file names, headers
//! and contents must come out byte for byte, but for what a parser is known to read in a way of its own.

use std::fmt;
use std::fs::File;
use std::process::Command;

use serde_json::Value;

use super::check::{Check, Outcome, Tally};
use crate::{install, tool};

pub(super) fn run(tally: &mut Tally) {
    if let Some(form) = tally.started(Form::read()) {
        tally.run(&form, CHECKS);
    }
}

const CHECKS: &[Check<Form>] = &[
    Check { name: "Python's email reads every part", run: |form| form.compare("email", as_email_reads) },
    Check {
        name: "PyPI's multipart reads every part",
        run: |form| form.compare("multipart", as_multipart_reads),
    },
];

/// What was written, and what each parser read.
struct Form {
    fields: Vec<Field>,
    found: Value,
}

/// One part of a form.
#[derive(Clone, PartialEq, Eq)]
struct Field {
    name: Name,
    file_name: Option<Name>,
    /// All but Content-Disposition, in their order.
    headers: Vec<(String, String)>,
    content: Vec<u8>,
}

/// A name or a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Is(String),
    /// This parser cannot tell.
    Unreadable,
}

impl Form {
    fn read() -> Result<Form, String> {
        let fields = tool::output(example().args(["--", "fields"]))?;
        let fields = fields.lines().map(Field::written).collect::<Option<Vec<_>>>();
        let fields = fields.ok_or("the example writes fields in another shape")?;

        let environment = install::python_environment("integration", include_str!("requirements.txt"))?;
        let directory = install::fresh_directory("multipart")?;
        let message = directory.join("message");
        let explain = |error: std::io::Error| format!("{}: {error}", message.display());
        tool::run(example().stdout(File::create(&message).map_err(explain)?))?;
        let mut python = Command::new(environment.join("bin/python"));
        python.args(["-c", include_str!("read_form.py")]).stdin(File::open(&message).map_err(explain)?);
        let found = serde_json::from_str(&tool::output(&mut python)?).map_err(|error| error.to_string())?;
        Ok(Form { fields, found })
    }

    /// Compares every part with what this parser must make of it.
    fn compare(&self, parser: &str, reads: fn(&Field) -> Field) -> Outcome {
        let found = self.found[parser].as_array().ok_or("it read no form")?;
        let found = found.iter().map(Field::found).collect::<Option<Vec<_>>>();
        let found = found.ok_or("it tells of parts in another shape")?;
        if found.len() != self.fields.len() {
            return Err(format!("{} parts instead of {}", found.len(), self.fields.len()).into());
        }
        let mut own_way = 0;
        for (field, found) in self.fields.iter().zip(&found) {
            let expected = reads(field);
            own_way += usize::from(expected != *field);
            if !found.matches(&expected) {
                return Err(format!("found {found}, expected {expected}").into());
            }
        }
        Ok(format!("{} parts, {own_way} with names that it reads in its own way", found.len()))
    }
}

/// The example that writes the form.
fn example() -> Command {
    let mut cargo = tool::cargo();
    cargo.args(["run", "--quiet", "--locked", "--package", "reqs-multipart", "--example", "write_form"]);
    cargo
}

impl Field {
    /// From a line of the example.
    fn written(line: &str) -> Option<Field> {
        let words: Vec<&str> = line.split(' ').collect();
        let [name, file_name, content_type, header, content] = words[..] else { return None };
        let text = |word: &str| String::from_utf8(bytes(word)?).ok();
        let optional = |word: &str| if word == "-" { Some(None) } else { text(word).map(Some) };
        let content_type = optional(content_type)?.map(|value| ("Content-Type".to_owned(), value));
        let header = match optional(header)? {
            Some(line) => {
                let (name, value) = line.split_once(": ")?;
                Some((name.to_owned(), value.to_owned()))
            }
            None => None,
        };
        Some(Field {
            name: Name::Is(text(name)?),
            file_name: optional(file_name)?.map(Name::Is),
            headers: content_type.into_iter().chain(header).collect(),
            content: bytes(content)?,
        })
    }

    /// From what a parser told.
    fn found(part: &Value) -> Option<Field> {
        let header = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
        Some(Field {
            name: Name::Is(part["name"].as_str()?.to_owned()),
            file_name: part["file_name"].as_str().map(|name| Name::Is(name.to_owned())),
            headers: part["headers"].as_array()?.iter().map(header).collect::<Option<_>>()?,
            content: bytes(part["content"].as_str()?)?,
        })
    }

    fn matches(&self, expected: &Field) -> bool {
        let Field { name, file_name, headers, content } = expected;
        let names = *name == Name::Unreadable || (&self.name, &self.file_name) == (name, file_name);
        names && (&self.headers, &self.content) == (headers, content)
    }

    /// The field with its name and its file name made into others.
    fn with_names(&self, name: impl Fn(&str) -> Name, file_name: impl Fn(&str) -> Name) -> Field {
        let made = |of: &Name, make: &dyn Fn(&str) -> Name| match of {
            Name::Is(text) => make(text),
            Name::Unreadable => Name::Unreadable,
        };
        let mut field = self.clone();
        field.name = made(&self.name, &name);
        field.file_name = self.file_name.as_ref().map(|of| made(of, &file_name));
        field
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Field { name, file_name, headers, content } = self;
        let start = &content[..content.len().min(20)];
        let (length, start) = (content.len(), start.escape_ascii());
        write!(f, "{name:?}, file {file_name:?}, {headers:?}, {length} bytes `{start}`")
    }
}

/// Mail knows no percent signs, and takes a backslash away from before any character. One before the closing quote
/// hides that quote, and all that follows is lost.
fn as_email_reads(field: &Field) -> Field {
    let read = |name: &str| {
        if name.ends_with('\\') {
            return Name::Unreadable;
        }
        Name::Is(escaped(name).replace('\\', ""))
    };
    field.with_names(read, read)
}

/// By WHATWG's rules a name that already held `%22` cannot be told from one with a quote. Of a file name that begins
/// as a path on Windows only its last part is taken, for the sake of browsers of old.
fn as_multipart_reads(field: &Field) -> Field {
    let unescaped = |name: &str| name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
    let file_name = |name: &str| match name.get(1..3) {
        Some(":\\") => Name::Is(name.rsplit('\\').next().unwrap_or_default().to_owned()),
        _ => Name::Is(unescaped(name)),
    };
    field.with_names(|name| Name::Is(unescaped(name)), file_name)
}

/// As a name stands on the wire.
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, file_name: &str) -> Field {
        let is = |text: &str| Name::Is(text.to_owned());
        Field { name: is(name), file_name: Some(is(file_name)), headers: Vec::new(), content: Vec::new() }
    }

    #[test]
    fn a_line_of_the_example_is_a_field() {
        let read = Field::written("6e 66 742f78 583a2079 00ff").unwrap();
        let headers = vec![("Content-Type".to_owned(), "t/x".to_owned()), ("X".to_owned(), "y".to_owned())];
        assert!(read == Field { headers, content: vec![0, 255], ..field("n", "f") }, "{read}");
        assert_eq!(Field::written("6e - - - ").unwrap().file_name, None);
        assert!(Field::written("6e - - -").is_none() && Field::written("6 - - - ").is_none());
    }

    #[test]
    fn a_difference_in_any_place_is_seen() {
        let same = field("n", "f");
        assert!(same.matches(&same));
        let headers = vec![("A".to_owned(), "b".to_owned())];
        let others = [
            field("m", "f"),
            field("n", "g"),
            Field { file_name: None, ..same.clone() },
            Field { headers, ..same.clone() },
            Field { content: vec![1], ..same.clone() },
        ];
        for other in others {
            assert!(!other.matches(&same), "{other}");
        }
    }
}
