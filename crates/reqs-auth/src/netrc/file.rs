//! Where the `.netrc` file is, and reading it.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Netrc, NetrcError, Problem};

/// How large a file may be. Even one with a thousand entries stays far below; without a bound, `$NETRC` could name a
/// device that never ends.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// The names tried in the home directory, in this order.
const FILE_NAMES: [&str; 2] = [".netrc", "_netrc"];

/// Something about a file that its owner should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// It has passwords and its permissions let others read or change it. Only on Unix.
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits, for example `0o644`.
        mode: u32,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::OpenToOthers { path, mode } => write!(
                f,
                "{} has passwords and is open to others (mode {mode:03o}); chmod 600 makes it yours alone",
                path.display()
            ),
        }
    }
}

impl Netrc {
    /// The path of the user's file, if there is one: what `$NETRC` names if that is set, and then nothing else; otherwise
    /// `.netrc` or `_netrc` in the home directory. An empty `$NETRC` means none.
    pub fn locate() -> Option<PathBuf> {
        Netrc::locate_by(std::env::var_os("NETRC").as_deref())
    }

    /// [`locate`](Self::locate) with the value of `$NETRC` as the caller knows it; a `~/` at its start is the home
    /// directory.
    pub fn locate_by(variable: Option<&OsStr>) -> Option<PathBuf> {
        locate(variable, std::env::home_dir())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is larger than [`MAX_FILE_BYTES`], or is not understood. The error names the path and the
    /// line.
    pub fn load(path: impl AsRef<Path>) -> Result<Netrc, NetrcError> {
        let path = path.as_ref();
        read(path).map_err(|error| NetrcError { path: Some(path.to_owned()), ..error })
    }
}

fn locate(variable: Option<&OsStr>, home: Option<PathBuf>) -> Option<PathBuf> {
    let Some(named) = variable else {
        let home = home?;
        let mut candidates = FILE_NAMES.iter().map(|name| home.join(name));
        return candidates.find(|path| path.exists());
    };
    let mut path = PathBuf::from(named);
    if let (Ok(rest), Some(home)) = (path.strip_prefix("~"), home) {
        path = home.join(rest);
    }
    path.exists().then_some(path)
}

fn read(path: &Path) -> Result<Netrc, NetrcError> {
    let file = File::open(path).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    let length = usize::try_from(metadata.len().min(MAX_FILE_BYTES)).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    let mut limited = file.take(MAX_FILE_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(NetrcError { path: None, line: None, problem: Problem::TooLarge });
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        NetrcError::at(line, Problem::NotUtf8)
    })?;
    let mut netrc: Netrc = text.parse()?;
    if netrc.has_password() {
        netrc.warning = warning(path, &metadata);
    }
    Ok(netrc)
}

#[cfg(unix)]
fn warning(path: &Path, metadata: &Metadata) -> Option<Warning> {
    use std::os::unix::fs::PermissionsExt as _;

    const OTHERS: u32 = 0o077;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & OTHERS != 0).then(|| Warning::OpenToOthers { path: path.to_owned(), mode })
}

/// Other systems have no permission bits to go by.
#[cfg(not(unix))]
fn warning(_path: &Path, _metadata: &Metadata) -> Option<Warning> {
    None
}

fn io(error: std::io::Error) -> NetrcError {
    NetrcError { path: None, line: None, problem: Problem::Io(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aut_5_the_variable_counts_alone_then_the_home_directory() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let find = |variable: Option<&std::path::Path>| {
            locate(variable.map(Path::as_os_str), Some(home.path().to_owned()))
        };
        assert_eq!(find(None), None);
        std::fs::write(at("_netrc"), "").unwrap();
        assert_eq!(find(None), Some(at("_netrc")));
        std::fs::write(at(".netrc"), "").unwrap();
        assert_eq!(find(None), Some(at(".netrc")));

        assert_eq!(find(Some(&at("other"))), None);
        std::fs::write(at("other"), "").unwrap();
        assert_eq!(find(Some(&at("other"))), Some(at("other")));
        assert_eq!(find(Some(Path::new("~/other"))), Some(at("other")));
        assert_eq!(find(Some(Path::new(""))), None);
        assert_eq!(locate(None, None), None);
    }

    #[test]
    fn an_error_names_the_path_and_the_line() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("netrc");
        let fails = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            Netrc::load(&path).unwrap_err().to_string()
        };
        let shown = path.display();
        assert_eq!(
            fails(b"machine a\nlogin u pass s3cr3t"),
            format!("{shown}, line 2: expected login, account or password, found something else")
        );
        assert_eq!(fails(b"machine a\n# caf\xe9"), format!("{shown}, line 2: the text is not UTF-8"));
        let large = vec![b'\n'; usize::try_from(MAX_FILE_BYTES).unwrap() + 1];
        assert_eq!(fails(&large), format!("{shown}: larger than {MAX_FILE_BYTES} bytes"));
        let missing = home.path().join("missing");
        let error = Netrc::load(&missing).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}: ", missing.display())), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_passwords_that_others_can_read_has_a_warning() {
        use std::os::unix::fs::PermissionsExt as _;

        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("netrc");
        let load = |text: &str, mode: u32| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            Netrc::load(&path).unwrap().warning().cloned()
        };
        let secret = "machine a login u password s3cr3t";
        assert_eq!(load(secret, 0o600), None);
        assert_eq!(load("machine a login u", 0o644), None);
        for mode in [0o644, 0o640, 0o604, 0o622] {
            let path = path.clone();
            assert_eq!(load(secret, mode), Some(Warning::OpenToOthers { path, mode }));
        }
        let text = load(secret, 0o644).unwrap().to_string();
        assert!(text.contains("mode 644") && !text.contains("s3cr3t"), "{text}");
    }
}
