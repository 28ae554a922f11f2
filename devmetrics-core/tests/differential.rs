//! Memory = SQLite = PostgreSQL = the public views = a plain reference, over random histories.
//!
//! The reference below is written from `docs/metrics.md` alone: loops over facts, no store, no sample, no metric code.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod reference;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::attribution::{AttributionRules, Attributor, Subject};
use devmetrics_core::metric::{Bucket, MetricQuery, Policy, Scope};
use devmetrics_core::model::{
    Actor, Checkpoint, Deployment, DeploymentStatus, Feed, Landing, Membership, Milestones, PRODUCTION,
    Parent, Person, PullRequest, Repository, Roster, Team, Window,
};
use devmetrics_core::store::{Batch, MemoryStore, MetricsStore, PostgresStore, SqliteStore};
use devmetrics_core::{Engine, Id, ManualClock, Settings};
use devmetrics_testkit::postgres;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

/// A Monday.
const BEGIN: i64 = 1_767_571_200;
const DAY: i64 = 86_400;
const WEEKS: i64 = 8;
const PEOPLE: usize = 5;
const TEAMS: [&str; 3] = ["a", "b", "above"];

#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) roster: Roster,
    pub(crate) pull_requests: Vec<PullRequest>,
    pub(crate) deployments: Vec<Deployment>,
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

pub(crate) fn window() -> Window {
    Window {
        from: at(BEGIN),
        to: at(BEGIN + WEEKS * 7 * DAY),
    }
}

fn history() -> impl Strategy<Value = History> {
    let day = || 0..WEEKS * 7;
    let span = (proptest::option::of(day()), proptest::option::of(day()));
    let membership = (0..2usize, 0..PEOPLE, span.clone(), any::<bool>());
    // merged at, author, landing, span back to the first commit, reverts which earlier one, sizes
    let change = (
        (
            0..WEEKS * 7 * DAY,
            0..PEOPLE + 2,
            0..3u8,
            -200..20 * DAY,
            proptest::option::of(0..40usize),
        ),
        proptest::option::of((0..500i64, 0..500i64)),
        proptest::bool::weighted(0.9),
    );
    // finished at, contains up to, status, commit, deployer; which changes it is said to ship, by which name
    let deployment = (
        (
            0..WEEKS * 7 * DAY,
            proptest::option::weighted(0.7, 0..40i64),
            0..10u8,
            0..8u8,
            0..PEOPLE,
        ),
        prop::collection::vec((0..40usize, 0..3u8), 0..4),
    );
    (
        prop::collection::vec(membership, 0..8),
        span,
        prop::collection::vec(change, 0..40),
        prop::collection::vec(deployment, 0..10),
    )
        .prop_map(|(memberships, parent, changes, deployments)| History {
            roster: roster(memberships, parent),
            pull_requests: changes.into_iter().enumerate().map(pull_request).collect(),
            deployments: deployments.into_iter().enumerate().map(deploy).collect(),
        })
}

type Span = (Option<i64>, Option<i64>);

fn dated((from, length): Span) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let valid_from = from.map(|day| at(BEGIN + day * DAY));
    let valid_to = length.map(|day| at(BEGIN + (from.unwrap_or(0) + day + 1) * DAY));
    (valid_from, valid_to)
}

/// A valid roster: a person is in a team once, and has one primary team at the most.
fn roster(memberships: Vec<(usize, usize, Span, bool)>, parent: Span) -> Roster {
    let (valid_from, valid_to) = dated(parent);
    let above = vec![Parent {
        team: Id::new("above"),
        valid_from,
        valid_to,
    }];
    let team = |id: &str, parents: &Vec<Parent>| Team {
        id: Id::new(id),
        name: id.to_uppercase(),
        zone: None,
        parents: if id == "above" {
            Vec::new()
        } else {
            parents.clone()
        },
    };
    let mut kept: Vec<Membership> = Vec::new();
    for (team, person, span, primary) in memberships {
        let emails = vec![email(person)];
        let team = Id::new(TEAMS[team]);
        if kept
            .iter()
            .any(|other| other.team == team && other.person.emails == emails)
        {
            continue;
        }
        let primary = primary
            && !kept
                .iter()
                .any(|other| other.primary && other.person.emails == emails);
        let (valid_from, valid_to) = dated(span);
        let person = Person {
            emails,
            ..Person::default()
        };
        kept.push(Membership {
            team,
            person,
            valid_from,
            valid_to,
            primary,
        });
    }
    Roster {
        teams: TEAMS.iter().map(|id| team(id, &above)).collect(),
        memberships: kept,
        ..Roster::default()
    }
}

fn email(person: usize) -> String {
    format!("p{person}@example.org")
}

