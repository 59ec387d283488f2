//! Credentials for several origins in one auth, each for its own.

use reqs_proto::ResponseHead;
use url::{Origin, Url};

use crate::auth::{Auth, SharedAuth};
use crate::error::{Error, ErrorKind, Result};
use crate::into_url::IntoUrl;
use crate::prepare;
use crate::prepared::PreparedRequest;

/// A table of origins and who signs there; other origins get no credentials. (requests-toolbelt: `AuthHandler`.)
///
/// As a session's `auth` it is asked for every request, and again where a redirect leads to another origin: every origin
/// gets its own credentials and never those of another.
///
/// ```
/// use reqs::{Digest, OriginAuth, Session};
///
/// let mut session = Session::new();
/// session.auth = Some(
///     OriginAuth::new()
///         .with("https://api.example.com", ("user", "pass"))?
///         .with("https://old.example.com:8443", Digest::new("user", "pass"))?
///         .into(),
/// );
/// # Ok::<(), reqs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OriginAuth(Vec<(Origin, SharedAuth)>);

impl OriginAuth {
    /// An empty table.
    pub fn new() -> OriginAuth {
        OriginAuth::default()
    }

    /// The table with credentials for the origin (scheme, host and port) of this URL; its path is of no account. They
    /// replace earlier ones.
    ///
    /// # Errors
    /// A URL without an origin.
    pub fn with(mut self, url: impl IntoUrl, auth: impl Into<SharedAuth>) -> Result<OriginAuth> {
        let url = url.into_url()?;
        let origin = url.origin();
        if !origin.is_tuple() {
            let message = "credentials belong to an origin, and this URL has none";
            return Err(Error::new(ErrorKind::InvalidUrl, message).with_url(&url));
        }
        self.0.retain(|(known, _)| *known != origin);
        self.0.push((origin, auth.into()));
        Ok(self)
    }

    fn find(&self, url: &Url) -> Option<&SharedAuth> {
        let origin = url.origin();
        self.0.iter().find(|(known, _)| *known == origin).map(|(_, auth)| auth)
    }
}

impl Auth for OriginAuth {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        match self.find(&request.url) {
            Some(auth) => prepare::sign(request, &auth.clone()),
            None => Ok(()),
        }
    }

    fn answer(&self, sent: &PreparedRequest, head: &ResponseHead) -> Result<Option<PreparedRequest>> {
        self.find(&sent.url).map_or(Ok(None), |auth| auth.get().answer(sent, head))
    }

    fn redirected(&self, next: &mut PreparedRequest) -> Result<()> {
        match self.find(&next.url) {
            Some(auth) => prepare::sign_again(next, &auth.clone()),
            None => Ok(()),
        }
    }

    fn goes_to_other_origins(&self) -> bool {
        true
    }
}
