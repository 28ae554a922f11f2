//! How far the feeds have been read, as JSON text.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gix::ObjectId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::history::History;
use crate::model::{Checkpoint, Feed, Repository};
use crate::{Error, ErrorKind, Result};

/// Of the feed `changes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangesPoint {
    /// The newest commit of the line that was read.
    pub(super) line: LinePoint,
    /// The repository as it was announced last.
    pub(super) repository: Repository,
}

/// Of the feed `deployments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeploymentsPoint {
    /// The tip of the line against which tags were placed.
    pub(super) line: LinePoint,
    /// What was read of each tag, by name.
    pub(super) tags: BTreeMap<String, TagPoint>,
}

/// A place on the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LinePoint {
    /// The commit; `None` while there is none.
    pub(super) tip: Option<ObjectIdText>,
    /// Its place; -1 while there is none.
    pub(super) position: i64,
    /// A digest of everything outside of the commits that records follow from. Another one begins the feed anew.
    pub(super) basis: String,
    /// The committer date of the root of the line.
    pub(super) covered_from: Option<i64>,
}

impl LinePoint {
    /// From when on the line is known.
    pub(super) fn known_from(&self) -> Option<DateTime<Utc>> {
        self.covered_from.and_then(|at| DateTime::from_timestamp(at, 0))
    }
}

/// What was read of a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TagPoint {
    /// What its reference named; `None` when it must be read again.
    #[serde(rename = "at", default, skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<ObjectIdText>,
    /// The tip of the line when the tag contained all of the line: then it may contain more of it later.
    #[serde(rename = "ahead_of", default, skip_serializing_if = "Option::is_none")]
    pub(super) ahead_of: Option<ObjectIdText>,
    /// The deployment's instant of last change; `None` for a tag that is no deployment (it names a tree or a file).
    #[serde(rename = "updated", default, skip_serializing_if = "Option::is_none")]
    pub(super) updated_at: Option<i64>,
}

/// An object id that is written as hexadecimal text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ObjectIdText(pub(super) ObjectId);

impl Serialize for ObjectIdText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ObjectIdText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        ObjectId::from_hex(text.as_bytes())
            .map(Self)
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is no object id")))
    }
}

pub(super) fn write<T: Serialize>(point: &T) -> Result<Checkpoint> {
    serde_json::to_string(point).map(Checkpoint).map_err(|error| {
        Error::new(ErrorKind::Internal, "a checkpoint cannot be written as JSON").caused_by(error)
    })
}

pub(super) fn read<T: DeserializeOwned>(feed: &Feed, checkpoint: &Checkpoint) -> Result<T> {
    serde_json::from_str(&checkpoint.0).map_err(|error| {
        Error::new(
            ErrorKind::Corrupt,
            "the feed's checkpoint is not one of this version; delete the feed's checkpoint to read it from the beginning",
        )
        .with("feed", feed)
        .caused_by(error)
    })
}

/// A digest of `parts` and of the history's own surroundings.
pub(super) fn basis(history: &History, parts: &[&str]) -> Result<String> {
    /// Raised when records of the same commits mean something else.
    const RECORDS: &[u8] = b"1";
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(RECORDS);
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(b"\0");
    }
    hasher.update(&history.fingerprint());
    let digest = hasher
        .try_finalize()
        .map_err(|error| Error::new(ErrorKind::Internal, "a digest cannot be made").caused_by(error))?;
    Ok(digest.to_hex_with_len(16).to_string())
}
