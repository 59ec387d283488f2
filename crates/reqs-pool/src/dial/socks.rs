//! SOCKS 4, 4a, 5 and 5h: the messages as pure functions, and the short talk with the proxy over any stream.
//!
//! RFC 1928 (SOCKS 5), RFC 1929 (user name and password), and the SOCKS 4 and 4A memos of NEC and Ying-Da Lee.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use super::address::{addresses, redirected};
use super::{Target, bare_host};
use crate::error::{Error, ErrorKind, Peer, Step};
use crate::route::{Destination, Proxy, ProxyKind};

const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NOTHING_ACCEPTABLE: u8 = 0xff;

/// Whom the proxy is asked to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Address(SocketAddr),
    Name(String, u16),
}

/// Asks `proxy`, to which `io` leads, for a connection to the target.
pub(super) fn open<S: Read + Write>(
    target: &Target<'_>,
    proxy: &Proxy,
    deadline: Option<Instant>,
    io: &mut S,
) -> Result<(), Error> {
    let peer = Peer { host: &proxy.host, port: proxy.port };
    let place = place(target, proxy, deadline)?;
    let talk = match proxy.kind {
        ProxyKind::Socks4 | ProxyKind::Socks4a => talk4(proxy, &place, io),
        _ => talk5(proxy, &place, io),
    };
    talk.map_err(|fault| match fault {
        Fault::Io(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
            let message = format!("the proxy {peer} closed the connection in the SOCKS handshake");
            Error::new(ErrorKind::Proxy, message).at(Step::Proxy).because(e)
        }
        Fault::Io(e) => Error::network(&peer, Step::Proxy, target.timeouts, e),
        Fault::Said(what) => {
            let message = format!("the proxy {peer} refused the way to {}: {what}", target.peer());
            Error::new(ErrorKind::Proxy, message).at(Step::Proxy)
        }
    })
}

enum Fault {
    Io(io::Error),
    Said(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Io(error)
    }
}

/// The target as the proxy is told of it: an address where names are resolved here, else the name.
fn place(target: &Target<'_>, proxy: &Proxy, deadline: Option<Instant>) -> Result<Place, Error> {
    if proxy.kind.resolves_here() {
        let found = addresses(target, target.host, target.port, false, deadline)?;
        let usable = found.into_iter().find(|a| proxy.kind == ProxyKind::Socks5 || a.is_ipv4());
        return usable.map(Place::Address).ok_or_else(|| {
            let message = format!("{} has no IPv4 address, and SOCKS 4 knows no other", target.host);
            Error::new(ErrorKind::Resolve, message).at(Step::Resolve)
        });
    }
    let (host, port) = match redirected(&target.route.local, target.host, target.port, false) {
        Some(Destination::Addresses(fixed)) if let Some(address) = fixed.first() => {
            return Ok(Place::Address(*address));
        }
        Some(Destination::Name { host, port }) => (host.as_str(), port.unwrap_or(target.port)),
        _ => (target.host, target.port),
    };
    let bare = bare_host(host);
    Ok(match bare.parse::<IpAddr>() {
        Ok(ip) => Place::Address(SocketAddr::new(ip, port)),
        Err(_) => Place::Name(bare.to_owned(), port),
    })
}

fn talk4<S: Read + Write>(proxy: &Proxy, place: &Place, io: &mut S) -> Result<(), Fault> {
    let request = request4(place, proxy.username.as_deref().unwrap_or_default()).map_err(Fault::Said)?;
    io.write_all(&request)?;
    io.flush()?;
    let mut reply = [0; 8];
    io.read_exact(&mut reply)?;
    reply4(reply).map_err(Fault::Said)
}

