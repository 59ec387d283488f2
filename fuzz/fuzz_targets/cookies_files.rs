//! Any file of cookies: read, written, and read back to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reqs_cookies::CookieJar;

fuzz_target!(|bytes: &[u8]| {
    let jar = CookieJar::new();
    let _ = jar.read_json(bytes);
    if jar.read_netscape(bytes).is_err() {
        return;
    }
    let mut written = Vec::new();
    jar.write_netscape(&mut written).expect("memory can be written");
    let again = CookieJar::new();
    again.read_netscape(written.as_slice()).expect("what was written can be read");
    let mut twice = Vec::new();
    again.write_netscape(&mut twice).expect("memory can be written");
    assert_eq!(written, twice);
});
