use chrono::DateTime;
use serde_json::Value;

use super::super::shapes::{GitObject, Tag as Shape};
use super::pull_request::signature;
use super::read;
use crate::model::{Deployment, DeploymentStatus, Fact, Feed, PRODUCTION};
use crate::{Id, Result};

/// A tag that stands for a deployment: done when the tag was made, or when its commit was, where it says nothing of itself.
/// One of a file, or of another tag, ships nothing.
pub(super) fn normalize(feed: &Feed, payload: &Value) -> Result<Vec<Fact>> {
    let shape: Shape = read(payload)?;
    let (tagger, target) = match shape.target {
        Some(GitObject::Tag(tag)) => (tag.tagger, tag.target.map(|target| *target)),
        target => (None, target),
    };
    let Some(GitObject::Commit(commit)) = target else {
        return Ok(Vec::new());
    };
    let tagged_at = tagger.as_ref().and_then(|tagger| tagger.date);
    Ok(vec![Fact::Deployment(Deployment {
        declares: Vec::new(),
        id: Id::new(format!("github:tag:{}:{}", number(feed), shape.name.0)),
        repository: Id::new(&feed.scope),
        environment: PRODUCTION.to_owned(),
        status: DeploymentStatus::Success,
        finished_at: tagged_at.unwrap_or(commit.committed_date).0,
        reference: shape.name.0,
        committed_at: Some(commit.committed_date.0),
        commit: commit.oid,
        contains_to: None,
        creator: tagger.map(|tagger| signature(&tagger.who)).unwrap_or_default(),
        url: commit.commit_url,
        // Nothing tells when a tag was moved, and it may be moved back: of equal versions what was read last holds.
        updated_at: DateTime::UNIX_EPOCH,
    })])
}

/// The number of the feed's repository, which its name does not change.
fn number(feed: &Feed) -> &str {
    feed.scope.rsplit(':').next().unwrap_or(&feed.scope)
}
