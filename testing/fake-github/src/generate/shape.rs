//! How large a generated organization is.

use chrono::{DateTime, TimeDelta};

use crate::world::Timestamp;

/// How large a generated organization is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// When it begins.
    pub start: Timestamp,
    /// When it ends; the world's clock stands there.
    pub end: Timestamp,
    /// Repositories.
    pub repositories: usize,
    /// People, bots not counted.
    pub people: usize,
    /// Teams, one of which stands above the others.
    pub teams: usize,
    /// Pull requests that are opened as planned; reverts and fixes come on top.
    pub pull_requests: usize,
}

impl Shape {
    fn days(days: i64) -> Self {
        let end = DateTime::UNIX_EPOCH + TimeDelta::seconds(1_767_225_600);
        let start = end - TimeDelta::days(days);
        Self {
            start,
            end,
            repositories: 4,
            people: 25,
            teams: 4,
            pull_requests: 1_200,
        }
    }

    /// A small company over a year and a half: 4 repositories, 25 people, 4 teams, about 1,200 pull requests.
    pub fn demo() -> Self {
        Self::days(548)
    }

    /// Two repositories and 60 pull requests in a month.
    pub fn tiny() -> Self {
        Self {
            repositories: 2,
            people: 6,
            teams: 2,
            pull_requests: 60,
            ..Self::days(30)
        }
    }

    /// About `count` pull requests over three years, for measurements.
    pub fn pull_requests(count: usize) -> Self {
        let repositories = (count / 20_000).clamp(1, 50);
        Self {
            repositories,
            people: 60,
            teams: 8,
            pull_requests: count,
            ..Self::days(3 * 365)
        }
    }
}
