//! What is wrong in what was collected: a sound world, and worlds that each have one thing wrong, over the stores that need no
//! server.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::attribution::roster_from_toml;
use devmetrics_core::model::{
    Actor, Deployment, DeploymentStatus, Incident, Milestones, PullRequest, Repository, Verdict, Window,
};
use devmetrics_core::quality::{FindingKind, QualityReport};
use devmetrics_core::store::{FeedState, MemoryStore, MetricsStore, SqliteStore};
use devmetrics_core::{Engine, ManualClock, Settings};
use devmetrics_testkit::builders::*;

const TEAMS: &str =
    "[[team]]\nid = 'web'\nmember = [{ email = 'ada@example.com' }, { email = 'ci-fan@example.com' }]\n";

/// What is collected, and what is asked. The present is day 100; a window that is not named begins with day 10.
struct World {
    changes: Vec<PullRequest>,
    deployments: Vec<Deployment>,
    incidents: Vec<Incident>,
    roster: String,
    repository: Repository,
    checkpoint: &'static str,
    read_to: DateTime<Utc>,
    now: DateTime<Utc>,
    window: Option<Window>,
}

/// A change of day `n`, of which all is known.
fn reviewed(n: u32) -> PullRequest {
    let usual = pull_request(n);
    PullRequest {
        milestones: Milestones {
            opened_at: Some(day(n) - TimeDelta::hours(3)),
            ..usual.milestones
        },
        activity: Some(activity(n, "eve", Verdict::Approved)),
        ..usual
    }
}

fn open(n: u32) -> PullRequest {
    PullRequest {
        landing: None,
        landing_commit: None,
        position: None,
        milestones: Milestones {
            opened_at: Some(day(n)),
            ..Milestones::default()
        },
        ..reviewed(n)
    }
}

/// Four changes, of which deployments shipped three and the fourth is young, and an incident.
fn sound() -> World {
    World {
        changes: vec![reviewed(40), reviewed(50), reviewed(60), reviewed(95), open(96)],
        deployments: vec![deployment(20), deployment(41), deployment(51), deployment(61)],
        incidents: vec![incident(30)],
        roster: TEAMS.to_owned(),
        repository: repository(),
        checkpoint: "end",
        read_to: day(100),
        now: day(100),
        window: None,
    }
}

impl World {
    async fn collected_in(&self, store: Arc<dyn MetricsStore>) -> QualityReport {
        let mut page = batch(feed("pull_requests"), None, self.checkpoint);
        page.complete = true;
        page.covered_from = Some(days(0, 1).from);
        page.at = self.read_to;
        page.repositories = vec![self.repository.clone()];
        page.pull_requests.clone_from(&self.changes);
        page.deployments.clone_from(&self.deployments);
        page.incidents.clone_from(&self.incidents);
        store.commit(page).await.unwrap();
        let clock = Arc::new(ManualClock::new(self.now));
        let engine = Engine::new(store, clock, Settings::default());
        // Settles what was put into the store.
        engine
            .set_roster(&roster_from_toml("teams.toml", &self.roster).unwrap())
            .await
            .unwrap();
        engine.quality(self.window).await.unwrap()
    }

    /// The one report that every store gives.
    async fn report(&self) -> QualityReport {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = SqliteStore::open(folder.path().join("devmetrics.sqlite"), "default")
            .await
            .unwrap();
        sqlite.migrate().await.unwrap();
        let report = self.collected_in(Arc::new(sqlite)).await;
        assert_eq!(self.collected_in(Arc::new(MemoryStore::new())).await, report);
        report
    }

    /// What is found: of each kind how many, of how many, and which.
    async fn found(&self) -> Vec<(FindingKind, u64, u64, Vec<String>)> {
        let findings = self.report().await.findings.into_iter();
        findings
            .map(|finding| {
                let name = |example: &devmetrics_core::quality::Example| {
                    example.name.clone().unwrap_or_else(|| example.id.clone())
                };
                let names = finding.examples.iter().map(name).collect();
                (finding.kind, finding.count, finding.out_of, names)
            })
            .collect()
    }

    /// That one kind is found and no other.
    async fn shows(&self, kind: FindingKind, count: u64, out_of: u64, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(self.found().await, [(kind, count, out_of, names)]);
    }

    async fn is_sound(&self) {
        assert_eq!(self.found().await, []);
    }
}

#[tokio::test]
async fn of_a_sound_world_nothing_is_said() {
    sound().is_sound().await;
    let empty = World {
        changes: Vec::new(),
        deployments: Vec::new(),
        incidents: Vec::new(),
        ..sound()
    };
    empty.is_sound().await;
}

#[tokio::test]
async fn clocks_that_differ_are_told() {
    let mut world = sound();
    // Opened after it was merged, by another machine's clock.
    world.changes[1].milestones.opened_at = Some(day(50) + TimeDelta::seconds(500));
    world.incidents[0].resolved_at = Some(day(29));
    let incident = incident_id(30).to_string();
    world
        .shows(FindingKind::SkewedClock, 2, 5, &["#50 Change 50", &incident])
        .await;
    // Of another window.
    world.window = Some(days(58, 62));
    world.is_sound().await;
}

