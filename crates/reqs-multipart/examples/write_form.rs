//! A form with every hostile name and content that a server's parser could stumble over, for reading it back with
//! another parser.
//!
//! `cargo run -p reqs-multipart --example write_form` writes a whole MIME message to standard output: the lines
//! `MIME-Version` and `Content-Type`, an empty line, the body. Python's `email.message_from_bytes` reads it as it is.
//!
//! `… --example write_form -- fields` writes what a parser must find in it, one line for each part: name, file name,
//! content type, one more header and content, each as hexadecimal digits of its bytes, separated by single spaces; `-`
//! where there is none. Names are those that the program gave: on the wire they are escaped by the rules of WHATWG.

use std::error::Error;
use std::io::{Cursor, Write};

use reqs_multipart::{Form, Part};

struct Field {
    name: &'static str,
    file_name: Option<&'static str>,
    content_type: Option<&'static str>,
    header: Option<(&'static str, &'static str)>,
    content: Vec<u8>,
}

fn field(name: &'static str, file_name: Option<&'static str>, content: impl Into<Vec<u8>>) -> Field {
    Field { name, file_name, content_type: None, header: None, content: content.into() }
}

fn fields() -> Vec<Field> {
    let every_byte: Vec<u8> = (0..=255).collect();
    vec![
        field("plain", None, "text"),
        field("empty", None, ""),
        field("lines", None, "a\r\nb\nc\rd\r\n"),
        field("several", Some("1.txt"), "first"),
        field("several", Some("2.txt"), "second"),
        field("quote\"inside", Some("quote\".txt"), "q"),
        field("break\r\nX-Injected: yes", Some("break\r\n\r\n.txt"), "b"),
        field("back\\slash", Some("a\\b.txt"), "s"),
        field("last\\", Some("C:\\dir\\file.txt"), "l"),
        field("semi;colon=\"x\"", Some("a; filename=b.txt"), "c"),
        field("percent%22%0D%0A", Some("100%.txt"), "p"),
        field("schlüssel 鍵 🔑", Some("naïve 名前.txt"), "ü"),
        field("  spaces  ", Some("  .txt"), " "),
        field("path", Some("../../etc/passwd"), "p"),
        field("nameless", Some(""), "n"),
        field("dashes", Some("dashes"), "--\r\n----\r\n--boundary--\r\n--"),
        field("only a line break", None, "\r\n"),
        Field {
            content_type: Some("application/octet-stream"),
            ..field("bytes", Some("bytes.bin"), every_byte)
        },
        Field { content_type: Some("text/plain; charset=utf-8"), ..field("typed", None, "é") },
        Field { header: Some(("X-Part", "a; b=\"c\", d")), ..field("header", None, "h") },
        Field {
            content_type: Some("image/svg+xml"),
            header: Some(("Content-Location", "/a?b=c")),
            ..field("both", Some("both.svg"), "<svg/>")
        },
        Field { content_type: Some("text/csv"), ..field("nothing in it", Some("empty.csv"), "") },
        field("large", Some("large.bin"), vec![b'-'; 300_000]),
    ]
}

fn form(fields: Vec<Field>) -> Form {
    fields.into_iter().enumerate().fold(Form::new(), |form, (index, field)| {
        // Every kind of content takes its turn.
        let length = field.content.len() as u64;
        let part = match index % 3 {
            0 => Part::bytes(field.content),
            1 => Part::sized(Cursor::new(field.content), length),
            _ => Part::seekable(Cursor::new(field.content)),
        };
        let part = match field.file_name {
            Some(file_name) => part.file_name(file_name),
            None => part.no_file_name(),
        };
        let (name, value) = field.header.unwrap_or_default();
        let part = if name.is_empty() { part } else { part.header(name, value) };
        form.part(field.name, part.content_type(field.content_type.unwrap_or_default()))
    })
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    match std::env::args().nth(1).as_deref() {
        None => {
            let mut reader = form(fields()).into_reader()?;
            write!(out, "MIME-Version: 1.0\r\nContent-Type: {}\r\n\r\n", reader.content_type())?;
            std::io::copy(&mut reader, &mut out)?;
        }
        Some("fields") => {
            let none = || "-".to_owned();
            for Field { name, file_name, content_type, header, content } in fields() {
                let file_name = file_name.map_or_else(none, hex);
                let content_type = content_type.map_or_else(none, hex);
                let header = header.map_or_else(none, |(name, value)| hex(format!("{name}: {value}")));
                writeln!(out, "{} {file_name} {content_type} {header} {}", hex(name), hex(&content))?;
            }
        }
        Some(other) => return Err(format!("unknown argument {other:?}; known: fields").into()),
    }
    Ok(())
}
