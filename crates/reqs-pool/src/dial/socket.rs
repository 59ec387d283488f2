//! The innermost layer: a TCP or Unix socket that keeps its own time and tells which clock ran out.
//!
//! Socket options cost a system call each, so they are set when their value changes and not before.

use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::num::NonZeroUsize;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::error::{TimeUp, inside};
use crate::layer::{Layer, Pending};

/// Writes above this size may leave a last small segment that `TCP_NODELAY` matters for. Below it, a write that follows
/// a read is sent at once in any case (RFC 896: nothing is unacknowledged).
const SMALL_WRITE: usize = 1024;

/// The shortest timeout that is handed to the system: zero means none there.
const SHORTEST: Duration = Duration::from_millis(1);

/// Up to this size memory is cleared and read into with one call as long as everything is there. For more the standard
/// library reads into memory that was never cleared, but feels its way from 8 KiB on: three calls more, at first.
const CLEARED_READ: usize = 64 * 1024;

/// Bytes that are read at once into the caller's memory while a deadline is watched: small enough to be cleared and
/// overwritten within a processor's cache.
const WATCHED_STEP: usize = 256 * 1024;

/// Bytes of a file that are sent by one call while no deadline is watched. Between 1 and 4 MiB this side's processor time
/// is least; with 64 MiB it is a fifth more, since the kernel then waits for room in the middle of its work.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LARGEST_SEND: usize = 1024 * 1024;

/// What a socket is made from.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// The clocks that reads and writes on a socket obey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clocks {
    pub(crate) read: Option<Duration>,
    pub(crate) write: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    /// A write that moves nothing for this long ends in [`TimeUp::Stall`], and may be taken up again.
    pub(crate) stall: Option<Duration>,
}

/// A connected socket.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Stream,
    clocks: Clocks,
    /// What the system was told last.
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    /// How long writes have moved nothing.
    stalled: Duration,
    /// `TCP_NODELAY` is wanted and not yet set.
    wants_nodelay: bool,
    /// The last operation was a write, so that a further small one might wait for its acknowledgement.
    wrote: bool,
}

impl Socket {
    /// A socket on which nothing was set yet.
    pub(crate) fn new(stream: Stream, nodelay: bool) -> Self {
        let tcp = matches!(stream, Stream::Tcp(_));
        Socket {
            stream,
            clocks: Clocks::default(),
            read_timeout: None,
            write_timeout: None,
            stalled: Duration::ZERO,
            wants_nodelay: nodelay && tcp,
            wrote: false,
        }
    }

    pub(crate) fn set_clocks(&mut self, clocks: Clocks) {
        self.clocks = clocks;
        self.stalled = Duration::ZERO;
    }

    /// From here on a write that moves nothing for as long as `stall` comes back with [`TimeUp::Stall`].
    pub(crate) fn watch_writes(&mut self, stall: Duration) {
        self.clocks.stall = Some(stall);
    }

    /// Reads up to `limit` bytes to the end of `out`, which has room for them; 0 only at the end of the connection, or where
    /// none were asked for.
    pub(crate) fn read_to_vec(&mut self, out: &mut Vec<u8>, limit: usize) -> io::Result<usize> {
        if limit == 0 {
            return Ok(0);
        }
        let before = out.len();
        if self.clocks.deadline.is_none() && limit > CLEARED_READ {
            self.before_read()?;
            let result = match &self.stream {
                // The standard library reads into memory that was never written; so costs a large body one pass less.
                Stream::Tcp(tcp) => tcp.take(limit as u64).read_to_end(out),
                #[cfg(unix)]
                Stream::Unix(unix) => unix.take(limit as u64).read_to_end(out),
            };
            return result.map_err(|e| self.explain(e, self.read_timeout, TimeUp::Read));
        }
        let step = limit.min(WATCHED_STEP);
        out.resize(before + step, 0);
        let result = self.read(out.get_mut(before..).unwrap_or_default());
        out.truncate(before + result.as_ref().map_or(0, |n| *n));
        result
    }

    /// Whether [`send_file`](Self::send_file) exists here and is worth it. To another machine it saves a copy. On the same one,
    /// what reaches the receiver is the file's small pages one by one, which costs it more than is saved here.
    pub(crate) fn is_for_files(&self) -> bool {
        let exists = cfg!(any(target_os = "linux", target_os = "android"));
        match &self.stream {
            Stream::Tcp(tcp) => {
                exists && tcp.peer_addr().is_ok_and(|peer| !peer.ip().to_canonical().is_loopback())
            }
            #[cfg(unix)]
            Stream::Unix(_) => false,
        }
    }

