//! From a plan and a session's defaults to the request as it is sent. Pure: nothing here touches a socket.
//!
//! The order is Requests' (SES-2, SES-16): method, URL, headers, cookies, body, auth.

use percent_encoding::percent_decode_str;
use reqs_auth::Basic;
use reqs_multipart::{Form, Part};
use reqs_proto::Headers;
use url::Url;

use crate::auth::SharedAuth;
use crate::body::Body;
use crate::cookies;
use crate::error::{Error, ErrorKind, Result};
use crate::framing;
use crate::into_url::{self, Address};
use crate::params::Params;
use crate::prepared::{Marks, PreparedRequest};
use crate::request::{AuthChoice, Payload, Plan};
use crate::session::Session;

const CONTENT_TYPE: &str = "Content-Type";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const AUTHORIZATION: &str = "Authorization";

/// The request that this plan and this session make together.
pub(crate) fn prepare(session: &Session, plan: Plan) -> Result<PreparedRequest> {
    build(session, announce(session, plan)?)
}

/// The plan as the hooks that come before preparing leave it.
pub(crate) fn announce(session: &Session, plan: Plan) -> Result<Plan> {
    if plan.hooks.is_empty() && session.hooks.is_empty() || plan.error.is_some() {
        return Ok(plan);
    }
    plan.hooks.clone().over(&session.hooks).run_before_prepare(plan)
}

/// The session's defaults with the plan laid over them.
pub(crate) fn build(session: &Session, plan: Plan) -> Result<PreparedRequest> {
    let Plan {
        method,
        address,
        params,
        headers: own,
        without,
        payload,
        files,
        multipart,
        auth,
        cookies: own_cookies,
        hooks,
        options: _,
        error,
    } = plan;
    if let Some(error) = error {
        return Err(error);
    }
    let mut url = resolve(address, session.base_url.as_ref())?;
    match session.params.is_empty() {
        true => into_url::add_params(&mut url, &params),
        false => into_url::add_params(&mut url, &params.over(&session.params)),
    }

    let at_home = session.is_at_home(&url);
    let mut headers = session.headers.clone();
    if !at_home {
        session.keep_credentials_at_home(&mut headers);
    }
    overlay(&mut headers, &own);
    without.iter().for_each(|name| {
        headers.remove(name);
    });
    let cookie_from_jar = add_cookies(session, &url, &mut headers, &own_cookies)?;

    let (body, content_type) = body_of(payload, files, multipart)?;
    framing::set(&mut headers, &method, &body)?;
    if let Some(content_type) = content_type {
        set_content_type(&mut headers, content_type);
    }

    let no_auth = matches!(auth, AuthChoice::Nobody);
    let session_auth = session.auth.as_ref().filter(|_| at_home);
    let auth = choose_auth(session, session_auth, auth, &url, &headers);
    let hooks = hooks.over(&session.hooks);
    let marks = Marks { no_auth, cookie_from_jar, auth_hooks: Vec::new() };
    let mut request =
        PreparedRequest { method, url, headers, body, auth: None, hooks, cookies: own_cookies, marks };
    if let Some(auth) = auth {
        sign(&mut request, &auth)?;
        request.auth = Some(auth);
    }
    Ok(request)
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
    let value = session.cookies.header_with(&cookies::host_of(url, headers), own)?;
    if let Some(value) = &value {
        headers.insert("Cookie", value);
    }
    Ok(value.is_some())
}

/// Lets the auth sign, and frames the body anew if it put another one in (BOD-17).
pub(crate) fn sign(request: &mut PreparedRequest, auth: &SharedAuth) -> Result<()> {
    let hooks = request.hooks.clone();
    and_frame_anew(request, |request| auth.get().apply(request))?;
    request.marks.auth_hooks.extend(request.hooks.added_since(&hooks));
    Ok(())
}

/// Lets the auth sign what it has signed before: a redirect within the origin, or a retry.
pub(crate) fn sign_again(request: &mut PreparedRequest, auth: &SharedAuth) -> Result<()> {
    and_frame_anew(request, |request| auth.get().redirected(request))
}

