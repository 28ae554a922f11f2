use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One ordered stream of records of one scope, with a checkpoint of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Feed {
    /// The kind of source: `git`, `github`.
    pub source: String,
    /// What it is about: the id of the repository, or of whatever else the feed describes.
    pub scope: String,
    /// What it carries: `changes` (merged ones alone) or `pull_requests`; `deployments`, `releases` or `tags`; `issues` or
    /// `incidents`. How far feeds of these kinds have been read says of which time something is known of their scope, which is then
    /// a repository's id.
    pub kind: String,
}

impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.source, self.scope, self.kind)
    }
}

/// How far a feed has been read: a text that only its provider understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checkpoint(pub String);

/// A record as the source gave it, before it means anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RawRecord {
    /// The record's id within its feed.
    pub id: String,
    /// What it holds.
    pub payload: Value,
}
