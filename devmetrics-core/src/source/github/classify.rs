use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::envelope::{Gql, GqlError};
use super::transport::{Face, HttpResponse};

/// What a response means for whoever asked. What to do about it is the [`Client`](super::Client)'s and the feeds' matter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// All that was asked for.
    Ok,
    /// GraphQL gave `data`, and errors for parts of it.
    Partial,
    /// The resource is still the one of the `etag`.
    NotModified,
    /// It is elsewhere.
    Redirect {
        /// The header `Location`.
        location: String,
        /// Whether the old address will not be used again: the repository was renamed or transferred.
        permanent: bool,
    },
    /// A limit of GitHub's, or one that we keep ourselves.
    RateLimited {
        /// Until when, if the response says so.
        until: Option<DateTime<Utc>>,
        /// Whether it is the limit on bursts (secondary), not the one an hour (primary).
        secondary: bool,
    },
    /// The query asks too much at once: ask for a smaller page.
    TooHeavy,
    /// A passing fault: ask again.
    Transient,
    /// The credential was refused.
    Unauthenticated,
    /// The App's installation is suspended or removed.
    Suspended,
    /// The organization demands a single sign-on that the token has not done.
    Saml,
    /// The credential may not read this.
    PermissionDenied,
    /// It does not exist, or the credential may not know that it does.
    NotFound,
    /// The feature is switched off for the repository, or this version of the interface is gone.
    Gone,
    /// Withheld for legal reasons.
    Unavailable,
    /// The repository has no commit yet.
    EmptyRepository,
    /// GraphQL does not know the cursor any more.
    BadCursor,
    /// Too many rows for page numbers: follow `Link`.
    PageNumbers,
    /// The request itself is wrong, or the server too old for it: asking again does not help.
    Fatal,
}

/// The header that says how many requests or points are left.
pub(super) const REMAINING: &str = "x-ratelimit-remaining";
/// The header that says when they are whole again, in epoch seconds.
pub(super) const RESET: &str = "x-ratelimit-reset";

/// Tells what a response means by everything in it. `now` is the server's instant, the header `Date`.
///
/// The order of GitHub's own advice holds: `retry-after`, then the reset of an empty budget, then no instant at all (wait
/// 60 s and longer each time).
pub fn classify(face: Face, response: &HttpResponse, now: DateTime<Utc>) -> Outcome {
    match response.status {
        200..=299 if face == Face::Graphql => graphql(response, now),
        200..=299 if is_json(response) => Outcome::Ok,
        200..=299 => Outcome::Transient,
        304 => Outcome::NotModified,
        301 | 302 | 307 | 308 => redirect(response),
        401 => Outcome::Unauthenticated,
        403 | 429 => refused(response, now),
        502 | 504 if face == Face::Graphql => Outcome::TooHeavy,
        408 | 500..=599 => Outcome::Transient,
        404 => Outcome::NotFound,
        409 if message_of(response)
            .to_lowercase()
            .contains("repository is empty") =>
        {
            Outcome::EmptyRepository
        }
        410 => Outcome::Gone,
        422 if message_of(response).contains("page parameter") => Outcome::PageNumbers,
        451 => Outcome::Unavailable,
        _ => Outcome::Fatal,
    }
}

/// A body of REST that says what was wrong.
struct Refusal {
    message: String,
    documentation_url: String,
}

impl Refusal {
    fn of(response: &HttpResponse) -> Self {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let text = |key| {
            body.get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            message: text("message"),
            documentation_url: text("documentation_url"),
        }
    }

    fn is_secondary(&self) -> bool {
        is_secondary(&self.message)
            || self.documentation_url.contains("secondary-rate-limits")
            || self.documentation_url.contains("abuse-rate-limits")
    }
}

fn message_of(response: &HttpResponse) -> String {
    Refusal::of(response).message
}

fn is_secondary(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("secondary rate limit") || message.contains("abuse detection")
}

fn redirect(response: &HttpResponse) -> Outcome {
    match response.header("location") {
        Some(location) if !location.is_empty() => Outcome::Redirect {
            location: location.to_owned(),
            permanent: matches!(response.status, 301 | 308),
        },
        _ => Outcome::Transient,
    }
}

fn refused(response: &HttpResponse, now: DateTime<Utc>) -> Outcome {
    let refusal = Refusal::of(response);
    if response.header("x-github-sso").is_some() {
        return Outcome::Saml;
    }
    if refusal.message.contains("installation has been suspended") {
        return Outcome::Suspended;
    }
    // The budget's headers are on every response, also on the one that happens to be the last.
    if refusal.message.starts_with("Resource not accessible") {
        return Outcome::PermissionDenied;
    }
    let secondary = refusal.is_secondary();
    if secondary || response.status == 429 || retry_after(response, now).is_some() || is_exhausted(response) {
        return Outcome::RateLimited {
            until: limited_until(response, now),
            secondary: secondary || !is_exhausted(response),
        };
    }
    Outcome::PermissionDenied
}

