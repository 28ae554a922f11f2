use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::read;
use crate::model::{Fact, Repository};
use crate::{Id, Result};

/// A repository as an owner's list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RepositoryRecord {
    /// The scope of its feeds.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) default_branch: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) archived: bool,
    /// Since when the list does not show it any more.
    pub(crate) unreachable_since: Option<DateTime<Utc>>,
}

pub(super) fn normalize(payload: &Value) -> Result<Vec<Fact>> {
    let record: RepositoryRecord = read(payload)?;
    Ok(vec![Fact::Repository(Repository {
        id: Id::new(record.id),
        name: record.name,
        default_branch: record.default_branch,
        url: record.url,
        partial_history: false,
        archived: record.archived,
        unreachable_since: record.unreachable_since,
    })])
}
