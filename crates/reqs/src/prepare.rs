//! From a plan and a session's defaults to the request as it is sent. Pure: nothing here touches a socket.
//!
//! The order is Requests' (SES-2, SES-16): method, URL, headers, cookies, body, auth.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use reqs_auth::Basic;
use reqs_proto::Headers;
use url::Url;

use crate::auth::SharedAuth;
use crate::body::Body;
use crate::cookies;
use crate::error::{Error, Result};
use crate::framing;
use crate::into_url::Address;
use crate::options::Options;
use crate::payload::{self, CONTENT_TYPE};
use crate::plan::{AuthChoice, Plan};
use crate::prepared::{Marks, PreparedRequest, check_headers};
use crate::request::Request;
use crate::session::Session;
use crate::url_text;

const AUTHORIZATION: &str = "Authorization";
const EXPECT: &str = "Expect";

/// A request, in the place where it stays since it is large, and the settings of its send.
type Prepared = (Arc<PreparedRequest>, Option<Box<Options>>);

/// The request that its plan and its session make together.
pub(crate) fn prepare(request: Request<&Session>) -> Result<Prepared> {
    let Request { client: session, plan } = &request;
    // Hooks that come before preparing may leave another plan.
    if plan.hooks.is_empty() && session.hooks.is_empty() || plan.error.is_some() {
        return build(request);
    }
    let hooks = plan.hooks.clone().over(&session.hooks);
    build(Request { client: session, plan: hooks.run_before_prepare(request.plan)? })
}

/// The session's defaults with the plan laid over them.
fn build(request: Request<&Session>) -> Result<Prepared> {
    let session = request.client;
    let Plan {
        method,
        address,
        params,
        headers: own,
        without,
        content,
        auth,
        cookies: own_cookies,
        hooks,
        options,
        expect_continue,
        error,
    } = request.plan;
    if let Some(error) = error {
        return Err(match &address {
            Address::Url(url) => error.with_url(url),
            Address::Relative(_) => error,
        });
    }
    let mut url = resolve(address, session.base_url.as_ref())?;
    match session.params.is_empty() {
        true => url_text::add_params(&mut url, &params),
        false => url_text::add_params(&mut url, &params.over(&session.params)),
    }
    let at_url = |error: Error| error.with_url(&url);

    check_headers(&own).map_err(at_url)?;
    let at_home = session.is_at_home(&url);
    let mut headers = session.headers.clone();
    if !at_home {
        session.keep_credentials_at_home(&mut headers);
    }
    for name in &without {
        headers.remove(name);
    }
    if !own.is_empty() {
        overlay(&mut headers, &own);
    }
    let is_wanted = |name: &str| !without.iter().any(|without| without.eq_ignore_ascii_case(name));
    let no_cookies = !is_wanted("Cookie");
    let cookie_from_jar =
        !no_cookies && add_cookies(session, &url, &mut headers, &own_cookies).map_err(at_url)?;

    let (body, content_type) = match content.is_unsaid() {
        true => (Body::empty(), None),
        false => payload::make(content, &headers, &own).map_err(at_url)?,
    };
    framing::set(&mut headers, &method, &body).map_err(at_url)?;
    if let Some(content_type) = content_type.filter(|_| is_wanted(CONTENT_TYPE)) {
        // One that is completed by its boundary keeps the caller's spelling.
        let given = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE));
        let given = given.map(|(name, _)| name.to_owned());
        headers.insert(given.as_deref().unwrap_or(CONTENT_TYPE), content_type);
    }
    let expects = expect_continue.unwrap_or(session.expect_continue);
    if expects && !body.is_empty() && !headers.contains(EXPECT) {
        headers.insert(EXPECT, "100-continue");
    }

    let auth = match auth {
        AuthChoice::Unsaid if !is_wanted(AUTHORIZATION) => AuthChoice::Nobody,
        auth => auth,
    };
    let no_auth = matches!(auth, AuthChoice::Nobody);
    let session_auth = session.auth.as_ref().filter(|_| at_home);
    let auth = choose_auth(session, session_auth, auth, &url, &headers);
    let hooks = hooks.over(&session.hooks);
    let mut marks = Marks { no_auth, no_cookies, cookie_from_jar, ..Marks::default() };
    let said = options.as_ref().and_then(|options| options.redirects.as_ref());
    marks.add(said.unwrap_or(&session.redirects).sensitive().to_vec(), Vec::new());
    let cookies = own_cookies;
    let mut request = Arc::new(PreparedRequest {
        method,
        url,
        headers,
        body,
        auth: None,
        hooks,
        cookies,
        marks,
        options: None,
    });
    if let Some(auth) = auth {
        let request = Arc::make_mut(&mut request);
        sign(request, &auth)?;
        request.auth = Some(auth);
    }
    request.check_headers()?;
    Ok((request, options))
}

/// Puts `over` on top of `headers`: each name replaces what was there, in its place and with its own spelling; a
/// name that `over` has several times keeps them all (SES-5).
pub(crate) fn overlay(headers: &mut Headers, over: &Headers) {
    for (at, (name, value)) in over.iter_bytes().enumerate() {
        let repeated = over.iter().take(at).any(|(earlier, _)| earlier.eq_ignore_ascii_case(name));
        match repeated {
            true => headers.append_bytes(name, value),
            false => headers.insert_bytes(name, value),
        }
    }
}

