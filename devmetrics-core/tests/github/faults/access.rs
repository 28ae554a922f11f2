//! What GitHub refuses: tokens, installations, single sign-on, permissions, members.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::engine::{Outcome, SyncOptions};
use devmetrics_core::source::github::{Credentials, GithubOptions, Host, OctocrabTransport};
use devmetrics_core::store::MetricsStore;
use devmetrics_core::{Engine, ErrorKind};
use devmetrics_testbed::github::FakeClock;
use fake_github::world::MemberRole;
use fake_github::{App, Fault, Installation, Server, When};
use secrecy::SecretString;

use super::stage::{DEGRADED, Stage, engine, failures};
use crate::harness::options;

#[tokio::test]
async fn permission_403() {
    let stage = Stage::read().await;
    let node = stage.web.node_id();
    let lists = When::always().operation("PullRequests").mentioning(&node);
    stage.github.inject(Fault::PermissionDenied, lists);
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED);
    assert_eq!(
        failures(&report),
        [("pull_requests".to_owned(), ErrorKind::PermissionDenied)],
        "of this repository alone"
    );
    assert!(
        report.failures[0].message.contains("pull_requests=read"),
        "{report:?}"
    );
    let about_web = stage.asked("PullRequests");
    let struck = about_web.iter().filter(|record| !record.faults.is_empty());
    assert!(struck.count() <= 2, "once with others, once alone");
    let lost = stage.differences().await;
    assert!(lost.iter().all(|line| !line.contains(&scope(&stage))), "{lost:?}");
    stage.misses_nothing().await;
    stage.heals().await;
}

/// The scope of `api`.
fn scope(stage: &Stage) -> String {
    let world = stage.github.world();
    format!("github:repo:{} ", world.repository(stage.api).database_id)
}

#[tokio::test]
async fn unauthorized_401_once() {
    // GitHub refuses a good token.
    let stage = Stage::read().await;
    stage.github.inject(Fault::BadCredentials, When::nth(3));
    stage.passes(1).await;
    assert_eq!(stage.wire.refreshed(), 1);
    stage.heals().await;

    // The token has really come to its end, and another is there.
    let stage = Stage::read().await;
    stage.github.inject(Fault::TokenExpired, When::nth(3));
    let report = stage.sync().await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    assert_eq!(stage.wire.refreshed(), 1);
    let tokens: Vec<_> = stage.log().into_iter().map(|record| record.token).collect();
    assert_eq!(tokens.last().unwrap().as_deref(), Some("second"));
    stage.heals().await;
}

#[tokio::test]
async fn unauthorized_401_twice() {
    let stage = Stage::read().await;
    let before = stage.kept().await;
    stage.github.inject(Fault::BadCredentials, When::always());
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED);
    assert_eq!(
        failures(&report),
        [("source".to_owned(), ErrorKind::Unauthenticated)]
    );
    assert_eq!((stage.log().len(), stage.wire.refreshed()), (2, 1));
    assert_eq!(stage.kept().await, before, "every place is kept");
    stage.misses_nothing().await;
    stage.heals().await;

    // In the middle of a run it is said once, and nothing more is asked.
    let stage = Stage::read().await;
    let lists = When::always().operation("PullRequests");
    stage.github.inject(Fault::BadCredentials, lists);
    let report = stage.sync().await;
    assert_eq!(
        failures(&report),
        [("pull_requests".to_owned(), ErrorKind::Unauthenticated)]
    );
    assert_eq!(stage.asked("PullRequests").len(), 2);
    stage.heals().await;
}

/// An App that is installed at `acme`, behind a real port.
struct Installed {
    stage: Stage,
    server: Server,
}

const APP: u64 = 7;
const INSTALLATION: u64 = 42;

impl Installed {
    async fn new() -> Self {
        let stage = Stage::new();
        let mut app = App::new(APP, stage.person);
        app.installations
            .push(Installation::new(INSTALLATION, stage.acme));
        stage.github.register_app(app);
        let server = stage.github.serve(([127, 0, 0, 1], 0).into()).await.unwrap();
        Self { stage, server }
    }

    /// A process that has just been started.
    fn engine(&self) -> Engine {
        let host = Host::parse(&self.server.base_url()).unwrap();
        let credentials = Credentials::App {
            app_id: APP,
            installation_id: INSTALLATION,
            private_key: key(),
        };
        let clock = Arc::new(FakeClock(self.stage.github.clone()));
        let transport = OctocrabTransport::new(&host, &credentials, clock).unwrap();
        engine(
            &self.stage.github,
            &self.stage.store,
            options(),
            Arc::new(transport),
        )
    }

    fn minted(&self) -> usize {
        let log = self.stage.log();
        log.iter()
            .filter(|record| record.path.ends_with("/access_tokens"))
            .count()
    }
}

/// A new RSA key in PEM.
fn key() -> SecretString {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    pem::encode(&pem::Pem::new("PRIVATE KEY", der.as_ref())).into()
}

