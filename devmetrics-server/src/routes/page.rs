//! The document that tells the API, for programs and for people. Neither needs a key.

use std::sync::LazyLock;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse};

static OPENAPI: LazyLock<String> = LazyLock::new(|| crate::openapi().to_json().unwrap_or_default());

/// The page loads nothing from anywhere else, and nothing may frame it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) async fn openapi() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        OPENAPI.as_str(),
    )
}

pub(crate) async fn docs() -> impl IntoResponse {
    let policy: (HeaderName, HeaderValue) =
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    ([policy], Html(include_str!("docs.html")))
}
