use chrono::{DateTime, Utc};
use serde_json::Value;

use super::classify::Outcome;
use super::envelope::Gql;
use super::transport::HttpResponse;
use crate::{Error, ErrorKind};

/// Why there is no answer: for the feeds what it was, for the engine an error with its kind and instant of retry.
#[derive(Debug)]
pub struct Fault {
    /// What it was.
    pub outcome: Outcome,
    /// `RateLimited` always says when to ask again; `Unavailable` does while asking again in this run makes sense.
    pub error: Error,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}

impl Fault {
    /// One that is gone at `retry_at`, perhaps.
    pub(super) fn passing(what: &str, outcome: Outcome, message: &str, retry_at: DateTime<Utc>) -> Self {
        let fault = Self::lasting(what, outcome, message);
        Self {
            error: fault.error.retry_at(retry_at),
            ..fault
        }
    }

    /// One that asking again in this run does not mend.
    pub(super) fn lasting(what: &str, outcome: Outcome, message: &str) -> Self {
        let error = Error::new(kind(&outcome), describe(&outcome, message)).with("request", what);
        Self { outcome, error }
    }

    /// What GitHub refused with `response`.
    pub(super) fn refused(what: &str, outcome: Outcome, response: &HttpResponse) -> Self {
        let mut fault = Self::lasting(what, outcome, &message(response));
        fault.error = fault.error.with("status", response.status);
        if let Some(needed) = response.header("x-accepted-github-permissions") {
            fault.error = fault.error.with("needed", needed);
        }
        fault
    }

    /// A limit of GitHub's.
    pub(super) fn limited(
        what: &str,
        until: DateTime<Utc>,
        secondary: bool,
        response: &HttpResponse,
    ) -> Self {
        let outcome = Outcome::RateLimited {
            until: Some(until),
            secondary,
        };
        let fault = Self::refused(what, outcome, response);
        Self {
            error: fault.error.retry_at(until),
            ..fault
        }
    }

    /// A request that was not sent, because it would have broken a limit.
    pub(super) fn not_sent(what: &str, until: DateTime<Utc>, secondary: bool) -> Self {
        let outcome = Outcome::RateLimited {
            until: Some(until),
            secondary,
        };
        Self::passing(what, outcome, "not sent, to stay inside the limit", until)
    }

    /// An answer of another shape than was asked for.
    pub(super) fn unreadable(what: &str, why: &str) -> Self {
        let error = Error::new(
            ErrorKind::Corrupt,
            format!("GitHub's answer cannot be understood: {why}"),
        )
        .with("request", what);
        Self {
            outcome: Outcome::Fatal,
            error,
        }
    }
}

fn kind(outcome: &Outcome) -> ErrorKind {
    match outcome {
        Outcome::RateLimited { .. } => ErrorKind::RateLimited,
        Outcome::TooHeavy | Outcome::Transient => ErrorKind::Unavailable,
        // A suspended installation is refused whatever it asks for.
        Outcome::Unauthenticated | Outcome::Suspended => ErrorKind::Unauthenticated,
        Outcome::Saml | Outcome::PermissionDenied => ErrorKind::PermissionDenied,
        Outcome::NotFound | Outcome::Gone | Outcome::Unavailable | Outcome::EmptyRepository => {
            ErrorKind::NotFound
        }
        Outcome::BadCursor => ErrorKind::Corrupt,
        Outcome::Redirect { .. } | Outcome::PageNumbers | Outcome::Fatal => ErrorKind::Unsupported,
        Outcome::Ok | Outcome::Partial | Outcome::NotModified => ErrorKind::Internal,
    }
}

/// What happened and what to do, with GitHub's own words.
fn describe(outcome: &Outcome, message: &str) -> String {
    let what = match outcome {
        Outcome::RateLimited { secondary: false, .. } => "GitHub's hourly limit for this token is reached",
        Outcome::RateLimited { secondary: true, .. } => "GitHub asks to slow down",
        Outcome::TooHeavy => "GitHub could not answer the query in time",
        Outcome::Transient => "GitHub could not be reached or failed",
        Outcome::Unauthenticated => "GitHub refuses the token; give a valid one",
        Outcome::Suspended => {
            "the GitHub App's installation is suspended or removed; restore it in the organization's settings"
        }
        Outcome::Saml => {
            "the organization demands single sign-on; authorize the token for it in its settings"
        }
        Outcome::PermissionDenied => "the token may not read this; see `devmetrics doctor`",
        Outcome::NotFound => "GitHub has no such thing, or the token may not see it; see `devmetrics doctor`",
        Outcome::Gone => "this is switched off, or GitHub has removed it",
        Outcome::Unavailable => "GitHub withholds this for legal reasons",
        Outcome::EmptyRepository => "the repository has no commit yet",
        Outcome::BadCursor => "GitHub does not know the stored place in the list any more",
        Outcome::Redirect { .. } => "GitHub redirects where it should answer; check `host`",
        Outcome::PageNumbers => "the list is too long for page numbers",
        Outcome::Fatal => "GitHub does not understand the request; an old server may lack what it asks for",
        Outcome::Ok | Outcome::Partial | Outcome::NotModified => "an answer was taken for a fault",
    };
    if message.is_empty() {
        what.to_owned()
    } else {
        format!("{what} ({message})")
    }
}

/// GitHub's own words in a response, on one short line.
pub(super) fn message(response: &HttpResponse) -> String {
    const LONGEST: usize = 200;
    let Ok(body) = serde_json::from_slice::<Value>(&response.body) else {
        return format!("status {}", response.status);
    };
    let words = match body.get("message").and_then(Value::as_str) {
        Some(message) => message.to_owned(),
        None => serde_json::from_value::<Gql<Value>>(body)
            .ok()
            .and_then(|envelope| envelope.errors.into_iter().next())
            .map(|error| error.message)
            .unwrap_or_default(),
    };
    words.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
