//! Drawing what happened.

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::Id;
use devmetrics_core::model::{
    Deployment, DeploymentStatus, HOTFIX, Incident, Landing, Membership, Milestones, PRODUCTION, Parent,
    Pause, Person, PullRequest, Roster, Team,
};
use proptest::prelude::*;

use super::{DAY, History, PEOPLE, TEAMS, WEEKS, actor, at, email, repository, window};

/// So many changes at the most: what names one may name none.
const CHANGES: usize = 40;
const DEPLOYMENTS: usize = 24;
const INCIDENTS: usize = 8;

/// Any history.
pub fn history() -> impl Strategy<Value = History> {
    let teams = (prop::collection::vec(membership(), 0..8), span());
    let facts = (
        prop::collection::vec((plain(), life(), marks(), prop::bool::weighted(0.7)), 0..CHANGES),
        prop::collection::vec(deployment(), 0..DEPLOYMENTS),
        prop::collection::vec(incident(), 0..INCIDENTS),
    );
    (teams, facts, any::<bool>()).prop_map(
        |((memberships, parent), (changes, deployments, incidents), tells_of_incidents)| {
            let pull_requests: Vec<PullRequest> = changes
                .into_iter()
                .enumerate()
                .map(|(index, (plain, life, marks, hosted))| match hosted {
                    true => hosted_change(index, plain, life, marks),
                    false => git_change(index, plain),
                })
                .collect();
            let deployments: Vec<Deployment> = deployments.into_iter().enumerate().map(deploy).collect();
            let incidents = incidents
                .into_iter()
                .enumerate()
                .filter(|_| tells_of_incidents)
                .map(|(index, drawn)| outage(index, drawn, &pull_requests, &deployments))
                .collect();
            History {
                roster: roster(memberships, parent),
                deployments,
                pull_requests,
                incidents,
                tells_of_incidents,
            }
        },
    )
}

/// A day, and how many days later the last one is.
type Span = (Option<i64>, Option<i64>);

fn span() -> impl Strategy<Value = Span> {
    let day = || prop::option::of(0..WEEKS * 7);
    (day(), day())
}

fn dated((from, length): Span) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let valid_from = from.map(|day| at(day * DAY));
    let valid_to = length.map(|day| at((from.unwrap_or(0) + day + 1) * DAY));
    (valid_from, valid_to)
}

fn membership() -> impl Strategy<Value = (usize, usize, Span, bool)> {
    (0..2usize, 0..PEOPLE, span(), any::<bool>())
}

/// A valid roster: a person is in a team once, and has one primary team at the most.
fn roster(memberships: Vec<(usize, usize, Span, bool)>, parent: Span) -> Roster {
    let (valid_from, valid_to) = dated(parent);
    let above = Parent {
        team: Id::new("above"),
        valid_from,
        valid_to,
    };
    let team = |id: &str| Team {
        id: Id::new(id),
        name: id.to_uppercase(),
        zone: None,
        parents: [above.clone()].into_iter().filter(|_| id != "above").collect(),
    };
    let mut kept: Vec<Membership> = Vec::new();
    for (team, person, span, primary) in memberships {
        let emails = vec![email(person)];
        let team = Id::new(TEAMS[team]);
        let theirs = |other: &&Membership| other.person.emails == emails;
        if kept.iter().filter(theirs).any(|other| other.team == team) {
            continue;
        }
        let primary = primary && !kept.iter().filter(theirs).any(|other| other.primary);
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
        teams: TEAMS.iter().map(|id| team(id)).collect(),
        memberships: kept,
        ..Roster::default()
    }
}

/// What every change has: an instant, an author, a way to land, seconds of work before it, which change it reverts, its size.
type Plain = ((i64, usize, u8, Option<i64>), Option<usize>, Option<(i64, i64)>);

fn plain() -> impl Strategy<Value = Plain> {
    let work = prop::option::weighted(0.9, prop_oneof![9 => -200..20 * DAY, 1 => 170 * DAY..190 * DAY]);
    let size = prop::option::weighted(0.8, prop_oneof![1 => Just((0, 0)), 9 => (0..900i64, 0..500i64)]);
    (
        (0..WEEKS * 7 * DAY, 0..PEOPLE + 2, 0..4u8, work),
        prop::option::weighted(0.3, 0..CHANGES),
        size,
    )
}

/// Seconds from step to step of a hosted change's life: draft, review, approval, closed for a time (after how long, and for how
/// long), and its end; then how it ends.
#[derive(Clone, Debug)]
struct Life {
    draft: Option<i64>,
    ready_known: bool,
    review: Option<i64>,
    approval: Option<i64>,
    closed: Option<(i64, i64)>,
    end: i64,
    ends: u8,
}

fn life() -> impl Strategy<Value = Life> {
    (
        (
            prop::option::weighted(0.3, 60..5 * DAY),
            prop::bool::weighted(0.9),
            prop::option::weighted(0.7, 0..4 * DAY),
            prop::option::weighted(0.7, 0..3 * DAY),
        ),
        prop::option::weighted(0.15, (1..2 * DAY, 1..3 * DAY)),
        1..6 * DAY,
        0..10u8,
    )
        .prop_map(
            |((draft, ready_known, review, approval), closed, end, ends)| Life {
                draft,
                ready_known,
                review,
                approval,
                closed,
                end,
                ends,
            },
        )
}