fn talk5<S: Read + Write>(proxy: &Proxy, place: &Place, io: &mut S) -> Result<(), Fault> {
    let credentials = match (&proxy.username, &proxy.password) {
        (None, None) => None,
        (user, password) => {
            Some((user.as_deref().unwrap_or_default(), password.as_deref().unwrap_or_default()))
        }
    };
    io.write_all(greeting5(credentials.is_some()))?;
    io.flush()?;
    let mut method = [0; 2];
    io.read_exact(&mut method)?;
    match (method, credentials) {
        ([5, NO_AUTHENTICATION], _) => {}
        ([5, USER_AND_PASSWORD], Some((user, password))) => {
            io.write_all(&login5(user, password).map_err(Fault::Said)?)?;
            io.flush()?;
            let mut status = [0; 2];
            io.read_exact(&mut status)?;
            if status[1] != 0 {
                return Err(Fault::Said("wrong user name or password".to_owned()));
            }
        }
        ([5, USER_AND_PASSWORD | NOTHING_ACCEPTABLE], None) => {
            return Err(Fault::Said("it wants a user name and password".to_owned()));
        }
        ([5, NOTHING_ACCEPTABLE], Some(_)) => {
            return Err(Fault::Said("it accepts no user name and password".to_owned()));
        }
        ([5, other], _) => {
            return Err(Fault::Said(format!(
                "it chose the authentication method {other}, which was not offered"
            )));
        }
        ([version, _], _) => return Err(Fault::Said(not_socks(version))),
    }
    io.write_all(&request5(place).map_err(Fault::Said)?)?;
    io.flush()?;
    let mut start = [0; 5];
    io.read_exact(&mut start)?;
    let rest = reply5(start).map_err(Fault::Said)?;
    io.read_exact(&mut vec![0; rest])?;
    Ok(())
}

fn request4(place: &Place, user: &str) -> Result<Vec<u8>, String> {
    if user.contains('\0') {
        return Err("a SOCKS 4 user name cannot hold a NUL".to_owned());
    }
    // 0.0.0.x with x not 0 means that a name follows (SOCKS 4A).
    let (ip, port, name) = match place {
        Place::Address(SocketAddr::V4(address)) => (*address.ip(), address.port(), None),
        Place::Address(SocketAddr::V6(_)) => return Err("SOCKS 4 knows no IPv6 addresses".to_owned()),
        Place::Name(name, port) => (Ipv4Addr::new(0, 0, 0, 1), *port, Some(name)),
    };
    let mut request = vec![4, 1];
    request.extend_from_slice(&port.to_be_bytes());
    request.extend_from_slice(&ip.octets());
    request.extend_from_slice(user.as_bytes());
    request.push(0);
    if let Some(name) = name {
        if name.contains('\0') {
            return Err("a host name cannot hold a NUL".to_owned());
        }
        request.extend_from_slice(name.as_bytes());
        request.push(0);
    }
    Ok(request)
}

fn reply4(reply: [u8; 8]) -> Result<(), String> {
    match (reply[0], reply[1]) {
        (0, 90) => Ok(()),
        (0, 91) => Err("rejected or failed".to_owned()),
        (0, 92) => Err("it could not reach identd on this machine".to_owned()),
        (0, 93) => Err("identd and the request name different users".to_owned()),
        (0, code) => Err(format!("it answered with the unknown code {code}")),
        (version, _) => Err(not_socks(version)),
    }
}

fn greeting5(with_login: bool) -> &'static [u8] {
    if with_login { &[5, 2, NO_AUTHENTICATION, USER_AND_PASSWORD] } else { &[5, 1, NO_AUTHENTICATION] }
}

fn login5(user: &str, password: &str) -> Result<Vec<u8>, String> {
    let mut login = vec![1];
    for (what, text) in [("user name", user), ("password", password)] {
        let length =
            u8::try_from(text.len()).map_err(|_| format!("a SOCKS 5 {what} has at most 255 bytes"))?;
        login.push(length);
        login.extend_from_slice(text.as_bytes());
    }
    Ok(login)
}

