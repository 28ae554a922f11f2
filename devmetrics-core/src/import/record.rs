use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;

use crate::Id;
use crate::model::Repository;

/// What the records of a file have in common: [`IncidentRecord`](super::IncidentRecord) and
/// [`DeploymentRecord`](super::DeploymentRecord).
pub trait Record: Clone + DeserializeOwned + Send + Sync + 'static {
    /// What it becomes.
    type Fact;

    /// What it is called: `incident`.
    const NOUN: &'static str;

    /// Its fields, in the order of the documentation.
    const FIELDS: &'static [&'static str];

    /// Those of them that hold several texts.
    const LISTS: &'static [&'static str];

    /// The id that the importer chose.
    fn id(&self) -> &str;

    /// The name or id of its repository.
    fn repository(&self) -> &str;

    /// When it happened first.
    fn begins_at(&self) -> DateTime<Utc>;

    /// The importer's own instant of last change.
    fn updated_at(&self) -> Option<DateTime<Utc>>;

    /// The fact that it tells, as of `at`.
    ///
    /// # Errors
    /// What is wrong with the record.
    fn fact(&self, terms: &Terms<'_>) -> Result<Self::Fact, Wrong>;
}

/// What a record does not say itself.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The name of the source.
    pub source: &'a str,
    /// Its repository.
    pub repository: &'a Id<Repository>,
    /// The environment of a deployment that names none.
    pub environment: &'a str,
    /// When the record was last changed, unless it says so.
    pub at: DateTime<Utc>,
}

impl Terms<'_> {
    /// The id of a fact: `pagerduty:incident:PT4KHLK`.
    pub(super) fn id<T>(&self, noun: &str, id: &str) -> Id<T> {
        Id::new(format!("{}:{noun}:{}", self.source, id.trim()))
    }
}

/// A field whose value cannot be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it, with its value and what to do.
    pub message: String,
}

impl Wrong {
    pub(crate) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }
}
