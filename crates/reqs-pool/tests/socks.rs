//! SOCKS proxies, versions 4, 4a and 5: what they are told, and what their refusals become.

mod common;

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use common::proxy::{Heard, at, heard, relay, take, through};
use common::tls::{self, Authority, ask as https_ask, trusting};
use common::{Ask, Request, Server, Wire, text};
use reqs_pool::{ConnectTo, Destination, ErrorKind, LocalSettings, Pool, ProxyKind, Route};

/// What a SOCKS proxy makes of its clients.
#[derive(Clone, Copy)]
struct Socks {
    /// SOCKS 5: the user and password that it wants.
    login: Option<(&'static str, &'static str)>,
    /// The code that it answers with; 0 or 90 opens the way.
    code: u8,
}

/// A SOCKS 4, 4a and 5 proxy that leads to `to`, whatever it is asked for, and tells what that was.
fn socks(to: u16, socks: Socks, heard: Heard) -> Server {
    Server::start(move |mut wire, _| {
        let bytes = |wire: &mut Wire<TcpStream>, n: usize| {
            let mut bytes = vec![0; n];
            wire.io.read_exact(&mut bytes).ok().map(|()| bytes)
        };
        let until_nul = |wire: &mut Wire<TcpStream>| {
            let mut text = Vec::new();
            std::io::BufRead::read_until(&mut wire.io, 0, &mut text).unwrap();
            text.pop();
            String::from_utf8(text).unwrap()
        };
        let Some(version) = bytes(&mut wire, 1) else { return };
        let asked = if version == [4] {
            let head = bytes(&mut wire, 7).unwrap();
            let port = u16::from_be_bytes([head[1], head[2]]);
            let ip = [head[3], head[4], head[5], head[6]];
            let user = until_nul(&mut wire);
            let place = if ip[..3] == [0, 0, 0] {
                until_nul(&mut wire)
            } else {
                SocketAddr::from((ip, port)).ip().to_string()
            };
            wire.send([0, socks.code, 0, 0, 0, 0, 0, 0]);
            format!("4 {user:?} {place}:{port}")
        } else {
            let count = bytes(&mut wire, 1).unwrap()[0];
            let methods = bytes(&mut wire, usize::from(count)).unwrap();
            let mut who = String::new();
            if let Some((user, password)) = socks.login {
                if !methods.contains(&2) {
                    wire.send([5, 0xff]);
                    return;
                }
                wire.send([5, 2]);
                assert_eq!(bytes(&mut wire, 1).unwrap(), [1]);
                for part in ["", ":"] {
                    let length = bytes(&mut wire, 1).unwrap()[0];
                    who += part;
                    who += &String::from_utf8(bytes(&mut wire, usize::from(length)).unwrap()).unwrap();
                }
                let right = who == format!("{user}:{password}");
                wire.send([1, u8::from(!right)]);
                if !right {
                    return;
                }
            } else {
                wire.send([5, 0]);
            }
            let head = bytes(&mut wire, 4).unwrap();
            assert_eq!(head[..3], [5, 1, 0]);
            let place = match head[3] {
                1 => std::net::Ipv4Addr::from(<[u8; 4]>::try_from(bytes(&mut wire, 4).unwrap()).unwrap())
                    .to_string(),
                4 => std::net::Ipv6Addr::from(<[u8; 16]>::try_from(bytes(&mut wire, 16).unwrap()).unwrap())
                    .to_string(),
                _ => {
                    let length = bytes(&mut wire, 1).unwrap()[0];
                    String::from_utf8(bytes(&mut wire, usize::from(length)).unwrap()).unwrap()
                }
            };
            let port = bytes(&mut wire, 2).unwrap();
            // The bound address comes as a name, to be skipped.
            wire.send([5, socks.code, 0, 3, 4, b'h', b'o', b'm', b'e', 0, 80]);
            format!("5 {who} {place}:{}", u16::from_be_bytes([port[0], port[1]]))
        };
        heard.lock().unwrap().push(asked);
        if [0, 90].contains(&socks.code) {
            relay(wire.io.into_inner(), TcpStream::connect(("127.0.0.1", to)).unwrap());
        }
    })
}

