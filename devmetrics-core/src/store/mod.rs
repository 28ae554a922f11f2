//! Where facts are kept: the trait of a store, and the stores that exist.
//!
//! A store applies facts, attributions and the checkpoint of a page in one transaction, or none of it.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::attribution::{Attribution, Forgotten, Share, Subject};
use crate::matching::{Fix, Matching};
use crate::metric::{
    Coverage, DeploymentSample, Extent, FailureSample, IncidentSample, PullRequestSample, SampleQuery,
};
use crate::model::{
    Activity, ApiKey, Checkpoint, Deployment, DeploymentMatch, Feed, Incident, Paths, Person, PullRequest,
    RawRecord, Repository, Roster, Window,
};
use crate::{Error, ErrorKind, Id, Result};

mod batch;
mod forget;
mod key;
mod lease;
mod memory;
mod migration;
mod postgres;
mod read;
mod slot;
mod sql;
mod sqlite;

pub use batch::{Applied, Batch, Quarantined};
pub use forget::{Deed, Erased, Mention};
pub use key::StoredKey;
pub use lease::{Lease, ObservedRoster};
pub use memory::MemoryStore;
pub use postgres::{PostgresOptions, PostgresStore};
pub use read::{FeedState, RepositoryState, SamplePage, StoredPullRequest};
pub use slot::{GroupEnd, GroupOutcome, Slot, SlotGroup};
pub use sqlite::SqliteStore;