fn and_frame_anew(
    request: &mut PreparedRequest,
    change: impl FnOnce(&mut PreparedRequest) -> Result<()>,
) -> Result<()> {
    let length = request.body.length();
    change(request)?;
    if request.body.length() != length {
        framing::set(&mut request.headers, &request.method, &request.body)?;
    }
    Ok(())
}

fn resolve(address: Address, base: Option<&Url>) -> Result<Url> {
    match (address, base) {
        (Address::Url(url), _) => Ok(url),
        (Address::Relative(text), Some(base)) => into_url::under(base, &text),
        (Address::Relative(text), None) => Err(into_url::no_scheme(&text)),
    }
}

/// The body, and the Content-Type that goes with it where the caller says none.
fn body_of(
    payload: Payload,
    files: Vec<(String, Part)>,
    form: Option<Form>,
) -> Result<(Body, Option<ContentType>)> {
    if form.is_some() || !files.is_empty() {
        return multipart(payload, files, form);
    }
    Ok(match payload {
        Payload::None => (Body::empty(), None),
        Payload::Data(body) => (body, None),
        Payload::Form(form) if form.is_empty() => (Body::empty(), None),
        Payload::Form(form) => (Body::from(form.to_string()), Some(ContentType::Plain(FORM))),
        Payload::Json(bytes) => (Body::from(bytes), Some(ContentType::Plain(JSON))),
    })
}

enum ContentType {
    Plain(&'static str),
    /// Multipart, with its boundary.
    Multipart(String),
}

/// Fields go first, then files (MPT-7).
fn multipart(
    payload: Payload,
    files: Vec<(String, Part)>,
    form: Option<Form>,
) -> Result<(Body, Option<ContentType>)> {
    let form = match (payload, form) {
        (Payload::None, form) => form.unwrap_or_default(),
        (Payload::Form(fields), None) => fields_of(&fields)?,
        (Payload::Form(_), Some(_)) => return Err(two_bodies("a multipart form and other fields")),
        (Payload::Json(_), _) => return Err(two_bodies("json and files")),
        (Payload::Data(_), _) => return Err(two_bodies("data and files")),
    };
    let form = files.into_iter().fold(form, |form, (field, part)| form.file(field, part));
    let broken = |error: reqs_multipart::Error| {
        Error::new(ErrorKind::InvalidBody, error.to_string()).with_source(error)
    };
    let content_type = form.content_type();
    let body = match form.is_in_memory() {
        true => Body::from(form.into_vec().map_err(broken)?),
        false => Body::form(form.into_reader().map_err(broken)?),
    };
    Ok((body, Some(ContentType::Multipart(content_type))))
}

fn fields_of(fields: &Params) -> Result<Form> {
    let Some(pairs) = fields.as_pairs() else {
        let message = "Data must not be a string: beside files, fields are pairs";
        return Err(Error::new(ErrorKind::InvalidBody, message));
    };
    Ok(pairs.fold(Form::new(), |form, (name, value)| {
        form.part(String::from_utf8_lossy(name), Part::bytes(value).no_file_name())
    }))
}

fn two_bodies(which: &str) -> Error {
    Error::new(
        ErrorKind::InvalidBody,
        format!("{which} cannot be sent together: give one body, or a form with files"),
    )
}

/// The caller's own Content-Type stays; a multipart one that lacks the boundary is given it (MPT-12).
fn set_content_type(headers: &mut Headers, content_type: ContentType) {
    match (headers.get(CONTENT_TYPE), content_type) {
        (None, ContentType::Plain(value)) => headers.insert(CONTENT_TYPE, value),
        (None, ContentType::Multipart(value)) => headers.insert(CONTENT_TYPE, value),
        (Some(_), ContentType::Plain(_)) => {}
        (Some(given), ContentType::Multipart(value)) => {
            let lower = given.to_ascii_lowercase();
            if lower.starts_with("multipart/") && !lower.contains("boundary=") {
                let boundary = value.split_once(';').map_or("", |(_, boundary)| boundary);
                let completed = format!("{};{boundary}", given.trim_end_matches([';', ' ']));
                headers.insert(CONTENT_TYPE, completed);
            }
        }
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
