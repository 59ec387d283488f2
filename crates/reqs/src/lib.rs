//! HTTP for people who write Rust: everything that Python Requests documents, in blocking code
