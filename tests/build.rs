//! Turns every Rust block of README.md and docs/ into a test, so that what a person reads compiles and runs.
//!
//! A block becomes a function that may use `?`; one with a `fn main` is called through it. URLs of httpbin.org become
//! those of the embedded server. A block marked `no_run` is compiled only. The tests are included by tests/docs.rs.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    let mut pages = vec![root.join("README.md")];
    println!("cargo::rerun-if-changed={}", root.join("docs").display());
    for entry in fs::read_dir(root.join("docs"))? {
        pages.push(entry?.path());
    }
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();

    let mut tests = String::new();
    for page in pages {
        println!("cargo::rerun-if-changed={}", page.display());
        write_page(&mut tests, &page)?;
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("docs.rs"), tests)?;
    Ok(())
}

/// A module for the page, with a test for each block, named after the line at which the block begins.
fn write_page(tests: &mut String, page: &Path) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(page)?;
    let name = page.file_stem().ok_or("a page without a name")?.to_string_lossy();
    writeln!(tests, "mod {} {{", name.to_lowercase().replace(['-', '.'], "_"))?;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let mut words = language.split(',').map(str::trim);
        if words.next() != Some("rust") {
            continue;
        }
        let runs = match words.next() {
            None => true,
            Some("no_run") => false,
            Some(other) => {
                return Err(
                    format!("{}:{}: `{other}` blocks are not tested", page.display(), number + 1).into()
                );
            }
        };
        write_block(tests, number + 1, &block, runs)?;
    }
    writeln!(tests, "}}")?;
    Ok(())
}

fn write_block(tests: &mut String, line: usize, block: &[&str], runs: bool) -> Result<(), Box<dyn Error>> {
    let code = at_the_embedded_server(&block.join("\n"));
    let attribute = if runs { "#[test]" } else { "#[allow(dead_code)]" };
    let imports = "#[allow(unused_imports)] use crate::fixture::site;";
    match code.contains("fn main(") {
        true => writeln!(
            tests,
            "mod line_{line} {{\n{imports}\n{code}\n{attribute}\nfn runs() {{ crate::fixture::enter(); crate::fixture::succeed(main()); }}\n}}"
        )?,
        false => writeln!(
            tests,
            "{attribute}\n#[allow(unused, clippy::all)]\nfn line_{line}() -> Result<(), Box<dyn std::error::Error>> {{\n\
             {imports}\ncrate::fixture::enter();\n{code}\nOk(())\n}}"
        )?,
    }
    Ok(())
}

/// `"https://httpbin.org/get"` becomes the expression for that path at the embedded server.
fn at_the_embedded_server(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("\"https://httpbin.org") {
        let literal = &rest[at + 1..];
        let end = literal.find('"').unwrap_or(literal.len());
        out.push_str(&rest[..at]);
        let path = &literal["https://httpbin.org".len()..end];
        let path = if path.is_empty() { "/" } else { path };
        out.push_str(&format!("site(\"{path}\")"));
        rest = literal.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}