#[tokio::test]
async fn token_that_ends_in_a_run() {
    let installed = Installed::new().await;
    // Every request takes nine minutes, so that no token lasts for the run.
    let slow = Fault::change(|world| world.advance(9 * 60));
    installed
        .stage
        .github
        .inject(slow, When::always().path("/graphql"));
    let report = installed.engine().sync(SyncOptions::default()).await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    let log = installed.stage.log();
    assert!(
        log.iter().all(|record| record.status != 401),
        "none is used beyond its end"
    );
    let asked = log.len() - installed.minted();
    assert_eq!(
        installed.minted(),
        asked.div_ceil(6),
        "for {asked} requests: each token serves fifty minutes of its hour"
    );
    installed.stage.is_true().await;
}

#[tokio::test]
async fn installation_suspended_or_removed() {
    for removed in [false, true] {
        let installed = Installed::new().await;
        let running = installed.engine();
        running.sync(SyncOptions::default()).await.unwrap();
        let before = installed.stage.kept().await;
        installed.stage.work();
        installed.stage.github.change_app(|app| match removed {
            true => app.installations.clear(),
            false => app.installations[0].suspended = true,
        });
        // A process that has a token, and one that has none yet.
        for engine in [running, installed.engine()] {
            installed.stage.pass(TimeDelta::minutes(5));
            installed.stage.github.clear_log();
            let report = engine.sync(SyncOptions::default()).await.unwrap();
            assert_eq!(report.outcome, DEGRADED);
            assert_eq!(
                failures(&report),
                [("source".to_owned(), ErrorKind::Unauthenticated)]
            );
            assert!(report.failures[0].message.contains("install"), "{report:?}");
            let log = installed.stage.log();
            assert!(log.len() <= 3, "{log:?}");
        }
        assert_eq!(installed.stage.kept().await, before);
        installed.stage.misses_nothing().await;
        installed.stage.github.change_app(|app| {
            app.installations.clear();
            app.installations
                .push(Installation::new(INSTALLATION, installed.stage.acme));
        });
        let report = installed.engine().sync(SyncOptions::default()).await.unwrap();
        assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
        installed.stage.is_true().await;
    }
}

#[tokio::test]
async fn saml() {
    let mut stage = Stage::new();
    let (other, app) = {
        let mut world = stage.github.world();
        let other = world.add_organization("other");
        let app = world.add_repository(other, "app");
        world.open_pull_request(app, stage.person, "Change");
        world.advance(600);
        ("other".to_owned(), app)
    };
    let both = GithubOptions {
        owners: vec!["acme".to_owned(), other.clone()],
        ..options()
    };
    stage.engine = engine(
        &stage.github,
        &stage.store,
        both,
        Arc::clone(&stage.wire) as Arc<_>,
    );
    assert_eq!(stage.sync().await.outcome, Outcome::Complete);
    stage.work();
    stage
        .github
        .inject(Fault::SingleSignOn { owner: other }, When::always());
    for _ in 0..3 {
        stage.pass(TimeDelta::hours(4));
        stage.github.clear_log();
        let report = stage.sync().await;
        assert_eq!(report.outcome, DEGRADED);
        assert_eq!(
            failures(&report),
            [("repositories".to_owned(), ErrorKind::PermissionDenied)]
        );
        assert!(
            report.failures[0].message.contains("single sign-on"),
            "{report:?}"
        );
        assert!(stage.log().len() < 20, "{}", stage.log().len());
    }
    stage.is_true().await;
    stage.misses_nothing().await;
    let name = stage.github.world().name_with_owner(app);
    assert_eq!(name, "other/app");
    stage.heals().await;
}

#[tokio::test]
async fn membership_read_partial() {
    let faults = [
        Fault::Forbidden {
            type_name: "User".into(),
            field: "login".into(),
        },
        Fault::Forbidden {
            type_name: "Team".into(),
            field: "members".into(),
        },
        Fault::Forbidden {
            type_name: "Organization".into(),
            field: "teams".into(),
        },
        Fault::ErrorBesideData,
    ];
    for fault in faults {
        let stage = Stage::read().await;
        let before = stage.store.observed_rosters().await.unwrap();
        assert_eq!(before[0].roster.memberships.len(), 1);
        {
            // Somebody else joins, and nobody leaves.
            let mut world = stage.github.world();
            let bob = world.add_user("bob");
            let team = world.teams(stage.acme).next().unwrap().0;
            world.add_member(team, bob, MemberRole::Member);
        }
        let name = fault.name();
        stage.github.inject(fault, When::always().operation("Teams"));
        let report = stage.sync().await;
        let after = stage.store.observed_rosters().await.unwrap();
        assert!(
            after[0]
                .roster
                .memberships
                .iter()
                .all(|membership| membership.valid_to.is_none()),
            "{name}: {after:?}"
        );
        assert!(stage.asked("Teams").len() <= 1, "{name}: {:?}", report.failures);
        stage.heals().await;
    }
}
