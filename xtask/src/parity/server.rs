//! The scripted servers of one case, played anew for each side.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use reqs_tests::scripted::{Listen, ok};
use reqs_tests::{Connection, Scripted};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::bytes;
use super::case::Case;
use super::python::Facts;
use super::wire;

/// How long the last bytes of a client may take to arrive after it is done, and how often we look.
const SETTLE: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(4);
/// How many looks in a row must find nothing new.
const QUIET_LOOKS: u32 = 8;

/// What a server says that has no answer left: nobody takes it for one of the case.
const UNPLANNED: &[u8] = b"HTTP/1.1 500 One request too many\r\nContent-Length: 0\r\n\r\n";

/// One server, or two where a case goes from one to another, and a directory for files.
pub(super) struct Servers {
    first: Scripted,
    second: Option<Scripted>,
    words: Arc<OnceLock<Words>>,
    directory: TempDir,
}

/// Placeholders and what stands for them.
type Words = Vec<(&'static str, String)>;

impl Servers {
    /// Starts what the case asks for.
    ///
    /// # Errors
    /// When its script cannot be read.
    pub(super) fn start(case: &Case) -> Result<Servers, String> {
        let explain = |error: String| format!("{}: {error}", case.id);
        let directory = TempDir::new().map_err(|error| explain(error.to_string()))?;
        let words = Arc::new(OnceLock::new());
        let second = match ["answers2", "connections2", "tls2"].iter().any(|name| case.get(name).is_some()) {
            true => Some(start(case, "2", &Words::new(), &words).map_err(explain)?),
            false => None,
        };
        let early = second.as_ref().map(second_words).unwrap_or_default();
        let first = start(case, "", &early, &words).map_err(explain)?;

        let mut known = early;
        known.push(("{server}", first.url("")));
        known.push(("{port}", first.port().to_string()));
        known.push(("{dir}", directory.path().display().to_string()));
        known.push(("{ca}", reqs_tests::ca_file().display().to_string()));
        words.set(known).map_err(|_| explain("the words are known twice".to_owned()))?;
        Ok(Servers { first, second, words, directory })
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The bytes with every placeholder filled in.
    pub(super) fn filled(&self, bytes: &[u8]) -> Vec<u8> {
        fill(bytes, self.words.get().map_or(&[], Vec::as_slice))
    }

    /// The value with every placeholder in every text filled in.
    pub(super) fn filled_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let words = self.words.get().map_or(&[][..], Vec::as_slice);
                json!(words.iter().fold(text.clone(), |text, (word, with)| text.replace(word, with)))
            }
            Value::Array(items) => items.iter().map(|item| self.filled_value(item)).collect(),
            Value::Object(map) => Value::Object(
                map.iter().map(|(key, inner)| (key.clone(), self.filled_value(inner))).collect(),
            ),
            other => other.clone(),
        }
    }

    /// What a side told, with what it sent, and all of it without what differs by name: ports and the like.
    pub(super) fn with_wire(&self, mut told: Value, facts: &Facts) -> Value {
        if let Some(told) = told.as_object_mut() {
            told.insert("wire".to_owned(), received(&self.first));
            if let Some(second) = &self.second {
                told.insert("wire2".to_owned(), received(second));
            }
        }
        let mut names = vec![
            (facts.user_agent.clone(), "{user-agent}".to_owned()),
            (facts.accept_encoding.clone(), "{accept-encoding}".to_owned()),
            (format!(":{}", self.first.port()), ":{port}".to_owned()),
            (self.directory.path().display().to_string(), "{dir}".to_owned()),
        ];
        if let Some(second) = &self.second {
            names.push((format!(":{}", second.port()), ":{port2}".to_owned()));
        }
        wire::renamed(told, &names)
    }
}

fn second_words(second: &Scripted) -> Words {
    vec![("{server2}", second.url("")), ("{port2}", second.port().to_string())]
}

/// Everything that came in over every connection, once nothing more comes.
fn received(server: &Scripted) -> Value {
    let look = || (0..server.connections()).map(|number| server.received(number)).collect::<Vec<_>>();
    let deadline = Instant::now() + SETTLE;
    let mut found = look();
    let mut quiet = 0;
    while quiet < QUIET_LOOKS && Instant::now() < deadline {
        sleep(TICK);
        let now = look();
        quiet = if now == found { quiet + 1 } else { 0 };
        found = now;
    }
    found.iter().map(|bytes| wire::parsed(bytes)).collect()
}

