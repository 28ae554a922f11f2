use std::collections::BTreeSet;

use globset::Glob;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Id, Result};

/// Something that is deployed by itself: repositories together, or the part of them that the further patterns tell.
///
/// Patterns are globs, in which `*` stands for any text, `/` included. Part of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The id that people type: `checkout`.
    pub id: Id<Service>,
    /// The name that people read; the id where there is none.
    #[serde(default)]
    pub name: Option<String>,
    /// Its repositories, by name or id.
    pub repositories: Vec<Glob>,
    /// Its files: a change is the service's if it touches one of them. None for every change.
    #[serde(default)]
    pub paths: Vec<Glob>,
    /// The tags, branches or versions of its deployments ([`Deployment::reference`](super::Deployment)). None for every
    /// deployment.
    #[serde(default)]
    pub references: Vec<Glob>,
    /// The repositories in which its incidents are reported, by name or id. None for its own ones.
    #[serde(default)]
    pub incident_repositories: Vec<Glob>,
    /// An incident with one of these labels is the service's. None for every incident that no other service's label claims.
    #[serde(default)]
    pub incident_labels: Vec<String>,
}

impl Service {
    /// Whether it is more or less than its repositories together.
    pub fn is_part(&self) -> bool {
        !(self.paths.is_empty()
            && self.references.is_empty()
            && self.incident_repositories.is_empty()
            && self.incident_labels.is_empty())
    }

    /// That each has an id of its own and some repository.
    ///
    /// # Errors
    /// `InvalidInput`, naming the key and the service.
    pub(crate) fn check(services: &[Self]) -> Result<()> {
        let mut ids = BTreeSet::new();
        for service in services {
            let Self { id, repositories, .. } = service;
            let (key, wrong) = if id.as_str().trim().is_empty() {
                ("service.id", "a service has an empty `id`".to_owned())
            } else if !ids.insert(id) {
                ("service.id", format!("two services have the `id` `{id}`"))
            } else if repositories.is_empty() {
                let wrong = format!(
                    "`repositories` of the service `{id}` is empty; name one, as in `[\"acme/shop\"]`"
                );
                ("service.repositories", wrong)
            } else {
                continue;
            };
            return Err(Error::new(ErrorKind::InvalidInput, wrong).with("key", key));
        }
        Ok(())
    }
}
