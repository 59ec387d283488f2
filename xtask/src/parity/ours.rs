//! The side of reqs: plays a case and tells what came of it, in the words in which `runner.py` tells it.

mod request;
mod response;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use reqs::{
    Digest, Environment, Error, ErrorKind, Headers, Params, PreparedRequest, Request, Session, SharedAuth,
    Verify,
};
use serde_json::{Value, json};

use super::bytes;
use super::errors;

/// The client nonces that Requests sent in this case. reqs is given the same, so that whole answers compare.
pub(super) struct Cnonces(VecDeque<String>);

impl Cnonces {
    /// Takes them from the headers of what was sent, in that order.
    pub(super) fn sent_in(theirs: &Value) -> Cnonces {
        let mut found = VecDeque::new();
        collect(&theirs["wire"], &mut found);
        Cnonces(found)
    }
}

fn collect(value: &Value, found: &mut VecDeque<String>) {
    match value {
        Value::String(text) => {
            let after = text.split_once("cnonce=\"").map(|(_, after)| after);
            found.extend(after.and_then(|after| after.split('"').next()).map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => map.values().for_each(|inner| collect(inner, found)),
        _ => {}
    }
}

/// Plays the case.
///
/// # Errors
/// When the case uses words that have no meaning here. What reqs refuses is no such error, but a result.
pub(super) fn play(case: &Value, cnonces: Cnonces) -> Result<Value, String> {
    let mut auths = Auths { cnonces: Arc::new(Mutex::new(cnonces.0)), made: HashMap::new() };
    let session = session(case, &mut auths)?;
    let mut steps = Vec::new();
    for step in case["steps"].as_array().into_iter().flatten() {
        let step = request::Step { data: step, directory: case["directory"].as_str().unwrap_or_default() };
        let told = step.play(&session, &mut auths)?;
        steps.push(told.unwrap_or_else(|error| failed(&error)));
    }
    let jar = session.cookies.jar().map(response::cookies);
    session.close();
    Ok(json!({ "steps": steps, "jar": jar }))
}

/// An error, in the words of the runner.
fn failed(error: &Error) -> Value {
    let mut told = json!({ "error": kind(error) });
    // Requests knows of a response here alone; reqs, wherever there was one.
    let knows = matches!(error.kind(), ErrorKind::Http | ErrorKind::TooManyRedirects);
    if let Some(response) = error.response().filter(|_| knows) {
        told["error_response"] = json!([response.status().as_u16(), response.history().len()]);
    }
    told
}

fn kind(error: &Error) -> String {
    format!("{}{:?}", errors::OURS, error.kind())
}

fn session(case: &Value, auths: &mut Auths) -> Result<Session, String> {
    let mut session = Session::new();
    let variables = case["environment"].as_object().into_iter().flatten();
    let variables = variables.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    session.set_environment(Environment::new(variables));
    let said = &case["session"];
    if !said["only_headers"].is_null() {
        session.headers = Headers::new();
        request::set_headers(&mut session.headers, &said["only_headers"])?;
    }
    request::set_headers(&mut session.headers, &said["headers"])?;
    if !said["params"].is_null() {
        session.params = Params::new(request::pairs(&said["params"])).map_err(|error| error.to_string())?;
    }
    if !said["auth"].is_null() {
        session.auth = Some(auths.shared(&said["auth"])?);
    }
    for cookie in said["cookies"].as_array().into_iter().flatten() {
        let part = |name: &str| cookie[name].as_str();
        let (Some(name), Some(value), Some(domain)) = (part("name"), part("value"), part("domain")) else {
            return Err(format!("a cookie has name, value and domain: {cookie}"));
        };
        session.cookies.set(name, value, domain, part("path").unwrap_or("/"));
    }
    for (key, url) in said["proxies"].as_object().into_iter().flatten() {
        session.proxies.insert(key, url.as_str().unwrap_or_default());
    }
    if let Some(verify) = verify(&said["verify"]) {
        session.verify = Some(verify);
    }
    if let Some(limit) = said["max_redirects"].as_u64() {
        session.max_redirects = limit as u32;
    }
    if let Some(trust) = said["trust_env"].as_bool() {
        session.trust_env = trust;
    }
    Ok(session)
}

fn verify(said: &Value) -> Option<Verify> {
    match said {
        Value::Bool(verify) => Some(Verify::from(*verify)),
        Value::String(path) => Some(Verify::from(path.as_str())),
        _ => None,
    }
}

/// The credentials of a case: the same words are the same object throughout, for Digest keeps state.
struct Auths {
    cnonces: Arc<Mutex<VecDeque<String>>>,
    made: HashMap<String, SharedAuth>,
}

impl Auths {
    fn shared(&mut self, said: &Value) -> Result<SharedAuth, String> {
        if let Some(made) = self.made.get(&said.to_string()) {
            return Ok(made.clone());
        }
        let auth = self.make(said)?;
        self.made.insert(said.to_string(), auth.clone());
        Ok(auth)
    }

    fn make(&self, said: &Value) -> Result<SharedAuth, String> {
        let texts = |value: &Value| Some((value[0].as_str()?.to_owned(), value[1].as_str()?.to_owned()));
        let unknown = || format!("unknown auth {said}");
        if said.is_array() {
            let (user, password) = texts(said).ok_or_else(unknown)?;
            return Ok(SharedAuth::from((user, password)));
        }
        if let Some((user, password)) = texts(&said["digest"]) {
            let cnonces = Arc::clone(&self.cnonces);
            let next = move || {
                let sent = cnonces.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                sent.unwrap_or_else(|| "0000000000000000".to_owned())
            };
            return Ok(SharedAuth::from(Digest::with_cnonces(user, password, next)));
        }
        if let Some(token) = said["bearer"].as_str() {
            return Ok(SharedAuth::from(reqs::Bearer::new(token)));
        }
        if let Some((name, value)) = texts(&said["header"]) {
            return Ok(SharedAuth::from(move |r: &mut PreparedRequest| r.headers.insert(&name, &value)));
        }
        if !said["body"].is_null() {
            let body = bytes::read(&said["body"])?;
            return Ok(SharedAuth::from(move |r: &mut PreparedRequest| r.body = body.clone().into()));
        }
        Err(unknown())
    }
}

/// A builder on the case's session.
type Building<'s> = Request<&'s Session>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_nonces_are_taken_from_what_was_sent() {
        let wire =
            json!({"wire": [[{"headers": ["A: b", "Authorization: Digest a=\"b\", cnonce=\"12ab\""]}]]});
        assert_eq!(Cnonces::sent_in(&wire).0, ["12ab"]);
    }
}
