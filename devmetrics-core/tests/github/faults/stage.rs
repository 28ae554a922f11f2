//! An organization at a fake GitHub, and an engine that collects it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::engine::{Outcome, PartialReason, SyncOptions, SyncReport};
use devmetrics_core::source::github::{
    GithubOptions, GithubSource, HttpRequest, HttpResponse, HttpSend, TransportError,
};
use devmetrics_core::store::{FeedState, MemoryStore, MetricsStore};
use devmetrics_core::{Clock, Engine, ErrorKind, Settings};
use devmetrics_simulation::truth::{Told, differences};
use devmetrics_testbed::github::{FakeClock, FakeTransport};
use fake_github::world::{
    ActorId, DeploymentState, MemberRole, MergeMethod, NewDeployment, NewRelease, OrganizationId,
    RepositoryId, ReviewState, World,
};
use fake_github::{FakeGithub, RequestRecord, Token};

use crate::harness::{options, start};

const INCIDENT: &str = "incident";

/// The organization `acme` with the repositories `api` and `web`, of which each feed has something to tell.
pub(crate) struct Stage {
    pub(crate) github: FakeGithub,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) wire: Arc<Wire>,
    pub(crate) engine: Engine,
    pub(crate) acme: OrganizationId,
    pub(crate) api: RepositoryId,
    pub(crate) web: RepositoryId,
    pub(crate) person: ActorId,
}

/// Carries requests with a token that `refresh` replaces by the next one there is.
#[derive(Debug)]
pub(crate) struct Wire {
    current: Mutex<FakeTransport>,
    next: Mutex<Option<FakeTransport>>,
    refreshed: AtomicUsize,
}

impl Wire {
    /// Carries that token from now on.
    pub(crate) fn carry(&self, github: &FakeGithub, token: &str) {
        *self.current.lock().unwrap() = FakeTransport::new(github, token);
    }

    pub(crate) fn refreshed(&self) -> usize {
        self.refreshed.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl HttpSend for Wire {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let current = self.current.lock().unwrap().clone();
        current.send(request).await
    }

    async fn refresh(&self) -> Result<bool, TransportError> {
        self.refreshed.fetch_add(1, Ordering::Relaxed);
        let next = self.next.lock().unwrap().take();
        let is_new = next.is_some();
        if let Some(next) = next {
            *self.current.lock().unwrap() = next;
        }
        Ok(is_new)
    }

    fn rest_base(&self) -> &str {
        "http://localhost"
    }
}

impl Stage {
    /// Nothing has been read yet.
    pub(crate) fn new() -> Self {
        Self::with(options())
    }

    pub(crate) fn with(options: GithubOptions) -> Self {
        let mut world = World::new(start());
        let acme = world.add_organization("acme");
        let person = world.add_user("alice");
        let team = world.add_team(acme, "Platform");
        world.add_member(team, person, MemberRole::Member);
        let api = world.add_repository(acme, "api");
        let web = world.add_repository(acme, "web");
        for (repository, count) in [(api, 60), (web, 20)] {
            for n in 0..count {
                world.advance(60);
                let id = world.open_pull_request(repository, person, format!("Change {n}").as_str());
                if n % 3 == 0 {
                    world.review(id, person, ReviewState::Approved, 0);
                    world.merge(id, person, MergeMethod::Squash);
                }
            }
        }
        world.advance(3600);
        let stage = Self::over(FakeGithub::new(world), options, (acme, api, web, person));
        stage.work();
        stage.pass(TimeDelta::hours(1));
        stage
    }

    /// With the token of an installation, and no owners named.
    pub(crate) fn installed() -> Self {
        let stage = Self::with(GithubOptions {
            owners: Vec::new(),
            ..options()
        });
        let mut token = Token::installation(42, "ghs_canary", stage.person, stage.now());
        token.expires_at = None;
        stage.github.put_token(token);
        stage.wire.carry(&stage.github, "ghs_canary");
        stage
    }

    fn over(
        github: FakeGithub,
        options: GithubOptions,
        (acme, api, web, person): (OrganizationId, RepositoryId, RepositoryId, ActorId),
    ) -> Self {
        github.configure(|settings| settings.elapse = true);
        let viewer = github.world().add_user("collector");
        let transport = |name| FakeTransport::new(&github, &github.add_token(name, viewer));
        let wire = Arc::new(Wire {
            current: Mutex::new(transport("first")),
            next: Mutex::new(Some(transport("second"))),
            refreshed: AtomicUsize::new(0),
        });
        let store = Arc::new(MemoryStore::new());
        let engine = engine(&github, &store, options, Arc::clone(&wire) as Arc<_>);
        Self {
            github,
            store,
            wire,
            engine,
            acme,
            api,
            web,
            person,
        }
    }

    /// Everything has been read, and since then something has happened everywhere.
    pub(crate) async fn read() -> Self {
        Self::read_with(options()).await
    }

    pub(crate) async fn read_with(options: GithubOptions) -> Self {
        let stage = Self::with(options);
        let report = stage.sync().await;
        assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
        stage.work();
        stage.pass(TimeDelta::hours(4));
        stage.github.clear_log();
        stage
    }

