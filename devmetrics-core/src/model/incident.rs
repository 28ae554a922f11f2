use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Actor, Repository};
use crate::Id;

/// Something that went wrong for users, as an issue with an incident's label tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// For example `github:issue:2362920014`.
    pub id: Id<Incident>,
    /// The repository whose service it is about.
    pub repository: Id<Repository>,
    /// The number at the host (`#12`).
    pub number: Option<i64>,
    /// Its title, one line.
    pub title: String,
    /// Where a person looks at it.
    pub url: Option<String>,
    /// Who reported it; all fields empty when unknown.
    #[serde(default)]
    pub author: Actor,
    /// Its labels, sorted.
    #[serde(default)]
    pub labels: Vec<String>,
    /// When it began, as far as is known: when it was reported.
    pub started_at: DateTime<Utc>,
    /// When it was over; `None` while it is not.
    pub resolved_at: Option<DateTime<Utc>>,
    /// What is said to have caused it: ids of deployments or pull requests, or commits that were deployed or by which a
    /// change landed.
    #[serde(default)]
    pub caused_by: Vec<String>,
    /// The source's own instant of last change: of two versions the later one is kept.
    pub updated_at: DateTime<Utc>,
}
