//! Facts for tests: plain ones, of which a test changes the fields that it is about.

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::Id;
use devmetrics_core::attribution::{AttributedId, Attribution, Share};
use devmetrics_core::matching::{Matching, Shipment};
use devmetrics_core::model::{
    Activity, Actor, Checkpoint, Deployment, DeploymentMatch, DeploymentStatus, Event, EventKind, Feed,
    Incident, Landing, Milestones, OwnCommit, PullRequest, Repository, Review, Verdict, Window,
};
use devmetrics_core::store::{Batch, MetricsStore};

/// The revision that [`batch`] attributes under.
pub const REVISION: &str = "roster-1";

/// The instant of an RFC 3339 text.
///
/// # Panics
/// When it is none.
#[expect(clippy::panic, reason = "a wrong constant in a test ends the test")]
pub fn at(text: &str) -> DateTime<Utc> {
    match text.parse() {
        Ok(instant) => instant,
        Err(error) => panic!("`{text}` is no instant: {error}"),
    }
}

/// Noon of the `n`th day of 2026, from 0: the time at which the facts of number `n` happen.
pub fn day(n: u32) -> DateTime<Utc> {
    at("2026-01-01T12:00:00Z") + TimeDelta::days(i64::from(n))
}

/// From the begin of day `from` to the begin of day `to`.
pub fn days(from: u32, to: u32) -> Window {
    Window {
        from: day(from) - TimeDelta::hours(12),
        to: day(to) - TimeDelta::hours(12),
    }
}

/// A feed of the repository `acme/web`.
pub fn feed(kind: &str) -> Feed {
    Feed {
        source: "git".into(),
        scope: repository().id.to_string(),
        kind: kind.into(),
    }
}

/// The repository `acme/web`.
pub fn repository() -> Repository {
    named_repository("acme/web")
}

/// The repository `name`.
pub fn named_repository(name: &str) -> Repository {
    Repository {
        id: Id::new(format!("git:repo:{name}")),
        name: name.into(),
        default_branch: Some("main".into()),
        url: None,
        partial_history: false,
        archived: false,
        unreachable_since: None,
    }
}

/// The id of pull request `n`.
pub fn pull_request_id(n: u32) -> Id<PullRequest> {
    Id::new(format!("git:pr:{n:04}"))
}

/// The landing commit of pull request `n`.
pub fn landing_commit(n: u32) -> String {
    format!("{n:040x}")
}

/// The pull request `n` of `acme/web`, by Ada: begun the day before day `n`, merged on it, at place `n` of the line.
pub fn pull_request(n: u32) -> PullRequest {
    let merged_at = day(n);
    PullRequest {
        id: pull_request_id(n),
        repository: repository().id,
        number: Some(i64::from(n)),
        title: format!("Change {n}"),
        url: None,
        author: person("ada"),
        co_authors: Vec::new(),
        base_branch: "main".into(),
        landing: Some(Landing::Merge),
        milestones: Milestones {
            first_commit_at: Some(merged_at - TimeDelta::days(1)),
            merged_at: Some(merged_at),
            closed_at: Some(merged_at),
            ..Milestones::default()
        },
        first_commit_estimated: false,
        first_commit: None,
        landing_commit: Some(landing_commit(n)),
        position: Some(i64::from(n)),
        commits: Some(2),
        additions: Some(10),
        deletions: Some(4),
        changed_files: Some(3),
        draft: false,
        labels: Vec::new(),
        closes: Vec::new(),
        comments: None,
        paths: None,
        activity: None,
        reverts: Vec::new(),
        cherry_picked_from: Vec::new(),
        updated_at: merged_at,
    }
}

/// The id of deployment `n`.
pub fn deployment_id(n: u32) -> Id<Deployment> {
    Id::new(format!("git:tag:{n:04}"))
}

/// The deployment `n` of `acme/web` to production, by Ada: finished an hour after noon of day `n`, containing the places
/// up to `n`.
pub fn deployment(n: u32) -> Deployment {
    let finished_at = day(n) + TimeDelta::hours(1);
    Deployment {
        id: deployment_id(n),
        repository: repository().id,
        environment: "production".into(),
        status: DeploymentStatus::Success,
        finished_at,
        reference: format!("v{n}"),
        commit: landing_commit(n),
        committed_at: None,
        contains_to: Some(i64::from(n)),
        declares: Vec::new(),
        creator: person("ada"),
        url: None,
        updated_at: finished_at,
    }
}