    /// Something happens in every list.
    pub(crate) fn work(&self) {
        let mut world = self.github.world();
        for repository in [self.api, self.web] {
            let id = world.open_pull_request(repository, self.person, "News");
            world.advance(60);
            world.review(id, self.person, ReviewState::Approved, 1);
            let some: Vec<_> = world.pull_request_ids(repository).take(10).collect();
            for id in some {
                world.comment(id);
                world.advance(5);
            }
            let commit = world.new_commit(self.person, "Ship it");
            let deployment = world.deploy(
                repository,
                self.person,
                NewDeployment::new("production", commit.clone()),
            );
            world.advance(60);
            world.set_deployment_status(deployment, DeploymentState::Success);
            let release = NewRelease {
                tag_name: "v1".into(),
                commit,
                prerelease: false,
            };
            world.publish_release(repository, self.person, release);
            world.draft_release(repository, self.person, "v2", false);
            world.open_issue(repository, self.person, "Down", &[INCIDENT]);
        }
    }

    pub(crate) async fn sync(&self) -> SyncReport {
        self.sync_for(TimeDelta::seconds(60)).await
    }

    /// A run that waits for a limit for as long as `patience`.
    pub(crate) async fn sync_for(&self, patience: TimeDelta) -> SyncReport {
        let options = SyncOptions {
            patience,
            ..SyncOptions::default()
        };
        self.engine.sync(options).await.unwrap()
    }

    /// A run that reads everything all the same, although a fault strikes some of its requests: at most `most`.
    pub(crate) async fn passes(&self, most: usize) -> SyncReport {
        self.github.clear_log();
        let report = self.sync().await;
        assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
        let struck = self
            .log()
            .iter()
            .filter(|record| !record.faults.is_empty())
            .count();
        assert!(struck > 0, "the fault never came about");
        assert!(struck <= most, "{struck} requests were wasted");
        self.is_true().await;
        report
    }

    /// The store holds what is true, and says so.
    pub(crate) async fn is_true(&self) {
        let found = self.differences().await;
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    pub(crate) async fn differences(&self) -> Vec<String> {
        let world = self.github.world().clone();
        differences(
            &world,
            &*self.store,
            Told {
                incident_label: INCIDENT,
                tags: false,
            },
        )
        .await
    }

    /// The fault is over: the next run, a day later, reads everything.
    pub(crate) async fn heals(&self) {
        self.github.clear_faults();
        self.pass(TimeDelta::hours(25));
        let report = self.sync_for(TimeDelta::hours(2)).await;
        assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
        self.is_true().await;
        for certificate in self.engine.certificates().await.unwrap() {
            assert_eq!(certificate.missing, Vec::<String>::new(), "{}", certificate.name);
        }
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.github.world().advance(time.num_seconds());
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        FakeClock(self.github.clone()).now()
    }

    pub(crate) fn log(&self) -> Vec<RequestRecord> {
        self.github.log()
    }

    /// The requests of that operation.
    pub(crate) fn asked(&self, operation: &str) -> Vec<RequestRecord> {
        let mut log = self.log();
        log.retain(|record| record.operation.as_deref() == Some(operation));
        log
    }

    /// Every feed's place and how much of it is kept.
    pub(crate) async fn kept(&self) -> Vec<FeedState> {
        self.store.feeds().await.unwrap()
    }

    /// Nobody is said to be gone.
    pub(crate) async fn misses_nothing(&self) {
        for state in self.store.repositories().await.unwrap() {
            assert_eq!(
                state.repository.unreachable_since, None,
                "{}",
                state.repository.name
            );
        }
    }
}

/// An engine that reads `github` over `transport`.
pub(crate) fn engine(
    github: &FakeGithub,
    store: &Arc<MemoryStore>,
    options: GithubOptions,
    transport: Arc<dyn HttpSend>,
) -> Engine {
    let clock = Arc::new(FakeClock(github.clone()));
    let source = GithubSource::new(options, transport, Arc::clone(&clock) as Arc<_>).unwrap();
    Engine::new(Arc::clone(store) as Arc<_>, clock, Settings::default()).with_source(Arc::new(source))
}

/// What failed, by feed and kind; the source as a whole is `source`.
pub(crate) fn failures(report: &SyncReport) -> Vec<(String, ErrorKind)> {
    let failures = report.failures.iter().map(|failure| {
        let feed = failure.feed.as_ref();
        (
            feed.map_or("source".to_owned(), |feed| feed.kind.clone()),
            failure.kind,
        )
    });
    failures.collect()
}

pub(crate) const DEGRADED: Outcome = Outcome::Partial {
    reason: PartialReason::Degraded,
};

/// The run ended for a limit that ends at `reset_at`, as far as whole seconds tell, and for nothing else.
pub(crate) fn assert_limited(report: &SyncReport, reset_at: DateTime<Utc>) {
    match report.outcome {
        Outcome::Partial {
            reason: PartialReason::RateLimited { reset_at: told },
        } => assert!(
            (told - reset_at).abs() <= TimeDelta::seconds(2),
            "{told} and not {reset_at}"
        ),
        other => panic!("{other:?}: {:?}", report.failures),
    }
    assert_eq!(report.failures, []);
}
