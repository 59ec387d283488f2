//! Building and sending what one step of a case says.

use std::fs::File;
use std::io::{Cursor, Seek, SeekFrom};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use reqs::{Body, Error, Headers, Options, Part, PreparedRequest, Response, Session, Stream};
use serde_json::{Value, json};

use super::super::bytes;
use super::{Auths, Building, response, verify};

/// One step of a case.
pub(super) struct Step<'a> {
    pub(super) data: &'a Value,
    /// Where files may be written.
    pub(super) directory: &'a str,
}

impl Step<'_> {
    /// What came of it, or what reqs says is wrong with it.
    ///
    /// # Errors
    /// The outer one: when the case makes no sense here.
    pub(super) fn play(&self, session: &Session, auths: &mut Auths) -> Result<Result<Value, Error>, String> {
        let said = self.data;
        if let Some(wait) = said["wait"].as_u64() {
            sleep(Duration::from_millis(wait));
        }
        let builder = self.builder(session, auths)?;
        if said["prepare"] == true {
            return Ok(builder.prepare().map(|prepared| told(&prepared)));
        }
        if let Some(changes) = said["send_prepared"].as_object() {
            let options = Options::new().timeout((5, 5));
            return Ok(builder.prepare().and_then(|mut prepared| {
                change(&mut prepared, &Value::Object(changes.clone()))?;
                let options = match said["allow_redirects"].as_bool() {
                    Some(allow) => options.allow_redirects(allow),
                    None => options,
                };
                response::finish(session.stream(prepared, options)?, said)
            }));
        }
        let streamed = match said.get("read").is_some() {
            true => builder.stream(),
            // As users do it, so that the whole way of `send` is under test.
            false => return Ok(builder.send().and_then(|response| self.loaded(session, response))),
        };
        Ok(streamed.and_then(|response| response::finish(response, said)))
    }

    fn loaded(&self, session: &Session, response: Response) -> Result<Value, Error> {
        let next = response.next_request().filter(|_| self.data["follow_next"] == true);
        let mut told = response::finish(Response::<Stream>::from(response), self.data)?;
        if let Some(next) = next {
            let options = Options::new().allow_redirects(false).timeout((5, 5));
            told["followed"] = response::head(&session.send(next, options)?);
        }
        Ok(told)
    }

    fn builder<'s>(&self, session: &'s Session, auths: &mut Auths) -> Result<Building<'s>, String> {
        let said = self.data;
        let url = said["url"].as_str().ok_or("a URL is text")?;
        let mut builder = match said["function"].as_str() {
            None => session.request(said["method"].as_str().unwrap_or("GET"), url),
            Some("get") => session.get(url),
            Some("head") => session.head(url),
            Some("options") => session.options(url),
            Some("post") => session.post(url),
            Some("put") => session.put(url),
            Some("patch") => session.patch(url),
            Some("delete") => session.delete(url),
            Some(other) => return Err(format!("unknown function {other}")),
        };
        builder = self.with_payload(with_settings(builder, said))?;
        for (name, value) in header_pairs(&said["headers"])? {
            builder = match value {
                HeaderValue::Absent => builder.without_header(name),
                HeaderValue::Text(text) => builder.header(name, text),
                HeaderValue::Bytes(bytes) => {
                    let mut headers = Headers::new();
                    headers.insert_bytes(name, bytes);
                    builder.headers(headers)
                }
            };
        }
        match &said["params"] {
            Value::Null => {}
            Value::String(text) => builder = builder.params(text),
            params => builder = builder.params(pairs(params)),
        }
        if let Some(cookies) = pair_list(&said["cookies"]) {
            let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("a cookie is text");
            let cookies = cookies.iter().map(|(name, value)| Ok((name.clone(), text(value)?)));
            builder = builder.cookies(cookies.collect::<Result<Vec<_>, &str>>()?);
        }
        Ok(match &said["auth"] {
            Value::Null => builder,
            auth if !auth["nobody"].is_null() => builder.no_auth(),
            auth => builder.auth(auths.shared(auth)?),
        })
    }

    fn with_payload<'s>(&self, mut builder: Building<'s>) -> Result<Building<'s>, String> {
        let said = self.data;
        if let Some(data) = said.get("data") {
            builder = match self.body(data)? {
                Some(body) => builder.data(body),
                None => builder.form(pairs(data)),
            };
        }
        if let Some(json) = said.get("json") {
            builder = match json["float"] == "nan" {
                true => builder.json(f64::NAN),
                false => builder.json(json),
            };
        }
        for file in said["files"].as_array().into_iter().flatten() {
            let field = file[0].as_str().ok_or("a field's name is text")?;
            builder = builder.file(field, self.part(&file[1])?);
        }
        Ok(builder)
    }

    /// A body that is no form; `None` for pairs.
    fn body(&self, said: &Value) -> Result<Option<Body>, String> {
        if let Value::String(text) = said {
            return Ok(Some(Body::from(text.as_str())));
        }
        let Some((word, inner)) = said.as_object().and_then(|map| Some((map.keys().next()?.as_str(), map)))
        else {
            return Ok(None);
        };
        let content = || bytes::read(&said[word]);
        Ok(Some(match (word, inner.len()) {
            ("latin1", 1) => Body::from(bytes::read(said)?),
            ("stream", 1) => Body::seekable(Cursor::new(content()?)),
            ("at", 2) => {
                let mut cursor = Cursor::new(bytes::read(&said["stream"])?);
                cursor.set_position(said["at"].as_u64().unwrap_or_default());
                Body::seekable(cursor)
            }
            ("reader", 1) => Body::reader(Cursor::new(content()?)),
            ("chunks", 1) => {
                let chunks = said["chunks"].as_array().ok_or("chunks is a list")?;
                Body::chunks(chunks.iter().map(bytes::read).collect::<Result<Vec<_>, _>>()?)
            }
            ("file", 1) => Body::from(self.file(&said["file"])?.1),
            _ => return Ok(None),
        }))
    }

    fn part(&self, said: &Value) -> Result<Part, String> {
        let map = said.as_object().filter(|map| !map.contains_key("latin1"));
        let Some(map) = map else {
            return Ok(Part::bytes(bytes::read(said)?));
        };
        if map.contains_key("file") {
            let (name, _) = self.file(&said["file"])?;
            let at = said["file"]["at"].as_u64().unwrap_or_default();
            let path = Path::new(self.directory).join(&name);
            return match at {
                0 => Part::path(path).map_err(|error| error.to_string()),
                // A path is read from its start, so this is how one stands elsewhere.
                _ => Ok(Part::file(self.file(&said["file"])?.1).file_name(name)),
            };
        }
        if map.contains_key("stream") {
            return Ok(Part::seekable(Cursor::new(bytes::read(&said["stream"])?)));
        }
        let mut part = self.part(&said["content"])?;
        part = match &said["name"] {
            Value::String(name) => part.file_name(name),
            _ => part.no_file_name(),
        };
        if let Some(kind) = said["type"].as_str() {
            part = part.content_type(kind);
        }
        for (name, value) in pair_list(&said["headers"]).unwrap_or_default() {
            part = part.header(name, value.as_str().ok_or("a part's header is text")?);
        }
        Ok(part)
    }

    fn file(&self, said: &Value) -> Result<(String, File), String> {
        let name = said["name"].as_str().ok_or("a file has a name")?;
        let path = Path::new(self.directory).join(name);
        let explain = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::write(&path, bytes::read(&said["content"])?).map_err(explain)?;
        let mut file = File::open(&path).map_err(explain)?;
        file.seek(SeekFrom::Start(said["at"].as_u64().unwrap_or_default())).map_err(explain)?;
        Ok((name.to_owned(), file))
    }
}