#[test]
fn prx_13_socks_proxies_of_every_kind() {
    let ca = Authority::new("root");
    let plain = Server::start(|mut wire, _| {
        while let Some(Request { head, .. }) = wire.request() {
            wire.answer(head.lines().next().unwrap());
        }
    });
    let secure = tls::echo(&ca.server(&["name.test"]));
    let here = LocalSettings {
        connect_to: vec![ConnectTo {
            host: Some("name.test".to_owned()),
            port: None,
            to: Destination::Addresses(vec![SocketAddr::from(([127, 0, 0, 1], 7))]),
        }],
        ..LocalSettings::default()
    };
    // Kind, whether the name is resolved here, what the proxy is told.
    let table = [
        (ProxyKind::Socks4, true, "4 \"me\" 127.0.0.1:7"),
        (ProxyKind::Socks4a, false, "4 \"me\" name.test:80"),
        (ProxyKind::Socks5, true, "5 me:pw 127.0.0.1:7"),
        (ProxyKind::Socks5h, false, "5 me:pw name.test:80"),
    ];
    for (kind, resolves, wanted) in table {
        let five = matches!(kind, ProxyKind::Socks5 | ProxyKind::Socks5h);
        let rules = Socks { login: five.then_some(("me", "pw")), code: if five { 0 } else { 90 } };
        let (heard, said) = heard();
        let proxy = socks(plain.port, rules, said);
        let mut settings = at(kind, &proxy);
        settings.username = Some("me".to_owned());
        settings.password = Some("pw".to_owned());
        let local = if resolves { here.clone() } else { LocalSettings::default() };
        let route = Route { local: Arc::new(local), ..Route::default() };
        let ask =
            through(Ask { host: "name.test".to_owned(), route, ..Ask::get(80, "/path") }, settings.clone());
        let pool = Pool::default();
        for n in 0..2 {
            let reply = ask.send(&pool).unwrap();
            assert_eq!(reply.reused, n > 0);
            // PRX-13: origin-form, as if there were no proxy.
            assert_eq!(text(reply).unwrap(), "GET /path HTTP/1.1", "{kind:?}");
        }
        assert_eq!(take(&heard), [wanted], "{kind:?}");

        let proxy = socks(secure.port, rules, Heard::default());
        settings.port = proxy.port;
        let mut ask = https_ask("name.test", 443, trusting(&ca));
        ask.route.local = if resolves { Arc::new(here.clone()) } else { Arc::default() };
        assert_eq!(through(ask, settings).text(&Pool::default()).unwrap(), "/", "{kind:?}");
    }
}

#[test]
fn socks_proxies_that_refuse_say_why() {
    let table = [
        (ProxyKind::Socks5h, Socks { login: None, code: 5 }, None, "connection refused"),
        (ProxyKind::Socks5h, Socks { login: None, code: 2 }, None, "its rules do not allow it"),
        (
            ProxyKind::Socks5h,
            Socks { login: Some(("me", "pw")), code: 0 },
            None,
            "it wants a user name and password",
        ),
        (
            ProxyKind::Socks5h,
            Socks { login: Some(("me", "pw")), code: 0 },
            Some("wrong"),
            "wrong user name or password",
        ),
        (ProxyKind::Socks4a, Socks { login: None, code: 91 }, None, "rejected or failed"),
    ];
    for (kind, rules, password, piece) in table {
        let proxy = socks(1, rules, Heard::default());
        let mut settings = at(kind, &proxy);
        settings.username = password.map(|_| "me".to_owned());
        settings.password = password.map(str::to_owned);
        let ask = Ask { host: "name.test".to_owned(), ..Ask::get(80, "/") };
        let error = through(ask, settings).text(&Pool::default()).unwrap_err();
        let wanted = format!("the proxy 127.0.0.1:{} refused the way to name.test:80: {piece}", proxy.port);
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Proxy, wanted));
    }
    let http = Server::start(|mut wire, _| {
        wire.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        wire.until_closed();
    });
    for kind in [ProxyKind::Socks5h, ProxyKind::Socks4a] {
        let error = through(Ask::get(80, "/"), at(kind, &http)).text(&Pool::default()).unwrap_err();
        assert!(error.to_string().contains("it does not speak this version of SOCKS"), "{error}");
    }
}
