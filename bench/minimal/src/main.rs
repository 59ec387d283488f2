//! Fetches one URL and prints its text.

#![forbid(unsafe_code)]

fn main() -> Result<(), reqs::Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "https://example.org/".to_owned());
    print!("{}", reqs::get(url).send()?.text());
    Ok(())
}