fn request5(place: &Place) -> Result<Vec<u8>, String> {
    let mut request = vec![5, 1, 0];
    let port = match place {
        Place::Address(address) => {
            match address.ip() {
                IpAddr::V4(ip) => {
                    request.push(1);
                    request.extend_from_slice(&ip.octets());
                }
                IpAddr::V6(ip) => {
                    request.push(4);
                    request.extend_from_slice(&ip.octets());
                }
            }
            address.port()
        }
        Place::Name(name, port) => {
            let length = u8::try_from(name.len())
                .map_err(|_| "a host name in SOCKS 5 has at most 255 bytes".to_owned())?;
            request.extend_from_slice(&[3, length]);
            request.extend_from_slice(name.as_bytes());
            *port
        }
    };
    request.extend_from_slice(&port.to_be_bytes());
    Ok(request)
}

/// Checks the first five bytes of a reply and says how many follow: the rest of an address that is of no use here.
fn reply5(start: [u8; 5]) -> Result<usize, String> {
    let [version, code, _, kind, first] = start;
    if version != 5 {
        return Err(not_socks(version));
    }
    let what = match code {
        0 => {
            // One byte of the address was read; two of the port follow it.
            return match kind {
                1 => Ok(3 + 2),
                3 => Ok(usize::from(first) + 2),
                4 => Ok(15 + 2),
                other => Err(format!("it answered with the unknown address type {other}")),
            };
        }
        1 => "general failure",
        2 => "its rules do not allow it",
        3 => "the network is unreachable",
        4 => "the host is unreachable",
        5 => "connection refused",
        6 => "the time to live expired",
        7 => "it does not know the command",
        8 => "it does not know the address type",
        other => return Err(format!("it answered with the unknown code {other}")),
    };
    Err(what.to_owned())
}

fn not_socks(version: u8) -> String {
    format!("it does not speak this version of SOCKS (its answer starts with {version})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> Place {
        Place::Name("example.com".to_owned(), 443)
    }

    #[test]
    fn socks_4_requests_byte_for_byte() {
        let address = Place::Address(SocketAddr::from(([1, 2, 3, 4], 0x1234)));
        assert_eq!(request4(&address, "me").unwrap(), b"\x04\x01\x12\x34\x01\x02\x03\x04me\0");
        assert_eq!(request4(&name(), "").unwrap(), b"\x04\x01\x01\xbb\0\0\0\x01\0example.com\0");
        let v6 = Place::Address(SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 1)));
        assert!(request4(&v6, "").is_err());
        assert!(request4(&name(), "a\0b").is_err());
    }

    #[test]
    fn socks_4_replies() {
        assert_eq!(reply4([0, 90, 0, 0, 0, 0, 0, 0]), Ok(()));
        assert!(reply4([0, 91, 0, 0, 0, 0, 0, 0]).unwrap_err().contains("rejected"));
        assert!(reply4(*b"HTTP/1.1").unwrap_err().contains("does not speak"));
    }

    #[test]
    fn socks_5_requests_byte_for_byte() {
        assert_eq!(request5(&name()).unwrap(), b"\x05\x01\0\x03\x0bexample.com\x01\xbb");
        let v4 = Place::Address(SocketAddr::from(([1, 2, 3, 4], 80)));
        assert_eq!(request5(&v4).unwrap(), b"\x05\x01\0\x01\x01\x02\x03\x04\0\x50");
        let v6 = Place::Address(SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 80)));
        assert_eq!(request5(&v6).unwrap(), b"\x05\x01\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50");
        assert!(request5(&Place::Name("x".repeat(256), 1)).is_err());
        assert_eq!(login5("user", "pass").unwrap(), b"\x01\x04user\x04pass");
        assert!(login5("user", &"x".repeat(256)).is_err());
    }

    #[test]
    fn socks_5_replies() {
        assert_eq!(reply5([5, 0, 0, 1, 127]), Ok(5));
        assert_eq!(reply5([5, 0, 0, 3, 11]), Ok(13));
        assert_eq!(reply5([5, 0, 0, 4, 0]), Ok(17));
        assert_eq!(reply5([5, 5, 0, 1, 0]).unwrap_err(), "connection refused");
        assert!(reply5([5, 0, 0, 9, 0]).is_err());
        assert!(reply5(*b"HTTP/").is_err());
    }
}
