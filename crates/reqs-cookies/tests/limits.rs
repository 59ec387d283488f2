//! A jar under hostile hands: its memory stays bounded, and a request stays cheap. Times are printed.
#![allow(clippy::print_stdout)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use reqs_cookies::{Cookie, CookieJar, Limits};
use url::Url;

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn small(per_domain: usize, total: usize) -> CookieJar {
    let mut limits = Limits::default();
    (limits.per_domain, limits.total) = (per_domain, total);
    CookieJar::with_limits(limits)
}

fn keys(jar: &CookieJar) -> String {
    jar.keys().join(" ")
}

#[test]
fn the_least_recently_used_of_a_domain_goes_first() {
    let jar = small(3, 100);
    let h = url("http://h.example/");
    jar.store(&h, ["a=1; Path=/x", "b=2; Path=/y", "c=3; Path=/z"]);
    assert!(jar.header(&url("http://h.example/x")).is_some());
    jar.store(&h, ["d=4"]);
    assert_eq!(keys(&jar), "a c d");
    // Being stored again is being used.
    jar.store(&h, ["c=5; Path=/z", "e=6"]);
    assert_eq!(keys(&jar), "c d e");
    jar.store(&url("http://other.example/"), ["f=7"]);
    assert_eq!(keys(&jar), "c d e f");
}

#[test]
fn expired_cookies_go_before_all_others() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static SECONDS: AtomicU64 = AtomicU64::new(1_000_000);
    let now = || std::time::UNIX_EPOCH + Duration::from_secs(SECONDS.load(Ordering::SeqCst));
    let jar = small(2, 100).with_clock(now);
    let h = url("http://h.example/");
    jar.store(&h, ["old=1", "brief=2; Max-Age=5"]);
    SECONDS.fetch_add(5, Ordering::SeqCst);
    jar.store(&h, ["new=3"]);
    assert_eq!(keys(&jar), "old new");
}

#[test]
fn cookies_without_secure_go_before_secure_ones() {
    let jar = small(2, 100);
    let h = url("https://h.example/");
    jar.store(&h, ["safe=1; Secure", "plain=2", "also-safe=3; Secure"]);
    assert_eq!(keys(&jar), "safe also-safe");
    jar.store(&h, ["late=4"]);
    assert_eq!(keys(&jar), "safe also-safe");
}

#[test]
fn the_least_recently_used_of_all_goes_first() {
    let jar = small(50, 3);
    for host in ["a", "b", "c"] {
        jar.store(&url(&format!("http://{host}.example/")), [format!("{host}=1").as_str()]);
    }
    assert!(jar.header(&url("http://a.example/")).is_some());
    jar.store(&url("http://d.example/"), ["d=1"]);
    assert_eq!(keys(&jar), "a c d");
}

#[test]
fn narrower_limits_apply_at_once() {
    let jar = CookieJar::new();
    for number in 0..40 {
        jar.store(&url(&format!("http://h{}.example/", number % 4)), [format!("n{number}=1").as_str()]);
    }
    let mut limits = jar.limits();
    limits.per_domain = 3;
    jar.set_limits(limits);
    assert_eq!(jar.len(), 12);
    limits.total = 2;
    jar.set_limits(limits);
    assert_eq!(keys(&jar), "n38 n39");
    limits.total = 0;
    jar.set_limits(limits);
    jar.store(&url("http://h/"), ["a=1"]);
    assert!(jar.is_empty());
    assert!(small(0, 10).insert(Cookie::new("a", "1").with_domain("h")).is_ok());
}

#[test]
fn a_header_ends_at_its_limit() {
    let mut limits = Limits::default();
    limits.header_bytes = 11;
    let jar = CookieJar::with_limits(limits);
    jar.store(&url("http://h/"), ["a=1", "b=2", "c=", "d=4"]);
    assert_eq!(jar.header(&url("http://h/")).as_deref(), Some("a=1; b=2"));
    limits.header_bytes = 12;
    jar.set_limits(limits);
    assert_eq!(jar.header(&url("http://h/")).as_deref(), Some("a=1; b=2; c="));
    limits.header_bytes = 2;
    jar.set_limits(limits);
    assert_eq!(jar.header(&url("http://h/")), None);
    // What the request brings itself is always sent.
    let with_own = |own: &[(&str, &str)]| jar.header_with(&url("http://h/"), own).unwrap();
    assert_eq!(with_own(&[("own", "5")]).as_deref(), Some("own=5"));
    limits.header_bytes = 10;
    jar.set_limits(limits);
    assert_eq!(with_own(&[("own", "5")]).as_deref(), Some("a=1; own=5"));
    assert_eq!(with_own(&[("b", "5")]).as_deref(), Some("a=1; b=5"));
}

