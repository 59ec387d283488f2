//! Plays one connection's script on its socket.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::connection::{Answer, Step};
use super::log::Log;
use super::received::{self, Received};
use super::stream::Stream;
use super::{Connection, Gate, LIMIT};

/// How much is read at a time.
const READ_SIZE: usize = 64 * 1024;
/// How often a wait that a condition variable of ours cannot end looks whether the server stops.
const TICK: Duration = Duration::from_millis(20);

/// Plays `script` to its end and records how it went.
pub(super) fn play(script: Connection, socket: TcpStream, connection: usize, log: &Arc<Log>) {
    log.keep(connection, &socket);
    // Failing to set an option only makes timing worse.
    let _ = socket.set_nodelay(true);
    let _ = socket.set_read_timeout(Some(LIMIT));
    let _ = socket.set_write_timeout(Some(LIMIT));

    let mut player = Player {
        stream: Some(Stream::Plain(socket)),
        pending: Vec::new(),
        head: None,
        connection,
        log: Arc::clone(log),
    };
    let mut outcome = Ok(());
    for (number, step) in script.steps.into_iter().enumerate() {
        let said = format!("{step:?}");
        if let Err(error) = player.step(step) {
            outcome = Err(format!("connection {connection}, step {number} ({said}): {error}"));
            break;
        }
    }
    let stay_open = outcome.is_ok() && player.stream.is_some();
    player.log.end(connection, outcome);
    if stay_open {
        let _ = player.wait_for_close();
    }
    player.log.release(connection);
}

struct Player {
    /// `None` once the script has closed the connection.
    stream: Option<Stream>,
    /// Read and recorded, but not yet part of a request.
    pending: Vec<u8>,
    /// The head whose body is still to be read.
    head: Option<Vec<u8>>,
    connection: usize,
    log: Arc<Log>,
}

