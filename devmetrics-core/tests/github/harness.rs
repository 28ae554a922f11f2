//! Reads a source as the engine does, and keeps what it told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::model::{Checkpoint, Fact, Feed, PullRequest};
use devmetrics_core::source::github::{GithubOptions, GithubSource};
use devmetrics_core::source::{Changes, KnownFeed, SourcePage, SourceProvider};
use devmetrics_core::{Clock, ErrorKind, Result};
use devmetrics_testbed::github::{FakeClock, source};
use fake_github::FakeGithub;
use fake_github::world::World;

/// The instant at which the worlds of these tests stand.
pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

/// What a store would keep of a feed.
#[derive(Clone, Debug, Default)]
struct Kept {
    checkpoint: Option<Checkpoint>,
    covered_to: Option<DateTime<Utc>>,
}

/// A collector without a store.
pub(crate) struct Collector {
    pub(crate) github: FakeGithub,
    pub(crate) source: GithubSource,
    kept: BTreeMap<Feed, Kept>,
    /// The latest fact of each kind and id.
    pub(crate) facts: BTreeMap<String, Fact>,
    pub(crate) removed: BTreeSet<String>,
    /// Records that could not be understood, and those that GitHub could not deliver.
    pub(crate) quarantined: Vec<String>,
    pub(crate) unreadable: Vec<String>,
    /// Every record of the last run: feed and id.
    pub(crate) records: Vec<(Feed, String)>,
    /// What failed for good in the last run.
    pub(crate) failures: Vec<(Feed, ErrorKind, String)>,
    /// Whether another process reads each page.
    pub(crate) forgetful: bool,
    options: GithubOptions,
}

/// The options of most tests.
pub(crate) fn options() -> GithubOptions {
    GithubOptions {
        owners: vec!["acme".to_owned()],
        ..GithubOptions::default()
    }
}

impl Collector {
    pub(crate) fn new(world: World) -> Self {
        Self::with(world, options())
    }

    pub(crate) fn with(world: World, options: GithubOptions) -> Self {
        let github = FakeGithub::new(world);
        github.configure(|settings| settings.elapse = true);
        Self {
            source: source(&github, options.clone()).unwrap(),
            github,
            kept: BTreeMap::new(),
            facts: BTreeMap::new(),
            removed: BTreeSet::new(),
            quarantined: Vec::new(),
            unreadable: Vec::new(),
            records: Vec::new(),
            failures: Vec::new(),
            forgetful: false,
            options,
        }
    }

    /// Another process begins: nothing but the checkpoints is left.
    pub(crate) fn restart(&mut self) {
        self.source = source(&self.github, self.options.clone()).unwrap();
    }

    pub(crate) fn checkpoint(&self, feed: &Feed) -> Option<Checkpoint> {
        self.kept.get(feed)?.checkpoint.clone()
    }

    pub(crate) fn set_checkpoint(&mut self, feed: &Feed, checkpoint: Checkpoint) {
        self.kept.entry(feed.clone()).or_default().checkpoint = Some(checkpoint);
    }

    /// The feeds of `kind`.
    pub(crate) async fn feeds(&self, kind: &str) -> Vec<Feed> {
        let feeds = self.source.discover().await.unwrap();
        feeds.into_iter().filter(|feed| feed.kind == kind).collect()
    }

    /// One run, to its end.
    pub(crate) async fn run(&mut self) -> Changes {
        self.records.clear();
        self.failures.clear();
        let feeds = self
            .patiently(async |source| source.discover().await)
            .await
            .unwrap();
        let known: Vec<KnownFeed> = feeds
            .into_iter()
            .map(|feed| {
                let kept = self.kept.get(&feed).cloned().unwrap_or_default();
                KnownFeed {
                    feed,
                    checkpoint: kept.checkpoint,
                    covered_to: kept.covered_to,
                }
            })
            .collect();
        let changes = self
            .patiently(async |source| source.changed(known.clone()).await)
            .await
            .unwrap();
        let now = FakeClock(self.github.clone()).now();
        for feed in &changes.unchanged {
            self.kept.entry(feed.clone()).or_default().covered_to = Some(now);
        }
        let mut history = Vec::new();
        for feed in changes.to_read.clone() {
            while let Some(page) = self.page(&feed).await {
                if !page.has_more {
                    break;
                }
                if page.caught_up {
                    history.push(feed);
                    break;
                }
            }
        }
        while !history.is_empty() {
            let mut rest = Vec::new();
            for feed in history {
                if self.page(&feed).await.is_some_and(|page| page.has_more) {
                    rest.push(feed);
                }
            }
            history = rest;
        }
        changes
    }

    /// The next page of `feed`, taken in; `None` when it failed for good.
    pub(crate) async fn page(&mut self, feed: &Feed) -> Option<SourcePage> {
        if self.forgetful {
            // Another process takes a while to come.
            self.pass(TimeDelta::minutes(3));
            self.restart();
        }
        let after = self.kept.entry(feed.clone()).or_default().checkpoint.clone();
        let page = self
            .patiently(async |source| source.fetch(feed, after.clone()).await)
            .await;
        match page {
            Ok(page) => {
                self.take_in(feed, &page);
                Some(page)
            }
            Err(error) => {
                self.failures
                    .push((feed.clone(), error.kind(), error.to_string()));
                None
            }
        }
    }

