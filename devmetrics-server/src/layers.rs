//! What surrounds every route.

use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument;

use crate::ask::NEXT;
use crate::problem::Problem;
use crate::state::ServerState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The routes with ids, limits, counters, compression and CORS around them.
pub(crate) fn around(router: Router<ServerState>, state: &ServerState) -> Router<ServerState> {
    // The last one is the outermost.
    router
        .layer(CatchPanicLayer::custom(|_| Problem::internal().into_response()))
        .layer(CompressionLayer::new())
        .layer(cors(&state.options().cors))
        .layer(from_fn_with_state(state.clone(), observe))
}

/// Which pages of other origins may ask.
fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let api_key = HeaderName::from_static("x-api-key");
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            api_key,
        ])
        .expose_headers([header::ETAG, header::RETRY_AFTER, REQUEST_ID, NEXT])
}

/// Gives a request its id and its time, and counts it.
async fn observe(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let begin = Instant::now();
    let id = request_id(&request);
    let method = known(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "none".to_owned());
    let span = tracing::info_span!("request", request.id = %id, http.method = method, http.route = %route);
    state.traffic().in_flight.inc();
    let answer = tokio::time::timeout(state.limits().time, next.run(request))
        .instrument(span.clone())
        .await;
    state.traffic().in_flight.dec();
    let mut response = answer.unwrap_or_else(|_| {
        let seconds = state.limits().time.as_secs();
        let detail =
            format!("this took longer than {seconds} s: ask for a shorter window, or come back later");
        Problem::unavailable(detail).into_response()
    });
    let took = begin.elapsed();
    let status = response.status().as_u16();
    state.traffic().answered(method, &route, status, took);
    span.in_scope(|| {
        tracing::info!(
            http.status = status,
            took_seconds = took.as_secs_f64(),
            "answered"
        )
    });
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// The id that a proxy gave, if it is one that can stand in a log, or a new one.
fn request_id(request: &Request) -> String {
    let plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    given
        .filter(plain)
        .map_or_else(|| format!("{:032x}", fastrand::u128(..)), str::to_owned)
}

/// The name of a method, of which there are endlessly many.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