    /// Sends bytes of a file from `offset` on, at most `length`, and says how many. The file's position stays where it is.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn send_file(&mut self, file: &File, offset: u64, length: u64) -> io::Result<u64> {
        let at_once = if self.clocks.deadline.is_some() { WATCHED_STEP } else { LARGEST_SEND };
        let size = usize::try_from(length).unwrap_or(usize::MAX).min(at_once);
        let offset = usize::try_from(offset).map_err(|_| io::ErrorKind::Unsupported)?;
        let sent = self.write_with(size, |stream| match stream {
            Stream::Tcp(tcp) => socket2::SockRef::from(&*tcp).sendfile(file, offset, NonZeroUsize::new(size)),
            Stream::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        });
        sent.map(|sent| sent as u64)
    }

    /// There is no such call here.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn send_file(&mut self, _: &File, _: u64, _: u64) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn explain(&self, error: io::Error, set: Option<Duration>, clock: TimeUp) -> io::Error {
        let timed_out = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
        // Without a timeout of ours it is the system that gave up (ETIMEDOUT).
        if !timed_out || set.is_none() || error.get_ref().is_some() {
            return error;
        }
        match self.clocks.deadline {
            Some(deadline) if Instant::now() >= deadline => TimeUp::Deadline.into(),
            _ => clock.into(),
        }
    }

    fn before_read(&mut self) -> io::Result<()> {
        let wanted = allowance(self.clocks.read, self.clocks.deadline)?;
        if !is_close_enough(self.read_timeout, wanted, self.clocks.deadline.is_some()) {
            match &self.stream {
                Stream::Tcp(tcp) => tcp.set_read_timeout(wanted)?,
                #[cfg(unix)]
                Stream::Unix(unix) => unix.set_read_timeout(wanted)?,
            }
            self.read_timeout = wanted;
        }
        self.wrote = false;
        Ok(())
    }

    /// One write of about `size` bytes, whichever call does it.
    fn write_with(
        &mut self,
        size: usize,
        mut write: impl FnMut(&mut Stream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            self.before_write(size)?;
            match write(&mut self.stream) {
                Ok(n) => {
                    self.stalled = Duration::ZERO;
                    return Ok(n);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => self.after_no_write(e)?,
            }
        }
    }

    /// What a write that moved nothing comes to. `Ok`: nobody is in a hurry, and it goes on.
    fn after_no_write(&mut self, error: io::Error) -> io::Result<()> {
        let explained = self.explain(error, self.write_timeout, TimeUp::Write);
        if inside(&explained) != Some(&TimeUp::Write) {
            return Err(explained);
        }
        self.stalled += self.write_timeout.unwrap_or_default();
        match (self.clocks.write, self.clocks.stall) {
            (Some(limit), _) if self.stalled >= limit => Err(explained),
            (_, Some(_)) => Err(TimeUp::Stall.into()),
            // The timeout is left from an exchange that watched its writes.
            (_, None) => Ok(()),
        }
    }

    fn before_write(&mut self, size: usize) -> io::Result<()> {
        let limit = match (self.clocks.write, self.clocks.stall) {
            (Some(limit), Some(stall)) => Some(stall.min(limit.saturating_sub(self.stalled))),
            (limit, stall) => limit.or(stall),
        };
        let wanted = allowance(limit, self.clocks.deadline)?;
        // A timeout that is set though none is wanted does no harm, and to unset it would cost a system call.
        if wanted.is_some() && !is_close_enough(self.write_timeout, wanted, self.clocks.deadline.is_some()) {
            match &self.stream {
                Stream::Tcp(tcp) => tcp.set_write_timeout(wanted)?,
                #[cfg(unix)]
                Stream::Unix(unix) => unix.set_write_timeout(wanted)?,
            }
            self.write_timeout = wanted;
        }
        if self.wants_nodelay && (self.wrote || size > SMALL_WRITE) {
            if let Stream::Tcp(tcp) = &self.stream {
                tcp.set_nodelay(true)?;
            }
            self.wants_nodelay = false;
        }
        self.wrote = true;
        Ok(())
    }
}