impl Player {
    fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::StartTls(identity) => {
                if !self.pending.is_empty() {
                    return Err(format!("{} bytes came before the handshake", self.pending.len()));
                }
                let stream = self.stream.take().ok_or("the connection is closed")?;
                self.stream = Some(stream.start_tls(identity).map_err(explain)?);
                Ok(())
            }
            Step::ExpectRequest => self.read_request().map(drop),
            Step::ExpectHead => self.read_head(),
            Step::ExpectBody => self.read_body().map(drop),
            Step::ExpectBytes(length) => self.read_exactly(length),
            Step::Send(bytes) => self.send(&bytes),
            Step::SendSlowly { bytes, piece, pause } => bytes.chunks(piece).try_for_each(|piece| {
                self.send(piece)?;
                self.pause(pause)
            }),
            Step::SendEndlessly(bytes) => {
                while self.send(&bytes).is_ok() {}
                Ok(())
            }
            Step::AnswerEach(answer) => self.answer_each(&answer),
            Step::Pause(duration) => self.pause(duration),
            Step::WaitFor(gate) => self.wait_for(&gate),
            Step::WaitForClose => self.wait_for_close(),
            Step::TunnelTo(address) => self.tunnel_to(address),
            Step::CloseWrite => self.stream()?.close_write(true).map_err(explain),
            Step::Close => self.close(true),
            Step::Cut => self.close(false),
            Step::Reset => {
                let stream = self.stream.take().ok_or("the connection is closed")?;
                self.log.release(self.connection);
                stream.reset_on_drop().map_err(explain)
            }
        }
    }

    /// Reads a head and its body; the request is recorded when it is whole.
    fn read_request(&mut self) -> Result<Received, String> {
        let head = self.take_head()?;
        if received::expects_continue(&head) && received::body_length(&head, &self.pending)?.is_none() {
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let request = self.take_body(head)?;
        self.log.record_request(self.connection, request.clone());
        Ok(request)
    }

    fn read_head(&mut self) -> Result<(), String> {
        let head = self.take_head()?;
        self.log.record_request(self.connection, Received::new(head.clone(), head.len()));
        self.head = Some(head);
        Ok(())
    }

    fn read_body(&mut self) -> Result<(), String> {
        let head = self.head.take().ok_or("no head was read before it")?;
        let request = self.take_body(head)?;
        self.log.complete_request(self.connection, request);
        Ok(())
    }

    fn take_head(&mut self) -> Result<Vec<u8>, String> {
        loop {
            if let Some(length) = received::head_length(&self.pending) {
                return Ok(self.pending.drain(..length).collect());
            }
            if self.fill()? == 0 {
                return Err(format!("the client closed after {} bytes of a head", self.pending.len()));
            }
        }
    }

    fn take_body(&mut self, mut head: Vec<u8>) -> Result<Received, String> {
        loop {
            if let Some(length) = received::body_length(&head, &self.pending)? {
                let head_length = head.len();
                head.extend(self.pending.drain(..length));
                return Ok(Received::new(head, head_length));
            }
            if self.fill()? == 0 {
                return Err(format!("the client closed after {} bytes of a body", self.pending.len()));
            }
        }
    }

    fn read_exactly(&mut self, length: usize) -> Result<(), String> {
        while self.pending.len() < length {
            if self.fill()? == 0 {
                return Err(format!("the client closed after {} bytes", self.pending.len()));
            }
        }
        self.pending.drain(..length);
        Ok(())
    }

    fn answer_each(&mut self, answer: &Answer) -> Result<(), String> {
        loop {
            if self.pending.is_empty() && self.fill()? == 0 {
                return Ok(());
            }
            let request = self.read_request()?;
            let Some(response) = answer(&request) else {
                self.close(true)?;
                return Err(format!("no answer was planned for `{}`", request.line()));
            };
            self.send(&response)?;
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let stream = self.stream()?;
        stream.write_all(bytes).and_then(|()| stream.flush()).map_err(explain)
    }

    fn pause(&mut self, duration: Duration) -> Result<(), String> {
        if self.log.wait(duration, |state| state.stopping) {
            Err("the server was dropped".to_owned())
        } else {
            Ok(())
        }
    }

    fn wait_for(&mut self, gate: &Gate) -> Result<(), String> {
        let deadline = Instant::now() + LIMIT;
        while !gate.wait(TICK) {
            if self.log.is_stopping() {
                return Err("the server was dropped".to_owned());
            }
            if Instant::now() > deadline {
                return Err(format!("it stayed closed for {LIMIT:?}"));
            }
        }
        Ok(())
    }

    fn wait_for_close(&mut self) -> Result<(), String> {
        while self.fill()? > 0 {}
        Ok(())
    }

    /// Closes our side, lets the test know, then reads on: closing a socket with unread bytes in it
    /// would be a reset, and what was sent could get lost.
    fn close(&mut self, notify: bool) -> Result<(), String> {
        self.stream()?.close_write(notify).map_err(explain)?;
        self.log.end(self.connection, Ok(()));
        let _ = self.wait_for_close();
        self.stream = None;
        Ok(())
    }

    fn tunnel_to(&mut self, address: SocketAddr) -> Result<(), String> {
        let client = match self.stream()? {
            Stream::Plain(tcp) => tcp.try_clone().map_err(explain)?,
            Stream::Tls(_) => return Err("a tunnel inside TLS".to_owned()),
        };
        let mut upstream = TcpStream::connect(address).map_err(explain)?;
        self.log.keep(self.connection, &upstream);
        let mut from = upstream.try_clone().map_err(explain)?;
        let back = thread::spawn(move || {
            let _ = io::copy(&mut from, &mut &client);
            let _ = client.shutdown(Shutdown::Write);
        });

        loop {
            let pending = std::mem::take(&mut self.pending);
            let sent = upstream.write_all(&pending);
            if sent.is_err() || self.fill().unwrap_or(0) == 0 {
                break;
            }
        }
        let _ = upstream.shutdown(Shutdown::Write);
        back.join().map_err(|_| "the thread of the way back panicked".to_owned())
    }

    /// Reads once and records it. Zero: the client has closed.
    fn fill(&mut self) -> Result<usize, String> {
        let mut buffer = vec![0; READ_SIZE];
        let length = self.stream()?.read(&mut buffer).map_err(explain)?;
        self.log.record_bytes(self.connection, &buffer[..length]);
        self.pending.extend_from_slice(&buffer[..length]);
        Ok(length)
    }

    fn stream(&mut self) -> Result<&mut Stream, String> {
        self.stream.as_mut().ok_or_else(|| "the connection is closed".to_owned())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn explain(error: io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            format!("nothing moved for {LIMIT:?}")
        }
        _ => error.to_string(),
    }
}