/// Keeps what was collected. Object safe; the test kit holds every implementation to its laws.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MetricsStore: Debug + Send + Sync + 'static {
    /// Brings the store to this build's version; does nothing when it is there.
    ///
    /// # Errors
    /// `Unsupported` when the store was written by a newer version (nothing is changed), `Corrupt` when it is no such
    /// store, `Unavailable` when it is locked or out of reach.
    async fn migrate(&self) -> Result<()>;

    /// How far `feed` has been read; `None` when never.
    async fn checkpoint(&self, feed: &Feed) -> Result<Option<Checkpoint>>;

    /// Applies a page.
    ///
    /// # Behavior
    /// - All of the batch and its checkpoint, or nothing.
    /// - The same batch again changes no row.
    /// - An older version of a fact (`updated_at`) never overwrites a newer one; of equal versions the later commit wins.
    /// - If the stored checkpoint is not `batch.expected`, nothing is applied.
    /// - `batch.restart` begins a new generation of the feed; when a batch with `complete` ends that generation,
    ///   whatever of the feed was not seen in it is removed.
    /// - If `batch.lease` is not the scope's newest lease, nothing is applied; else it is extended.
    /// - Records in `batch.understood` leave the quarantine of the feed, before those in `batch.quarantined` enter it.
    /// - Milestones of an attribution take the place of those of its pull request.
    /// - Text comes back as it was, but that U+FFFD may stand for NUL.
    ///
    /// # Errors
    /// `Conflict` when another collector moved the checkpoint first, or took the lease over.
    async fn commit(&self, batch: Batch) -> Result<Applied>;

    /// How often what the store holds has changed: whatever is answered from it is the same as long as this number is.
    ///
    /// # Behavior
    /// - It moves with every [`commit`](Self::commit), [`ship`](Self::ship), [`forget`](Self::forget) and
    ///   [`set_roster`](Self::set_roster) that is applied,
    ///   with a [`confirm`](Self::confirm) that marks a feed and an [`attribute`](Self::attribute) that changes a fact; in one step
    ///   with them, and never back.
    /// - No read moves it, nor does a lease, a key or [`pack`](Self::pack).
    async fn version(&self) -> Result<u64>;

    /// Takes the lease of a scope for `owner` until `until`; `None` while somebody else holds it.
    ///
    /// # Behavior
    /// A lease that ended by `now` is free. Each lease has a higher fence than the one before; who holds it already gets
    /// it again with the same fence.
    async fn lease(
        &self,
        source: &str,
        scope: &str,
        owner: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<Lease>>;

    /// Gives a lease back, so that nothing is written under it any more; does nothing if somebody else has it by now.
    async fn release(&self, lease: &Lease) -> Result<()>;

    /// Marks these feeds as read to their end at `at`; passes over those whose checkpoint is another by now, and those that
    /// were read to their end later.
    async fn confirm(&self, feeds: &[(Feed, Checkpoint)], at: DateTime<Utc>) -> Result<()>;

    /// Every feed with its checkpoint and coverage, ordered by feed.
    async fn feeds(&self) -> Result<Vec<FeedState>>;

    /// Records that could not be understood, oldest first, at most `limit`.
    async fn quarantine(&self, limit: u32) -> Result<Vec<Quarantined>>;

    /// Replaces the declared roster. The teams in force are those of it and of what was observed, joined
    /// ([`join`](crate::attribution::join)). The facts keep their attributions until [`attribute`](Self::attribute) gives them new
    /// ones.
    async fn set_roster(&self, roster: &Roster, at: DateTime<Utc>) -> Result<()>;

    /// The roster last set; `None` before the first.
    async fn roster(&self) -> Result<Option<Roster>>;

    /// What sources observed, ordered by source and scope.
    async fn observed_rosters(&self) -> Result<Vec<ObservedRoster>>;

    /// What was not attributed under `revision` yet: in the order of its ids, at most `limit`.
    async fn unattributed(&self, revision: &str, limit: u32) -> Result<Vec<Subject>>;

    /// Replaces the attributions of these facts in one transaction, and gives the number of facts whose teams, shares, bot
    /// mark or milestones changed.
    async fn attribute(&self, attributions: Vec<Attribution>, revision: &str) -> Result<u64>;

    /// Repositories, with whether their changes must be matched to their deployments anew; ordered by id.
    async fn repositories(&self) -> Result<Vec<RepositoryState>>;

    /// Replaces the matching of a repository's changes to deployments, its failures and rework, and clears
    /// [`RepositoryState::unmatched`]; gives the number of changes whose match changed.
    ///
    /// # Behavior
    /// - The shipments cover disjoint ranges; a change with a place in none of them keeps its match.
    /// - They were computed from what the repository was at `revision` ([`RepositoryState::revision`]). If it has moved on,
    ///   or does not exist, nothing is applied and the answer is `None`.
    async fn ship(
        &self,
        repository: &Id<Repository>,
        revision: i64,
        matching: Matching,
    ) -> Result<Option<u64>>;

    /// What is known of which time, over the repositories of the extent.
    async fn coverage(&self, extent: &Extent) -> Result<Coverage>;

    /// The pull requests of an extent that were merged or deployed within the window, and where the query says so those that
    /// were open within it and those that landed at places that it names, ordered by id.
    async fn pull_request_samples(&self, query: &SampleQuery) -> Result<Vec<PullRequestSample>>;

    /// The same, by pages, for who would not hold all of them at once: those of some repositories, and after which repository the
    /// next page begins.
    async fn pull_request_page(
        &self,
        query: &SampleQuery,
        _after: Option<Id<Repository>>,
    ) -> Result<SamplePage> {
        Ok(SamplePage {
            samples: self.pull_request_samples(query).await?,
            next: None,
        })
    }

    /// Brings up to date what the store keeps beside the facts in order to answer faster, if it keeps anything; no answer depends
    /// on whether that was done.
    async fn pack(&self) -> Result<()> {
        Ok(())
    }

    /// The deployments of an extent that finished within the window, ordered by finish and id.
    async fn deployment_samples(&self, query: &SampleQuery) -> Result<Vec<DeploymentSample>>;

    /// Why deployments of an extent failed: all reasons of those that failed within the window, were mended within it, or
    /// failed before its end and are not mended; ordered by failure, deployment, rule and cause.
    async fn failure_samples(&self, query: &SampleQuery) -> Result<Vec<FailureSample>>;

    /// The incidents of an extent that began or ended within the window, or began before its end and are not over; ordered
    /// by start and id.
    async fn incident_samples(&self, query: &SampleQuery) -> Result<Vec<IncidentSample>>;

    /// These pull requests in full; those that do not exist are left out; ordered by id.
    async fn pull_requests(&self, ids: &[Id<PullRequest>]) -> Result<Vec<StoredPullRequest>>;

    /// The files that these pull requests touch; those of which that is not known are left out.
    async fn paths(&self, ids: &[Id<PullRequest>]) -> Result<BTreeMap<Id<PullRequest>, Paths>>;

    /// At most `limit` of the deployments of a repository to an environment (`None`: to any), ordered by finish and id: those
    /// after the deployment with this finish and id (`None`: from the first).
    async fn deployments_page(
        &self,
        repository: &Id<Repository>,
        environment: Option<String>,
        after: Option<(DateTime<Utc>, Id<Deployment>)>,
        limit: u32,
    ) -> Result<Vec<Deployment>>;

    /// All of them.
    async fn deployments(
        &self,
        repository: &Id<Repository>,
        environment: Option<String>,
    ) -> Result<Vec<Deployment>> {
        self.deployments_page(repository, environment, None, u32::MAX)
            .await
    }

    /// These deployments; those that do not exist are left out; ordered by id.
    async fn deployments_by_id(&self, ids: &[Id<Deployment>]) -> Result<Vec<Deployment>>;

    /// These incidents; those that do not exist are left out; ordered by id.
    async fn incidents_by_id(&self, ids: &[Id<Incident>]) -> Result<Vec<Incident>>;

    /// All incidents of a repository, ordered by start and id.
    async fn incidents(&self, repository: &Id<Repository>) -> Result<Vec<Incident>>;

    /// The changes of a repository that landed and revert a commit, close an incident or have one of the labels, ordered by
    /// place and id.
    async fn fixes(&self, repository: &Id<Repository>, hotfix_labels: &[String]) -> Result<Vec<Fix>>;

    /// Of these names, those of changes of the repository that landed, each with its place ([`PullRequest::position`]).
    ///
    /// # Behavior
    /// A change's names are its id, its number (`#12`), and the commit by which it landed; of several changes with one name
    /// the last place.
    async fn landings(&self, repository: &Id<Repository>, names: &[String]) -> Result<BTreeMap<String, i64>>;

    /// Everybody whom facts name, with how often as what; each as they are named, ordered by deed and actor.
    async fn mentions(&self) -> Result<Vec<Mention>>;

    /// Who is forgotten.
    async fn forgotten(&self) -> Result<Forgotten>;

    /// Forgets somebody by all of their names: other names take the place of these ([`Forgotten::rename`]) in every fact and
    /// roster, and of records that are set aside and name them nothing is kept.
    ///
    /// # Behavior
    /// - All of it, or nothing; once it is done, nothing that is stored names them, and samples are what they were but for the
    ///   names.
    /// - Whatever is [committed](Self::commit) or [set](Self::set_roster) later, or at the same time, is stored without the names.
    /// - The same person again changes nothing, however many do it at once.
    /// - The names are not kept: who is forgotten is recognised by marks.
    /// - What a database's files hold of rows that are no more is overwritten, as far as the database can.
    ///
    /// # Errors
    /// `Unavailable` when others keep the database from overwriting: nothing that can be asked for names them any more, and
    /// doing it again overwrites the rest.
    async fn forget(&self, person: &Person, at: DateTime<Utc>) -> Result<Erased>;

    /// Keeps a new key of the API.
    ///
    /// # Errors
    /// `Conflict` when there is one of its id.
    async fn add_key(&self, key: &StoredKey) -> Result<()>;

    /// The key of this id; `None` where there is none.
    async fn key(&self, id: &Id<ApiKey>) -> Result<Option<StoredKey>>;

    /// Every key, those that are good no more included, ordered by when it was made and id.
    async fn keys(&self) -> Result<Vec<ApiKey>>;

    /// Takes a key back at `at`, if it was not before; gives whether there is one of this id.
    async fn revoke_key(&self, id: &Id<ApiKey>, at: DateTime<Utc>) -> Result<bool>;

    /// Notes that a key was used at `at`, if not later already.
    async fn touch_key(&self, id: &Id<ApiKey>, at: DateTime<Utc>) -> Result<()>;

    /// Keeps the plan of a slot, unless that slot was planned before; gives the plan in force.
    ///
    /// # Behavior
    /// Of several plans of one slot the first stays, as a whole, and everybody is given that one.
    async fn plan_slot(&self, slot: &Slot) -> Result<Slot>;

    /// Notes that a group of a slot was handed on for the `attempt`th time, if not more often already; does nothing to a group
    /// that does not exist.
    async fn hand_on_group(&self, slot: DateTime<Utc>, number: usize, attempt: u32) -> Result<()>;

    /// Notes how a group of a slot ended, if it was not ended before; does nothing to a group that does not exist.
    async fn end_group(&self, slot: DateTime<Utc>, number: usize, end: GroupEnd) -> Result<()>;

    /// The slots within a window, ordered by their instants.
    async fn slots(&self, window: Window) -> Result<Vec<Slot>>;
}

/// The error of who lost the race for a feed.
fn checkpoint_moved(feed: &Feed) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!("another sync of feed {feed} moved its checkpoint first; nothing was applied; run again"),
    )
}

/// The error of who wrote under a lease that is over.
fn lease_lost(lease: &Lease) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!(
            "another sync took over {}/{}, or this one gave it back; nothing was applied; leave it to that one",
            lease.source, lease.scope
        ),
    )
}
