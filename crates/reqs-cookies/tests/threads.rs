//! One jar in many hands: no deadlock, no lost cookie.

use std::{sync::Arc, thread};

use reqs_cookies::{CookieJar, Existing};
use url::Url;

#[test]
fn thirty_two_threads_lose_no_cookie() {
    const THREADS: usize = 32;
    const ROUNDS: usize = 200;
    let jar = Arc::new(CookieJar::new());
    let handles: Vec<_> = (0..THREADS)
        .map(|thread| {
            let jar = Arc::clone(&jar);
            thread::spawn(move || {
                let url = Url::parse(&format!("https://h{}.example/", thread % 4)).unwrap();
                for round in 0..ROUNDS {
                    jar.store(&url, [format!("t{thread}={round}").as_str()]);
                    let header = jar.header(&url).unwrap();
                    let own = header.split("; ").find(|pair| pair.starts_with(&format!("t{thread}=")));
                    assert_eq!(own, Some(format!("t{thread}={round}").as_str()));
                    assert!(jar.len() <= THREADS);
                }
            })
        })
        .collect();
    for handle in handles {
        handle.join().unwrap();
    }
    assert_eq!(jar.len(), THREADS);
    assert!(jar.values().iter().all(|value| *value == (ROUNDS - 1).to_string()));
}

#[test]
fn two_jars_updated_from_each_other_do_not_wait_forever() {
    let jars = [CookieJar::new(), CookieJar::new()].map(Arc::new);
    jars[0].set("a", "1", "h", "/").unwrap();
    jars[1].set("b", "2", "h", "/").unwrap();
    thread::scope(|scope| {
        for (to, from) in [(0, 1), (1, 0), (0, 0)] {
            let (to, from) = (Arc::clone(&jars[to]), Arc::clone(&jars[from]));
            scope.spawn(move || {
                for _ in 0..500 {
                    to.update(&from, Existing::Replace);
                }
            });
        }
    });
    assert_eq!((jars[0].len(), jars[1].len()), (2, 2));
}
