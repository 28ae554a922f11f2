use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::attribution::{Attributor, Forgotten, Subject};
use crate::model::{Deployment, Incident, Repository};
use crate::store::{Batch, MetricsStore};
use crate::{Id, Result};

/// What facts that are imported have in common, and their place in a store.
#[async_trait]
pub(super) trait Imported: Clone + PartialEq + Send + Sync {
    /// The kind of its feed.
    const KIND: &'static str;

    fn id(&self) -> &str;
    fn repository(&self) -> &Id<Repository>;
    fn updated_at(&self) -> DateTime<Utc>;

    /// The same of another instant of last change.
    fn changed_at(self, updated_at: DateTime<Utc>) -> Self;

    /// Puts other names in the place of a forgotten person's.
    fn rename(&mut self, forgotten: &Forgotten);

    /// All of a repository, wherever they come from.
    async fn stored(store: &dyn MetricsStore, repository: &Id<Repository>) -> Result<Vec<Self>>;

    /// Puts facts into a batch, with whose they are.
    fn add(batch: &mut Batch, facts: Vec<Self>, attributor: &Attributor);

    /// Takes facts out by a batch.
    fn remove(batch: &mut Batch, ids: Vec<String>);
}

#[async_trait]
impl Imported for Incident {
    const KIND: &'static str = "incidents";

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn repository(&self) -> &Id<Repository> {
        &self.repository
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    fn changed_at(self, updated_at: DateTime<Utc>) -> Self {
        Self { updated_at, ..self }
    }

    fn rename(&mut self, forgotten: &Forgotten) {
        forgotten.rename_incident(self);
    }

    async fn stored(store: &dyn MetricsStore, repository: &Id<Repository>) -> Result<Vec<Self>> {
        store.incidents(repository).await
    }

    fn add(batch: &mut Batch, facts: Vec<Self>, attributor: &Attributor) {
        let subjects = facts.iter().map(Subject::from);
        batch.attributions = subjects.map(|subject| attributor.attribute(&subject)).collect();
        batch.incidents = facts;
    }

    fn remove(batch: &mut Batch, ids: Vec<String>) {
        batch.removed_incidents = ids.into_iter().map(Id::new).collect();
    }
}

#[async_trait]
impl Imported for Deployment {
    const KIND: &'static str = "deployments";

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn repository(&self) -> &Id<Repository> {
        &self.repository
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    fn changed_at(self, updated_at: DateTime<Utc>) -> Self {
        Self { updated_at, ..self }
    }

    fn rename(&mut self, forgotten: &Forgotten) {
        forgotten.rename_deployment(self);
    }

    async fn stored(store: &dyn MetricsStore, repository: &Id<Repository>) -> Result<Vec<Self>> {
        store.deployments(repository, None).await
    }

    fn add(batch: &mut Batch, facts: Vec<Self>, attributor: &Attributor) {
        let subjects = facts.iter().map(Subject::from);
        batch.attributions = subjects.map(|subject| attributor.attribute(&subject)).collect();
        batch.deployments = facts;
    }

    fn remove(batch: &mut Batch, ids: Vec<String>) {
        batch.removed_deployments = ids.into_iter().map(Id::new).collect();
    }
}
