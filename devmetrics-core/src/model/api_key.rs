use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Team;
use crate::{Error, ErrorKind, Id};

/// The right to ask over HTTP, as it is kept: the key's text is known to its holder alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// The public first part of the key, by which people and logs name it: `dm_4f9a0c31d2e8`.
    pub id: Id<ApiKey>,
    /// What it is for, in its maker's words.
    pub name: String,
    /// What it may do.
    pub scope: KeyScope,
    /// The team that it sees, with the teams below it, and nothing else; `None`: everything.
    pub team: Option<Id<Team>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The first instant at which it is good no more; `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a key may do; each may also do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Ask.
    Read,
    /// Bring deployments and incidents.
    Write,
    /// See how the server itself goes.
    Admin,
}

impl KeyScope {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Read, Self::Write, Self::Admin];

    /// The name that people and programs use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for KeyScope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .iter()
            .copied()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidInput,
                    format!("no scope `{text}`; there are: read, write, admin"),
                )
            })
    }
}
