use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A deployment as a pipeline tells it. A record of an id that is known changes that one, and the same again changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeploymentRecord {
    /// What the pipeline recognises it by.
    #[schema(example = "run-4711", min_length = 1)]
    pub id: String,
    /// The name or id of the repository that was deployed.
    #[schema(example = "acme/web", min_length = 1)]
    pub repository: String,
    /// Where to; without it, the configured environment of releases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// `success` or `failure`.
    #[schema(example = "success", pattern = "^(success|failure)$")]
    pub status: String,
    /// When it finished.
    #[schema(example = "2026-01-05T10:00:00Z", format = DateTime)]
    pub finished_at: String,
    /// The tag, branch or version name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The full id of the deployed commit; may be missing where `range` ends in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    pub commit: Option<String>,
    /// When the deployed commit was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub committed_at: Option<String>,
    /// The changes that it ships: `#12`, a full commit, or an id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// The commits that it ships: `from..to`, the first of them left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// Who deployed: a handle, an e-mail address or a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// Where a person looks at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub updated_at: Option<String>,
}

/// An incident as an alerting system tells it. A record of an id that is known changes that one, and the same again changes
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentRecord {
    /// What the system recognises it by.
    #[schema(example = "PT4KHLK", min_length = 1)]
    pub id: String,
    /// The name or id of the repository whose service it is about.
    #[schema(example = "acme/web", min_length = 1)]
    pub repository: String,
    /// Its title.
    #[schema(example = "Checkout is down", min_length = 1)]
    pub title: String,
    /// When it began.
    #[schema(example = "2026-01-05T10:00:00Z", format = DateTime)]
    pub started_at: String,
    /// When it was over; missing while it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub resolved_at: Option<String>,
    /// Where a person looks at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What caused it: ids of deployments, and changes by their number (`#12`), commit or id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caused_by: Vec<String>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub updated_at: Option<String>,
}

/// One record, or a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Brought<T> {
    /// One.
    One(T),
    /// Several.
    List(Vec<T>),
}

/// What became of the records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// How many there were.
    pub records: u64,
    /// How many were new.
    pub inserted: u64,
    /// How many said something else than before.
    pub updated: u64,
    /// How many said the same as before.
    pub unchanged: u64,
    /// How many went.
    pub removed: u64,
    /// The names of repositories that were made.
    pub created_repositories: Vec<String>,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// What was derived anew.
    pub settled: Settled,
}

/// What was derived anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// Facts whose teams changed.
    pub reattributed: u64,
    /// Changes whose first deployment changed.
    pub rematched: u64,
}
