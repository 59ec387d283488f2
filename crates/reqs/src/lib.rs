#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod adapter;
mod auth;
mod body;
mod builder;
mod chain;
pub mod codes;
mod content;
mod convert;
mod cookies;
mod curl;
mod disposition;
mod dump;
mod environment;
mod error;
mod events;
mod expectation;
mod finite;
mod framing;
mod hooks;
mod http_request;
mod http_response;
mod into_url;
mod json;
mod kinds;
mod lines;
mod links;
mod memory;
mod mock;
mod nested;
mod options;
mod origin_auth;
mod pairs;
mod parameters;
mod params;
mod payload;
mod plan;
mod prepare;
mod prepared;
mod progress;
mod proxies;
mod reading;
mod recent;
mod redact;
mod redirect;
mod redirect_policy;
mod request;
mod response;
mod retry;
mod roads;
mod session;
mod source;
mod stream;
mod text;
mod text_stream;
mod timeout;
mod transport;
mod url_text;
mod verbs;

pub use adapter::Adapter;
pub use auth::{Auth, Outcome, SharedAuth};
pub use body::Body;
pub use builder::ResponseBuilder;
pub use cookies::Cookies;
pub use curl::Curl;
pub use dump::Dump;
pub use environment::Environment;
pub use error::{Error, ErrorKind, Result};
pub use events::{Event, Events};
pub use hooks::{HookId, Hooks, Retrying, SendOutcome};
pub use into_url::IntoUrl;
pub use lines::Lines;
pub use links::{Link, Links};
pub use mock::{MockAdapter, Recorded};
pub use options::{Cert, Options, Verify};
pub use origin_auth::OriginAuth;
pub use params::Params;
pub use prepared::PreparedRequest;
pub use progress::Progress;
pub use proxies::Proxies;
pub use reading::{Pieces, Raw};
pub use redirect_policy::{Redirect, RedirectPolicy};
pub use request::Request;
pub use response::{Content, Response, State, Stream};
pub use retry::Retry;
pub use session::{Session, default_headers, default_user_agent};
pub use text_stream::{TextLines, TextPieces};
pub use timeout::{Limit, Timeout};
pub use transport::HttpAdapter;
pub use verbs::{delete, get, head, options, patch, post, put, query, request};

pub use http::{Method, StatusCode, Version};
pub use reqs_auth::{AnyAuth, Basic, Bearer, Digest, challenge};
pub use reqs_cookies::{
    Cookie, CookieConflict, CookieJar, CookieStore, Existing, InvalidCookie, Limits as CookieLimits,
    NoCookies, SameSite, Select,
};
pub use reqs_multipart::{
    Error as MultipartError, Form, FormReader, MultipartLimits, MultipartReader, Part, PartReader,
};
pub use reqs_pool::{
    AddressFilter, Attempt, ConnectTo, ConnectionInfo, Destination, DropReason, Family, Fingerprint,
    FingerprintError, Identity, KeepAlive, LocalSettings, PoolConfig, PoolStats, Resolver, SystemResolver,
    Timings, TlsInfo, TlsSettings, TlsVersion, Verify as TlsVerify,
};
pub use reqs_proto::{DecodeLimits, Headers, Limits, ResponseHead};
pub use url::Url;
