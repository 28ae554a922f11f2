use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::record::{Record, Terms, Wrong};
use super::{instant, name};
use crate::model::Incident;

/// An incident as a file or a program tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentRecord {
    /// What the importer recognises it by.
    pub id: String,
    /// The name or id of the repository whose service it is about.
    pub repository: String,
    /// Its title.
    pub title: String,
    /// When it began.
    #[serde(with = "instant")]
    pub started_at: DateTime<Utc>,
    /// When it was over; `None` while it is not.
    #[serde(default, with = "instant::optional")]
    pub resolved_at: Option<DateTime<Utc>>,
    /// Where a person looks at it.
    #[serde(default)]
    pub url: Option<String>,
    /// Who reported it: a handle, an e-mail address or a name.
    #[serde(default)]
    pub author: Option<String>,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// What caused it: ids of deployments, and changes by their number (`#12`), commit or id.
    #[serde(default)]
    pub caused_by: Vec<String>,
    /// When the importer last changed it.
    #[serde(default, with = "instant::optional")]
    pub updated_at: Option<DateTime<Utc>>,
}

impl Record for IncidentRecord {
    type Fact = Incident;

    const NOUN: &'static str = "incident";
    const FIELDS: &'static [&'static str] = &[
        "id",
        "repository",
        "title",
        "started_at",
        "resolved_at",
        "url",
        "author",
        "labels",
        "caused_by",
        "updated_at",
    ];
    const LISTS: &'static [&'static str] = &["labels", "caused_by"];

    fn id(&self) -> &str {
        &self.id
    }

    fn repository(&self) -> &str {
        &self.repository
    }

    fn begins_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    fn updated_at(&self) -> Option<DateTime<Utc>> {
        self.updated_at
    }

    fn fact(&self, terms: &Terms<'_>) -> Result<Incident, Wrong> {
        if let Some(resolved_at) = self.resolved_at
            && resolved_at < self.started_at
        {
            let message = format!(
                "`resolved_at` ({}) is before `started_at` ({}); correct one of them",
                resolved_at.format("%FT%TZ"),
                self.started_at.format("%FT%TZ")
            );
            return Err(Wrong::new("resolved_at", message));
        }
        let labels = self.labels.iter().map(|label| name::text("labels", label));
        let mut labels = labels.collect::<Result<Vec<_>, _>>()?;
        labels.sort();
        labels.dedup();
        Ok(Incident {
            id: terms.id(Self::NOUN, &name::text("id", &self.id)?),
            repository: terms.repository.clone(),
            number: None,
            title: name::text("title", &self.title)?,
            url: name::url(self.url.as_ref())?,
            author: name::actor("author", self.author.as_ref())?,
            labels,
            started_at: self.started_at,
            resolved_at: self.resolved_at,
            caused_by: name::names("caused_by", &self.caused_by)?,
            updated_at: self.updated_at.unwrap_or(terms.at),
        })
    }
}
