//! Which of the things said about the content is sent, as which body, under which Content-Type.
//!
//! Data goes before JSON (JSN-2); files make a multipart form of the fields (MPT-7), and so does a Content-Type that
//! asks for one (X74). What cannot be sent together is an error, so that nothing is dropped in silence (JSN-6, BOD-18).

use std::borrow::Cow;

use reqs_multipart::{Form, Part};
use reqs_proto::Headers;

use crate::body::Body;
use crate::error::{Error, ErrorKind, Result};
use crate::params::Params;
use crate::plan::{Content, Data};

pub(crate) const CONTENT_TYPE: &str = "Content-Type";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A Content-Type to set, with a boundary that was made for it or without.
pub(crate) type ContentType = Cow<'static, str>;

/// The body, and the Content-Type to set for it; `None` where there is none to set or the caller's own stays.
///
/// `headers` are those of the session and the request together, `own` the request's alone.
pub(crate) fn make(
    content: Content,
    headers: &Headers,
    own: &Headers,
) -> Result<(Body, Option<ContentType>)> {
    let Content { data, json, files, multipart, progress } = content;
    let (body, content_type) = if multipart.is_some() || !files.is_empty() {
        let fields = fields(data, json.as_ref(), multipart.is_some())?;
        multipart_body(fields.as_ref(), multipart.map(|form| *form), files, headers, own)?
    } else {
        match (data, json) {
            (Data::Body(body), _) if !body.is_empty() => (body, None),
            (Data::Form(form), _) if form.says_something() => match wants_multipart(&form, headers) {
                true => multipart_body(Some(&form), None, files, headers, own)?,
                false => (Body::from(form.to_string()), unless_given(headers, FORM)),
            },
            (_, Some(json)) => (Body::from(json), unless_given(headers, JSON)),
            (_, None) => (Body::empty(), None),
        }
    };
    Ok(match progress {
        Some(progress) => (body.on_progress(progress), content_type),
        None => (body, content_type),
    })
}

fn unless_given(headers: &Headers, content_type: &'static str) -> Option<ContentType> {
    (!headers.contains(CONTENT_TYPE)).then_some(Cow::Borrowed(content_type))
}

/// Pairs under a Content-Type that says `multipart/form-data` become what it says (X74).
fn wants_multipart(form: &Params, headers: &Headers) -> bool {
    form.as_pairs().is_some()
        && headers
            .get(CONTENT_TYPE)
            .is_some_and(|given| essence(given).eq_ignore_ascii_case("multipart/form-data"))
}

/// The fields that go before the files.
fn fields(data: Data, json: Option<&Vec<u8>>, has_form: bool) -> Result<Option<Params>> {
    if json.is_some() {
        return Err(refused("json and files cannot be sent together: give one body, or a form with files"));
    }
    match data {
        Data::None => Ok(None),
        Data::Body(body) if body.is_stream() => {
            Err(refused("Streamed bodies and files are mutually exclusive."))
        }
        Data::Body(body) if body.is_empty() => Ok(None),
        Data::Body(_) => {
            Err(refused("Data must not be a string: beside files there are fields only, as pairs"))
        }
        Data::Form(fields) if !fields.says_something() => Ok(None),
        Data::Form(_) if has_form => {
            Err(refused("a multipart form and other fields cannot be sent together: add them to the form"))
        }
        Data::Form(fields) => Ok(Some(fields)),
    }
}

/// Up to this size a form whose parts are in memory is put together at once, to be sent as one block. What is larger is
/// read part by part: a second copy of it would be the larger cost.
const TOGETHER: u64 = 1024 * 1024;

/// Fields go first, then files, each in the order given (MPT-7).
fn multipart_body(
    fields: Option<&Params>,
    form: Option<Form>,
    files: Vec<(String, Part)>,
    headers: &Headers,
    own: &Headers,
) -> Result<(Body, Option<ContentType>)> {
    let mut form = form.unwrap_or_default();
    if let Some(fields) = fields {
        let pairs = fields.as_pairs().ok_or_else(|| {
            refused("Data must not be a string: beside files there are fields only, as pairs")
        })?;
        for (name, value) in pairs {
            let name = str::from_utf8(name)
                .map_err(|_| refused(format!("the field name '{}' is not UTF-8", name.escape_ascii())))?;
            form = form.part(name, Part::bytes(value).no_file_name());
        }
    }
    form = files.into_iter().fold(form, |form, (field, part)| form.file(field, part));

    let content_type = match headers.get(CONTENT_TYPE) {
        None => Some(form.content_type().into()),
        Some(given) if is_multipart(given) => match boundary_of(given) {
            Some(boundary) => {
                form = form.boundary(boundary);
                None
            }
            None => Some(with_boundary(given, &form.content_type()).into()),
        },
        Some(given) if own.contains(CONTENT_TYPE) => {
            let given = given.escape_debug();
            return Err(Error::new(
                ErrorKind::InvalidHeader,
                format!("Content-Type is '{given}', but the body is a multipart form: leave it out"),
            ));
        }
        // A session's default is for what says nothing itself.
        Some(_) => Some(form.content_type().into()),
    };
    let is_in_memory = form.is_in_memory();
    let reader = form.into_reader()?;
    let body = match is_in_memory && reader.length().is_some_and(|length| length <= TOGETHER) {
        true => Body::from(reader.into_vec()?),
        false => Body::from(reader),
    };
    Ok((body, content_type))
}

/// Type and subtype, without parameters.
fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn is_multipart(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"))
}

/// The boundary that a Content-Type names, unquoted.
fn boundary_of(content_type: &str) -> Option<String> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut boundaries = parameters
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value.trim());
    let value = boundaries.next()?;
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    (!unquoted.is_empty()).then(|| unquoted.to_owned())
}

/// The caller's Content-Type completed by the boundary of ours (MPT-12).
fn with_boundary(given: &str, ours: &str) -> String {
    let boundary = ours.split_once(';').map_or("", |(_, boundary)| boundary);
    format!("{};{boundary}", given.trim_end_matches([';', ' ']))
}

fn refused(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidBody, message)
}

/// What is wrong with a part of a form: a file that cannot be opened, a header that cannot be sent.
impl From<reqs_multipart::Error> for Error {
    fn from(error: reqs_multipart::Error) -> Error {
        let kind = match error {
            reqs_multipart::Error::Open { .. } => ErrorKind::Io,
            _ => ErrorKind::InvalidBody,
        };
        Error::new(kind, error.to_string()).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mpt_12_boundaries_are_found_where_they_are() {
        let cases = [
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("multipart/form-data; charset=utf-8; Boundary=\"a b\"", Some("a b")),
            ("Multipart/Mixed;boundary=xyz ; q=1", Some("xyz")),
        ];
        for (given, boundary) in cases {
            assert!(is_multipart(given));
            assert_eq!(boundary_of(given).as_deref(), boundary, "{given}");
        }
        assert!(!is_multipart("text/plain; multipart/form-data"));
        assert!(!is_multipart("multiparté/x"));
        assert_eq!(
            with_boundary("multipart/mixed; ", "multipart/form-data; boundary=x"),
            "multipart/mixed; boundary=x"
        );
    }
}