/// Sets `Cookie` from the jar and the request's own cookies, unless the caller wrote one (CK-2, CK-4), and says whether
/// it did.
pub(crate) fn add_cookies(
    session: &Session,
    url: &Url,
    headers: &mut Headers,
    own: &[(String, String)],
) -> Result<bool> {
    if own.is_empty() && session.cookies.is_empty_jar() || headers.contains("Cookie") {
        return Ok(false);
    }
    set_cookies(session, url, headers, own)
}

/// Sets `Cookie` to what is due now, in the place of one that is there, and says whether anything is.
pub(crate) fn set_cookies(
    session: &Session,
    url: &Url,
    headers: &mut Headers,
    own: &[(String, String)],
) -> Result<bool> {
    let value = session.cookies.header_with(&cookies::host_of(url, headers), own)?;
    match &value {
        // As the server sent them: text here would be written as ISO-8859-1.
        Some(value) => headers.insert_bytes("Cookie", value.as_bytes()),
        None => {
            headers.remove("Cookie");
        }
    }
    Ok(value.is_some())
}

/// Lets the auth sign, and frames the body anew if it put another one in (BOD-17).
pub(crate) fn sign(request: &mut PreparedRequest, auth: &SharedAuth) -> Result<()> {
    let hooks = request.hooks.clone();
    and_frame_anew(request, |request| auth.get().apply(request))?;
    request.marks.add(Vec::new(), request.hooks.added_since(&hooks));
    Ok(())
}

/// The auth's answer to a challenge, with what it set marked as the auth's.
pub(crate) fn answered(sent: &PreparedRequest, mut answer: PreparedRequest) -> PreparedRequest {
    mark_auth_headers(&sent.headers, &mut answer);
    answer.marks.add(Vec::new(), answer.hooks.added_since(&sent.hooks));
    answer.marks.signed_by_redirect = false;
    answer
}

/// Puts the credentials behind all other headers, where a first request has them (SES-2).
pub(crate) fn put_credentials_last(headers: &mut Headers) {
    let is_ours = |name: &str| name.eq_ignore_ascii_case(AUTHORIZATION);
    let lines = headers.iter_bytes().filter(|(name, _)| is_ours(name));
    let lines: Vec<_> = lines.map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
    headers.remove(AUTHORIZATION);
    lines.iter().for_each(|(name, value)| headers.append_bytes(name, value));
}

/// Remembers which headers an auth set or changed, or a hook that is asked at every hop. Authorization needs no mark: it never leaves its origin. What
/// describes the body goes where the body goes.
pub(crate) fn mark_auth_headers(before: &Headers, request: &mut PreparedRequest) {
    let was_there = |name: &str, value: &[u8]| {
        before.iter_bytes().any(|(known, had)| known.eq_ignore_ascii_case(name) && had == value)
    };
    let needs_mark = |name: &str| !name.eq_ignore_ascii_case(AUTHORIZATION) && !framing::describes_body(name);
    let set =
        request.headers.iter_bytes().filter(|(name, value)| needs_mark(name) && !was_there(name, value));
    request.marks.add(set.map(|(name, _)| name.to_owned()).collect(), Vec::new());
}

/// Lets the auth sign what it has signed before: a redirect within the origin, or a retry.
pub(crate) fn sign_again(request: &mut PreparedRequest, auth: &SharedAuth) -> Result<()> {
    and_frame_anew(request, |request| auth.get().redirected(request))
}

fn and_frame_anew(
    request: &mut PreparedRequest,
    change: impl FnOnce(&mut PreparedRequest) -> Result<()>,
) -> Result<()> {
    let before = (request.body.length(), request.body.is_stream());
    let headers = request.headers.clone();
    change(request)?;
    mark_auth_headers(&headers, request);
    if (request.body.length(), request.body.is_stream()) == before {
        return Ok(());
    }
    framing::forget(&mut request.headers, before.0);
    framing::set(&mut request.headers, &request.method, &request.body)
        .map_err(|error| error.with_url(&request.url))
}

fn resolve(address: Address, base: Option<&Url>) -> Result<Url> {
    match (address, base) {
        (Address::Url(url), _) => Ok(url),
        (Address::Relative(text), Some(base)) => url_text::under(base, &text),
        (Address::Relative(text), None) => Err(url_text::no_scheme(&text)),
    }
}

/// The request's, then the session's, then an explicit header, then the URL's, then netrc's (AUT-2).
fn choose_auth(
    session: &Session,
    sessions_own: Option<&SharedAuth>,
    own: AuthChoice,
    url: &Url,
    headers: &Headers,
) -> Option<SharedAuth> {
    match own {
        AuthChoice::As(auth) => return Some(auth),
        AuthChoice::Nobody => return None,
        AuthChoice::Unsaid => {}
    }
    if let Some(auth) = sessions_own {
        return Some(auth.clone());
    }
    if headers.contains(AUTHORIZATION) {
        return None;
    }
    userinfo(url).or_else(|| session.netrc_auth(url))
}

/// The URL's user and password, if it has both parts (AUT-3).
fn userinfo(url: &Url) -> Option<SharedAuth> {
    let password = url.password()?;
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some(SharedAuth::from(Basic::new(decoded(url.username()), decoded(password))))
}
