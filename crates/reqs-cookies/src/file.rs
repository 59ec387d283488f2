//! Loading and saving a jar: what both formats share. A file appears only when it is saved to, whole or not
//! at all, and readable by its owner alone.

use std::{
    collections::hash_map::RandomState,
    fs::{self, File, OpenOptions},
    hash::{BuildHasher, Hasher},
    io::{self, BufReader, BufWriter},
    path::{Path, PathBuf},
};

use crate::{Cookie, CookieJar, InvalidCookie};

/// What loading a jar came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// Cookies that were taken in. The jar holds fewer when they exceed its limits or replace each other.
    pub cookies: usize,
    /// Cookies that had expired.
    pub expired: usize,
    /// Lines or entries that are no cookie, and cookies that a jar refuses.
    pub ignored: usize,
}

/// What saving a jar came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Cookies that were written.
    pub cookies: usize,
    /// Cookies that were left out: those without a domain yet, and in `cookies.txt` those with a tab in the
    /// name or the path, which separates fields there.
    pub skipped: usize,
}

impl CookieJar {
    /// Adds the cookies of a Netscape `cookies.txt`, as curl, wget and Python's `MozillaCookieJar` write it.
    ///
    /// A cookie of the jar with the same name, domain and path is replaced.
    ///
    /// # Errors
    /// The file cannot be read; that it does not exist is an error too, and no file is made.
    ///
    /// ```no_run
    /// let jar = reqs_cookies::CookieJar::new();
    /// let loaded = jar.load_netscape("cookies.txt")?;
    /// println!("{} cookies, {} lines ignored", loaded.cookies, loaded.ignored);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn load_netscape(&self, path: impl AsRef<Path>) -> io::Result<Loaded> {
        load(path.as_ref(), |file| self.read_netscape(file))
    }

    /// Writes the cookies that have not expired as a Netscape `cookies.txt`, session cookies too.
    ///
    /// The file is replaced as a whole, and on Unix only its owner can read it. `SameSite` and the times of
    /// creation and use have no place in the format; [`save_json`](Self::save_json) keeps everything.
    ///
    /// # Errors
    /// The file cannot be written; what was there before is still there then.
    pub fn save_netscape(&self, path: impl AsRef<Path>) -> io::Result<Saved> {
        save(path.as_ref(), |file| self.write_netscape(file))
    }

    /// Adds the cookies of a JSON file: what [`save_json`](Self::save_json) wrote, or an export of a browser
    /// extension or of Playwright, as an array of objects or as their `cookies` member.
    ///
    /// A cookie of the jar with the same name, domain and path is replaced.
    ///
    /// # Errors
    /// The file cannot be read or is no JSON ([`io::ErrorKind::InvalidData`]); nothing was added then.
    #[cfg(feature = "json")]
    pub fn load_json(&self, path: impl AsRef<Path>) -> io::Result<Loaded> {
        load(path.as_ref(), |file| self.read_json(file))
    }

    /// Writes the cookies that have not expired as JSON, session cookies too, an array of objects.
    ///
    /// The file is replaced as a whole, and on Unix only its owner can read it.
    ///
    /// # Errors
    /// The file cannot be written; what was there before is still there then.
    #[cfg(feature = "json")]
    pub fn save_json(&self, path: impl AsRef<Path>) -> io::Result<Saved> {
        save(path.as_ref(), |file| self.write_json(file))
    }

    /// Takes in what a file held: `Err` stands for a line or an entry that is no cookie.
    pub(crate) fn take_in(&self, entries: impl IntoIterator<Item = Result<Cookie, InvalidCookie>>) -> Loaded {
        let now = self.now();
        let mut loaded = Loaded::default();
        let mut cookies = Vec::new();
        for entry in entries {
            match entry.and_then(Cookie::checked) {
                Ok(cookie) if cookie.is_expired(now) => loaded.expired += 1,
                Ok(cookie) if !cookie.domain.is_empty() => cookies.push(cookie),
                _ => loaded.ignored += 1,
            }
        }
        loaded.cookies = cookies.len();
        self.put_all(cookies, |_, _| false);
        loaded
    }

    /// The cookies to save, the oldest first.
    pub(crate) fn unexpired(&self) -> impl Iterator<Item = Cookie> {
        let now = self.now();
        self.iter().filter(move |cookie| !cookie.is_expired(now))
    }
}

fn load(path: &Path, read: impl FnOnce(BufReader<File>) -> io::Result<Loaded>) -> io::Result<Loaded> {
    File::open(path).and_then(|file| read(BufReader::new(file))).map_err(|error| at(path, "load", &error))
}

fn save(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<Saved>) -> io::Result<Saved> {
    let replace = || {
        let (draft, file) = Draft::beside(path)?;
        let mut file = BufWriter::new(file);
        let saved = write(&mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        draft.publish(path)?;
        Ok(saved)
    };
    replace().map_err(|error| at(path, "save", &error))
}

fn at(path: &Path, verb: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {verb} cookies, {}: {error}", path.display()))
}

/// A new file that takes the place of another when it is whole, and vanishes otherwise.
struct Draft {
    path: PathBuf,
    published: bool,
}

impl Draft {
    /// How often a name may be taken; a second time is unheard of with 64 random bits.
    const ATTEMPTS: usize = 4;

    fn beside(target: &Path) -> io::Result<(Self, File)> {
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut attempt = 1;
        loop {
            // The keys of a RandomState come from the system's random source: nobody can guess the name
            // and place a file there first.
            let random = RandomState::new().build_hasher().finish();
            let mut draft_name = name.to_owned();
            draft_name.push(format!(".{random:016x}.tmp"));
            let path = target.with_file_name(draft_name);
            match private_file().open(&path) {
                Ok(file) => return Ok((Self { path, published: false }, file)),
                Err(error) if is_taken(&error) && attempt < Self::ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn publish(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            // The error that made the draft useless is the one to tell.
            let _cannot_be_helped = fs::remove_file(&self.path);
        }
    }
}

fn is_taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AlreadyExists
}

/// A file that must not exist yet and that only its owner may read.
fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
