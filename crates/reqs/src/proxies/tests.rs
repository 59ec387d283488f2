//! The choice of a proxy, and what bypasses it. Much of this is asked by Requests' tests of its private helpers; the same
//! questions are put here where reqs has the behaviour.

use super::*;
use crate::error::ErrorKind;
use crate::into_url::IntoUrl;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// t:test_select_proxies
#[test]
fn prx_1_the_more_exact_key_wins() {
    let some = Proxies::from([("http", "http://http.proxy"), ("http://some.host", "http://some.host.proxy")]);
    let all =
        Proxies::from([("all", "socks5://http.proxy"), ("all://some.host", "socks5://some.host.proxy")]);
    let mixed = Proxies::from([
        ("http", "http://http.proxy"),
        ("http://some.host", "http://some.host.proxy"),
        ("all", "socks5://http.proxy"),
    ]);
    let cases = [
        ("hTTp://u:p@Some.Host/path", &some, Some("http://some.host.proxy")),
        ("hTTp://u:p@Other.Host/path", &some, Some("http://http.proxy")),
        ("hTTps://Other.Host", &some, None),
        ("file:///etc/motd", &some, None),
        ("hTTp://u:p@Some.Host/path", &all, Some("socks5://some.host.proxy")),
        ("hTTp://u:p@Other.Host/path", &all, Some("socks5://http.proxy")),
        ("hTTps://Other.Host", &all, Some("socks5://http.proxy")),
        ("http://u:p@other.host/path", &mixed, Some("http://http.proxy")),
        ("http://u:p@some.host/path", &mixed, Some("http://some.host.proxy")),
        ("https://u:p@other.host/path", &mixed, Some("socks5://http.proxy")),
        ("https://u:p@some.host/path", &mixed, Some("socks5://http.proxy")),
        ("file:///etc/motd", &all, Some("socks5://http.proxy")),
    ];
    for (given, proxies, expected) in cases {
        assert_eq!(proxies.select(&url(given)), expected, "{given}");
    }
    // Requests looks for a proxy first and finds out that there is no host later (its other three cases).
    for (given, _) in [("hTTp:///path", &some), ("hTTp:///path", &all), ("https://", &mixed)] {
        assert_eq!(given.into_url().unwrap_err().kind(), ErrorKind::InvalidUrl, "{given}");
    }
}

#[test]
fn prx_4_prx_5_what_no_proxy_names() {
    let list = "192.168.0.0/24,127.0.0.1,localhost.localdomain,172.16.1.1, google.com:6000 ,.example.com, [2001:db8::]/32, ::1, [fe80::1]";
    let cases = [
        ("http://192.168.0.1:5000/", true),
        ("http://192.168.1.1:5000/", false),
        ("http://172.16.1.1:5000/", true),
        ("http://172.16.1.12:5000/", false),
        ("http://localhost.localdomain:5000/v1.0/", true),
        ("http://prelocalhost.localdomain/", false),
        ("http://google.com:6000/", true),
        ("http://google.com:5000/", false),
        ("http://google.com/", false),
        ("http://example.com/", true),
        ("http://www.Example.com/", true),
        ("http://myexample.com/", false),
        ("http://[2001:db8::5]/", true),
        ("http://[2001:db9::5]/", false),
        ("http://[::1]/", true),
        ("http://[fe80::1]/", true),
        ("file:///some/path", true),
    ];
    for (given, expected) in cases {
        assert_eq!(bypasses(&url(given), list), expected, "{given}");
    }
    assert!(bypasses(&url("http://any.host/"), "*"));
    assert!(!bypasses(&url("http://any.host/"), "*.host"));
    assert!(!bypasses(&url("http://1.2.3.4/"), "0.0.0.0/0"), "Requests takes /0 for a mistake");
    assert!(!bypasses(&url("http://any.host/"), ""));
}

#[test]
fn prx_2_prx_6_a_request_can_say_none() {
    let environment = Proxies::from([("http", "http://env:1"), ("https", "http://env:2")]);
    let merged = Proxies::from([("http", ""), ("no_proxy", "direct")]).over(&environment);
    assert_eq!(merged.select(&url("http://h/")), None);
    assert_eq!(merged.select(&url("https://h/")), Some("http://env:2"));
    assert_eq!(merged.select(&url("https://direct/")), None);
}

#[test]
fn prx_2_the_nearest_table_that_says_something_is_obeyed() {
    let environment = Proxies::from([("http", "http://env:1"), ("no_proxy", "a, b")]);
    let session = Proxies::from([("https", "http://session:1")]);
    let request = Proxies::from([("all://a", "socks5h://own:1"), ("all://c", "")]);
    let merged = request.over(&session).over(&environment);
    let cases = [
        ("http://a/", Some("socks5h://own:1")),
        ("https://b/", Some("http://session:1")),
        ("http://b/", None),
        ("http://c/", None),
        ("http://d/", Some("http://env:1")),
    ];
    for (given, expected) in cases {
        assert_eq!(merged.select(&url(given)), expected, "{given}");
    }
    let mut proxies = Proxies::from([("http", "http://a:1")]);
    proxies.replace(Proxies::from([("all", "http://b:1"), ("http", "http://c:1")]));
    assert_eq!(proxies.select(&url("http://h/")), Some("http://c:1"));
}