/// What is said of a hosted change.
#[derive(Clone, Debug)]
struct Marks {
    on_main: bool,
    hotfix: bool,
    closes: Option<usize>,
    rounds: i64,
    self_merged: Option<bool>,
    comments: Option<i64>,
}

fn marks() -> impl Strategy<Value = Marks> {
    (
        (prop::bool::weighted(0.9), prop::bool::weighted(0.2)),
        prop::option::weighted(0.4, 0..INCIDENTS),
        1..5i64,
        prop::option::weighted(0.9, any::<bool>()),
        prop::option::weighted(0.9, 0..30i64),
    )
        .prop_map(
            |((on_main, hotfix), closes, rounds, self_merged, comments)| Marks {
                on_main,
                hotfix,
                closes,
                rounds,
                self_merged,
                comments,
            },
        )
}

fn landing_commit(index: usize) -> String {
    format!("c{index:02}")
}

fn pull_request_id(index: usize) -> Id<PullRequest> {
    Id::new(format!("pr{index:02}"))
}

/// A change as a git history knows it.
fn git_change(index: usize, ((merged, author, landing, work), reverts, size): Plain) -> PullRequest {
    let merged_at = at(merged);
    let landings = [
        Landing::Merge,
        Landing::Squash,
        Landing::DirectPush,
        Landing::PlainMerge,
    ];
    PullRequest {
        id: pull_request_id(index),
        repository: repository(false),
        number: i64::try_from(index).ok(),
        title: format!("Change {index}"),
        url: None,
        author: actor(author),
        co_authors: Vec::new(),
        base_branch: "main".into(),
        landing: Some(landings[usize::from(landing)]),
        milestones: Milestones {
            first_commit_at: work.map(|work| merged_at - TimeDelta::seconds(work)),
            merged_at: Some(merged_at),
            closed_at: Some(merged_at),
            ..Milestones::default()
        },
        first_commit_estimated: landing == 1,
        first_commit: None,
        landing_commit: Some(landing_commit(index)),
        position: i64::try_from(index).ok(),
        draft: false,
        labels: Vec::new(),
        closes: Vec::new(),
        comments: None,
        activity: None,
        paths: None,
        commits: Some(1),
        additions: size.map(|(additions, _)| additions),
        deletions: size.map(|(_, deletions)| deletions),
        changed_files: None,
        reverts: reverts.map(landing_commit).into_iter().collect(),
        cherry_picked_from: Vec::new(),
        updated_at: merged_at,
    }
}

/// A change as a host knows it, up to the present.
fn hosted_change(index: usize, plain: Plain, life: Life, marks: Marks) -> PullRequest {
    let ((opened, _, landing, work), ..) = plain;
    let past = |seconds: i64| Some(at(seconds)).filter(|at| *at < window().to);
    let made_ready = opened + life.draft.unwrap_or(0);
    let reviewed = life.review.map(|review| made_ready + review);
    let approved = reviewed
        .zip(life.approval)
        .map(|(reviewed, approval)| reviewed + approval);
    let mut last = approved.or(reviewed).unwrap_or(made_ready);
    let mut pauses = Vec::new();
    if life.draft.is_some() {
        pauses.push((opened, made_ready));
    }
    if let Some((after, lasts)) = life.closed {
        pauses.push((last + after, last + after + lasts));
        last += after + lasts;
    }
    let ended_at = past(last + life.end).filter(|_| life.ends < 9);
    let merged_at = ended_at.filter(|_| life.ends < 8);
    let lands = merged_at.filter(|_| marks.on_main);
    let draft = past(made_ready).is_none();
    let first_review_at = reviewed.and_then(past);
    let landings = [Landing::Merge, Landing::Squash, Landing::Rebase, Landing::Unknown];
    let first_commit_at = work.map(|work| at(opened) - TimeDelta::seconds(work));
    PullRequest {
        repository: repository(true),
        base_branch: if marks.on_main { "main" } else { "release" }.into(),
        landing: merged_at.map(|_| landings[usize::from(landing)]),
        milestones: Milestones {
            first_commit_at,
            opened_at: Some(at(opened)),
            ready_at: past(made_ready)
                .filter(|_| life.ready_known)
                .or(draft.then(|| at(opened))),
            first_review_at,
            approved_at: approved.and_then(past),
            merged_at,
            closed_at: ended_at,
            pauses: pauses
                .into_iter()
                // One that is closed now and was not opened again is closed for good.
                .filter_map(|(from, to)| Some((past(from)?, past(to))))
                .filter(|(from, to)| to.is_some() || *from == at(opened))
                .map(|(from, to)| Pause { from, to })
                .collect(),
            review_rounds: Some(first_review_at.map_or(0, |_| marks.rounds)),
            self_merged: merged_at.and(marks.self_merged),
        },
        landing_commit: lands.or(merged_at).map(|_| landing_commit(index)),
        position: lands.map(|at| at.timestamp()),
        draft,
        labels: [HOTFIX.to_owned()].into_iter().filter(|_| marks.hotfix).collect(),
        closes: marks.closes.map(incident_id).into_iter().collect(),
        comments: marks.comments,
        updated_at: merged_at.unwrap_or(at(opened)),
        ..git_change(index, plain)
    }
}

