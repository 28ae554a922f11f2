//! Bringing a history into a store, as a sync does.

use std::sync::Arc;

use devmetrics_core::attribution::{AttributionRules, Attributor, Subject};
use devmetrics_core::model::{Checkpoint, Deployment, Feed, Incident, PullRequest, Repository};
use devmetrics_core::store::{Batch, MetricsStore};
use devmetrics_core::{Engine, Id, ManualClock, Settings};

use super::{GIT, HOSTED, History, window};

/// Brings the history into a store: feed by feed in pages of so many facts, then attribution and matching.
///
/// # Panics
/// When the store fails.
pub async fn fill(store: Arc<dyn MetricsStore>, history: &History, page: usize) -> Engine {
    store.migrate().await.expect("a migrated store");
    store
        .set_roster(&history.roster, window().to)
        .await
        .expect("a roster");
    let attributor = Attributor::new(&history.roster, AttributionRules::default(), window().to);
    for (repository, kind) in [
        (GIT, "changes"),
        (HOSTED, "pull_requests"),
        (HOSTED, "deployments"),
    ] {
        let feed = feed(repository, kind);
        let pull_requests = of(&history.pull_requests, |fact| {
            kind != "deployments" && fact.repository.as_str() == repository
        });
        let deployments = of(&history.deployments, |fact| {
            kind != "pull_requests" && fact.repository.as_str() == repository
        });
        commit(&*store, &attributor, &feed, pull_requests, page, |batch, page| {
            batch.pull_requests = page;
        })
        .await;
        commit(&*store, &attributor, &feed, deployments, page, |batch, page| {
            batch.deployments = page;
        })
        .await;
    }
    if history.tells_of_incidents {
        for repository in [GIT, HOSTED] {
            let incidents = of(&history.incidents, |fact| fact.repository.as_str() == repository);
            let feed = feed(repository, "issues");
            commit(&*store, &attributor, &feed, incidents, page, |batch, page| {
                batch.incidents = page;
            })
            .await;
        }
    }
    let engine = engine(store);
    engine
        .set_roster(&history.roster)
        .await
        .expect("attribution and matching");
    engine
}

/// An engine over a store, at the end of the history.
pub fn engine(store: Arc<dyn MetricsStore>) -> Engine {
    Engine::new(
        store,
        Arc::new(ManualClock::new(window().to)),
        Settings::default(),
    )
}

fn feed(repository: &str, kind: &str) -> Feed {
    Feed {
        source: "history".into(),
        scope: repository.into(),
        kind: kind.into(),
    }
}

fn of<T: Clone>(facts: &[T], is: impl Fn(&T) -> bool) -> Vec<T> {
    facts.iter().filter(|fact| is(fact)).cloned().collect()
}

/// Commits the facts of a feed in pages; the last one, which may be empty, ends the run.
async fn commit<T: Clone>(
    store: &dyn MetricsStore,
    attributor: &Attributor,
    feed: &Feed,
    facts: Vec<T>,
    page: usize,
    put: impl Fn(&mut Batch, Vec<T>),
) {
    let mut pages: Vec<Vec<T>> = facts.chunks(page).map(<[T]>::to_vec).collect();
    pages.push(Vec::new());
    let last = pages.len() - 1;
    for (number, facts) in pages.into_iter().enumerate() {
        let mut batch = empty(feed, attributor.revision());
        batch.expected = store.checkpoint(feed).await.expect("a checkpoint");
        let before = batch.expected.as_ref().map_or(0, |before| before.0.len());
        batch.next = Checkpoint("x".repeat(before + 1));
        batch.complete = number == last;
        put(&mut batch, facts);
        batch.attributions = subjects(&batch)
            .iter()
            .map(|subject| attributor.attribute(subject))
            .collect();
        store.commit(batch).await.expect("a page");
    }
}

fn subjects(batch: &Batch) -> Vec<Subject> {
    let pull_requests = batch
        .pull_requests
        .iter()
        .map(|fact: &PullRequest| Subject::from(fact));
    let deployments = batch
        .deployments
        .iter()
        .map(|fact: &Deployment| Subject::from(fact));
    let incidents = batch.incidents.iter().map(|fact: &Incident| Subject::from(fact));
    pull_requests.chain(deployments).chain(incidents).collect()
}

fn empty(feed: &Feed, revision: &str) -> Batch {
    Batch {
        feed: feed.clone(),
        expected: None,
        next: Checkpoint(String::new()),
        restart: false,
        complete: false,
        covered_from: Some(window().from),
        at: window().to,
        repositories: vec![Repository {
            id: Id::new(feed.scope.as_str()),
            name: feed.scope.rsplit(':').next().unwrap_or_default().to_owned(),
            default_branch: Some("main".into()),
            url: None,
            partial_history: false,
            archived: false,
            unreachable_since: None,
        }],
        pull_requests: Vec::new(),
        deployments: Vec::new(),
        removed_deployments: Vec::new(),
        caught_up: false,
        total: None,
        lease: None,
        incidents: Vec::new(),
        removed_incidents: Vec::new(),
        observed: None,
        understood: Vec::new(),
        attributions: Vec::new(),
        revision: revision.to_owned(),
        quarantined: Vec::new(),
    }
}
