use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::record::{Record, Terms, Wrong};
use super::{instant, name};
use crate::model::{Deployment, DeploymentStatus};

/// A deployment as a file or a program tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentRecord {
    /// What the importer recognises it by.
    pub id: String,
    /// The name or id of the repository that was deployed.
    pub repository: String,
    /// Where to; `None` for the configured environment of releases.
    #[serde(default)]
    pub environment: Option<String>,
    /// How it ended.
    pub status: DeploymentStatus,
    /// When it finished.
    #[serde(with = "instant")]
    pub finished_at: DateTime<Utc>,
    /// The tag, branch or version name; `None` for the commit.
    #[serde(default)]
    pub reference: Option<String>,
    /// The full id of the deployed commit; `None` for the end of the range.
    #[serde(default)]
    pub commit: Option<String>,
    /// When the deployed commit was made.
    #[serde(default, with = "instant::optional")]
    pub committed_at: Option<DateTime<Utc>>,
    /// The changes that it ships, by their number (`#12`), landing commit or id.
    #[serde(default)]
    pub changes: Vec<String>,
    /// The commits that it ships: `from..to`, the first of them left out. Its end is the deployed commit.
    #[serde(default)]
    pub range: Option<String>,
    /// Who deployed: a handle, an e-mail address or a name.
    #[serde(default)]
    pub creator: Option<String>,
    /// Where a person looks at it.
    #[serde(default)]
    pub url: Option<String>,
    /// When the importer last changed it.
    #[serde(default, with = "instant::optional")]
    pub updated_at: Option<DateTime<Utc>>,
}

impl DeploymentRecord {
    /// The deployed commit: the one that is named, or the end of the range.
    fn deployed(&self) -> Result<String, Wrong> {
        let named = self.commit.as_ref();
        let named = named.map(|commit| name::commit("commit", commit)).transpose()?;
        let Some(range) = &self.range else {
            return named.ok_or_else(|| {
                Wrong::new(
                    "commit",
                    "`commit` is missing; write the full id of the deployed commit, or a `range` that ends in it",
                )
            });
        };
        let Some((from, to)) = range.split_once("..") else {
            let message = format!(
                "`range` is `{range}`; write two commits with `..` between them: the version before, and this one"
            );
            return Err(Wrong::new("range", message));
        };
        name::commit("range", from)?;
        let end = name::commit("range", to)?;
        match named {
            Some(commit) if commit != end => Err(Wrong::new(
                "range",
                format!("`range` ends in `{end}` and `commit` is `{commit}`; leave one of them out"),
            )),
            _ => Ok(end),
        }
    }
}

impl Record for DeploymentRecord {
    type Fact = Deployment;

    const NOUN: &'static str = "deployment";
    const FIELDS: &'static [&'static str] = &[
        "id",
        "repository",
        "environment",
        "status",
        "finished_at",
        "reference",
        "commit",
        "committed_at",
        "changes",
        "range",
        "creator",
        "url",
        "updated_at",
    ];
    const LISTS: &'static [&'static str] = &["changes"];

    fn id(&self) -> &str {
        &self.id
    }

    fn repository(&self) -> &str {
        &self.repository
    }

    fn begins_at(&self) -> DateTime<Utc> {
        self.finished_at
    }

    fn updated_at(&self) -> Option<DateTime<Utc>> {
        self.updated_at
    }

    fn fact(&self, terms: &Terms<'_>) -> Result<Deployment, Wrong> {
        let commit = self.deployed()?;
        let environment = name::optional("environment", self.environment.as_ref())?;
        let reference = name::optional("reference", self.reference.as_ref())?;
        Ok(Deployment {
            id: terms.id(Self::NOUN, &name::text("id", &self.id)?),
            repository: terms.repository.clone(),
            environment: environment.unwrap_or_else(|| terms.environment.to_owned()),
            status: self.status,
            finished_at: self.finished_at,
            reference: reference.unwrap_or_else(|| commit.clone()),
            commit,
            committed_at: self.committed_at,
            contains_to: None,
            declares: name::names("changes", &self.changes)?,
            creator: name::actor("creator", self.creator.as_ref())?,
            url: name::url(self.url.as_ref())?,
            updated_at: self.updated_at.unwrap_or(terms.at),
        })
    }
}
