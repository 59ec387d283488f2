//! Runs the code of README.md and docs/ against the embedded server; build.rs makes the tests.

#![allow(
    unreachable_pub,
    missing_docs,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    clippy::redundant_closure_for_method_calls,
    reason = "pages are written to be read"
)]

mod fixture {
    use std::path::Path;
    use std::sync::OnceLock;
    use std::{env, fs};

    use reqs_tests::httpbin::{self, Server};

    /// The embedded server's URL for a path that the page has at httpbin.org.
    pub fn site(path: &str) -> &'static str {
        static SERVER: OnceLock<Server> = OnceLock::new();
        let url = SERVER.get_or_init(httpbin::start).url(path);
        // Pages write literals, which live for ever; a few bytes of a test may do so too.
        Box::leak(url.into_boxed_str())
    }

    /// Goes to a directory that has the files that the pages mention.
    pub fn enter() {
        static ENTERED: OnceLock<()> = OnceLock::new();
        ENTERED.get_or_init(|| {
            let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
            fs::create_dir_all(&directory).expect("the target directory can be written");
            for (name, content) in
                [("report.xls", "a,b\n"), ("massive-body", "not so massive"), ("data.bin", "0123456789")]
            {
                fs::write(directory.join(name), content).expect("the directory was just made");
            }
            env::set_current_dir(directory).expect("the directory was just made");
        });
    }

    /// Accepts what a `main` returns.
    pub fn succeed(outcome: impl Outcome) {
        outcome.check();
    }

    pub trait Outcome {
        fn check(self);
    }

    impl Outcome for () {
        fn check(self) {}
    }

    impl<E: std::fmt::Display> Outcome for Result<(), E> {
        fn check(self) {
            if let Err(error) = self {
                panic!("{error}");
            }
        }
    }
}

include!(concat!(env!("OUT_DIR"), "/docs.rs"));
