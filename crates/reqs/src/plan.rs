//! What was said of one request, until the session's defaults are merged in.

use http::Method;
use reqs_multipart::{Form, Part};
use reqs_proto::Headers;

use crate::auth::SharedAuth;
use crate::body::{Body, OnProgress};
use crate::error::Error;
use crate::hooks::Hooks;
use crate::into_url::Address;
use crate::options::Options;
use crate::params::Params;

/// What was said.
pub(crate) struct Plan {
    pub(crate) method: Method,
    pub(crate) address: Address,
    pub(crate) params: Params,
    pub(crate) headers: Headers,
    /// Names of defaults that are not to be sent.
    pub(crate) without: Vec<String>,
    pub(crate) content: Content,
    pub(crate) auth: AuthChoice,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) hooks: Hooks,
    /// Rarely said, and large.
    pub(crate) options: Option<Box<Options>>,
    pub(crate) expect_continue: Option<bool>,
    /// The first thing that was wrong; it waits for `send`.
    pub(crate) error: Option<Error>,
}

impl Plan {
    /// The settings, to be added to.
    pub(crate) fn options(&mut self) -> &mut Options {
        self.options.get_or_insert_default()
    }
}

/// What to send: as it was said, since which of it counts depends on the whole (JSN-2, BOD-18).
#[derive(Default)]
pub(crate) struct Content {
    pub(crate) data: Data,
    pub(crate) json: Option<Vec<u8>>,
    pub(crate) files: Vec<(String, Part)>,
    pub(crate) multipart: Option<Box<Form>>,
    pub(crate) progress: Option<Box<OnProgress>>,
}

impl Content {
    /// Whether nothing was said, as for most requests.
    pub(crate) fn is_unsaid(&self) -> bool {
        // Destructured without `..`, so that a new kind of content cannot be forgotten here.
        let Content { data, json, files, multipart, progress } = self;
        matches!(data, Data::None)
            && json.is_none()
            && files.is_empty()
            && multipart.is_none()
            && progress.is_none()
    }
}

/// Requests' `data=`.
#[derive(Default)]
pub(crate) enum Data {
    #[default]
    None,
    Body(Body),
    Form(Params),
}

/// Whether the request said how to authenticate.
pub(crate) enum AuthChoice {
    Unsaid,
    Nobody,
    As(SharedAuth),
}
