//! What went wrong, as RFC 9457 says it: `application/problem+json`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use devmetrics_core::{Error, ErrorKind};
use serde::Serialize;
use utoipa::ToSchema;

/// After how many seconds to come back when something is away for now.
const RETRY_AFTER: u64 = 5;

/// What went wrong (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem it is, for programs; stable.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "urn:devmetrics:problem:not-found")]
    kind: Box<str>,
    /// The same for people.
    #[schema(example = "There is no such thing")]
    title: &'static str,
    /// The status of the response.
    #[schema(example = 404)]
    status: u16,
    /// What is wrong here, and what to do.
    #[schema(example = "no team `platfrom`; did you mean `platform`?")]
    detail: String,
    /// The parameter or the field at fault, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What there is that resembles what was named and does not exist: at most three, the nearest first. Left out where nothing does.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, max_items = 3, example = json!(["platform"]))]
    near: Box<[String]>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, slug: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:devmetrics:problem:{slug}").into(),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            near: Box::default(),
            retry_after: None,
        }
    }

    /// A parameter or a body that cannot be taken.
    pub(crate) fn invalid(field: impl Into<Option<String>>, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            ..Self::new(
                StatusCode::BAD_REQUEST,
                "invalid-input",
                "The request cannot be taken",
                detail,
            )
        }
    }

    /// More than is given at once.
    pub(crate) fn too_much(field: &str, detail: impl Into<String>) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::new(
                StatusCode::BAD_REQUEST,
                "too-much",
                "That is more than is given at once",
                detail,
            )
        }
    }

    /// No key, or one that is not good.
    pub(crate) fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "A good key is needed",
            detail,
        )
    }

    /// A key that may not do this.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "permission-denied",
            "This key may not do that",
            detail,
        )
    }

    /// Something that does not exist.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is no such thing",
            detail,
        )
    }

    /// A method that a path does not have.
    pub(crate) fn method_not_allowed() -> Self {
        let detail = "this path does not have this method; see /openapi.json";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "There is no such method here",
            detail,
        )
    }

    /// A form in which this answer does not come.
    pub(crate) fn not_acceptable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            "not-acceptable",
            "The answer has no such form",
            detail,
        )
    }

    /// A body that is too long.
    pub(crate) fn too_large(most: usize) -> Self {
        let detail = format!("a body has at most {most} bytes; send it in several requests");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The body is too long",
            detail,
        )
    }

    /// A body of another kind than JSON.
    pub(crate) fn unsupported_media_type() -> Self {
        let detail = "the body is JSON: send it with `Content-Type: application/json`";
        let title = "The body is of another kind";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            title,
            detail,
        )
    }

    /// Too many keys that were not good.
    pub(crate) fn too_many_attempts(seconds: u64) -> Self {
        let detail = format!("too many requests from this address had no good key; come back in {seconds} s");
        let title = "Too many requests without a good key";
        Self {
            retry_after: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", title, detail)
        }
    }

    /// Something that is away for now.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self {
            retry_after: Some(RETRY_AFTER),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not now", detail)
        }
    }

    /// A defect, or a configuration that is wrong: what it is stands in the server's log.
    pub(crate) fn internal() -> Self {
        let detail = "the server failed at this; its log says why, under the id in `X-Request-Id`";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The server failed",
            detail,
        )
    }
}

/// The table from kinds of errors to problems. Of what is the server's own business the client learns nothing: paths, hosts and
/// statements stay in the log.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let field = || {
            let mut context = error.context().iter();
            let found = context.find(|(key, _)| *key == "field");
            found.map(|(_, value)| value.clone())
        };
        match error.kind() {
            ErrorKind::InvalidInput => Self::invalid(field(), error.message()),
            ErrorKind::NotFound => Self {
                near: error.near().into(),
                ..Self::not_found(error.message())
            },
            ErrorKind::Conflict => {
                let title = "Somebody else was faster";
                Self::new(StatusCode::CONFLICT, "conflict", title, error.message())
            }
            ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Cancelled => {
                tracing::warn!(error = %error, cause = ?std::error::Error::source(&error), "not available");
                Self::unavailable("the database does not answer now; come back in some seconds")
            }
            _ => {
                tracing::error!(error = %error, cause = ?std::error::Error::source(&error), "a request failed");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Bearer realm=\"devmetrics\"");
            headers.insert(header::WWW_AUTHENTICATE, realm);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
