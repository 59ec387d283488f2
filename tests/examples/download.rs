//! `cargo run --example download [-- URL [DIRECTORY]]`: a file on its way to disk, with a bar, and never half there.
//!
//! The body is streamed into a new file under a name that nobody can guess, in the directory where it is to stay. Only
//! when all of it has come does the file get its name; until then, and after any error, nothing of that name is there.
//! A file that exists is left alone. Without a URL a server in this process is asked.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints")]

use std::io;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use reqs::{Error, ErrorKind, Result, Session};
use tempfile::NamedTempFile;

fn main() -> Result<()> {
    let session = Session::new();
    let mut arguments = std::env::args().skip(1);
    let Some(url) = arguments.next() else { return tour(&session) };
    let directory = arguments.next().unwrap_or_else(|| ".".into());
    let path = download(&session, &url, Path::new(&directory), &bar())?;
    println!("{}", path.display());
    Ok(())
}

/// Downloads the body into the directory, under the name that the server or the URL gives it, and says which file that
/// is.
///
/// # Errors
/// What fetching it came to, a status of 400 or more, a name that is taken, or a disk that is full. Nothing is left
/// behind then.
pub(crate) fn download(session: &Session, url: &str, directory: &Path, bar: &ProgressBar) -> Result<PathBuf> {
    let r = session.get(url).stream()?.raise_for_status()?;
    let name = r.filename().unwrap_or_else(|| "download".to_owned());
    let path = directory.join(&name);
    if path.exists() {
        return Err(Error::new(ErrorKind::Io, format!("'{}' is there already", path.display())));
    }
    bar.set_message(name);
    if let Some(total) = r.progress().total {
        bar.set_length(total);
    }
    let watching = bar.clone();
    let mut r = r.on_progress(move |p| watching.set_position(p.received));

    let mut file = fresh_file(directory)?;
    // A body that is shorter or longer than the server said is an error in here.
    r.copy_to(file.as_file_mut())?;
    file.as_file().sync_all()?;
    // Fails, and removes the file, if somebody else took the name in the meantime.
    file.persist_noclobber(&path).map_err(|error| error.error)?;
    bar.finish();
    Ok(path)
}

/// A file that did not exist, under a name that cannot be guessed; it is removed unless it gets its real name.
fn fresh_file(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".download-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file; the umask takes away what the user does not want to give.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

fn bar() -> ProgressBar {
    let template = "{msg} [{wide_bar}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::no_length().with_style(style.progress_chars("=> "))
}

/// A file that comes whole, and one that does not.
fn tour(session: &Session) -> Result<()> {
    use reqs_tests::{Connection, Scripted};

    let directory = tempfile::tempdir()?;
    let listing = || -> io::Result<Vec<String>> {
        let names =
            std::fs::read_dir(&directory)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\
                Content-Disposition: attachment; filename=\"../../zeros.bin\"\r\n\r\n";
    let whole = [head.as_bytes(), &[0; 8_000_000]].concat();
    let server = Scripted::one(whole);
    let path = download(session, &server.url("/file"), directory.path(), &bar())?;
    println!(
        "whole: {} bytes in '{}'",
        path.metadata()?.len(),
        path.file_name().unwrap_or_default().display()
    );
    std::fs::remove_file(path)?;

    let half = [head.as_bytes(), &[0; 4_000_000]].concat();
    let server = Scripted::start([Connection::new().answer(half).close()]);
    let error = download(session, &server.url("/file"), directory.path(), &bar()).unwrap_err();
    println!("cut short: {error}\nleft behind: {:?}", listing()?);
    Ok(())
}
