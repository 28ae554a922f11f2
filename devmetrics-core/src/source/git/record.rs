//! What a raw record holds: what was read, before it means anything. Kept in quarantine as JSON, so it is self-contained.

use serde::{Deserialize, Serialize};

use crate::model::{Paths, RawRecord, Repository};
use crate::source::message::References;
use crate::{Error, ErrorKind, Result};

/// A record of either feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    /// The repository as it is now.
    Repository(Repository),
    /// A commit of the first-parent line.
    Landing(Box<LandingCommit>),
    /// A tag.
    Tag(Tag),
    /// The name of a tag that is gone.
    RemovedTag(String),
}

impl Record {
    /// The record with the id under which quarantine keeps it.
    pub(super) fn into_raw(self) -> Result<RawRecord> {
        let id = match &self {
            Self::Repository(_) => "repository".to_owned(),
            Self::Landing(landing) => landing.commit.clone(),
            Self::Tag(tag) => tag.name.clone(),
            Self::RemovedTag(name) => name.clone(),
        };
        let payload = serde_json::to_value(self).map_err(|error| {
            Error::new(ErrorKind::Internal, "a record cannot be written as JSON")
                .with("record", &id)
                .caused_by(error)
        })?;
        Ok(RawRecord { id, payload })
    }
}

/// Somebody as git names them, after the mailmap.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) email: String,
}

/// Somebody at an instant in seconds since the epoch; `None` where the date is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) who: Person,
    pub(super) at: Option<i64>,
}

/// A commit of the first-parent line, with a summary of the commits that it brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LandingCommit {
    pub(super) commit: String,
    /// The number of parents that it names.
    pub(super) parents: usize,
    pub(super) position: i64,
    pub(super) branch: String,
    /// The repository's web address.
    pub(super) web: Option<String>,
    pub(super) author: Option<Stamp>,
    pub(super) committer: Option<Stamp>,
    pub(super) message: String,
    /// Of its own message and those of the commits that it brought in.
    pub(super) references: References,
    pub(super) co_authors: Vec<Person>,
    /// The commits that only its other parents reach; `None` where it has none, or they are not in this clone.
    pub(super) own: Option<OwnCommits>,
    pub(super) size: Option<Size>,
    #[serde(default)]
    pub(super) paths: Option<Paths>,
}

/// The commits that a merge brought in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OwnCommits {
    pub(super) count: i64,
    pub(super) first: Option<FirstCommit>,
    /// Their authors: most commits first, then the earliest.
    pub(super) authors: Vec<OwnAuthor>,
    /// Whether some of them are missing, because the clone is shallow.
    pub(super) cut: bool,
}

/// The commit with the earliest author or committer date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct FirstCommit {
    pub(super) at: i64,
    pub(super) commit: String,
}

/// An author of commits that a merge brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OwnAuthor {
    pub(super) who: Person,
    pub(super) commits: i64,
    /// The earliest author date.
    pub(super) since: Option<i64>,
}

/// What a landing commit changed against its first parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Size {
    pub(super) additions: i64,
    pub(super) deletions: i64,
    pub(super) files: i64,
}

/// A tag that the rules take for a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tag {
    pub(super) name: String,
    /// What the tag comes to, or why it could not be read.
    pub(super) target: std::result::Result<TagTarget, String>,
}

/// The commit that a tag names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TagTarget {
    pub(super) commit: String,
    /// The tagger's date, else the committer's; `None` where that is broken.
    pub(super) finished_at: Option<i64>,
    pub(super) tagger: Option<Person>,
    /// The highest place on the first-parent line that it contains.
    pub(super) contains_to: Option<i64>,
    /// An instant of last change that never goes back, although a moved tag may be older than it was before.
    pub(super) updated_at: Option<i64>,
}
