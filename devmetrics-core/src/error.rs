//! One error for the whole library: a kind that a program acts on, a message that a person reads.

use std::error::Error as StdError;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The result of every fallible call of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller can do about an [`Error`]. Front-ends map it to an exit code, an HTTP status or an exception class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller's input is wrong (an argument, a configuration file, a roster): correct it and call again.
    InvalidInput,
    /// What was named does not exist.
    NotFound,
    /// Somebody else changed the same thing first (for example a second collector of the same feed).
    Conflict,
    /// No credential, or one that was refused.
    Unauthenticated,
    /// The credential or the user may not do this.
    PermissionDenied,
    /// A limit of the source; [`Error::retry_at`] says when to come back.
    RateLimited,
    /// A passing fault: a lock, a connection, a time-out. The same call may succeed later.
    Unavailable,
    /// Stored or received data that contradicts its own format.
    Corrupt,
    /// A version or a feature that this build does not know.
    Unsupported,
    /// The caller asked to stop.
    Cancelled,
    /// A defect of this library.
    Internal,
}

impl ErrorKind {
    /// Every kind there is.
    pub const ALL: [Self; 11] = [
        Self::InvalidInput,
        Self::NotFound,
        Self::Conflict,
        Self::Unauthenticated,
        Self::PermissionDenied,
        Self::RateLimited,
        Self::Unavailable,
        Self::Corrupt,
        Self::Unsupported,
        Self::Cancelled,
        Self::Internal,
    ];

    /// The kind's stable name in `snake_case`, as front-ends print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Corrupt => "corrupt",
            Self::Unsupported => "unsupported",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    /// Whether the same call may succeed later without any change by the caller.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error with its kind, a message that says what to do, where it happened, and its cause.
///
/// ```
/// use devmetrics_core::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::NotFound, "no team `platfrom`; did you mean `platform`?").with("file", "teams.toml");
/// assert_eq!(error.to_string(), "no team `platfrom`; did you mean `platform`? (file: teams.toml)");
/// assert!(!error.kind().is_retryable());
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    context: Vec<(&'static str, String)>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    retry_at: Option<DateTime<Utc>>,
    near: Vec<String>,
}

impl Error {
    /// An error of `kind`; `message` says what was wrong and what to do, and never holds a secret.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            context: Vec::new(),
            source: None,
            retry_at: None,
            near: Vec::new(),
        }))
    }

    /// Says where it happened: a file, a field, a feed.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.0.context.push((key, value.to_string()));
        self
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says when the same call may succeed.
    #[must_use]
    pub fn retry_at(mut self, at: DateTime<Utc>) -> Self {
        self.0.retry_at = Some(at);
        self
    }

    /// Names what there is that resembles what was named, the nearest first.
    #[must_use]
    pub(crate) fn near_to(mut self, names: Vec<&str>) -> Self {
        self.0.near = names.into_iter().map(str::to_owned).collect();
        self
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message without its context.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it happened, outermost last.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }

    /// What there is that resembles what was named and does not exist: at most three names, the nearest first.
    pub fn near(&self) -> &[String] {
        &self.0.near
    }

    /// When the same call may succeed, where the source said so.
    pub fn retry_after(&self) -> Option<DateTime<Utc>> {
        self.0.retry_at
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for (index, (key, value)) in self.0.context.iter().enumerate() {
            let open = if index == 0 { " (" } else { ", " };
            write!(f, "{open}{key}: {value}")?;
        }
        if self.0.context.is_empty() {
            Ok(())
        } else {
            f.write_str(")")
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("context", &self.0.context)
            .field("retry_at", &self.0.retry_at)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
