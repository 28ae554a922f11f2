use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::shapes::Issue as Shape;
use super::pull_request::labels;
use super::{actor, number_or, read};
use crate::model::{Fact, Feed, Incident};
use crate::{Id, Result};

/// A record of the feed of issues.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IssueRecord {
    /// An issue with an incident's label, as it is now.
    Issue(Value),
    /// The number of an issue that is no incident any more.
    Removed(String),
}

pub(super) fn normalize(feed: &Feed, payload: &Value) -> Result<Vec<Fact>> {
    let value = match read(payload)? {
        IssueRecord::Removed(number) => return Ok(vec![Fact::IncidentRemoved(id(&number))]),
        IssueRecord::Issue(value) => value,
    };
    let shape: Shape = read(&value)?;
    Ok(vec![Fact::Incident(Incident {
        caused_by: Vec::new(),
        id: id(&number_or(shape.full_database_id, shape.id)),
        repository: Id::new(&feed.scope),
        number: Some(shape.number),
        title: shape.title.0,
        url: shape.url,
        author: actor(shape.author),
        labels: labels(shape.labels),
        started_at: shape.created_at.0,
        resolved_at: shape.closed_at.map(|at| at.0),
        updated_at: shape.updated_at.0,
    })])
}

fn id(number: &str) -> Id<Incident> {
    Id::new(format!("github:issue:{number}"))
}
