//! Random histories: eight weeks of two repositories, one known by its git history alone and one by a host, with all that can
//! happen there. What the metrics say of them is held against other stores, a reference, and laws.

mod draw;
mod fill;

use chrono::{DateTime, Utc};
use devmetrics_core::Id;
use devmetrics_core::model::{Actor, Deployment, Incident, PullRequest, Repository, Roster, Window};

pub use draw::history;
pub use fill::{engine, fill};

/// A Monday.
const BEGIN: i64 = 1_767_571_200;
const DAY: i64 = 86_400;
const WEEKS: i64 = 8;
/// How many people there are; who has a higher number is a bot, or nobody that is known.
const PEOPLE: usize = 5;

/// The teams of every history: `a` and `b` are for a time below `above`.
pub const TEAMS: [&str; 3] = ["a", "b", "above"];

/// The repository that is known by its git history: places on its line are counted.
pub const GIT: &str = "git:repo:r";

/// The repository that is known by its host: places on its line are seconds.
pub const HOSTED: &str = "github:repo:s";

/// All that happened. The order of the lists is that of arrival.
#[derive(Clone, Debug)]
pub struct History {
    /// Who belongs where.
    pub roster: Roster,
    /// The changes of both repositories.
    pub pull_requests: Vec<PullRequest>,
    /// Their deployments.
    pub deployments: Vec<Deployment>,
    /// Their incidents; none where nobody tells of them.
    pub incidents: Vec<Incident>,
    /// Whether somebody tells of incidents.
    pub tells_of_incidents: bool,
}

/// What is collected of a history: all of it. It ends at the present.
pub fn window() -> Window {
    Window {
        from: at(0),
        to: at(WEEKS * 7 * DAY),
    }
}

/// So many seconds after the begin.
///
/// # Panics
/// When no calendar has it.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(BEGIN + seconds, 0).expect("an instant of 2026")
}

/// Person `n`; then a bot, then nobody that is known.
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

fn email(person: usize) -> String {
    format!("p{person}@example.org")
}

fn repository(hosted: bool) -> Id<Repository> {
    Id::new(if hosted { HOSTED } else { GIT })
}
