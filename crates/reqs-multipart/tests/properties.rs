//! What holds for every form, however it is put together and however it is read.

use std::io::{Cursor, Read};

use proptest::prelude::*;
use reqs_multipart::{Form, Part};

/// One field as plain values, so that the same form can be made twice and its bytes worked out by other means.
#[derive(Clone, Debug)]
struct Field {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    content: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Bytes,
    Seekable,
    Sized,
    Reader,
}

impl Field {
    fn part(&self) -> Part {
        // Standing in the middle: what is before the position is not content.
        let mut cursor = Cursor::new([b"before", self.content.as_slice()].concat());
        cursor.set_position(6);
        let part = match self.kind {
            Kind::Bytes => Part::bytes(self.content.as_slice()),
            Kind::Seekable => Part::seekable(cursor),
            Kind::Sized => Part::sized(cursor, self.content.len() as u64),
            Kind::Reader => Part::reader(cursor),
        };
        let part = match &self.file_name {
            Some(name) => part.file_name(name),
            None => part.no_file_name(),
        };
        match &self.content_type {
            Some(content_type) => part.content_type(content_type),
            None => part,
        }
    }
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Bytes), Just(Kind::Seekable), Just(Kind::Sized), Just(Kind::Reader)]
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    let hostile = prop_oneof!["[\"\r\n\\\\%;=: a-z\u{0}é日]{0,12}", any::<String>()];
    let content = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        "[-\r\nB]{0,20}".prop_map(String::into_bytes),
    ];
    let field = (
        hostile.clone(),
        prop::option::of(hostile),
        prop::option::of("[a-z]{1,5}/[a-z]{1,5}"),
        content,
        kinds(),
    )
        .prop_map(|(name, file_name, content_type, content, kind)| Field {
            name,
            file_name,
            content_type,
            content,
            kind,
        });
    prop::collection::vec(field, 0..6)
}

const BOUNDARY: &str = "c0ffee0123456789c0ffee0123456789";

fn form(fields: &[Field]) -> Form {
    fields.iter().fold(Form::new().boundary(BOUNDARY), |form, field| form.part(&field.name, field.part()))
}

/// The body by the letter of the specification, without the crate.
fn by_hand(fields: &[Field]) -> Vec<u8> {
    let escape = |text: &str| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let mut body = Vec::new();
    for field in fields {
        let mut head =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"", escape(&field.name));
        if let Some(file_name) = &field.file_name {
            head += &format!("; filename=\"{}\"", escape(file_name));
        }
        if let Some(content_type) = &field.content_type {
            head += &format!("\r\nContent-Type: {content_type}");
        }
        body.extend([head.as_bytes(), b"\r\n\r\n", &field.content, b"\r\n"].concat());
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

proptest! {
    #[test]
    fn mpt_9_the_bytes_are_those_of_the_specification(fields in fields()) {
        prop_assert_eq!(form(&fields).into_vec().unwrap(), by_hand(&fields));
    }

    #[test]
    fn mpt_15_the_length_is_that_of_the_bytes(fields in fields()) {
        let form = form(&fields);
        let unknown = fields.iter().any(|field| matches!(field.kind, Kind::Reader));
        let wanted = (!unknown).then(|| by_hand(&fields).len() as u64);
        prop_assert_eq!(form.length(), wanted);
        prop_assert_eq!(form.into_reader().unwrap().length(), wanted);
    }

    #[test]
    fn any_sizes_of_reads_give_the_same_bytes(fields in fields(), sizes in prop::collection::vec(1..400_usize, 1..20)) {
        let mut reader = form(&fields).into_reader().unwrap();
        let mut body = Vec::new();
        for size in sizes.iter().cycle() {
            let mut out = vec![0xAA; *size];
            let count = reader.read(&mut out).unwrap();
            prop_assert!(out[count..].iter().all(|&byte| byte == 0xAA), "bytes were written behind the count");
            if count == 0 {
                break;
            }
            body.extend_from_slice(&out[..count]);
            prop_assert_eq!(reader.sent(), body.len() as u64);
        }
        prop_assert_eq!(body, by_hand(&fields));
    }

    #[test]
    fn mpt_17_after_a_rewind_the_bytes_are_the_same(fields in fields(), stop in 0..2000_u64) {
        let fields: Vec<Field> =
            fields.into_iter().filter(|field| matches!(field.kind, Kind::Bytes | Kind::Seekable)).collect();
        let mut reader = form(&fields).into_reader().unwrap();
        prop_assert!(reader.can_rewind());
        let mut start = Vec::new();
        reader.by_ref().take(stop).read_to_end(&mut start).unwrap();
        reader.rewind().unwrap();
        prop_assert_eq!(reader.sent(), 0);
        let body = reader.into_vec().unwrap();
        prop_assert!(body.starts_with(&start));
        prop_assert_eq!(body, by_hand(&fields));
    }

    #[test]
    fn a_wrong_length_never_closes_the_form(content in prop::collection::vec(any::<u8>(), 0..50), stated in 0..50_u64, room in 1..100_usize) {
        prop_assume!(content.len() as u64 != stated);
        let part = Part::sized(Cursor::new(content.clone()), stated);
        let mut reader = Form::new().boundary(BOUNDARY).part("f", part).text("g", "x").into_reader().unwrap();
        let mut body = Vec::new();
        let mut out = vec![0; room];
        let error = loop {
            match reader.read(&mut out) {
                Ok(0) => panic!("the form ended as if it were whole"),
                Ok(count) => body.extend_from_slice(&out[..count]),
                Err(error) => break error,
            }
        };
        prop_assert!(error.to_string().starts_with("part \"f\" "), "{}", error);
        let sent = content.len().min(stated as usize);
        prop_assert!(body.ends_with(&[b"\r\n\r\n", &content[..sent]].concat()));
    }
}
