//! Which path is whose.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, any, delete, get, on, patch, post, put};

use super::call::Call;
use super::{auth, caching, cookies, digest, dynamic, echo, formats, inspection, range, redirects};

/// Every endpoint. GET answers HEAD too; OPTIONS is answered with what is allowed.
pub(super) fn routes() -> Router {
    // axum adds `Allow` outside a router's own layers: `finish`, which reads it, goes around the router.
    Router::new().fallback_service(endpoints()).layer(middleware::from_fn(finish))
}

fn endpoints() -> Router {
    Router::new()
        .route("/", get(formats::index))
        .route("/get", get(echo::get))
        .route("/post", post(echo::with_body))
        .route("/put", put(echo::with_body))
        .route("/patch", patch(echo::with_body))
        .route("/delete", delete(echo::with_body))
        .route("/anything", any(echo::anything))
        .route("/anything/{*rest}", any(echo::anything))
        .route("/headers", get(inspection::headers))
        .route("/ip", get(inspection::ip))
        .route("/user-agent", get(inspection::user_agent))
        .route("/response-headers", get(inspection::response_headers).post(inspection::response_headers))
        .route("/cookies", get(cookies::list))
        .route("/cookies/set", get(cookies::set))
        .route("/cookies/set/{name}/{value}", get(cookies::set_one))
        .route("/cookies/delete", get(cookies::delete))
        .route("/status/{codes}", with_any_body(dynamic::status))
        .route("/redirect/{n}", get(redirects::redirect))
        .route("/relative-redirect/{n}", get(redirects::relative))
        .route("/absolute-redirect/{n}", get(redirects::absolute))
        .route("/redirect-to", with_any_body(redirects::redirect_to))
        .route("/basic-auth/{user}/{password}", get(auth::basic))
        .route("/hidden-basic-auth/{user}/{password}", get(auth::hidden_basic))
        .route("/bearer", get(auth::bearer))
        .route("/digest-auth/{qop}/{user}/{password}", with_any_body(digest::three))
        .route("/digest-auth/{qop}/{user}/{password}/{algorithm}", with_any_body(digest::four))
        .route("/digest-auth/{qop}/{user}/{password}/{algorithm}/{stale_after}", with_any_body(digest::five))
        .route("/gzip", get(formats::gzip))
        .route("/deflate", get(formats::deflate))
        .route("/brotli", get(formats::brotli))
        .route("/zstd", get(formats::zstd))
        .route("/stream/{n}", get(dynamic::stream))
        .route("/stream-bytes/{n}", get(dynamic::stream_bytes))
        .route("/delay/{seconds}", with_any_body(dynamic::delay))
        .route("/drip", get(dynamic::drip))
        .route("/bytes/{n}", get(dynamic::bytes))
        .route("/range/{n}", get(range::range))
        .route("/html", get(formats::html))
        .route("/xml", get(formats::xml))
        .route("/json", get(formats::json))
        .route("/robots.txt", get(formats::robots))
        .route("/deny", get(formats::deny))
        .route("/image", get(formats::accepted_image))
        .route("/image/{kind}", get(formats::image))
        .route("/encoding/utf8", get(formats::utf8))
        .route("/forms/post", get(formats::form))
        .route("/cache", get(caching::cache))
        .route("/cache/{seconds}", get(caching::cache_for))
        .route("/etag/{etag}", get(caching::etag))
        .route("/base64/{value}", get(dynamic::base64_decode))
        .route("/uuid", get(dynamic::uuid))
        .route("/links/{count}", get(dynamic::links))
        .route("/links/{count}/{offset}", get(dynamic::links_at))
        .fallback(not_found)
}

/// For endpoints that httpbin serves under GET, POST, PUT, PATCH, DELETE and TRACE. (`/digest-auth` and
/// `/redirect-to` know fewer methods there.)
fn with_any_body<H, T>(handler: H) -> MethodRouter
where
    H: Handler<T, ()>,
    T: 'static,
{
    let methods = [MethodFilter::POST, MethodFilter::PUT, MethodFilter::PATCH, MethodFilter::DELETE];
    let methods = methods.into_iter().fold(MethodFilter::GET.or(MethodFilter::TRACE), MethodFilter::or);
    on(methods, handler)
}

async fn not_found(_: Call) -> (StatusCode, Html<&'static str>) {
    (StatusCode::NOT_FOUND, Html("<!doctype html>\n<title>404 Not Found</title>\n"))
}

/// Reads what an endpoint left unread, answers OPTIONS, and adds the headers that let browsers in.
async fn finish(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return super::call::bad_request("the body could not be read");
    };
    let mut response = next.run(Request::from_parts(parts, Body::from(body))).await;

    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = response.headers().get(header::ALLOW).and_then(|value| value.to_str().ok());
        let allowed = format!("{}, OPTIONS", allowed.unwrap_or_default().replace(',', ", "));
        response = match method {
            Method::OPTIONS => ([(header::ALLOW, allowed)], ()).into_response(),
            _ => {
                let page = "<!doctype html>\n<title>405 Method Not Allowed</title>\n";
                (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allowed)], Html(page)).into_response()
            }
        };
    }
    let untyped =
        response.extensions().get::<Untyped>().is_some() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    if !untyped && !headers.contains_key(header::CONTENT_TYPE) {
        set(headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
    }
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    if method == Method::OPTIONS {
        set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE, PATCH, OPTIONS");
        set(headers, header::ACCESS_CONTROL_MAX_AGE, "3600");
    }
    response
}

/// Marks an answer of which nothing is said: the others are HTML, as Flask's are.
#[derive(Clone, Copy)]
pub(super) struct Untyped;

fn set(headers: &mut axum::http::HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
