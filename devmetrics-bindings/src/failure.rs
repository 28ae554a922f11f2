//! Errors as bindings tell them.

use std::error::Error as _;

use chrono::{DateTime, Utc};
use devmetrics_core::{Error, ErrorKind};

/// An error taken apart: what a binding makes an exception of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What a caller can do about it: one of [`CODES`](Self::CODES).
    pub code: &'static str,
    /// What was wrong, where, and what to do.
    pub message: String,
    /// What caused it, from the outside in; `None` where nothing is known.
    pub cause: Option<String>,
    /// Names that exist and resemble one that does not.
    pub near: Vec<String>,
    /// When the same call may succeed, where the source says so.
    pub retry_at: Option<DateTime<Utc>>,
}

impl Failure {
    /// Every code, in the order of [`ErrorKind::ALL`]. A binding has one class for each.
    pub const CODES: [&str; ErrorKind::ALL.len()] = {
        let mut codes = [""; ErrorKind::ALL.len()];
        let mut at = 0;
        while at < codes.len() {
            codes[at] = ErrorKind::ALL[at].as_str();
            at += 1;
        }
        codes
    };

    /// The kind of a code; `None` for a text that is none.
    pub fn kind(code: &str) -> Option<ErrorKind> {
        ErrorKind::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let mut causes: Vec<String> = Vec::new();
        let mut cause = error.source();
        while let Some(source) = cause {
            let text = source.to_string();
            // Libraries like to repeat in an error what its cause says.
            if !causes.iter().any(|told| told.contains(&text)) {
                causes.push(text);
            }
            cause = source.source();
        }
        Self {
            code: error.kind().as_str(),
            message: error.to_string(),
            cause: Some(causes.join(": ")).filter(|cause| !cause.is_empty()),
            near: error.near().to_vec(),
            retry_at: error.retry_after(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_with_its_causes() {
        let inner =
            Error::new(ErrorKind::Unavailable, "no route").caused_by(std::io::Error::other("cable cut"));
        let error = Error::new(ErrorKind::RateLimited, "wait")
            .with("feed", "a/b/c")
            .caused_by(inner);
        let failure = Failure::from(&error);
        assert_eq!(failure.code, "rate_limited");
        assert_eq!(failure.message, "wait (feed: a/b/c)");
        assert_eq!(failure.cause.as_deref(), Some("no route: cable cut"));
        assert_eq!(Failure::kind("rate_limited"), Some(ErrorKind::RateLimited));
        assert_eq!(Failure::kind("rate"), None);
        assert!(Failure::CODES.contains(&"internal"));
    }
}