/// Ten thousand cookies as large as they may be, from one host and from ten thousand hosts below one domain.
#[test]
fn ten_thousand_cookies_of_a_hostile_server() {
    let value = "v".repeat(4000);
    let path = "p".repeat(1000);
    let one_host = |_: usize| url("https://a.b.evil.example/");
    let many_hosts = |number: usize| url(&format!("https://h{number}.evil.example/"));
    let hosts: [(&str, &dyn Fn(usize) -> Url); 2] = [("one host", &one_host), ("10,000 hosts", &many_hosts)];
    for (what, host) in hosts {
        let jar = CookieJar::new();
        let before = resident();
        let start = Instant::now();
        for number in 0..10_000 {
            let set_cookie = format!("n{number}={value}; Path=/{path}; Secure");
            jar.store_one(&host(number), &set_cookie).unwrap();
        }
        let storing = start.elapsed() / 10_000;
        let kept = jar.len();
        let (held, resident) = (held(&jar), resident().saturating_sub(before));
        assert!(kept <= 3000, "{kept}");
        assert!(held < 3000 * 6 * 1024, "{held} bytes");

        jar.store(&url("https://victim.example/"), ["id=1"]);
        let hostile = url(&format!("https://a.b.evil.example/{path}"));
        let (victim, hostile) = (time(&jar, &url("https://victim.example/")), time(&jar, &hostile));
        println!("{what}: {kept} kept in {} KiB (the process grew by {resident} KiB)", held / 1024);
        println!("{what}: storing {storing:?}, sending elsewhere {victim:?}, sending there {hostile:?}");
    }
}

/// A redirect may name a host of any length, and the jar is asked before anybody looks that host up.
#[test]
fn a_host_of_a_hundred_thousand_labels_costs_nothing() {
    let jar = CookieJar::new();
    jar.set("id", "1", ".victim.example", "/").unwrap();
    let start = Instant::now();
    assert_eq!(jar.header(&url(&format!("http://{}victim.example/", "a.".repeat(100_000)))), None);
    println!("a host of 100,000 labels: {:?}, URL and all", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(jar.header(&url(&format!("http://{}victim.example/", "a.".repeat(100)))).is_some());
}

/// As full as a jar gets, of cookies that a server would really set.
#[test]
fn a_full_jar_sends_fast() {
    let jar = CookieJar::new();
    for number in 0..3000 {
        let from = url(&format!("https://www.site{}.example/", number / 50));
        let set_cookie = format!("name{number}=0123456789abcdef; Domain=site{}.example", number / 50);
        jar.store_one(&from, &set_cookie).unwrap();
    }
    assert_eq!(jar.len(), 3000);
    let full = url("https://www.site7.example/");
    assert_eq!(jar.header(&full).unwrap().matches("; ").count(), 49);
    println!(
        "3000 cookies: 50 to send {:?}, none to send {:?}, empty jar {:?}",
        time(&jar, &full),
        time(&jar, &url("https://nobody.example/")),
        time(&CookieJar::new(), &full)
    );
}

fn time(jar: &CookieJar, to: &Url) -> Duration {
    const ROUNDS: u32 = 200;
    let start = Instant::now();
    for _ in 0..ROUNDS {
        black_box(jar.header(black_box(to)));
    }
    start.elapsed() / ROUNDS
}

/// Bytes of the jar's texts and records.
fn held(jar: &CookieJar) -> usize {
    let texts = |c: &Cookie| c.name().len() + c.value().len() + c.domain().len() + c.path().len();
    jar.iter().map(|cookie| size_of::<Cookie>() + texts(&cookie)).sum()
}

/// KiB that the process holds in memory; zero where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}
