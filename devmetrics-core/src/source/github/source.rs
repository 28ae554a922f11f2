use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::checkpoint::{self, IssuesPoint, PullRequestsPoint, ReleasesPoint, TagsPoint};
use super::classify::Outcome;
use super::client::{Answer, Client};
use super::dialect::Dialect;
use super::fault::Fault;
use super::feed::{Kind, SOURCE};
use super::lanes::Walk;
use super::normalize;
use super::options::{GithubOptions, GithubRules};
use super::run::Run;
use super::transport::HttpSend;
use crate::model::{Checkpoint, Fact, Feed, RawRecord};
use crate::source::{Changes, KnownFeed, PlannedFeed, ProviderInfo, SourcePage, SourceProvider, Usage};
use crate::{Clock, Error, ErrorKind, Result};

/// A GitHub as a source.
///
/// For each owner it has the feed `repositories` and for an organization `teams`; for each repository `pull_requests`,
/// `deployments`, `releases`, `tags` where tags are deployments, and `issues` where labels make an issue an incident. Feeds are known by GitHub's numbers, so
/// a repository that is renamed or transferred stays the same one.
///
/// All state between two runs is in the checkpoints. Within a run it remembers what `discover` and `changed` have learned
/// and pages of several repositories that came with one query.
pub struct GithubSource {
    pub(super) options: GithubOptions,
    pub(super) rules: GithubRules,
    pub(super) client: Client,
    pub(super) clock: Arc<dyn Clock>,
    /// Held while a page is read, so that whoever wants one that comes along does not ask for it too.
    pub(super) turn: tokio::sync::Mutex<()>,
    run: Mutex<Run>,
    dialect: Mutex<Dialect>,
}

/// How long to wait before a question that was answered badly is asked again.
const SOON: TimeDelta = TimeDelta::seconds(2);

impl GithubSource {
    /// The GitHub that `transport` reaches.
    ///
    /// # Errors
    /// `InvalidInput` naming the option that is wrong.
    pub fn new(options: GithubOptions, transport: Arc<dyn HttpSend>, clock: Arc<dyn Clock>) -> Result<Self> {
        options.check()?;
        let rules = options.rules()?;
        let client = Client::new(transport, Arc::clone(&clock), options.governor());
        let run = Run::new(clock.now(), client.usage());
        Ok(Self {
            options,
            rules,
            client,
            clock,
            turn: tokio::sync::Mutex::new(()),
            run: Mutex::new(run),
            dialect: Mutex::new(Dialect::default()),
        })
    }

    /// What is known of the run. Never held while something is waited for.
    pub(super) fn run(&self) -> MutexGuard<'_, Run> {
        // It is a cache: half of a change to it leads to one more request.
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks `document`, in the words that the server knows.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        operation: &str,
        document: &str,
        variables: Value,
    ) -> std::result::Result<Answer<T>, Fault> {
        loop {
            let adapted = self.dialect().adapt(document);
            match self.client.graphql(operation, &adapted, variables.clone()).await {
                Err(fault)
                    if fault.outcome == Outcome::Fatal
                        && self.has_learnt(&fault.error, document, &adapted) => {}
                answer => return answer,
            }
        }
    }

    /// Whether the document would be another one now: by what this refusal names, or by one that came meanwhile.
    fn has_learnt(&self, refusal: &Error, document: &str, sent: &str) -> bool {
        let mut dialect = self.dialect();
        dialect.learn(refusal) || dialect.adapt(document) != sent
    }

    fn dialect(&self) -> MutexGuard<'_, Dialect> {
        self.dialect.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error that may be gone in a moment.
    pub(super) fn passing(&self, message: &str) -> Error {
        Error::new(ErrorKind::Unavailable, message).retry_at(self.clock.now() + SOON)
    }

    /// A fault that may be gone in a moment.
    pub(super) fn again_soon(&self, message: &str) -> Fault {
        Fault {
            outcome: Outcome::Transient,
            error: self.passing(message),
        }
    }

    /// Makes sure that the repositories are known, also when no run was begun.
    async fn ensure_discovered(&self) -> Result<()> {
        let known = !self.run().owners.is_empty();
        if !known {
            self.list().await?;
        }
        Ok(())
    }
}