    /// Waits for every instant of retry, as the engine does.
    async fn patiently<T>(&self, ask: impl AsyncFn(&GithubSource) -> Result<T>) -> Result<T> {
        let clock = FakeClock(self.github.clone());
        let mut last = String::new();
        for _ in 0..50 {
            match ask(&self.source).await {
                Err(error) if error.kind().is_retryable() && error.retry_after().is_some() => {
                    last = error.to_string();
                    clock.sleep_until(error.retry_after().unwrap()).await;
                }
                result => return result,
            }
        }
        panic!("no answer after 50 tries: {last}");
    }

    fn take_in(&mut self, feed: &Feed, page: &SourcePage) {
        let now = FakeClock(self.github.clone()).now();
        let kept = self.kept.entry(feed.clone()).or_default();
        kept.checkpoint = Some(page.next.clone());
        if !page.has_more {
            kept.covered_to = Some(now);
        }
        for record in &page.records {
            self.records.push((feed.clone(), record.id.clone()));
            match self.source.normalize(feed, record) {
                Ok(facts) => facts.into_iter().for_each(|fact| self.keep(fact)),
                Err(error) => self.quarantined.push(error.to_string()),
            }
            self.unreadable.retain(|id| *id != record.id);
        }
        for unreadable in &page.unreadable {
            self.unreadable.push(unreadable.record.id.clone());
        }
    }

    fn keep(&mut self, fact: Fact) {
        let id = match &fact {
            Fact::Repository(repository) => repository.id.to_string(),
            Fact::PullRequest(pull_request) => pull_request.id.to_string(),
            Fact::Deployment(deployment) => deployment.id.to_string(),
            Fact::Incident(incident) => incident.id.to_string(),
            Fact::Teams(_) => "teams".to_owned(),
            Fact::DeploymentRemoved(id) => {
                self.facts.remove(id.as_str());
                self.removed.insert(id.to_string());
                return;
            }
            Fact::IncidentRemoved(id) => {
                self.facts.remove(id.as_str());
                self.removed.insert(id.to_string());
                return;
            }
            _ => return,
        };
        self.removed.remove(&id);
        self.facts.insert(id, fact);
    }

    pub(crate) fn pull_requests(&self) -> Vec<&PullRequest> {
        self.facts
            .values()
            .filter_map(|fact| match fact {
                Fact::PullRequest(pull_request) => Some(&**pull_request),
                _ => None,
            })
            .collect()
    }

    /// Requests and points since the log was cleared.
    pub(crate) fn spent(&self) -> (u64, u64) {
        let counts = self.github.counts();
        let requests = counts.values().map(|count| count.requests).sum();
        let points = counts.values().map(|count| count.points).sum();
        (requests, points)
    }

    /// Lets virtual time pass.
    pub(crate) fn pass(&self, time: TimeDelta) {
        self.github.world().advance(time.num_seconds());
    }
}

/// The options that name every organization of `world`.
pub(crate) fn owners_of(world: &World) -> GithubOptions {
    GithubOptions {
        owners: world
            .organizations()
            .map(|(_, organization)| organization.login.to_string())
            .collect(),
        ..GithubOptions::default()
    }
}

/// Holds what was told of pull requests against the world.
pub(crate) fn assert_pull_requests(collector: &Collector) {
    let told: BTreeMap<&str, &PullRequest> = collector
        .pull_requests()
        .into_iter()
        .map(|pull_request| (pull_request.id.as_str(), pull_request))
        .collect();
    let world = collector.github.world();
    let mut count = 0;
    for (_, repository) in world.repositories().filter(|(_, repository)| !repository.deleted) {
        for truth in repository.pull_requests() {
            count += 1;
            let id = format!("github:pr:{}", truth.database_id);
            let told = told
                .get(id.as_str())
                .unwrap_or_else(|| panic!("{id} of {} is missing", repository.name));
            let activity = told.activity.as_ref().expect("the activity is whole");
            let mut labels: Vec<String> = truth.labels.iter().map(|label| label.to_string()).collect();
            labels.sort();
            let reviews: BTreeSet<String> = truth
                .reviews
                .iter()
                .map(|review| review.database_id.to_string())
                .collect();
            assert_eq!(
                (
                    told.repository.to_string(),
                    told.number,
                    told.updated_at,
                    told.milestones.merged_at,
                    told.milestones.closed_at,
                    told.draft,
                    &told.labels,
                    told.commits,
                    activity.commits.len(),
                    activity
                        .reviews
                        .iter()
                        .map(|review| review.id.clone())
                        .collect::<BTreeSet<_>>(),
                ),
                (
                    format!("github:repo:{}", repository.database_id),
                    Some(i64::from(truth.number)),
                    truth.updated_at,
                    truth.merged_at,
                    truth.closed_at,
                    truth.is_draft,
                    &labels,
                    Some(truth.commits.len() as i64),
                    truth.commits.len(),
                    reviews,
                ),
                "{id}"
            );
        }
    }
    assert_eq!(told.len(), count, "nothing that is not there");
}
