//! The audited store as a store: a change is noted and handed on, and what is asked is asked of the other store.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use devmetrics_core::attribution::{Attribution, Forgotten, Subject};
use devmetrics_core::matching::{Fix, Matching};
use devmetrics_core::metric::{
    Coverage, DeploymentSample, Extent, FailureSample, IncidentSample, PullRequestSample, SampleQuery,
};
use devmetrics_core::model::{
    ApiKey, Checkpoint, Deployment, Feed, Incident, Paths, Person, PullRequest, Repository, Roster, Window,
};
use devmetrics_core::store::{
    Applied, Batch, Erased, FeedState, GroupEnd, Lease, Mention, MetricsStore, ObservedRoster, Quarantined,
    RepositoryState, SamplePage, Slot, StoredKey, StoredPullRequest,
};
use devmetrics_core::{Id, Result};

use crate::AuditedStore;

#[async_trait]
impl MetricsStore for AuditedStore {
    async fn migrate(&self) -> Result<()> {
        self.kept.migrate().await
    }

    async fn commit(&self, batch: Batch) -> Result<Applied> {
        self.note(format_args!(
            "commit {}: {} pull requests",
            batch.feed,
            batch.pull_requests.len()
        ))?;
        self.kept.commit(batch).await
    }

    async fn lease(
        &self,
        source: &str,
        scope: &str,
        owner: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<Lease>> {
        self.note(format_args!("lease {source}/{scope} to {owner} until {until}"))?;
        self.kept.lease(source, scope, owner, now, until).await
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        self.note(format_args!("release {}/{}", lease.source, lease.scope))?;
        self.kept.release(lease).await
    }

    async fn confirm(&self, feeds: &[(Feed, Checkpoint)], at: DateTime<Utc>) -> Result<()> {
        self.note(format_args!("confirm {} feeds", feeds.len()))?;
        self.kept.confirm(feeds, at).await
    }

    async fn set_roster(&self, roster: &Roster, at: DateTime<Utc>) -> Result<()> {
        self.note(format_args!("set a roster of {} teams", roster.teams.len()))?;
        self.kept.set_roster(roster, at).await
    }

    async fn attribute(&self, attributions: Vec<Attribution>, revision: &str) -> Result<u64> {
        self.note(format_args!(
            "attribute {} facts under {revision}",
            attributions.len()
        ))?;
        self.kept.attribute(attributions, revision).await
    }

    async fn ship(&self, id: &Id<Repository>, revision: i64, matching: Matching) -> Result<Option<u64>> {
        self.note(format_args!("ship {} ranges of {id}", matching.shipments.len()))?;
        self.kept.ship(id, revision, matching).await
    }

    async fn add_key(&self, key: &StoredKey) -> Result<()> {
        self.note(format_args!("add the key {}", key.key.id))?;
        self.kept.add_key(key).await
    }

    async fn revoke_key(&self, id: &Id<ApiKey>, at: DateTime<Utc>) -> Result<bool> {
        self.note(format_args!("revoke the key {id}"))?;
        self.kept.revoke_key(id, at).await
    }

    async fn touch_key(&self, id: &Id<ApiKey>, at: DateTime<Utc>) -> Result<()> {
        self.note(format_args!("use the key {id}"))?;
        self.kept.touch_key(id, at).await
    }

    async fn plan_slot(&self, slot: &Slot) -> Result<Slot> {
        self.note(format_args!("plan the slot {}", slot.at))?;
        self.kept.plan_slot(slot).await
    }

    async fn hand_on_group(&self, slot: DateTime<Utc>, number: usize, attempt: u32) -> Result<()> {
        self.note(format_args!("hand on group {number} of the slot {slot}"))?;
        self.kept.hand_on_group(slot, number, attempt).await
    }

    async fn end_group(&self, slot: DateTime<Utc>, number: usize, end: GroupEnd) -> Result<()> {
        self.note(format_args!("end group {number} of the slot {slot}"))?;
        self.kept.end_group(slot, number, end).await
    }

    async fn forget(&self, person: &Person, at: DateTime<Utc>) -> Result<Erased> {
        self.note("forget somebody")?;
        self.kept.forget(person, at).await
    }

    async fn pack(&self) -> Result<()> {
        self.kept.pack().await
    }

    async fn checkpoint(&self, feed: &Feed) -> Result<Option<Checkpoint>> {
        self.kept.checkpoint(feed).await
    }

    async fn version(&self) -> Result<u64> {
        self.kept.version().await
    }

    async fn feeds(&self) -> Result<Vec<FeedState>> {
        self.kept.feeds().await
    }

    async fn quarantine(&self, limit: u32) -> Result<Vec<Quarantined>> {
        self.kept.quarantine(limit).await
    }

    async fn roster(&self) -> Result<Option<Roster>> {
        self.kept.roster().await
    }

    async fn observed_rosters(&self) -> Result<Vec<ObservedRoster>> {
        self.kept.observed_rosters().await
    }

    async fn unattributed(&self, revision: &str, limit: u32) -> Result<Vec<Subject>> {
        self.kept.unattributed(revision, limit).await
    }

    async fn repositories(&self) -> Result<Vec<RepositoryState>> {
        self.kept.repositories().await
    }

    async fn coverage(&self, extent: &Extent) -> Result<Coverage> {
        self.kept.coverage(extent).await
    }

    async fn pull_request_samples(&self, query: &SampleQuery) -> Result<Vec<PullRequestSample>> {
        self.kept.pull_request_samples(query).await
    }

    async fn pull_request_page(
        &self,
        query: &SampleQuery,
        after: Option<Id<Repository>>,
    ) -> Result<SamplePage> {
        self.kept.pull_request_page(query, after).await
    }

    async fn deployment_samples(&self, query: &SampleQuery) -> Result<Vec<DeploymentSample>> {
        self.kept.deployment_samples(query).await
    }

    async fn failure_samples(&self, query: &SampleQuery) -> Result<Vec<FailureSample>> {
        self.kept.failure_samples(query).await
    }

    async fn incident_samples(&self, query: &SampleQuery) -> Result<Vec<IncidentSample>> {
        self.kept.incident_samples(query).await
    }

    async fn pull_requests(&self, ids: &[Id<PullRequest>]) -> Result<Vec<StoredPullRequest>> {
        self.kept.pull_requests(ids).await
    }

    async fn paths(&self, ids: &[Id<PullRequest>]) -> Result<BTreeMap<Id<PullRequest>, Paths>> {
        self.kept.paths(ids).await
    }

    async fn deployments_page(
        &self,
        id: &Id<Repository>,
        environment: Option<String>,
        after: Option<(DateTime<Utc>, Id<Deployment>)>,
        limit: u32,
    ) -> Result<Vec<Deployment>> {
        self.kept.deployments_page(id, environment, after, limit).await
    }

    async fn deployments_by_id(&self, ids: &[Id<Deployment>]) -> Result<Vec<Deployment>> {
        self.kept.deployments_by_id(ids).await
    }

    async fn incidents_by_id(&self, ids: &[Id<Incident>]) -> Result<Vec<Incident>> {
        self.kept.incidents_by_id(ids).await
    }

    async fn incidents(&self, id: &Id<Repository>) -> Result<Vec<Incident>> {
        self.kept.incidents(id).await
    }

    async fn fixes(&self, id: &Id<Repository>, hotfix_labels: &[String]) -> Result<Vec<Fix>> {
        self.kept.fixes(id, hotfix_labels).await
    }

    async fn landings(&self, id: &Id<Repository>, names: &[String]) -> Result<BTreeMap<String, i64>> {
        self.kept.landings(id, names).await
    }

    async fn mentions(&self) -> Result<Vec<Mention>> {
        self.kept.mentions().await
    }

    async fn forgotten(&self) -> Result<Forgotten> {
        self.kept.forgotten().await
    }

    async fn key(&self, id: &Id<ApiKey>) -> Result<Option<StoredKey>> {
        self.kept.key(id).await
    }

    async fn keys(&self) -> Result<Vec<ApiKey>> {
        self.kept.keys().await
    }

    async fn slots(&self, window: Window) -> Result<Vec<Slot>> {
        self.kept.slots(window).await
    }
}