fn actor(person: usize) -> Actor {
    match person {
        PEOPLE => Actor {
            name: Some("renovate[bot]".into()),
            ..Actor::default()
        },
        person if person > PEOPLE => Actor::default(),
        person => Actor {
            email: Some(email(person)),
            name: Some(format!("Person {person}")),
            ..Actor::default()
        },
    }
}

type Change = ((i64, usize, u8, i64, Option<usize>), Option<(i64, i64)>, bool);

fn pull_request(
    (index, ((merged, author, landing, work, reverts), size, known)): (usize, Change),
) -> PullRequest {
    let merged_at = at(BEGIN + merged);
    PullRequest {
        id: Id::new(format!("pr{index:02}")),
        repository: Id::new("git:repo:r"),
        number: Some(index as i64),
        title: format!("Change {index}"),
        url: None,
        author: actor(author),
        co_authors: Vec::new(),
        base_branch: "main".into(),
        landing: Some([Landing::Merge, Landing::Squash, Landing::DirectPush][usize::from(landing)]),
        milestones: Milestones {
            first_commit_at: known.then(|| merged_at - TimeDelta::seconds(work)),
            merged_at: Some(merged_at),
            closed_at: Some(merged_at),
            ..Milestones::default()
        },
        first_commit_estimated: landing == 1,
        first_commit: None,
        landing_commit: Some(format!("c{index:02}")),
        position: Some(index as i64),
        draft: false,
        labels: Vec::new(),
        closes: Vec::new(),
        comments: None,
        paths: None,
        activity: None,
        commits: Some(1),
        additions: size.map(|(additions, _)| additions),
        deletions: size.map(|(_, deletions)| deletions),
        changed_files: None,
        reverts: reverts
            .map(|commit| format!("c{commit:02}"))
            .into_iter()
            .collect(),
        cherry_picked_from: Vec::new(),
        updated_at: merged_at,
    }
}

type Deployed = ((i64, Option<i64>, u8, u8, usize), Vec<(usize, u8)>);

fn deploy(
    (index, ((finished, contains_to, status, commit, creator), listed)): (usize, Deployed),
) -> Deployment {
    let name = |(change, by): (usize, u8)| match by {
        0 => format!("pr{change:02}"),
        1 => format!("#{change}"),
        _ => format!("c{change:02}"),
    };
    let finished_at = at(BEGIN + finished);
    Deployment {
        id: Id::new(format!("d{index:02}")),
        repository: Id::new("git:repo:r"),
        environment: if status == 9 {
            "staging".into()
        } else {
            PRODUCTION.into()
        },
        status: if status == 8 {
            DeploymentStatus::Failure
        } else {
            DeploymentStatus::Success
        },
        finished_at,
        reference: format!("v{index}"),
        commit: format!("x{commit}"),
        committed_at: None,
        contains_to,
        declares: listed.into_iter().map(name).collect(),
        creator: actor(creator),
        url: None,
        updated_at: finished_at,
    }
}

fn feed() -> Feed {
    Feed {
        source: "git".into(),
        scope: "git:repo:r".into(),
        kind: "changes".into(),
    }
}

/// Brings the history into a store as a sync does: pages of some size, then attribution and matching.
async fn fill(store: Arc<dyn MetricsStore>, history: &History, page: usize) -> Engine {
    store.migrate().await.unwrap();
    store.set_roster(&history.roster, window().to).await.unwrap();
    let attributor = Attributor::new(&history.roster, AttributionRules::default(), window().to);
    let mut expected = None;
    let pages = history
        .pull_requests
        .chunks(page)
        .map(<[_]>::to_vec)
        .chain([Vec::new()]);
    let count = history.pull_requests.len().div_ceil(page) + 1;
    for (number, pull_requests) in pages.enumerate() {
        let complete = number + 1 == count;
        let deployments = if complete {
            history.deployments.clone()
        } else {
            Vec::new()
        };
        let attributions = pull_requests
            .iter()
            .map(|pull_request| attributor.attribute(&Subject::from(pull_request)))
            .chain(
                deployments
                    .iter()
                    .map(|deployment| attributor.attribute(&Subject::from(deployment))),
            )
            .collect();
        let next = Checkpoint(number.to_string());
        let batch = Batch {
            feed: feed(),
            expected: expected.replace(next.clone()),
            next,
            restart: false,
            complete,
            covered_from: Some(window().from),
            at: window().to,
            repositories: vec![Repository {
                id: Id::new("git:repo:r"),
                name: "r".into(),
                default_branch: Some("main".into()),
                url: None,
                partial_history: false,
                archived: false,
                unreachable_since: None,
            }],
            pull_requests,
            deployments,
            removed_deployments: Vec::new(),
            caught_up: false,
            total: None,
            lease: None,
            incidents: Vec::new(),
            removed_incidents: Vec::new(),
            observed: None,
            understood: Vec::new(),
            attributions,
            revision: attributor.revision().to_owned(),
            quarantined: Vec::new(),
        };
        store.commit(batch).await.unwrap();
    }
    let engine = engine(store);
    engine.set_roster(&history.roster).await.unwrap();
    engine
}