#[test]
fn no_password_in_debug() {
    let proxies = Proxies::from([("http", "http://user:secret@h:1")]);
    assert_eq!(format!("{proxies:?}"), "{\"http\": \"…@h:1\"}");
}

fn check(list: &str, cases: &[(&str, bool)]) {
    for (given, expected) in cases {
        assert_eq!(bypasses(&url(given), list), *expected, "{given} under {list}");
    }
}

/// t:test_should_bypass_proxies, t:test_should_bypass_proxies_no_proxy: the list of the environment and the list that was
/// passed are the same list here. Who of them counts is `get_environ_proxies` in `environment`.
#[test]
fn prx_4_prx_5_the_list_of_requests_own_tests() {
    let hosts = "192.168.0.0/24,127.0.0.1,localhost.localdomain,172.16.1.1";
    let passed = [
        ("http://192.168.0.1:5000/", true),
        ("http://192.168.0.1/", true),
        ("http://172.16.1.1/", true),
        ("http://172.16.1.1:5000/", true),
        ("http://localhost.localdomain:5000/v1.0/", true),
        ("http://172.16.1.12/", false),
        ("http://172.16.1.12:5000/", false),
        ("http://google.com:5000/v1.0/", false),
    ];
    check(hosts, &passed);
    let with_port = format!("{hosts}, google.com:6000");
    check(&with_port, &passed);
    check(&with_port, &[("http://google.com:6000/", true), ("file:///some/path/on/disk", true)]);
}

/// t:test_should_bypass_proxies_no_proxy_domain_boundary
#[test]
fn prx_4_names_end_where_labels_end() {
    let cases = [
        ("http://localhost/", true),
        ("http://anotherdomain.com:8888/", true),
        ("http://newdomain.com:1234/", true),
        ("http://www.newdomain.com:1234/", true),
        ("http://foo.d.o.t/", true),
        ("http://d.o.t/", true),
        ("http://prelocalhost/", false),
        ("http://newdomain.com/", false),
        ("http://newdomain.com:1235/", false),
    ];
    check("localhost, anotherdomain.com, newdomain.com:1234, .d.o.t", &cases);
}

/// t:test_should_bypass_proxies_pass_only_hostname: neither the port nor the credentials of the URL are looked at, except
/// by an entry that has a port.
#[test]
fn prx_4_the_host_alone_is_looked_up() {
    let cases = [
        ("http://172.16.1.1/", "172.16.1.1"),
        ("http://172.16.1.1:5000/", "172.16.1.1"),
        ("http://user:pass@172.16.1.1", "172.16.1.1"),
        ("http://user:pass@172.16.1.1:5000", "172.16.1.1"),
        ("http://hostname/", "hostname"),
        ("http://hostname:5000/", "hostname"),
        ("http://user:pass@hostname", "hostname"),
        ("http://user:pass@hostname:5000", "hostname"),
    ];
    for (given, host) in cases {
        check(host, &[(given, true)]);
        for other in
            ["user", "pass", "user:pass", "5000", "user:pass@hostname", "user:pass@172.16.1.1", "http"]
        {
            check(other, &[(given, false)]);
        }
    }
}

/// t:TestIsIPv4Address::test_valid, t:TestIsIPv4Address::test_invalid: what is a network's business.
#[test]
fn prx_5_addresses_alone_are_in_networks() {
    check("8.0.0.0/8", &[("http://8.8.8.8/", true), ("http://localhost.localdomain/", false)]);
    assert!("http://8.8.8.8.8/".into_url().is_err(), "neither an address nor a name (decision 1)");
}

/// t:TestIsValidCIDR::test_valid, t:TestIsValidCIDR::test_invalid: an entry that is no network is in nobody's way.
#[test]
fn prx_5_what_is_a_network() {
    let inside = [("http://192.168.1.5/", true), ("http://192.168.2.5/", false)];
    check("192.168.1.0/24", &inside);
    for list in ["8.8.8.8", "192.168.1.0/a", "192.168.1.0/128", "192.168.1.0/-1", "192.168.1.999/24"] {
        check(
            list,
            &[("http://192.168.1.5/", false), ("http://192.168.1.0/", false), ("http://8.8.8.9/", false)],
        );
        check(&format!("{list}, 192.168.1.0/24"), &inside);
    }
}

/// t:TestAddressInNetwork::test_valid, t:TestAddressInNetwork::test_invalid
#[test]
fn prx_5_who_is_in_a_network() {
    check("192.168.1.0/24", &[("http://192.168.1.1/", true), ("http://172.16.0.1/", false)]);
}

/// t:test_dotted_netmask: the first and the last address that 8, 24 and 25 bits leave free, and their neighbours.
#[test]
fn prx_5_how_far_a_network_reaches() {
    let cases = [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]),
        ("10.1.2.0/24", ["10.1.2.0", "10.1.2.255"], ["10.1.1.255", "10.1.3.0"]),
        ("10.1.2.128/25", ["10.1.2.128", "10.1.2.255"], ["10.1.2.127", "10.1.3.0"]),
    ];
    for (network, inside, outside) in cases {
        for address in inside {
            check(network, &[(&format!("http://{address}/"), true)]);
        }
        for address in outside {
            check(network, &[(&format!("http://{address}/"), false)]);
        }
    }
}
