//! Digest responses known from elsewhere: the RFCs' examples, and computed ones for every algorithm and `qop`.

use super::*;

/// The examples of RFC 2069 (with erratum 749), RFC 2617 and RFC 7616 (with erratum 4897).
#[test]
fn the_examples_of_the_rfcs() {
    struct Example {
        account: (&'static str, &'static str),
        challenge: &'static str,
        uri: &'static str,
        cnonce: &'static str,
        expected: &'static str,
    }
    const CNONCE_7616: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    let examples = [
        // RFC 2069 section 2.4. The password has no spaces there.
        Example {
            account: ("Mufasa", "CircleOfLife"),
            challenge: r#"Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
            uri: "/dir/index.html",
            cnonce: "unused",
            expected: r#"Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
        },
        // RFC 2617 section 3.5.
        Example {
            account: ("Mufasa", "Circle Of Life"),
            challenge: r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
            uri: "/dir/index.html",
            cnonce: "0a4f113b",
            expected: r#"Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41", qop="auth", nc=00000001, cnonce="0a4f113b""#,
        },
        // RFC 7616 section 3.9.1, each challenge by itself.
        Example {
            account: ("Mufasa", "Circle of Life"),
            challenge: r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
            uri: "/dir/index.html",
            cnonce: CNONCE_7616,
            expected: r#"Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", response="8ca523f5e9506fed4657c9700eebdbec", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", algorithm=MD5, qop="auth", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ""#,
        },
        Example {
            account: ("Mufasa", "Circle of Life"),
            challenge: r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
            uri: "/dir/index.html",
            cnonce: CNONCE_7616,
            expected: r#"Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", algorithm=SHA-256, qop="auth", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ""#,
        },
        // RFC 7616 section 3.9.2: the hashed user name, and the second form without it.
        Example {
            account: ("J\u{e4}s\u{f8}n Doe", "Secret, or not?"),
            challenge: r#"Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true"#,
            uri: "/doe.json",
            cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
            expected: r#"Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b", realm="api@example.org", nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", uri="/doe.json", response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", algorithm=SHA-512-256, qop="auth", nc=00000001, cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", userhash=true"#,
        },
        Example {
            account: ("J\u{e4}s\u{f8}n Doe", "Secret, or not?"),
            challenge: r#"Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=false"#,
            uri: "/doe.json",
            cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
            expected: r#"Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm="api@example.org", nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", uri="/doe.json", response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", algorithm=SHA-512-256, qop="auth", nc=00000001, cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v""#,
        },
    ];
    for example in examples {
        let digest = fixed(example.account.0, example.account.1, example.cnonce);
        let value = digest.answer([example.challenge], get(example.uri), None);
        assert_eq!(value.unwrap().as_deref(), Some(example.expected));
    }
}

/// Every algorithm with every `qop`, plain names and such that need escapes, first and second use.
#[test]
fn dig_7_dig_8_computed_vectors() {
    let bytes: Vec<u8> = (0..=255).collect();
    let mut count = 0;
    let lines = include_str!("vectors.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let [case, algorithm, qop, nc, response] = fields[..] else {
            panic!("{line}");
        };
        let (digest, realm, nonce, method, uri, body): (_, _, _, _, _, &[u8]) = match case {
            "0" => (
                fixed("Mufasa", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv"),
                "http-auth@example.org",
                "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                "POST",
                "/dir/index.html?a=1&b=%20",
                b"hello world",
            ),
            _ => (
                fixed("Jäsøn \"D\\oe\"", "Secret: or not? ☃", "c\"n\\o"),
                "a \"quoted\" \\ realm é",
                "n\"o\\nce",
                "PUT",
                "/",
                &bytes,
            ),
        };
        let mut challenge = Challenge::new("Digest");
        let mut add = |name: &str, value: &str| {
            challenge.params.push((name.to_owned(), value.to_owned()));
        };
        add("realm", realm);
        add("nonce", nonce);
        add("algorithm", algorithm);
        if qop != "-" {
            add("qop", qop);
        }
        let target = Target { method, uri, body: Some(body), ..get("/") };
        let header = challenge.to_header().unwrap();
        let mut value = digest.answer([header.as_str()], target, None).unwrap();
        if nc == "2" {
            value = digest.authorization(target);
        }
        let value = value.unwrap();
        assert_eq!(param(&value, "response").as_deref(), Some(response), "{line}");
        // What was escaped on the way out reads as it was.
        assert_eq!(param(&value, "realm").as_deref(), Some(realm), "{line}");
        assert_eq!(param(&value, "nonce").as_deref(), Some(nonce), "{line}");
        assert_eq!(param(&value, "uri").as_deref(), Some(uri), "{line}");
        let is_sent = (qop != "-").then_some(qop);
        assert_eq!(param(&value, "qop").as_deref(), is_sent, "{line}");
        assert_eq!(param(&value, "nc").is_some(), is_sent.is_some(), "{line}");
        assert_eq!(param(&value, "cnonce").is_some(), is_sent.is_some(), "{line}");
        count += 1;
    }
    assert_eq!(count, 75);
}

#[test]
fn the_user_name_is_hashed_with_every_algorithm() {
    let vectors = [
        ("MD5", "d4e5bf8b845bc549b511f0ef5cbb7b57"),
        ("SHA", "27f35914c3babed7ba5a2fdecab6649dfdfca06e"),
        ("SHA-256", "a09ad998097c2e21e80735fcafcaaafd8da988a369747d5b65068ec5f8dd340a"),
        ("SHA-512-256", "16cd8444a20789428d5120efb008d31d24cd821876c1f6739d4daaec0deb2a5b"),
        (
            "SHA-512",
            "40668e918dd19e3d90b79b18acaa21a5a2468ca7249976c8d4f0b80c8d7b36e42ccc6ea033aa5a843a37b3fbc9b491816307b2b068cf25484429aad5b881b71f",
        ),
    ];
    for (algorithm, hash) in vectors {
        for variant in ["", "-sess"] {
            let challenge = format!(
                r#"Digest realm="a \"quoted\" \\ realm é", nonce="n", qop="auth", userhash=true, algorithm={algorithm}{variant}"#
            );
            let digest = Digest::new("Jäsøn \"D\\oe\"", "p");
            let value = answer(&digest, &challenge, None).unwrap();
            assert_eq!(param(&value, "username").as_deref(), Some(hash));
            assert_eq!(param(&value, "userhash").as_deref(), Some("true"));
            assert_eq!(param(&value, "username*"), None);
        }
    }
}