/// When it finished, what it deploys, how it went, by whom, where, and which changes it is said to ship.
type Drawn = ((i64, usize, u8, usize, bool), Vec<(usize, bool)>);

fn deployment() -> impl Strategy<Value = Drawn> {
    let declares = prop_oneof![
        7 => Just(Vec::new()),
        3 => prop::collection::vec((0..CHANGES, any::<bool>()), 1..5),
    ];
    (
        (
            0..WEEKS * 7 * DAY,
            0..20usize,
            0..12u8,
            0..PEOPLE + 2,
            any::<bool>(),
        ),
        declares,
    )
}

/// A few versions are deployed again and again; what each contains is always the same.
fn deploy((index, ((finished, version, status, creator, hosted), declares)): (usize, Drawn)) -> Deployment {
    let finished_at = at(finished);
    // Of a host's versions some are commits by which a change landed.
    let commit = match hosted && version >= 8 {
        true => landing_commit((version - 8) * 3),
        false => format!("x{}", version % 8),
    };
    let place = i64::try_from(version % 8).unwrap_or(0);
    Deployment {
        id: Id::new(format!("d{index:02}")),
        repository: repository(hosted),
        environment: if status == 11 { "staging" } else { PRODUCTION }.into(),
        status: if status == 10 {
            DeploymentStatus::Failure
        } else {
            DeploymentStatus::Success
        },
        finished_at,
        reference: format!("v{index}"),
        committed_at: (hosted && version < 7).then(|| at(place * 7 * DAY + 40_000)),
        contains_to: (!hosted && place < 7).then_some(place * 5),
        commit,
        declares: declares
            .into_iter()
            .map(|(change, by_id)| match by_id {
                true => pull_request_id(change).to_string(),
                false => landing_commit(change),
            })
            .collect(),
        creator: actor(creator),
        url: None,
        updated_at: finished_at,
    }
}

fn incident_id(index: usize) -> Id<Incident> {
    Id::new(format!("i{index}"))
}

/// When it began (after which deployment, where there is one), how long it lasted, who reported it, where, what it names, and
/// whether the merge of a change ended it.
type Outage = (
    (i64, Option<i64>, usize, bool),
    Option<(usize, i64)>,
    Vec<(u8, usize)>,
    Option<i64>,
);

fn incident() -> impl Strategy<Value = Outage> {
    let named = prop_oneof![
        6 => Just(Vec::new()),
        4 => prop::collection::vec((0..4u8, 0..CHANGES), 1..3),
    ];
    (
        (
            0..WEEKS * 7 * DAY,
            prop::option::weighted(0.8, 0..6 * DAY),
            0..PEOPLE + 2,
            any::<bool>(),
        ),
        prop::option::of((0..DEPLOYMENTS, 0..30 * 3_600i64)),
        named,
        prop::option::of(-50..50i64),
    )
}

fn outage(
    index: usize,
    ((started, lasted, author, hosted), after, named, by_merge): Outage,
    changes: &[PullRequest],
    deployments: &[Deployment],
) -> Incident {
    let after = after.and_then(|(index, later)| Some((deployments.get(index)?, TimeDelta::seconds(later))));
    let after = after.filter(|(one, later)| one.finished_at + *later < window().to);
    let started_at = after.map_or(at(started), |(one, later)| one.finished_at + later);
    let id = incident_id(index);
    let closing = changes
        .iter()
        .filter(|change| change.closes.contains(&id))
        .filter_map(|change| change.milestones.merged_at)
        .find(|merged_at| *merged_at > started_at)
        .zip(by_merge)
        .map(|(merged_at, later)| merged_at + TimeDelta::seconds(later));
    let resolved_at = lasted
        .map(|lasted| started_at + TimeDelta::seconds(lasted))
        .filter(|at| *at < window().to);
    let resolved_at = closing.or(resolved_at).map(|at| at.max(started_at));
    Incident {
        id,
        repository: after.map_or(repository(hosted), |(one, _)| one.repository.clone()),
        number: i64::try_from(index).ok(),
        title: format!("Outage {index}"),
        url: None,
        author: actor(author),
        labels: vec!["incident".into()],
        started_at,
        resolved_at,
        caused_by: named
            .into_iter()
            .map(|(kind, index)| match kind {
                0 => format!("d{:02}", index % DEPLOYMENTS),
                1 => format!("x{}", index % 8),
                2 => landing_commit(index),
                _ => pull_request_id(index).to_string(),
            })
            .collect(),
        updated_at: resolved_at.unwrap_or(started_at),
    }
}
