//! What Requests' tests check while a program runs, and Rust before it does: each block below that must not compile
//! stands beside its twin, which does. The names are those of Requests' tests; `tests/ported` lists them as python-only.
//!
//! # What is sent was prepared
//! test_non_prepared_request_error, test_cannot_send_unprepared_requests
//!
//! ```
//! fn send(s: &reqs::Session, r: reqs::PreparedRequest) -> reqs::Result<reqs::Response> {
//!     s.send(r, reqs::Options::new())
//! }
//! ```
//! ```compile_fail,E0308
//! fn send(s: &reqs::Session, r: reqs::Request) -> reqs::Result<reqs::Response> {
//!     s.send(r, reqs::Options::new())
//! }
//! ```
//!
//! # The value of a header is text
//! test_header_value_not_str, test_header_keys_are_native, test_header_with_subclass_types
//!
//! ```
//! reqs::get("http://h/").header("foo", "3");
//! reqs::get("http://h/").headers([("foo", "bar")]);
//! ```
//! ```compile_fail,E0277
//! reqs::get("http://h/").header("foo", 3);
//! ```
//! ```compile_fail,E0277
//! reqs::get("http://h/").headers([("bar", [("foo", "bar")])]);
//! ```
//! ```compile_fail,E0277
//! reqs::get("http://h/").headers([("baz", ["foo", "bar"])]);
//! ```
//! ```compile_fail,E0277
//! reqs::get("http://h/").header(b"byte", "blah");
//! ```
//!
//! # A user's name is text, or bytes that are called so
//! test_set_basicauth, for `42` and `None`
//!
//! ```
//! reqs::get("http://h/").auth(("user", "pass"));
//! reqs::get("http://h/").auth(reqs::Basic::from_bytes(b"user", b"pass"));
//! ```
//! ```compile_fail,E0277
//! reqs::get("http://h/").auth((42, 42));
//! ```
//! ```compile_fail,E0277
//! reqs::get("http://h/").auth((None::<&str>, None::<&str>));
//! ```
//!
//! # The size of a piece is a number
//! test_response_chunk_size_type
//!
//! ```
//! fn pieces(r: &mut reqs::Response<reqs::Stream>) -> usize {
//!     r.iter_content(1024).count()
//! }
//! ```
//! ```compile_fail,E0277
//! fn pieces(r: &mut reqs::Response<reqs::Stream>) -> usize {
//!     r.iter_content("1024").count()
//! }
//! ```
//!
//! # The content of a file is text or bytes, or can be read
//! test_invalid_files_input, for `1`
//!
//! ```
//! reqs::post("http://h/").file("f", "1");
//! ```
//! ```compile_fail,E0277
//! reqs::post("http://h/").file("f", 1);
//! ```
//!
//! # One iterator over lines at a time
//! test_response_iter_lines_reentrant
//!
//! ```
//! fn lines(r: &mut reqs::Response<reqs::Stream>) -> usize {
//!     let first = r.iter_lines().count();
//!     first + r.iter_lines().count()
//! }
//! ```
//! ```compile_fail,E0499
//! fn lines(r: &mut reqs::Response<reqs::Stream>) -> usize {
//!     let (first, second) = (r.iter_lines(), r.iter_lines());
//!     first.count() + second.count()
//! }
//! ```
//!
//! # A name of a file is text
//! test_can_send_file_object_with_non_string_filename
//!
//! ```
//! reqs::post("http://h/").file("f", ("2", "content"));
//! ```
//! ```compile_fail,E0277
//! reqs::post("http://h/").file("f", (2, "content"));
//! ```