#[async_trait]
impl SourceProvider for GithubSource {
    fn info(&self) -> ProviderInfo {
        let what = if self.options.owners.is_empty() {
            self.options.repositories.join(", ")
        } else {
            self.options.owners.join(", ")
        };
        ProviderInfo {
            source: SOURCE.to_owned(),
            description: format!("{what} at {}", self.options.host)
                .trim_start_matches(" at ")
                .to_owned(),
            metered: true,
        }
    }

    async fn discover(&self) -> Result<Vec<Feed>> {
        self.list().await?;
        Ok(self.feeds())
    }

    async fn changed(&self, feeds: Vec<KnownFeed>) -> Result<Changes> {
        self.ensure_discovered().await?;
        self.probe(feeds).await
    }

    async fn plan(&self, feeds: Vec<KnownFeed>) -> Result<Vec<PlannedFeed>> {
        self.probe(feeds.clone()).await?;
        self.history(&feeds)
    }

    async fn fetch(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        self.ensure_discovered().await?;
        let page = match Kind::of(feed) {
            Some(Kind::Repositories) => self.fetch_repositories(feed, after),
            Some(Kind::Teams) => self.fetch_teams(feed, after).await,
            Some(Kind::PullRequests) => self.fetch_pull_requests(feed, after).await,
            Some(Kind::Deployments) => self.fetch_deployments(feed, after).await,
            Some(Kind::Releases) => self.fetch_releases(feed, after).await,
            Some(Kind::Tags) => self.fetch_tags(feed, after).await,
            Some(Kind::Issues) => self.fetch_issues(feed, after).await,
            None => Err(Error::new(ErrorKind::NotFound, "this source has no such feed")),
        };
        page.map_err(|error| error.with("feed", feed))
    }

    fn normalize(&self, feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
        normalize::normalize(&self.rules, feed, record)
    }

    fn rewind(
        &self,
        feed: &Feed,
        checkpoint: &Checkpoint,
        since: Option<DateTime<Utc>>,
    ) -> Result<Checkpoint> {
        match Kind::of(feed) {
            Some(Kind::PullRequests) => {
                let mut point: PullRequestsPoint = checkpoint::read(feed, checkpoint)?;
                point.lanes.rewind(since);
                checkpoint::write(&point)
            }
            Some(Kind::Deployments) => {
                let mut point: checkpoint::DeploymentsPoint = checkpoint::read(feed, checkpoint)?;
                // What was deployed before may have ended since.
                point.lanes.rewind(since);
                checkpoint::write(&point)
            }
            Some(Kind::Releases) => {
                let mut point: ReleasesPoint = checkpoint::read(feed, checkpoint)?;
                point.walk = Walk::back_to(since);
                checkpoint::write(&point)
            }
            Some(Kind::Tags) => {
                let mut point: TagsPoint = checkpoint::read(feed, checkpoint)?;
                // All of it: a tag that was made lately may be on an old commit.
                point.walk = Walk::default();
                checkpoint::write(&point)
            }
            Some(Kind::Issues) => {
                let mut point: IssuesPoint = checkpoint::read(feed, checkpoint)?;
                point.rewind(since);
                checkpoint::write(&point)
            }
            Some(Kind::Repositories | Kind::Teams) | None => Err(Error::new(
                ErrorKind::Unsupported,
                "this feed is read whole each time: there is nothing to read again",
            )
            .with("feed", feed)),
        }
    }

    fn usage(&self) -> Usage {
        let now = self.client.usage();
        let before = self.run().used_before.clone();
        Usage {
            requests: now.requests - before.requests,
            points: now.points - before.points,
            points_left: now.points_left,
            points_limit: now.points_limit,
            reset_at: now.reset_at,
        }
    }
}

impl fmt::Debug for GithubSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GithubSource")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
