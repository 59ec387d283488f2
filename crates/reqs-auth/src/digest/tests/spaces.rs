//! Where credentials go ahead of time: origins, realms and domains, and what was learned for each.

use super::*;

/// SEC-53: Requests sends the first server's realm and nonce to the second.
#[test]
fn sec_53_no_other_origin_is_authorised_ahead_of_time() {
    let digest = Digest::new("u", "p");
    answer(&digest, r#"Digest realm="r", nonce="n""#, None).unwrap();
    assert!(digest.authorization(at("http", "www.example.org", 80)).is_some());
    assert!(digest.authorization(at("HTTP", "WWW.Example.ORG", 80)).is_some());
    for (scheme, host, port) in [
        ("https", "www.example.org", 80),
        ("http", "www.example.org", 8080),
        ("https", "www.example.org", 443),
        ("http", "example.org", 80),
        ("http", "sub.www.example.org", 80),
        ("http", "www.example.org.", 80),
        ("http", "www.example.org.evil.com", 80),
        ("", "", 0),
    ] {
        let target = at(scheme, host, port);
        assert_eq!(digest.authorization(target), None, "{}", target.origin);
    }
    // Each origin has its own nonce and count.
    let other = at("http", "b.example.org", 80);
    let value = digest.answer([r#"Digest realm="r", nonce="n", qop=auth"#], other, None);
    assert_eq!(param(&value.unwrap().unwrap(), "nc").as_deref(), Some("00000001"));
    assert_eq!(param(&digest.authorization(get("/")).unwrap(), "nc"), None);
    assert_eq!(param(&digest.authorization(other).unwrap(), "nc").as_deref(), Some("00000002"));
}

#[test]
fn credentials_of_another_scheme_realm_or_user_were_not_these() {
    let digest = Digest::new("u", "p");
    let challenge = r#"Digest realm="r", nonce="n", qop="auth""#;
    let elsewhere = answer(&digest, r#"Digest realm="other", nonce="n", qop="auth""#, None).unwrap();
    let other_user = answer(&Digest::new("v", "p"), challenge, None).unwrap();
    let own = answer(&digest, challenge, None).unwrap();
    let other_scheme = own.replacen("Digest", "Custom", 1);
    for sent in ["Basic dXNlcjpwYXNz", "", "Digest", &elsewhere, &other_user, &other_scheme] {
        assert!(answer(&digest, challenge, Some(sent)).is_some(), "{sent}");
    }
    let own = answer(&digest, challenge, None).unwrap();
    assert_eq!(answer(&digest, challenge, Some(&own)), None);
    // Also where the name is hashed or extended.
    for extra in ["userhash=true", "charset=UTF-8"] {
        let digest = Digest::new("ü", "p");
        let challenge = format!(r#"Digest realm="r", nonce="n", qop="auth", {extra}"#);
        let own = answer(&digest, &challenge, None).unwrap();
        assert_eq!(answer(&digest, &challenge, Some(&own)), None);
    }
}

#[test]
fn a_domain_says_where_credentials_go_ahead_of_time() {
    // (domain, target, whether it is covered)
    let cases = [
        ("/docs", "/docs", true),
        ("/docs", "/docs/a?b", true),
        ("/docs", "/", false),
        ("/docs /api/", "/api/x", true),
        ("/docs /api/", "/api", false),
        ("http://www.example.org/docs", "/docs/a", true),
        ("http://www.example.org:80/docs", "/docs/a", true),
        ("HTTP://WWW.EXAMPLE.ORG", "/anything", true),
        // In absolute form, as a proxy gets it.
        ("/docs", "http://www.example.org/docs/a", true),
        ("/docs", "http://www.example.org/", false),
        ("/docs", "*", false),
        // Another origin in the list does not count, for nobody.
        ("http://other.example.org/", "/", false),
        ("https://www.example.org/", "/", false),
        ("http://www.example.org:8080/", "/", false),
        ("http://[::1]:80/ /docs", "/docs", true),
        // What is no URI says nothing.
        ("", "/anything", true),
        ("example.org", "/anything", true),
    ];
    for (domain, uri, is_covered) in cases {
        let digest = Digest::new("u", "p");
        let challenge = format!(r#"Digest realm="r", nonce="n", domain="{domain}""#);
        answer(&digest, &challenge, None).unwrap();
        let ahead = digest.authorization(get(uri));
        assert_eq!(ahead.is_some(), is_covered, "{domain} {uri}");
    }
    for (domain, uri, is_covered) in [
        ("http://[::1]/docs", "/docs", true),
        ("http://[::1]/docs", "/", false),
        ("http://[::1]:80/docs", "/", false),
        ("http://[::1]:80/docs", "/docs", true),
        ("http://[::2]/docs", "/docs", false),
    ] {
        let digest = Digest::new("u", "p");
        let target = Target { uri, ..at("http", "[::1]", 80) };
        let challenge = format!(r#"Digest realm="r", nonce="n", domain="{domain}""#);
        digest.answer([challenge.as_str()], target, None).unwrap();
        assert_eq!(digest.authorization(target).is_some(), is_covered, "{domain} {uri}");
    }
    let digest = Digest::new("u", "p");
    let challenge = r#"Digest realm="r", nonce="n", domain="/ http://other.example.org/""#;
    answer(&digest, challenge, None).unwrap();
    assert_eq!(digest.authorization(at("http", "other.example.org", 80)), None);
}

#[test]
fn realms_of_one_origin_are_kept_apart() {
    let digest = Digest::new("u", "p");
    let learn = |realm: &str, domain: &str| {
        let challenge = format!(r#"Digest realm="{realm}", nonce="n-{realm}", qop=auth{domain}"#);
        answer(&digest, &challenge, None).unwrap();
    };
    let ahead = |uri: &str| {
        let value = digest.authorization(get(uri)).unwrap();
        (param(&value, "realm").unwrap(), param(&value, "nc").unwrap())
    };
    learn("a", r#", domain="/a""#);
    learn("ab", r#", domain="/a/b""#);
    learn("rest", "");
    let pair = |realm: &str, nc: &str| (realm.to_owned(), nc.to_owned());
    assert_eq!(ahead("/a/x"), pair("a", "00000002"));
    assert_eq!(ahead("/a/b/x"), pair("ab", "00000002"));
    assert_eq!(ahead("/x"), pair("rest", "00000002"));
    assert_eq!(ahead("/a"), pair("a", "00000003"));
    // Where both say the same, the last one used.
    learn("new", "");
    assert_eq!(ahead("/x"), pair("new", "00000002"));
    learn("rest", "");
    assert_eq!(ahead("/x"), pair("rest", "00000004"));
    // The most precise one of a list counts, wherever it stands.
    learn("list", r#", domain="/a/b/c/d /""#);
    learn("a", r#", domain="/a""#);
    assert_eq!(ahead("/a/b/c/d"), pair("list", "00000002"));
}

#[test]
fn the_number_of_spaces_is_bounded_and_the_longest_unused_goes() {
    let digest = Digest::new("u", "p");
    let hosts: Vec<String> = (0..=MAX_SPACES).map(|i| format!("h{i}.example")).collect();
    let target = |index: usize| at("https", &hosts[index], 443);
    let challenge = r#"Digest realm="r", nonce="n""#;
    for index in 0..MAX_SPACES {
        digest.answer([challenge], target(index), None).unwrap();
    }
    assert!(digest.authorization(target(0)).is_some());
    digest.answer([challenge], target(MAX_SPACES), None).unwrap();
    assert!(digest.authorization(target(0)).is_some());
    assert_eq!(digest.authorization(target(1)), None);
    assert_eq!(digest.spaces().len(), MAX_SPACES);
}

#[test]
fn clones_share_what_was_learned_and_new_objects_do_not() {
    let digest = Digest::new("u", "p");
    let clone = digest.clone();
    answer(&digest, r#"Digest realm="r", nonce="n", qop=auth"#, None).unwrap();
    let value = clone.authorization(get("/")).unwrap();
    assert_eq!(param(&value, "nc").as_deref(), Some("00000002"));
    let value = digest.authorization(get("/")).unwrap();
    assert_eq!(param(&value, "nc").as_deref(), Some("00000003"));
    assert_eq!(Digest::new("u", "p").authorization(get("/")), None);
}

#[test]
fn no_nonce_count_is_used_twice_by_threads() {
    const THREADS: usize = 8;
    const USES: usize = 200;
    let digest = Digest::new("u", "p");
    answer(&digest, r#"Digest realm="r", nonce="n", qop=auth"#, None).unwrap();
    let challenges = AtomicUsize::new(1);
    let counts: Vec<String> = std::thread::scope(|scope| {
        let work = |digest: Digest| {
            let challenges = &challenges;
            scope.spawn(move || {
                let mut counts = Vec::new();
                for index in 0..USES {
                    // Now and then the server asks again with the same nonce.
                    let value = if index % 50 == 49 {
                        challenges.fetch_add(1, Ordering::Relaxed);
                        answer(&digest, r#"Digest realm="r", nonce="n", qop=auth"#, None)
                    } else {
                        digest.authorization(get("/"))
                    };
                    counts.push(param(&value.unwrap(), "nc").unwrap());
                }
                counts
            })
        };
        let threads: Vec<_> = (0..THREADS).map(|_| work(digest.clone())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(challenges.into_inner(), 1 + THREADS * USES / 50);
    let unique: HashSet<&String> = counts.iter().collect();
    assert_eq!(unique.len(), THREADS * USES);
    let last = format!("{:08x}", THREADS * USES + 1);
    assert_eq!(counts.iter().max(), Some(&last));
}
