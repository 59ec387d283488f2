//! Reading a response as a step says, and telling what it was.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use reqs::{CookieJar, Error, Response, Stream};
use serde_json::{Map, Value, json};

use super::super::bytes::text;
use super::kind;

/// Reads the response and tells all of it.
///
/// # Errors
/// Those of reading the body. What a step expects to fail is told instead.
pub(super) fn finish(mut response: Response<Stream>, step: &Value) -> Result<Value, Error> {
    let mut told = head(&response);
    if let Some(encoding) = step["set_encoding"].as_str() {
        response.set_encoding(encoding);
    }
    if let Some((word, inner)) = step["read"].as_object().and_then(|how| how.iter().next()) {
        read(response, word, inner, &mut told)?;
        return Ok(told);
    }
    let response = response.load()?;
    told["content"] = json!(text(response.content()));
    told["text"] = json!(response.text());
    if step["read_json"] == true {
        told["json"] = match response.json::<Value>() {
            Ok(value) => json!(value.to_string()),
            Err(error) => json!({ "error": kind(&error) }),
        };
    }
    if step["raise_for_status"] == true {
        told["raised"] = match response.raise_for_status() {
            Ok(_) => Value::Null,
            Err(error) => json!([kind(&error), error.to_string()]),
        };
    }
    Ok(told)
}

/// All that a response tells but its body.
pub(super) fn head<S>(response: &Response<S>) -> Value {
    let headers = response.headers();
    let raw: Vec<_> = headers.iter_bytes().map(|(name, value)| json!([name, text(value)])).collect();
    let names: BTreeSet<String> = headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let values: BTreeMap<_, _> =
        names.iter().filter_map(|name| Some((name, headers.joined(name)?.into_owned()))).collect();
    let history: Vec<_> = response
        .history()
        .iter()
        .map(|earlier| json!([earlier.status().as_u16(), earlier.url().as_str()]))
        .collect();
    let next = response.next_request();
    let mut told = json!({
        "status": response.status().as_u16(),
        "reason": response.reason(),
        "url": response.url().as_str(),
        "ok": response.ok(),
        "headers": raw,
        "header_values": values,
        "history": history,
        "cookies": cookies(&response.cookies()),
        "encoding": response.encoding(),
        "is_redirect": response.is_redirect(),
        "is_permanent_redirect": response.is_permanent_redirect(),
        "next": next.map(|next| json!([next.method.as_str(), next.url.as_str()])),
    });
    if headers.contains("Link") {
        told["links"] = links(response);
    }
    told
}

/// What a jar holds, sorted.
pub(super) fn cookies(jar: &CookieJar) -> Value {
    let mut found: Vec<[String; 4]> = jar
        .iter()
        .map(|cookie| [cookie.name(), cookie.value(), cookie.domain(), cookie.path()].map(str::to_owned))
        .collect();
    found.sort();
    json!(found)
}

/// As Requests keeps them: under the relation, else the URL; the last of several.
fn links<S>(response: &Response<S>) -> Value {
    let mut told = Map::new();
    for link in response.links().iter() {
        let mut one = Map::new();
        one.insert("url".to_owned(), json!(link.target()));
        one.extend(link.params().map(|(name, value)| (name.to_owned(), json!(value))));
        told.insert(link.rel().unwrap_or(link.target()).to_owned(), Value::Object(one));
    }
    Value::Object(told)
}

fn read(mut response: Response<Stream>, word: &str, inner: &Value, told: &mut Value) -> Result<(), Error> {
    let size = inner.as_u64().map(|size| size as usize);
    match word {
        "iter_content" => told["pieces"] = pieces(&mut response, size)?,
        "iter_text" => {
            told["pieces"] = response.iter_text(size).collect::<Result<Vec<_>, _>>().map(|all| json!(all))?;
        }
        "iter_lines" => {
            let mut lines = response.iter_lines();
            if let Some(delimiter) = inner["delimiter"].as_str() {
                lines = lines.delimiter(delimiter);
            }
            told["lines"] = lines.map(|line| Ok(json!(text(&line?)))).collect::<Result<Value, Error>>()?;
        }
        "iter_lines_text" => {
            let mut lines = response.iter_lines_text();
            if let Some(delimiter) = inner["delimiter"].as_str() {
                lines = lines.delimiter(delimiter);
            }
            told["lines"] = lines.map(|line| Ok(json!(line?))).collect::<Result<Value, Error>>()?;
        }
        "raw" => {
            let mut out = Vec::new();
            let read = match size {
                Some(size) => response.raw().take(size as u64).read_to_end(&mut out),
                None => response.raw().read_to_end(&mut out),
            };
            read.map_err(Error::from)?;
            told["raw"] = json!(text(&out));
        }
        "close" => response.close(),
        "twice" => {
            told["pieces"] = pieces(&mut response, size)?;
            told["again"] =
                pieces(&mut response, size).unwrap_or_else(|error| json!({ "error": kind(&error) }));
        }
        "after_content" => {
            let response = response.load()?;
            told["content"] = json!(text(response.content()));
            told["pieces"] = response.iter_content(size).map(|piece| json!(text(piece))).collect();
        }
        other => return Err(Error::new(reqs::ErrorKind::Other, format!("unknown way to read {other}"))),
    }
    Ok(())
}

fn pieces(response: &mut Response<Stream>, size: Option<usize>) -> Result<Value, Error> {
    let pieces = response.iter_content(size).map(|piece| Ok(json!(text(&piece?))));
    pieces.collect::<Result<Value, Error>>()
}