fn engine(store: Arc<dyn MetricsStore>) -> Engine {
    Engine::new(
        store,
        Arc::new(ManualClock::new(window().to)),
        Settings::default(),
    )
}

fn queries() -> Vec<MetricQuery> {
    let scopes = TEAMS
        .iter()
        .chain(&["unassigned"])
        .map(|id| Scope::Team(Id::new(*id)));
    let scopes = scopes.chain([Scope::All, Scope::Repository(Id::new("git:repo:r"))]);
    let inner = Window {
        from: at(BEGIN + 10 * DAY + 1234),
        to: at(BEGIN + 40 * DAY),
    };
    scopes
        .flat_map(|scope| {
            [
                (window(), Policy::Full),
                (inner, Policy::Fractional),
                (inner, Policy::Primary),
            ]
            .map(|(window, policy)| {
                MetricQuery::new([""; 0], window)
                    .scope(scope.clone())
                    .policy(policy)
                    .bucket(Bucket::Week)
            })
        })
        .collect()
}

/// How many histories: each costs a fresh SQLite file and two dozen queries on each store.
fn cases() -> usize {
    std::env::var("DIFFERENTIAL_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(60)
}

fn histories() -> impl Iterator<Item = History> {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    (0..cases()).map(move |_| history().new_tree(&mut runner).unwrap().current())
}

/// Holds the weekly views of a database against the reference. The two pools have no common type that could be a function's.
macro_rules! hold_views {
    ($pool:expr, $week:literal, $tenant:expr, $views:expr, $database:literal, $case:expr) => {
        let velocity: Vec<(String, String, i64)> = sqlx::query_as(concat!(
            "SELECT team_id, ",
            $week,
            ", merged FROM team_velocity_weekly WHERE tenant = $1 ORDER BY team_id, week_start"
        ))
        .bind(&$tenant)
        .fetch_all(&$pool)
        .await
        .unwrap();
        assert_eq!(velocity, $views.velocity, "{} view, case {}", $database, $case);
        let lead_time: Vec<(String, String, i64, f64, f64, f64)> = sqlx::query_as(concat!(
            "SELECT team_id, ",
            $week,
            ", n, p50_seconds, p75_seconds, p90_seconds FROM team_lead_time_weekly
             WHERE tenant = $1 ORDER BY team_id, week_start"
        ))
        .bind(&$tenant)
        .fetch_all(&$pool)
        .await
        .unwrap();
        let lead_time: Vec<reference::LeadTimeRow> = lead_time
            .into_iter()
            .map(|(team, week, n, p50, p75, p90)| (team, week, n, [p50, p75, p90]))
            .collect();
        reference::near(
            &lead_time,
            &$views.lead_time,
            &format!("{} view, case {}", $database, $case),
        );
        $pool.close().await;
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn every_store_gives_the_answers_of_the_reference() {
    let folder = tempfile::tempdir().unwrap();
    let server = postgres::database().await;
    for (case, history) in histories().enumerate() {
        let tenant = format!("case{case}");
        let file = folder.path().join("differential.db");
        let memory = fill(Arc::new(MemoryStore::new()), &history, 7).await;
        let sqlite = SqliteStore::open(&file, &tenant).await.unwrap();
        let sqlite = fill(Arc::new(sqlite), &history, 11).await;
        let postgres = match &server {
            Some(server) => {
                let store = PostgresStore::connect(server, &tenant).await.unwrap();
                Some(fill(Arc::new(store), &history, 13).await)
            }
            None => None,
        };
        for query in queries() {
            let expected = memory.report(&query).await.unwrap();
            assert_eq!(
                sqlite.report(&query).await.unwrap(),
                expected,
                "SQLite, case {case}, {query:?}"
            );
            if let Some(postgres) = &postgres {
                assert_eq!(
                    postgres.report(&query).await.unwrap(),
                    expected,
                    "PostgreSQL, case {case}, {query:?}"
                );
            }
            reference::hold(&history, &query, &expected);
        }
        let views = reference::views(&history);
        let sqlite = sqlx::sqlite::SqlitePool::connect(&format!("sqlite:{}", file.display()))
            .await
            .unwrap();
        hold_views!(sqlite, "week_start", tenant, views, "SQLite", case);
        let Some(server) = &server else { continue };
        let postgres = sqlx::PgPool::connect(secrecy::ExposeSecret::expose_secret(server))
            .await
            .unwrap();
        hold_views!(postgres, "week_start::text", tenant, views, "PostgreSQL", case);
    }
}
