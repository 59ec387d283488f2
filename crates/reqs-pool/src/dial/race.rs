//! Happy Eyeballs (RFC 8305): addresses of both families take turns, and a slow one does not hold up the next.

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::left;
use super::mailbox::mailbox;
use crate::error::{TimeUp, inside};

/// The time before the next address is tried beside the ones that have not answered (RFC 8305 section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to the first of `addresses` that answers. One address needs no thread, and neither does the last one when all
/// others have failed.
///
/// The losers are closed as soon as they connect; until then each keeps a thread waiting, at most until `deadline` or the
/// system's own limit.
pub(super) fn race<F>(
    addresses: &[SocketAddr],
    deadline: Option<Instant>,
    connect: F,
) -> io::Result<(TcpStream, SocketAddr)>
where
    F: Fn(SocketAddr) -> io::Result<TcpStream> + Send + Sync + 'static,
{
    if let [only] = addresses {
        return connect(*only).map(|stream| (stream, *only));
    }
    let connect = Arc::new(connect);
    let (writer, results) = mailbox();
    let mut waiting = interleave(addresses);
    let mut running = 0_usize;
    let mut first_error = None;
    let mut next_start = Instant::now();
    loop {
        if running == 0 && waiting.len() == 1 {
            let last = waiting.pop_front().into_iter().next();
            return match last.map(|address| (connect(address), address)) {
                Some((Ok(stream), address)) => Ok((stream, address)),
                Some((Err(error), _)) => Err(first_error.unwrap_or(error)),
                None => Err(nothing_to_try()),
            };
        }
        let due = running == 0 || Instant::now() >= next_start;
        if let Some(address) = waiting.pop_front_if(|_| due) {
            let (connect, writer) = (Arc::clone(&connect), writer.clone());
            // When another attempt has won by then, the stream is closed.
            let attempt = move || writer.write((connect(address), address));
            thread::Builder::new().name("reqs-connect".to_owned()).spawn(attempt)?;
            running += 1;
            next_start = Instant::now() + ATTEMPT_DELAY;
            continue;
        }
        if running == 0 {
            return Err(first_error.unwrap_or_else(nothing_to_try));
        }
        left(deadline)?;
        let next = (!waiting.is_empty()).then_some(next_start);
        match results.read(deadline.into_iter().chain(next).min()) {
            Ok((Ok(stream), address)) => return Ok((stream, address)),
            Ok((Err(error), address)) => {
                log::debug!("connecting to {address} failed: {error}");
                running -= 1;
                // A failure starts the next attempt at once.
                next_start = Instant::now();
                // The first failure is of the preferred address, and tells the most; but when time ran out, that is the reason.
                if first_error.is_none() || inside::<TimeUp>(&error).is_some() {
                    first_error = Some(error);
                }
            }
            Err(_) => {}
        }
    }
}

fn nothing_to_try() -> io::Error {
    io::Error::new(io::ErrorKind::AddrNotAvailable, "there is no address to try")
}

/// Families take turns, beginning with that of the first address; each family keeps its order (RFC 8305 section 4).
fn interleave(addresses: &[SocketAddr]) -> VecDeque<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut preferred, mut other): (VecDeque<_>, VecDeque<_>) =
        addresses.iter().copied().partition(|address| address.is_ipv6() == first_is_v6);
    let mut turns = VecDeque::with_capacity(addresses.len());
    while !preferred.is_empty() || !other.is_empty() {
        turns.extend(preferred.pop_front());
        turns.extend(other.pop_front());
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn v4(last: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], 1))
    }

    fn v6(last: u16) -> SocketAddr {
        SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, last], 1))
    }

    #[test]
    fn families_take_turns() {
        assert_eq!(interleave(&[v6(1), v6(2), v6(3), v4(1)]), [v6(1), v4(1), v6(2), v6(3)]);
        assert_eq!(interleave(&[v4(1), v4(2), v6(1)]), [v4(1), v6(1), v4(2)]);
    }

    #[test]
    fn a_silent_address_does_not_hold_up_the_next() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let good = listener.local_addr().unwrap();
        let started = Instant::now();
        let (_, winner) = race(&[v6(1), good], None, move |address| {
            if address == good {
                return TcpStream::connect(address);
            }
            thread::sleep(Duration::from_secs(2));
            Err(io::ErrorKind::TimedOut.into())
        })
        .unwrap();
        assert_eq!(winner, good);
        assert!(started.elapsed() >= ATTEMPT_DELAY);
        assert!(started.elapsed() < Duration::from_millis(1500));
    }

    #[test]
    fn a_failure_starts_the_next_at_once_and_the_first_one_is_told() {
        let started = Instant::now();
        let refuse = |address: SocketAddr| -> io::Result<TcpStream> {
            Err(io::Error::other(format!("{address} says no")))
        };
        let error = race(&[v4(1), v4(2), v4(3)], None, refuse).unwrap_err();
        assert_eq!(error.to_string(), "10.0.0.1:1 says no");
        assert!(started.elapsed() < ATTEMPT_DELAY);
    }

    #[test]
    fn the_deadline_ends_the_race() {
        let deadline = Instant::now() + Duration::from_millis(60);
        let silent = |_: SocketAddr| -> io::Result<TcpStream> {
            thread::sleep(Duration::from_secs(2));
            Err(io::ErrorKind::TimedOut.into())
        };
        let error = race(&[v4(1), v4(2)], Some(deadline), silent).unwrap_err();
        assert!(error.get_ref().unwrap().is::<TimeUp>());
    }
}
