//! How peers, I/O errors and durations are written in an error's line.

use std::fmt;
use std::io;
use std::time::Duration;

/// Whom an error is about: `host:port`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
}

impl fmt::Display for Peer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') && !self.host.starts_with('[') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// An I/O error in words that a person uses, without the operating system's number.
pub(crate) struct Plain<'a>(pub(crate) &'a io::Error);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.0.kind() {
            io::ErrorKind::ConnectionRefused => "connection refused",
            io::ErrorKind::ConnectionReset => "the connection was reset",
            io::ErrorKind::ConnectionAborted => "the connection was aborted",
            io::ErrorKind::BrokenPipe => "the other side has closed the connection",
            io::ErrorKind::HostUnreachable => "no route to the host",
            io::ErrorKind::NetworkUnreachable => "the network is unreachable",
            io::ErrorKind::AddrNotAvailable => "the address is not available",
            io::ErrorKind::NotFound => "not found",
            io::ErrorKind::PermissionDenied => "permission denied",
            io::ErrorKind::TimedOut => "no answer in time",
            _ => {
                let text = self.0.to_string();
                let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
                let end = text.rfind(" (os error ").unwrap_or(text.len());
                return f.write_str(text.get(..end).unwrap_or(text));
            }
        };
        if self.0.raw_os_error().is_some() { f.write_str(words) } else { write!(f, "{}", self.0) }
    }
}

/// A duration as people write timeouts: `3.05 s`.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of whole numbers: what formats any float is 30 KB of code, in programs that may need it for nothing else.
        let text = format!("{}.{:09}", self.0.as_secs(), self.0.subsec_nanos());
        write!(f, "{} s", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_digits_that_they_need() {
        let cases = [
            (Duration::from_secs(0), "0 s"),
            (Duration::from_secs(100), "100 s"),
            (Duration::from_millis(3050), "3.05 s"),
            (Duration::from_millis(200), "0.2 s"),
            (Duration::from_nanos(1), "0.000000001 s"),
        ];
        for (duration, text) in cases {
            assert_eq!(Seconds(duration).to_string(), text);
        }
    }

    #[test]
    fn io_errors_become_words() {
        let refused = io::Error::from_raw_os_error(if cfg!(windows) { 10061 } else { 111 });
        if cfg!(target_os = "linux") {
            assert_eq!(Plain(&refused).to_string(), "connection refused");
        }
        let own = io::Error::other("the resolver is asleep");
        assert_eq!(Plain(&own).to_string(), "the resolver is asleep");
        let custom = io::Error::new(io::ErrorKind::NotFound, "no record for it");
        assert_eq!(Plain(&custom).to_string(), "no record for it");
    }
}