#[tokio::test]
async fn unknown_activity_is_told() {
    let mut world = sound();
    world.changes[1].activity = None;
    world
        .shows(FindingKind::MissingCommits, 1, 4, &["#50 Change 50"])
        .await;
    let mut world = sound();
    // A git history tells of no pull request, and lacks nothing.
    for change in &mut world.changes {
        change.activity = None;
        change.milestones.opened_at = None;
    }
    world.is_sound().await;
}

#[tokio::test]
async fn whoever_is_in_no_team_is_told() {
    let mut world = sound();
    world.changes[0].author = person("grace");
    world.changes[1].author = person("alan");
    world.changes[2].author = person("grace");
    world
        .shows(FindingKind::UnmappedAuthor, 2, 3, &["GRACE", "ALAN"])
        .await;
    // As long as there are no teams, nobody is in one.
    world.roster = String::new();
    world.is_sound().await;
}

#[tokio::test]
async fn merges_that_no_deployment_ships_are_told() {
    let mut world = sound();
    world.changes.push(reviewed(62));
    world.changes.push(reviewed(71));
    world
        .shows(FindingKind::UnmatchedMerge, 1, 6, &["#62 Change 62"])
        .await;
    // Where nobody deploys, none is expected.
    world.deployments.clear();
    world.is_sound().await;
}

#[tokio::test]
async fn deployments_of_which_nothing_is_known_are_told() {
    let lost = |n| Deployment {
        contains_to: None,
        commit: "of no change".into(),
        ..deployment(n)
    };
    let mut world = sound();
    world.deployments.push(lost(55));
    world
        .shows(FindingKind::DeploymentWithoutCommit, 1, 5, &["v55"])
        .await;
    let placed = |place: &dyn Fn(&mut Deployment)| {
        let mut world = sound();
        let mut deployment = lost(55);
        place(&mut deployment);
        world.deployments.push(deployment);
        world
    };
    for world in [
        placed(&|one| one.commit = landing_commit(50)),
        placed(&|one| one.committed_at = Some(day(54))),
        placed(&|one| one.declares = vec!["#50".into()]),
        placed(&|one| one.environment = "staging".into()),
        placed(&|one| one.status = DeploymentStatus::Failure),
        placed(&|one| one.finished_at = day(5)),
    ] {
        world.is_sound().await;
    }
}

/// More than a page holds, several at one instant.
#[tokio::test]
async fn deployments_are_counted_over_all_pages() {
    let lost = |n: u32| Deployment {
        contains_to: None,
        commit: "of no change".into(),
        finished_at: day(55) + TimeDelta::seconds(i64::from(n / 7)),
        ..deployment(1000 + n)
    };
    let mut world = sound();
    world.deployments.extend((0..1_203).map(lost));
    let report = world.report().await;
    let [finding] = report.findings.as_slice() else {
        panic!("{report:?}");
    };
    assert_eq!(
        (
            finding.kind,
            finding.count,
            finding.out_of,
            finding.examples.len()
        ),
        (FindingKind::DeploymentWithoutCommit, 1_203, 1_207, 5)
    );
}

#[tokio::test]
async fn repositories_that_are_not_read_are_told() {
    let mut world = sound();
    world.read_to = day(92);
    world
        .shows(FindingKind::StaleRepository, 1, 1, &["acme/web"])
        .await;
    world.read_to = day(94);
    world.is_sound().await;
    world.read_to = day(92);
    world.checkpoint = FeedState::IMPORTED;
    world.is_sound().await;
    world.checkpoint = "end";
    world.repository.archived = true;
    world.is_sound().await;
}

#[tokio::test]
async fn work_that_is_forgotten_is_told() {
    let mut world = sound();
    (world.now, world.read_to) = (day(275), day(275));
    world.is_sound().await;
    (world.now, world.read_to) = (day(276), day(276));
    let report = world.report().await;
    assert_eq!(report.findings[0].kind, FindingKind::StaleRepository);
    assert_eq!(
        report.findings[0].examples[0].detail,
        "1 open, and the last change is 181 days old"
    );
    // With nothing open the repository is done.
    world.changes.pop();
    world.is_sound().await;
}

#[tokio::test]
async fn whoever_is_called_like_a_machine_is_told() {
    let mut world = sound();
    world.changes[2].author = Actor {
        name: None,
        ..person("ci-fan")
    };
    world.shows(FindingKind::SuspiciousBot, 1, 2, &["ci-fan"]).await;
    world.roster = format!("{TEAMS}[bots]\nhumans = ['CI-Fan']\n");
    world.is_sound().await;
    // Who is one counts no more, and is not looked at.
    world.roster = format!("{TEAMS}[bots]\naccounts = ['ci-fan']\n");
    world.is_sound().await;
}

#[tokio::test]
async fn a_window_may_be_as_wide_as_time() {
    let mut world = sound();
    world.window = Some(Window {
        from: DateTime::<Utc>::MIN_UTC,
        to: DateTime::<Utc>::MAX_UTC,
    });
    world.is_sound().await;
    world.changes[0].activity = None;
    world
        .shows(FindingKind::MissingCommits, 1, 4, &["#40 Change 40"])
        .await;
    world.window = Some(Window {
        from: DateTime::<Utc>::MAX_UTC,
        to: DateTime::<Utc>::MAX_UTC,
    });
    world.is_sound().await;
}