fn start(case: &Case, which: &str, early: &Words, late: &Arc<OnceLock<Words>>) -> Result<Scripted, String> {
    let member = |name: &str| case.get(&format!("{name}{which}"));
    let tls = member("tls").and_then(Value::as_bool).unwrap_or(false);
    let listen = if tls { Scripted::https() } else { Scripted::http() };
    match (member("connections"), member("answers")) {
        (Some(connections), None) => connected(listen, connections, early),
        (None, Some(answers)) => answering(listen, answers, Arc::clone(late)),
        (None, None) => Ok(listen.with(|_| ok("ok"))),
        (Some(_), Some(_)) => Err("answers or connections, not both".to_owned()),
    }
}

/// These answers in the order in which requests come. They may name any port, for it is known when they are sent.
fn answering(listen: Listen, answers: &Value, words: Arc<OnceLock<Words>>) -> Result<Scripted, String> {
    let answers = answers.as_array().ok_or("answers is a list")?;
    let answers: Vec<Vec<u8>> = answers.iter().map(response).collect::<Result<_, _>>()?;
    let next = AtomicUsize::new(0);
    Ok(listen.with(move |_| match answers.get(next.fetch_add(1, Ordering::SeqCst)) {
        Some(answer) => fill(answer, words.get().map_or(&[], Vec::as_slice)),
        None => UNPLANNED.to_vec(),
    }))
}

/// One script per connection: answers, and words for what else a server does. Only the second server's port is known.
fn connected(listen: Listen, connections: &Value, words: &Words) -> Result<Scripted, String> {
    let mut planned = Vec::new();
    for steps in connections.as_array().ok_or("connections is a list")? {
        let mut connection = Connection::new();
        for step in steps.as_array().ok_or("a connection is a list of steps")? {
            connection = with_step(connection, step, words)?;
        }
        planned.push(connection);
    }
    Ok(listen.start(planned))
}

fn with_step(connection: Connection, step: &Value, words: &Words) -> Result<Connection, String> {
    Ok(match step.as_str() {
        Some("close") => connection.close(),
        Some("reset") => connection.reset(),
        Some("request") => connection.expect_request(),
        Some("head") => connection.expect_head(),
        Some("body") => connection.expect_body(),
        _ => match (step.get("pause"), step.get("send")) {
            (Some(pause), _) => {
                connection.pause(Duration::from_millis(pause.as_u64().ok_or("pause is in milliseconds")?))
            }
            (_, Some(send)) => connection.send(fill(&bytes::read(send)?, words)),
            _ => connection.answer(fill(&response(step)?, words)),
        },
    })
}

/// A response: bytes as they are, or status, headers and body.
fn response(value: &Value) -> Result<Vec<u8>, String> {
    let known = ["status", "headers", "body", "length"];
    let Some(map) = value.as_object().filter(|map| map.keys().all(|key| known.contains(&key.as_str())))
    else {
        return bytes::read(value);
    };
    let status = map.get("status").and_then(Value::as_str).unwrap_or("200 OK");
    let mut out = format!("HTTP/1.1 {status}\r\n").into_bytes();
    let mut framed = map.get("length").and_then(Value::as_bool) == Some(false);
    for header in map.get("headers").and_then(Value::as_array).into_iter().flatten() {
        let name = header[0].as_str().ok_or("a header is a pair")?;
        framed |= ["content-length", "transfer-encoding"].contains(&name.to_ascii_lowercase().as_str());
        out.extend_from_slice(format!("{name}: ").as_bytes());
        out.extend_from_slice(&bytes::read(&header[1])?);
        out.extend_from_slice(b"\r\n");
    }
    let body = map.get("body").map(bytes::read).transpose()?.unwrap_or_default();
    if !framed {
        out.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&body);
    Ok(out)
}

/// Puts every word's value in its place. What stands in a Content-Length is the writer's care.
fn fill(bytes: &[u8], words: &[(&'static str, String)]) -> Vec<u8> {
    let mut text = bytes::text(bytes);
    for (word, with) in words {
        text = text.replace(word, with);
    }
    // What was put in is ASCII but for a strange temporary directory's name, which no answer holds.
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_bytes_or_its_parts() {
        let said = json!({"status": "404 No", "headers": [["A", "b"]], "body": "xy"});
        assert_eq!(response(&said).unwrap(), b"HTTP/1.1 404 No\r\nA: b\r\nContent-Length: 2\r\n\r\nxy");
        let chunked = json!({"headers": [["Transfer-Encoding", "chunked"]], "body": {"chunked": ["x"]}});
        assert_eq!(
            response(&chunked).unwrap(),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        );
        assert_eq!(response(&json!("as it is")).unwrap(), b"as it is");
        assert_eq!(fill(b"\xe9{port}", &[("{port}", "12".to_owned())]), b"\xe912");
    }
}
