//! One request against a server that keeps every byte.

use reqs::{Request, Response};
use reqs_tests::Scripted;
use reqs_tests::scripted::ok;

/// What the request puts on the wire, with the server's address written as `HOST`. The closure is given the server's
/// URL without a path.
pub(crate) fn wire(make: impl FnOnce(&str) -> Request) -> String {
    let server = Scripted::one(ok(""));
    let response = make(&server.url("")).send().expect("a response");
    assert_eq!(response.status(), 200);
    text(&server)
}

/// The server's only request as text, with its address written as `HOST`.
pub(crate) fn text(server: &Scripted) -> String {
    server.finish();
    assert_eq!(server.requests().len(), 1);
    server.requests()[0].text().replace(&server.address().to_string(), "HOST")
}

/// A head as reqs writes it by default, these header lines and the body added.
pub(crate) fn expected(line: &str, headers: &str, body: &str) -> String {
    let agent = reqs::default_user_agent();
    let lines: String = headers.lines().map(|line| format!("{}\r\n", line.trim())).collect();
    format!(
        "{line} HTTP/1.1\r\nHost: HOST\r\nUser-Agent: {agent}\r\nAccept-Encoding: gzip, deflate, br\r\nAccept: */*\r\n\
         Connection: keep-alive\r\n{lines}\r\n{body}"
    )
}

/// The header lines after the defaults, and the body, for requests whose line does not matter.
pub(crate) fn rest(make: impl FnOnce(&str) -> Request) -> String {
    let text = wire(make);
    let (_, rest) = text.split_once("Connection: keep-alive\r\n").expect("the default headers");
    rest.to_owned()
}

/// The request line's target.
pub(crate) fn target(make: impl FnOnce(&str) -> Request) -> String {
    wire(make).split(' ').nth(1).unwrap_or_default().to_owned()
}

/// What a proxy is sent for this URL: the line and the Host.
pub(crate) fn through_proxy(url: &str) -> (String, String) {
    let proxy = Scripted::one(ok(""));
    reqs::get(url).proxy("http", proxy.url("")).send().expect("a response");
    let request = proxy.requests().remove(0);
    (request.line(), request.header("Host").unwrap_or_default())
}

/// A response that nobody looks at.
pub(crate) fn sent(response: reqs::Result<Response>) {
    assert_eq!(response.expect("a response").status(), 200);
}
