//! Server-sent events: what a `text/event-stream` says, event by event (HTML Standard, section 9.2).

use std::time::Duration;

use crate::error::Result;
use crate::lines::Lines;
use crate::response::{Response, Stream};

impl Response<Stream> {
    /// The body as server-sent events, each as soon as the empty line behind it has come. (niquests: `sse://`.)
    ///
    /// ```no_run
    /// let request = reqs::post("https://llm.example.com/v1/chat").json(serde_json::json!({"stream": true}));
    /// let mut r = request.stream()?.raise_for_status()?;
    /// for event in r.iter_events() {
    ///     let event = event?;
    ///     if event.data == "[DONE]" {
    ///         break;
    ///     }
    ///     println!("{}: {}", event.event, event.data);
    /// }
    /// # Ok::<(), reqs::Error>(())
    /// ```
    ///
    /// The status and the `Content-Type` are the caller's to look at. So is connecting again when the stream has ended:
    /// after [`retry`](Event::retry), with the last [`id`](Event::id) as the header `Last-Event-ID`. A silent stream ends
    /// with the read timeout, where one is set. As the standard has it, text is UTF-8 whatever the headers say, an event
    /// without data is none, and one that the end of the body cuts off is not given.
    ///
    /// # Errors
    /// Items are errors as those of [`iter_lines`](Response::iter_lines); after one there are no more.
    pub fn iter_events(&mut self) -> Events<'_> {
        Events { lines: self.iter_lines(), reader: Reader::default() }
    }
}

/// An event that a server sent; see [`Response::iter_events`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What kind of event it is: `message`, unless the server says otherwise.
    pub event: String,
    /// What the event says. Several lines are joined by `\n`.
    pub data: String,
    /// The last id that the stream has given, with this event or before; empty where it has given none.
    pub id: String,
    /// How long the server asks to wait before connecting again, where it said so since the event before.
    pub retry: Option<Duration>,
}

/// A body's events; see [`Response::iter_events`].
#[derive(Debug)]
pub struct Events<'a> {
    lines: Lines<'a>,
    reader: Reader,
}

impl Iterator for Events<'_> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Result<Event>> {
        loop {
            match self.lines.next()? {
                Ok(line) => {
                    if let Some(event) = self.reader.read(&line) {
                        return Some(Ok(event));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl std::iter::FusedIterator for Events<'_> {}

/// Puts events together, line by line.
#[derive(Debug, Default)]
struct Reader {
    /// What has come of the event that is being read; its id outlives it.
    event: Event,
    has_data: bool,
    is_past_start: bool,
}

impl Reader {
    /// Takes in a line without its end. An empty one ends an event.
    fn read(&mut self, line: &[u8]) -> Option<Event> {
        let byte_order_mark: &[u8] = b"\xef\xbb\xbf";
        let is_first = !std::mem::replace(&mut self.is_past_start, true);
        let line = match line.strip_prefix(byte_order_mark) {
            Some(rest) if is_first => rest,
            _ => line,
        };
        if line.is_empty() {
            return self.take();
        }
        let line = String::from_utf8_lossy(line);
        // Without a colon the line is a name alone; with nothing before it, a comment.
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        self.set(name, value.strip_prefix(' ').unwrap_or(value));
        None
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "event" => value.clone_into(&mut self.event.event),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.event.id),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.event.retry = value.parse().ok().map(Duration::from_millis).or(self.event.retry);
            }
            _ => {}
        }
    }

    /// The event whose end has come. One without data is none, but what it said of id and retry stands.
    fn take(&mut self) -> Option<Event> {
        if !std::mem::take(&mut self.has_data) {
            self.event.event.clear();
            return None;
        }
        let next = Event { id: self.event.id.clone(), ..Event::default() };
        let mut event = std::mem::replace(&mut self.event, next);
        if event.event.is_empty() {
            "message".clone_into(&mut event.event);
        }
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(body: &[u8]) -> Vec<Event> {
        let mut response = Response::builder().body(body.to_vec()).build();
        response.iter_events().map(Result::unwrap).collect()
    }

    fn event(event: &str, data: &str, id: &str) -> Event {
        Event { event: event.to_owned(), data: data.to_owned(), id: id.to_owned(), retry: None }
    }

    /// The examples of the standard, and its corners.
    #[test]
    fn x68_streams_and_their_events() {
        let message = |data: &str| event("message", data, "");
        let cases: &[(&str, &[Event])] = &[
            ("data: a\n\ndata: b\ndata: c\n\n", &[message("a"), message("b\nc")]),
            (
                "event: add\ndata: 1\n\nevent: remove\ndata: 2\n\n",
                &[event("add", "1", ""), event("remove", "2", "")],
            ),
            (
                ": a comment\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
                &[event("message", "first", "1"), message("second"), message(" third")],
            ),
            // Two empty lines of data are one newline; the last event is cut off.
            ("data\n\ndata\ndata\n\ndata:", &[message(""), message("\n")]),
            ("data:test\n\ndata: test\n\n", &[message("test"), message("test")]),
            // Any line end, and the id stays until it is changed.
            ("id: 7\rdata: a\r\rdata: b\r\n\r\n", &[event("message", "a", "7"), event("message", "b", "7")]),
            // An event without data is none, and leaves no name behind.
            ("event: x\n\ndata: a\n\n", &[message("a")]),
            ("id: a\0b\ndata: a\n\n", &[message("a")]),
            ("DATA: a\ndatax: a\n data: a\n\n", &[]),
            ("\u{feff}data: \u{feff}é\n\n", &[message("\u{feff}é")]),
            ("", &[]),
        ];
        for (body, expected) in cases {
            assert_eq!(events(body.as_bytes()), *expected, "{body:?}");
        }
        assert_eq!(events(b"data: \xff\n\n"), [message("\u{fffd}")]);
    }

    #[test]
    fn x68_when_to_connect_again() {
        let retries =
            |body: &str| events(body.as_bytes()).iter().map(|event| event.retry).collect::<Vec<_>>();
        let wait = |ms| Some(Duration::from_millis(ms));
        assert_eq!(retries("retry: 1500\ndata: a\n\ndata: b\n\n"), [wait(1500), None]);
        // Said with no event, it is told with the next; what is no number is not heard.
        assert_eq!(retries("retry: 10\n\nretry: 1e3\nretry: -1\nretry:\ndata: a\n\n"), [wait(10)]);
        assert_eq!(retries("retry: 99999999999999999999\ndata: a\n\n"), [None]);
    }

    #[test]
    fn a_loop_that_is_left_is_taken_up_at_the_next_event() {
        let mut response = Response::builder().body("data: a\n\ndata: b\n\n").build();
        assert_eq!(response.iter_events().next().unwrap().unwrap().data, "a");
        assert_eq!(response.iter_events().next().unwrap().unwrap().data, "b");
        assert!(response.iter_events().next().is_none());
    }
}