fn graphql(response: &HttpResponse, now: DateTime<Utc>) -> Outcome {
    let Ok(body) = serde_json::from_slice::<Gql<IgnoredAny>>(&response.body) else {
        return Outcome::Transient; // truncated, empty or a proxy's page
    };
    let any = |test: fn(&GqlError) -> bool| body.errors.iter().any(test);
    if any(|error| is_secondary(&error.message)) || Refusal::of(response).is_secondary() {
        return Outcome::RateLimited {
            until: limited_until(response, now),
            secondary: true,
        };
    }
    if any(is_rate_limit) {
        // The error is to be trusted even where the headers say that something is left.
        return Outcome::RateLimited {
            until: retry_after(response, now).or_else(|| reset(response)),
            secondary: false,
        };
    }
    if any(|error| error.is("INVALID_CURSOR_ARGUMENTS")) {
        return Outcome::BadCursor;
    }
    if any(is_too_heavy) {
        return Outcome::TooHeavy;
    }
    match (&body.data, body.errors.is_empty()) {
        (Some(_), true) => Outcome::Ok,
        (Some(_), false) if any(is_failure) => Outcome::Transient,
        (Some(_), false) => Outcome::Partial,
        (None, _) => without_data(&body.errors),
    }
}

fn without_data(errors: &[GqlError]) -> Outcome {
    refusal(errors).unwrap_or_else(|| {
        if errors.is_empty() || errors.iter().any(is_failure) {
            Outcome::Transient
        } else {
            Outcome::Fatal // MAX_NODE_LIMIT_EXCEEDED, an undefined field, a syntax error
        }
    })
}

/// Why GraphQL does not show what was asked for; `None` when its errors do not say.
pub(super) fn refusal(errors: &[GqlError]) -> Option<Outcome> {
    let any = |test: fn(&GqlError) -> bool| errors.iter().any(test);
    if any(GqlError::is_saml) {
        Some(Outcome::Saml)
    } else if any(|error| error.is("NOT_FOUND")) {
        Some(Outcome::NotFound)
    } else if any(|error| error.is("FORBIDDEN") || error.is("INSUFFICIENT_SCOPES")) {
        Some(Outcome::PermissionDenied)
    } else {
        None
    }
}

fn is_rate_limit(error: &GqlError) -> bool {
    error.is("RATE_LIMITED")
        || error.is("RATE_LIMIT")
        || error.code.as_deref() == Some("graphql_rate_limit")
        || error.extension_code() == Some("graphql_rate_limit")
}

/// GitHub ran out of time or memory over the query. Elements of a list that came as null without a reason of their own are
/// of this kind too; a page with such holes says nothing about what is in them.
fn is_too_heavy(error: &GqlError) -> bool {
    error.is("RESOURCE_LIMITS_EXCEEDED")
        || error.message.contains("couldn't respond to your request in time")
        || (is_failure(error) && error.is_in_list())
}

/// A failure of GitHub's own: it names no kind. An error in the document names a place in it or a code.
fn is_failure(error: &GqlError) -> bool {
    error.kind.is_none() && error.extension_code().is_none() && !error.is_in_document()
}

fn is_exhausted(response: &HttpResponse) -> bool {
    response.header(REMAINING).map(str::trim) == Some("0")
}

fn limited_until(response: &HttpResponse, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    retry_after(response, now).or_else(|| is_exhausted(response).then(|| reset(response)).flatten())
}

/// Seconds or a date; it is blank in the first seconds of a block.
fn retry_after(response: &HttpResponse, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = response.header("retry-after")?.trim();
    match text.parse::<u32>() {
        Ok(seconds) => now.checked_add_signed(TimeDelta::seconds(seconds.into())),
        Err(_) => http_date(text),
    }
}

fn reset(response: &HttpResponse) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(response.header(RESET)?.trim().parse().ok()?, 0)
}

/// An HTTP date (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

/// The server's instant of a response, where it says it.
pub(super) fn date(headers: &BTreeMap<String, String>) -> Option<DateTime<Utc>> {
    http_date(headers.get("date")?)
}

/// Whether a successful response is the JSON that was asked for, whole, and not the page of a proxy.
fn is_json(response: &HttpResponse) -> bool {
    serde_json::from_slice::<IgnoredAny>(&response.body).is_ok()
}
