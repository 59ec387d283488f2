//! Certificates: which are accepted, what is said of those that are not, and where they are read from.

mod common;

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use common::tls::{
    self, ALL_VERSIONS, Authority, Identity, ask, self_signed, server_config, trusting, trusting_with,
};
use common::{Ask, Server, temporary_dir};
use rcgen::ExtendedKeyUsagePurpose;
use reqs_pool::{ErrorKind, Fingerprint, Identity as ClientIdentity, Pool, TlsSettings, TlsVersion, Verify};

/// One line of the certificate table.
struct Case {
    name: &'static str,
    host: &'static str,
    server: Server,
    settings: TlsSettings,
    /// The kind and a piece of the line; `None`: accepted.
    wanted: Option<(ErrorKind, &'static str)>,
}

#[test]
#[allow(clippy::print_stdout, reason = "the table is for reading")]
fn the_certificate_table() {
    use ErrorKind::{Certificate, ClientCertificate, Tls};

    let ca = Authority::new("Our root");
    let stranger = Authority::new("Some other root");
    let trust = || trusting(&ca);
    let off = || TlsSettings { verify: Verify::Off, ..TlsSettings::default() };
    let named = |identity: &Identity| TlsSettings {
        verify: Verify::Pem(identity.cert.as_bytes().into()),
        ..TlsSettings::default()
    };
    let good = ca.server(&["localhost"]);
    let mut pinned: Option<Fingerprint> = None;
    let learn = Ask { route: tls::route(off()), ..Ask::https("127.0.0.1", tls::echo(&good).port) };
    let reply = learn.send(&Pool::default()).unwrap();
    let der = reply.connection.tls.as_ref().unwrap().certificates[0].clone();
    assert_eq!(der, good.der());
    if let Some(digest) = tls::sha256(&der) {
        pinned = Some(digest);
    }
    let lone = self_signed(&["localhost"], false);
    let lone_ca = self_signed(&["localhost"], true);
    let shows = |clients: &Authority| trusting_with(&ca, &clients.client());
    let wants_client =
        || tls::start(server_config(&good, Some(&ca), ALL_VERSIONS), |mut wire, _| wire.echo());
    let wants_client_12 =
        || tls::start(server_config(&good, Some(&ca), &[&rustls::version::TLS12]), |mut wire, _| wire.echo());
    let only_12 =
        || tls::start(server_config(&good, None, &[&rustls::version::TLS12]), |mut wire, _| wire.echo());
    let for_clients =
        ca.with(&["localhost"], |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);

    let case = |name, host, server, settings, wanted| Case { name, host, server, settings, wanted };
    let cases = [
        case("valid, its root named", "localhost", tls::echo(&good), trust(), None),
        case("valid, TLS 1.2 only", "localhost", only_12(), trust(), None),
        case(
            "expired",
            "localhost",
            tls::echo(&ca.between(&["localhost"], 2020, 2021)),
            trust(),
            Some((Certificate, "expired")),
        ),
        case(
            "expired, verify off",
            "localhost",
            tls::echo(&ca.between(&["localhost"], 2020, 2021)),
            off(),
            None,
        ),
        case(
            "not yet valid",
            "localhost",
            tls::echo(&ca.between(&["localhost"], 3000, 3001)),
            trust(),
            Some((Certificate, "not valid for another")),
        ),
        case(
            "wrong host",
            "localhost",
            tls::echo(&ca.server(&["other.test", "more.test"])),
            trust(),
            Some((Certificate, "is for other.test, more.test and not for that name")),
        ),
        case("wrong host, verify off", "localhost", tls::echo(&ca.server(&["other.test"])), off(), None),
        case(
            "name in CN only, no SAN",
            "localhost",
            tls::echo(&ca.server(&[])),
            trust(),
            Some((Certificate, "carries no name")),
        ),
        case("self-signed", "localhost", tls::echo(&lone), trust(), Some((Certificate, "unknown issuer"))),
        case("self-signed, named itself", "localhost", tls::echo(&lone), named(&lone), None),
        case("self-signed as a CA, named itself", "localhost", tls::echo(&lone_ca), named(&lone_ca), None),
        case(
            "the same, for another host",
            "other.test",
            tls::echo(&lone_ca),
            named(&lone_ca),
            Some((Certificate, "is for localhost and not")),
        ),
        case(
            "self-signed as a CA, not named",
            "localhost",
            tls::echo(&lone_ca),
            trust(),
            Some((Certificate, "not trusted")),
        ),
        case(
            "unknown root",
            "localhost",
            tls::echo(&stranger.server(&["localhost"])),
            trust(),
            Some((Certificate, "is not trusted: unknown issuer")),
        ),
        case(
            "own root, against the system's",
            "localhost",
            tls::echo(&good),
            TlsSettings::default(),
            Some((Certificate, "unknown issuer")),
        ),
        case("IP address in the SAN", "127.0.0.1", tls::echo(&ca.server(&["127.0.0.1"])), trust(), None),
        case(
            "IP address, only names in the SAN",
            "127.0.0.1",
            tls::echo(&good),
            trust(),
            Some((Certificate, "is for localhost and not")),
        ),
        case(
            "another IP address",
            "127.0.0.1",
            tls::echo(&ca.server(&["127.0.0.2"])),
            trust(),
            Some((Certificate, "is for 127.0.0.2 and not")),
        ),
        case("IPv6 address in the SAN", "[::1]", tls::echo(&ca.server(&["::1"])), trust(), None),
        case(
            "wildcard, one label",
            "a.example.test",
            tls::echo(&ca.server(&["*.example.test"])),
            trust(),
            None,
        ),
        case(
            "wildcard, two labels",
            "a.b.example.test",
            tls::echo(&ca.server(&["*.example.test"])),
            trust(),
            Some((Certificate, "is for *.example.test and not")),
        ),
        case(
            "wildcard, no label",
            "example.test",
            tls::echo(&ca.server(&["*.example.test"])),
            trust(),
            Some((Certificate, "is for *.example.test and not")),
        ),
        case("trailing dot in the host", "localhost.", tls::echo(&good), trust(), None),
        case(
            "certificate for clients",
            "localhost",
            tls::echo(&for_clients),
            trust(),
            Some((Certificate, "not meant for servers")),
        ),
        case(
            "client certificate wanted, none shown",
            "localhost",
            wants_client(),
            trust(),
            Some((ClientCertificate, "wants a client certificate")),
        ),
        case("client certificate wanted, shown", "localhost", wants_client(), shows(&ca), None),
        case(
            "client certificate of a stranger",
            "localhost",
            wants_client(),
            shows(&stranger),
            Some((ClientCertificate, "refused the client certificate")),
        ),
        case("the same over TLS 1.2, shown", "localhost", wants_client_12(), shows(&ca), None),
        case(
            "the same over TLS 1.2, none shown",
            "localhost",
            wants_client_12(),
            trust(),
            Some((ClientCertificate, "wants a client certificate")),
        ),
        case(
            "fingerprint pinned, right, verify off",
            "localhost",
            tls::echo(&good),
            TlsSettings { fingerprint: pinned, ..off() },
            None,
        ),
        case(
            "fingerprint pinned, wrong, verify off",
            "localhost",
            tls::echo(&lone),
            TlsSettings { fingerprint: pinned, ..off() },
            Some((Certificate, "fingerprint")),
        ),
        case(
            "fingerprint right, root unknown",
            "localhost",
            tls::echo(&good),
            TlsSettings { fingerprint: pinned, ..trusting(&stranger) },
            Some((Certificate, "unknown issuer")),
        ),
        case(
            "TLS 1.3 asked for, 1.2 offered",
            "localhost",
            only_12(),
            TlsSettings { min_version: TlsVersion::Tls13, ..trust() },
            Some((Tls, "no version of TLS")),
        ),
        case(
            "TLS 1.1 only (by its alert)",
            "localhost",
            alerting(70),
            trust(),
            Some((Tls, "no version of TLS")),
        ),
        case(
            "handshake refused by an alert",
            "localhost",
            alerting(40),
            trust(),
            Some((Tls, "refused the TLS handshake")),
        ),
        case(
            "no TLS at all",
            "localhost",
            Server::start(|mut wire, _| {
                wire.send("HTTP/1.1 400 Bad Request\r\n\r\n");
                wire.until_closed();
            }),
            trust(),
            Some((Tls, "does not speak TLS")),
        ),
    ];

    println!("{:<40} {:<18} {:<18} what is said", "case", "expected", "got");
    let mut wrong = Vec::new();
    for Case { name, host, server, settings, wanted } in cases {
        let result = ask(host, server.port, settings).text(&Pool::default());
        let expected = wanted.map_or_else(|| "accepted".to_owned(), |(kind, _)| format!("{kind:?}"));
        let (got, line) = match &result {
            Ok(body) => (if body == "/" { "accepted".to_owned() } else { body.clone() }, String::new()),
            Err(e) => (format!("{:?}", e.kind()), e.to_string()),
        };
        println!("{name:<40} {expected:<18} {got:<18} {line}");
        let piece = wanted.map_or("", |(_, piece)| piece);
        if got != expected || !line.contains(piece) || line.contains('\n') {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A server that answers a ClientHello with a fatal alert.
fn alerting(alert: u8) -> Server {
    Server::start(move |mut wire, _| {
        let mut hello = [0; 16];
        let _ = wire.io.read(&mut hello);
        wire.send([21, 3, 1, 0, 2, 2, alert]);
        wire.until_closed();
    })
}

#[test]
fn tls_3_and_4_files_that_cannot_be_used_are_named() {
    let dir = temporary_dir();
    let write = |name: &str, content: &str| {
        let path = dir.join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let ca = Authority::new("root");
    let (one, two) = (ca.client(), ca.client());
    let cert = write("cert.pem", &one.cert);
    let key = write("key.pem", &one.key);
    let other_key = write("other.pem", &two.key);
    let empty = write("empty.pem", "nothing here");
    let locked = write(
        "locked.pem",
        &format!(
            "{}-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            one.cert
        ),
    );
    let missing = dir.join("missing.pem");
    let bare_dir = dir.join("bare");
    fs::create_dir(&bare_dir).unwrap();

    let verify =
        |path: &PathBuf| TlsSettings { verify: Verify::Path(path.clone()), ..TlsSettings::default() };
    let client =
        |identity| TlsSettings { verify: Verify::Off, identity: Some(identity), ..TlsSettings::default() };
    let pair =
        |cert: &PathBuf, key: &PathBuf| client(ClientIdentity::Pair { cert: cert.clone(), key: key.clone() });
    let combined = |path: &PathBuf| client(ClientIdentity::Combined(path.clone()));
    let table = [
        (verify(&missing), &missing, "could not read the CA certificate bundle"),
        (verify(&empty), &empty, "holds no certificate"),
        (verify(&bare_dir), &bare_dir, "holds no certificate"),
        (combined(&missing), &missing, "could not read the client certificate file"),
        (combined(&cert), &cert, "it holds no private key"),
        (combined(&locked), &locked, "its private key is encrypted"),
        (pair(&cert, &missing), &missing, "could not read the client key file"),
        (pair(&cert, &other_key), &other_key, "does not belong to the certificate"),
        (pair(&key, &cert), &key, "holds no certificate"),
    ];
    for (settings, path, piece) in table {
        // Told before anything is connected: nobody listens on port 1.
        let error = ask("localhost", 1, settings).text(&Pool::default()).unwrap_err();
        let line = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Settings, "{line}");
        assert!(line.contains(piece) && line.contains(&path.display().to_string()), "{line}");
    }
    // For plain http they do not matter.
    let server = Server::echo();
    let plain = Ask { route: tls::route(verify(&missing)), ..Ask::get(server.port, "/") };
    assert_eq!(plain.text(&Pool::default()).unwrap(), "/");
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn certificates_are_read_from_files_pairs_and_hashed_directories() {
    let dir = temporary_dir();
    let ca = Authority::new("root");
    let client = ca.client();
    let bundle = dir.join("ca.pem");
    fs::write(&bundle, format!("{}{}", Authority::new("another").pem, ca.pem)).unwrap();
    let hashed = dir.join("hashed");
    fs::create_dir(&hashed).unwrap();
    fs::write(hashed.join("0123abcd.0"), &ca.pem).unwrap();
    let (cert, key, both) = (dir.join("c.pem"), dir.join("k.pem"), dir.join("b.pem"));
    fs::write(&cert, &client.cert).unwrap();
    fs::write(&key, &client.key).unwrap();
    fs::write(&both, client.combined()).unwrap();

    let server =
        tls::start(server_config(&ca.server(&["localhost"]), Some(&ca), ALL_VERSIONS), |mut wire, _| {
            wire.echo();
        });
    for verify in [Verify::Path(bundle), Verify::Path(hashed)] {
        let identities = [
            ClientIdentity::Combined(both.clone()),
            ClientIdentity::Pair { cert: cert.clone(), key: key.clone() },
            ClientIdentity::Pem(client.combined().as_bytes().into()),
        ];
        for identity in identities {
            let settings =
                TlsSettings { verify: verify.clone(), identity: Some(identity), ..TlsSettings::default() };
            assert_eq!(ask("localhost", server.port, settings).text(&Pool::default()).unwrap(), "/");
        }
    }
    fs::remove_dir_all(dir).unwrap();
}