fn with_settings<'s>(mut builder: Building<'s>, said: &Value) -> Building<'s> {
    builder = match &said["timeout"] {
        Value::Array(pair) => builder.timeout((pair[0].as_f64(), pair[1].as_f64())),
        Value::Number(seconds) => builder.timeout(seconds.as_f64().unwrap_or_default()),
        _ => builder.timeout((5, 5)),
    };
    if let Some(allow) = said["allow_redirects"].as_bool() {
        builder = builder.allow_redirects(allow);
    }
    if let Some(verify) = verify(&said["verify"]) {
        builder = builder.verify(verify);
    }
    for (key, url) in said["proxies"].as_object().into_iter().flatten() {
        // Empty means that there is to be none, as null does in Requests.
        builder = builder.proxy(key, url.as_str().unwrap_or_default());
    }
    builder
}

/// Changes what is already prepared.
fn change(prepared: &mut PreparedRequest, changes: &Value) -> Result<(), Error> {
    let wrong = |error: String| Error::new(reqs::ErrorKind::Other, error);
    set_headers(&mut prepared.headers, &changes["headers"]).map_err(wrong)?;
    if let Some(body) = changes.get("body") {
        prepared.body = bytes::read(body).map_err(wrong)?.into();
    }
    if let Some(method) = changes["method"].as_str() {
        prepared.method = reqs::Method::from_bytes(method.as_bytes())
            .map_err(|error| Error::new(reqs::ErrorKind::InvalidMethod, error.to_string()))?;
    }
    Ok(())
}