impl Read for Socket {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            self.before_read()?;
            let result = match &mut self.stream {
                Stream::Tcp(tcp) => tcp.read(out),
                #[cfg(unix)]
                Stream::Unix(unix) => unix.read(out),
            };
            match result {
                Ok(n) => return Ok(n),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.explain(e, self.read_timeout, TimeUp::Read)),
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(data)])
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let size = parts.iter().map(|part| part.len()).sum();
        self.write_with(size, |stream| match (stream, parts) {
            // One part: a plain send, which cannot raise SIGPIPE.
            (Stream::Tcp(tcp), [one]) => tcp.write(one),
            (Stream::Tcp(tcp), parts) => tcp.write_vectored(parts),
            #[cfg(unix)]
            (Stream::Unix(unix), [one]) => unix.write(one),
            #[cfg(unix)]
            (Stream::Unix(unix), parts) => unix.write_vectored(parts),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Layer for Socket {
    fn socket(&mut self) -> &mut Socket {
        self
    }

    fn pending(&mut self) -> io::Result<Pending> {
        peek(&self.stream)
    }
}

/// The time that one operation may take under both clocks; an error when the deadline has passed.
fn allowance(limit: Option<Duration>, deadline: Option<Instant>) -> io::Result<Option<Duration>> {
    let Some(deadline) = deadline else {
        return Ok(limit.map(|limit| limit.max(SHORTEST)));
    };
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(TimeUp::Deadline.into());
    }
    let left = left.max(SHORTEST);
    Ok(Some(limit.map_or(left, |limit| limit.max(SHORTEST).min(left))))
}

/// Whether the timeout that is set will do. What is left until a deadline shrinks all the time; a value that is at most
/// a 64th too long is kept, which saves a system call per operation and lets a deadline slip by 1.6 % at the worst.
fn is_close_enough(set: Option<Duration>, wanted: Option<Duration>, shrinking: bool) -> bool {
    match (set, wanted) {
        (Some(set), Some(wanted)) if shrinking => set >= wanted && set - wanted <= wanted / 64,
        (set, wanted) => set == wanted,
    }
}

/// `recv` with `MSG_PEEK | MSG_DONTWAIT`, where the platform has both.
#[cfg(unix)]
fn peek(stream: &Stream) -> io::Result<Pending> {
    use socket2::SockRef;
    use std::mem::MaybeUninit;

    let socket = match stream {
        Stream::Tcp(tcp) => SockRef::from(tcp),
        Stream::Unix(unix) => SockRef::from(unix),
    };
    let mut byte = [MaybeUninit::uninit()];
    classify(socket.recv_with_flags(&mut byte, libc::MSG_PEEK | libc::MSG_DONTWAIT))
}

/// A non-blocking peek in three steps.
#[cfg(not(unix))]
fn peek(stream: &Stream) -> io::Result<Pending> {
    let Stream::Tcp(tcp) = stream;
    tcp.set_nonblocking(true)?;
    let result = classify(tcp.peek(&mut [0]));
    tcp.set_nonblocking(false)?;
    result
}

fn classify(peeked: io::Result<usize>) -> io::Result<Pending> {
    match peeked {
        Ok(0) => Ok(Pending::End),
        Ok(_) => Ok(Pending::Bytes),
        Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Ok(Pending::Nothing)
        }
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn pair() -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (Socket::new(Stream::Tcp(here), true), listener.accept().unwrap().0)
    }

    fn clock(error: &io::Error) -> Option<TimeUp> {
        error.get_ref()?.downcast_ref().copied()
    }

    #[test]
    fn the_clock_that_ran_out_is_named() {
        let (mut socket, _other) = pair();
        socket.set_clocks(Clocks { read: Some(Duration::from_millis(20)), ..Clocks::default() });
        assert_eq!(clock(&socket.read(&mut [0]).unwrap_err()), Some(TimeUp::Read));
        let soon = Instant::now() + Duration::from_millis(30);
        socket.set_clocks(Clocks { deadline: Some(soon), ..Clocks::default() });
        assert_eq!(clock(&socket.read(&mut [0]).unwrap_err()), Some(TimeUp::Deadline));
        assert!(Instant::now() >= soon);
        // A deadline in the past needs no system call.
        assert_eq!(clock(&socket.write(&[0]).unwrap_err()), Some(TimeUp::Deadline));
    }

    #[test]
    fn a_peek_tells_silence_bytes_and_the_end_apart() {
        let (mut socket, mut other) = pair();
        assert_eq!(socket.pending().unwrap(), Pending::Nothing);
        other.write_all(b"x").unwrap();
        while socket.pending().unwrap() == Pending::Nothing {
            std::thread::yield_now();
        }
        assert_eq!(socket.pending().unwrap(), Pending::Bytes);
        assert_eq!(socket.read(&mut [0; 9]).unwrap(), 1);
        drop(other);
        while socket.pending().unwrap() == Pending::Nothing {
            std::thread::yield_now();
        }
        assert_eq!(socket.pending().unwrap(), Pending::End);
    }

    #[test]
    fn nodelay_is_set_when_a_write_could_be_delayed_without_it() {
        let (mut socket, _other) = pair();
        socket.write_all(b"one").unwrap();
        assert!(socket.wants_nodelay);
        socket.write_all(b"two").unwrap();
        assert!(!socket.wants_nodelay);
        let Stream::Tcp(tcp) = &socket.stream else { unreachable!() };
        assert!(tcp.nodelay().unwrap());
    }

    #[test]
    fn a_shrinking_timeout_is_set_anew_only_when_it_matters() {
        let ms = Duration::from_millis;
        assert!(is_close_enough(Some(ms(1000)), Some(ms(990)), true));
        assert!(!is_close_enough(Some(ms(1000)), Some(ms(900)), true));
        assert!(!is_close_enough(Some(ms(900)), Some(ms(1000)), true));
        assert!(!is_close_enough(Some(ms(1000)), Some(ms(990)), false));
        assert!(is_close_enough(None, None, true));
        assert!(!is_close_enough(None, Some(ms(1)), true));
    }
}
