//! How far the feeds have been read, as JSON text. Whatever is not in here is a cache.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lanes::{Lanes, Place, Walk};
use super::pages::Direction;
use crate::model::{Checkpoint, Feed};
use crate::{Error, ErrorKind, Result};

/// Raised when checkpoints take another form.
const VERSION: u32 = 1;

/// Of the pull requests of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PullRequestsPoint {
    pub(super) lanes: Lanes,
    /// The page size that the repository bears.
    pub(super) rows: usize,
    /// Those that GitHub cannot deliver.
    pub(super) degraded: Vec<Degraded>,
    /// Those that may yet change in ways that leave no trace in the list, by node id: open ones and fresh merges.
    pub(super) watched: BTreeMap<String, Watched>,
    /// When all of these were last compared with GitHub.
    pub(super) swept_at: Option<DateTime<Utc>>,
    /// Up to which node id the comparison has come that is under way.
    pub(super) swept_to: Option<String>,
    /// How many traceless changes were found so far.
    pub(super) sweep_changed: u64,
}

/// A pull request that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Degraded {
    pub(super) id: String,
    pub(super) number: i64,
    pub(super) since: DateTime<Utc>,
    pub(super) tried_at: DateTime<Utc>,
    /// Where it is in the list, of one whose id cannot be read either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) behind: Option<Behind>,
}

/// A place in a list by the row before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Behind {
    /// The cursor of that row; `None` at the list's beginning.
    pub(super) cursor: Option<String>,
    /// In which order the list is read.
    pub(super) direction: Direction,
}

/// A pull request as it was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watched {
    /// Its last change, as GitHub says.
    #[serde(rename = "u", with = "chrono::serde::ts_seconds")]
    pub(super) updated_at: DateTime<Utc>,
    /// A digest of its state.
    #[serde(rename = "d")]
    pub(super) digest: u64,
}

/// Of the deployments of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeploymentsPoint {
    pub(super) lanes: Lanes,
    /// Those that may yet change, by node id.
    pub(super) open: BTreeMap<String, OpenDeployment>,
}

/// A deployment that may yet change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenDeployment {
    #[serde(rename = "c", with = "chrono::serde::ts_seconds")]
    pub(super) created_at: DateTime<Utc>,
    #[serde(rename = "d")]
    pub(super) digest: u64,
    #[serde(rename = "e")]
    pub(super) ended: bool,
}

/// Of the releases of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleasesPoint {
    /// From the newest back; it begins anew whenever the list has changed.
    pub(super) walk: Walk,
    /// A digest of what the list began with, and of its length, when the walk began.
    pub(super) digest: Option<u64>,
    /// The releases of the list's first page by node id, with their numbers and when they were made: one that is missing
    /// there later is gone.
    pub(super) recent: BTreeMap<String, RecentRelease>,
}

/// A release of a list's first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RecentRelease {
    #[serde(rename = "n")]
    pub(super) number: String,
    #[serde(rename = "c", with = "chrono::serde::ts_seconds")]
    pub(super) created_at: DateTime<Utc>,
}

/// Of the tags of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TagsPoint {
    /// From the newest back; it begins anew whenever the list has changed.
    pub(super) walk: Walk,
    /// A digest of what the list began with, and of its length, when the walk began.
    pub(super) digest: Option<u64>,
    /// A digest of the rules by which tags are deployments.
    pub(super) rules: u64,
    /// When the walk began.
    pub(super) walked_at: Option<DateTime<Utc>>,
}

/// Of the incidents of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssuesPoint {
    /// How far the list of each label has been read.
    pub(super) labels: BTreeMap<String, LabelPoint>,
    /// Incidents that are not over, by node id.
    pub(super) open: BTreeMap<String, OpenIssue>,
}

/// How far the issues with a label have been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelPoint {
    pub(super) head: Option<Place>,
    /// From when on the list is read again, because its cursor was refused.
    pub(super) since: Option<DateTime<Utc>>,
}

impl IssuesPoint {
    /// Reads what changed since `since` again.
    pub(super) fn rewind(&mut self, since: Option<DateTime<Utc>>) {
        for label in self.labels.values_mut() {
            *label = LabelPoint { head: None, since };
        }
    }
}

/// An incident that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenIssue {
    #[serde(rename = "n")]
    pub(super) number: String,
    #[serde(rename = "d")]
    pub(super) digest: u64,
}

/// Of the repositories of an owner: what was told of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RepositoriesPoint {
    pub(super) known: BTreeMap<String, KnownRepository>,
}

/// A repository that was told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownRepository {
    pub(super) name: String,
    pub(super) digest: u64,
    /// Since when the owner's list does not show it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) missing_since: Option<DateTime<Utc>>,
}

/// Of the teams of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamsPoint {
    /// A digest of the last snapshot.
    pub(super) digest: u64,
}

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    v: u32,
    point: T,
}

pub(super) fn write<T: Serialize>(point: &T) -> Result<Checkpoint> {
    serde_json::to_string(&Versioned { v: VERSION, point })
        .map(Checkpoint)
        .map_err(|error| {
            Error::new(ErrorKind::Internal, "a checkpoint cannot be written as JSON").caused_by(error)
        })
}

pub(super) fn read<T: DeserializeOwned>(feed: &Feed, checkpoint: &Checkpoint) -> Result<T> {
    let foreign = || {
        Error::new(
            ErrorKind::Corrupt,
            "the feed's checkpoint is not one of this version; delete the feed's checkpoint to read it from the beginning",
        )
        .with("feed", feed)
    };
    match serde_json::from_str::<Versioned<T>>(&checkpoint.0) {
        Ok(Versioned { v: VERSION, point }) => Ok(point),
        Ok(_) => Err(foreign()),
        Err(error) => Err(foreign().caused_by(error)),
    }
}

/// A digest that stays the same from build to build: FNV-1a of 64 bits. An equal digest by chance, one in 10^19, costs a
/// change that leaves no other trace.
pub(super) fn digest(value: &Value) -> u64 {
    value
        .to_string()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_checkpoint_of_another_version_is_refused_with_what_to_do() {
        let feed = super::super::feed::Kind::Teams.feed("github:owner:acme");
        let written = write(&TeamsPoint { digest: 7 }).unwrap();
        assert_eq!(read::<TeamsPoint>(&feed, &written).unwrap().digest, 7);
        for text in [
            written.0.replace("\"v\":1", "\"v\":2"),
            written.0.replace("digest", "hash"),
            "{".to_owned(),
        ] {
            let error = read::<TeamsPoint>(&feed, &Checkpoint(text)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            assert!(error.message().contains("delete the feed's checkpoint"));
        }
    }

    #[test]
    fn a_digest_is_of_the_content() {
        // By another implementation, itself held to the published vector of `a`.
        assert_eq!(digest(&json!(1)), 0xaf63_ac4c_8601_9afc);
        assert_ne!(digest(&json!(["a", "b"])), digest(&json!(["ab"])));
    }
}