fn told(prepared: &PreparedRequest) -> Value {
    let headers: Vec<_> =
        prepared.headers.iter_bytes().map(|(name, value)| json!([name, bytes::text(value)])).collect();
    let body = match prepared.body.as_bytes() {
        Some(body) => json!(bytes::text(body)),
        None => json!({ "stream": true }),
    };
    json!({
        "method": prepared.method.as_str(),
        "url": prepared.url.as_str(),
        "path_url": prepared.path_url(),
        "headers": headers,
        "body": body,
    })
}

/// What goes to `params` and `form`: what the case says, without the word that makes it a dict in Python.
pub(super) fn pairs(said: &Value) -> &Value {
    said.get("dict").filter(|_| said.as_object().is_some_and(|map| map.len() == 1)).unwrap_or(said)
}

/// What a case says of a header.
pub(super) enum HeaderValue {
    /// It is to be taken away.
    Absent,
    Text(String),
    Bytes(Vec<u8>),
}

/// Headers in their order; null is for taking one away.
pub(super) fn header_pairs(said: &Value) -> Result<Vec<(String, HeaderValue)>, String> {
    let pairs = pair_list(said).unwrap_or_default().into_iter();
    let pairs = pairs.map(|(name, value)| match value {
        Value::Null => Ok((name, HeaderValue::Absent)),
        Value::String(text) => Ok((name, HeaderValue::Text(text))),
        value => Ok((name, HeaderValue::Bytes(bytes::read(&value)?))),
    });
    pairs.collect()
}

/// Sets headers one by one, as assigning to a mapping does.
pub(super) fn set_headers(headers: &mut Headers, said: &Value) -> Result<(), String> {
    for (name, value) in header_pairs(said)? {
        match value {
            HeaderValue::Text(text) => headers.insert(name, text),
            HeaderValue::Bytes(bytes) => headers.insert_bytes(name, bytes),
            HeaderValue::Absent => {
                headers.remove(&name);
            }
        }
    }
    Ok(())
}

/// An object, or a list of pairs, as pairs.
fn pair_list(said: &Value) -> Option<Vec<(String, Value)>> {
    match pairs(said) {
        Value::Object(map) => Some(map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()),
        Value::Array(items) => {
            items.iter().map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].clone()))).collect()
        }
        _ => None,
    }
}