/// The id of incident `n`.
pub fn incident_id(n: u32) -> Id<Incident> {
    Id::new(format!("github:issue:{n:04}"))
}

/// The incident `n` of `acme/web`, reported by Ada: from noon of day `n` on, for two hours.
pub fn incident(n: u32) -> Incident {
    let resolved_at = day(n) + TimeDelta::hours(2);
    Incident {
        id: incident_id(n),
        repository: repository().id,
        number: Some(i64::from(n)),
        title: format!("Outage {n}"),
        url: None,
        author: person("ada"),
        labels: vec!["incident".into()],
        started_at: day(n),
        resolved_at: Some(resolved_at),
        caused_by: Vec::new(),
        updated_at: resolved_at,
    }
}

/// What happened on pull request `n`: a commit by Ada, a request for review, and what `reviewer` said an hour before noon of
/// day `n`.
pub fn activity(n: u32, reviewer: &str, verdict: Verdict) -> Activity {
    let hours = |before: i64| day(n) - TimeDelta::hours(before);
    Activity {
        commits: vec![OwnCommit {
            id: format!("own-{n}"),
            authored_at: hours(24),
            committed_at: hours(23),
            author: person("ada"),
        }],
        reviews: vec![Review {
            id: format!("review-{n}"),
            verdict,
            submitted_at: Some(hours(1)),
            author: person(reviewer),
            commit: Some(format!("own-{n}")),
            comments: Some(1),
        }],
        events: vec![Event {
            kind: EventKind::ReviewRequested,
            at: hours(2),
            actor: person("ada"),
        }],
    }
}

/// A person with a name, an e-mail address and a handle.
pub fn person(name: &str) -> Actor {
    Actor {
        name: Some(name.to_uppercase()),
        email: Some(format!("{name}@example.com")),
        handle: Some(name.into()),
        bot: false,
    }
}

/// A batch of `feed` from `expected` to `next`, with the repository `acme/web` and nothing else.
pub fn batch(feed: Feed, expected: Option<&str>, next: &str) -> Batch {
    Batch {
        feed,
        expected: expected.map(|text| Checkpoint(text.into())),
        next: Checkpoint(next.into()),
        restart: false,
        complete: false,
        covered_from: None,
        at: day(100),
        repositories: vec![repository()],
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
        revision: REVISION.into(),
        quarantined: Vec::new(),
    }
}

/// A share of `team` in full: a direct member's main team.
pub fn share(team: &str) -> Share {
    Share {
        team: Id::new(team),
        weight: 1.0,
        primary: true,
        direct: true,
    }
}

/// Pull request `n` belongs to these teams.
pub fn attributed(n: u32, shares: Vec<Share>) -> Attribution {
    Attribution {
        subject: AttributedId::PullRequest(pull_request_id(n)),
        bot: false,
        milestones: None,
        shares,
    }
}

/// Deployment `n` belongs to these teams.
pub fn attributed_deployment(n: u32, shares: Vec<Share>) -> Attribution {
    Attribution {
        subject: AttributedId::Deployment(deployment_id(n)),
        bot: false,
        milestones: None,
        shares,
    }
}

/// The places after `after` up to `through`, first shipped by deployment `n`.
pub fn shipment(after: i64, through: i64, n: u32) -> Shipment {
    Shipment {
        after,
        through,
        deployment: Some(deployment_id(n)),
        deployed_at: Some(deployment(n).finished_at),
        matched: Some(DeploymentMatch::Ancestry),
    }
}

/// Ships as the engine does: by the revision that the repository has now. `None` when there is no such repository.
///
/// # Panics
/// When the store fails.
pub async fn ship(
    store: &dyn MetricsStore,
    repository: &Id<Repository>,
    shipments: Vec<Shipment>,
) -> Option<u64> {
    let states = store.repositories().await.expect("the repositories");
    let revision = states
        .iter()
        .find(|state| state.repository.id == *repository)?
        .revision;
    store
        .ship(
            repository,
            revision,
            Matching {
                shipments,
                ..Matching::default()
            },
        )
        .await
        .expect("a shipment")
}
