use chrono::{DateTime, Utc};
use devmetrics_core::{Id, model};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::list::Row;
use crate::person::first_public;
use crate::table::Kind;

/// A team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// The id that people type.
    #[schema(example = "platform")]
    pub id: String,
    /// The name that people read.
    #[schema(example = "Platform")]
    pub name: String,
    /// The zone that its weeks are cut in; null takes the request's.
    pub zone: Option<String>,
    /// The teams that it is part of now.
    pub parents: Vec<String>,
}

impl Team {
    /// What is told of a team to who sees these: its parents at `now`.
    pub fn of(team: model::Team, now: DateTime<Utc>, sees: impl Fn(&Id<model::Team>) -> bool) -> Self {
        let parents = team
            .parents
            .iter()
            .filter(|parent| holds_at(parent.valid_from, parent.valid_to, now));
        let seen = parents.filter(|parent| sees(&parent.team));
        Self {
            parents: seen.map(|parent| parent.team.to_string()).collect(),
            id: team.id.to_string(),
            name: team.name,
            zone: team.zone.map(|zone| zone.name().to_owned()),
        }
    }

    /// The teams of a roster that are seen, in the order of their ids.
    pub fn all(
        roster: model::Roster,
        now: DateTime<Utc>,
        sees: impl Fn(&Id<model::Team>) -> bool,
    ) -> Vec<Self> {
        let mut teams = roster.teams;
        teams.sort_by(|a, b| a.id.cmp(&b.id));
        let seen = teams.into_iter().filter(|team| sees(&team.id));
        seen.map(|team| Self::of(team, now, &sees)).collect()
    }
}

impl Row for Team {
    const COLUMNS: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Text),
        ("name", Kind::Text),
        ("zone", Kind::Text),
        ("parents", Kind::Text),
    ];
}

/// A person's place in a team for a time: `[valid_from, valid_to)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// By what the person is known: the handle, else the name; null where only an address is known, which is not given.
    pub person: Option<String>,
    /// The team: the one that was asked for.
    pub team: String,
    /// The first instant; null since ever.
    pub valid_from: Option<DateTime<Utc>>,
    /// The first instant after it; null still.
    pub valid_to: Option<DateTime<Utc>>,
    /// Whether this is the person's main team.
    pub primary: bool,
}

impl Member {
    /// The memberships of a team in a roster, in its order: those at an instant, or at any time.
    pub fn all(roster: model::Roster, team: &Id<model::Team>, at: Option<DateTime<Utc>>) -> Vec<Self> {
        let memberships = roster.memberships.into_iter();
        let members = memberships
            .filter(|membership| membership.team == *team)
            .filter(|membership| {
                at.is_none_or(|at| holds_at(membership.valid_from, membership.valid_to, at))
            });
        members.map(Self::from).collect()
    }
}

impl From<model::Membership> for Member {
    fn from(membership: model::Membership) -> Self {
        let model::Person { handles, names, .. } = membership.person;
        Self {
            person: first_public(handles.into_iter().chain(names)),
            team: membership.team.to_string(),
            valid_from: membership.valid_from,
            valid_to: membership.valid_to,
            primary: membership.primary,
        }
    }
}

impl Row for Member {
    const COLUMNS: &'static [(&'static str, Kind)] = &[
        ("person", Kind::Text),
        ("team", Kind::Text),
        ("valid_from", Kind::Instant),
        ("valid_to", Kind::Instant),
        ("primary", Kind::Flag),
    ];
}

/// Whether what lasts from an instant to another does at this one.
fn holds_at(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
    from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
}

/// A repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// Its id.
    #[schema(example = "git:repo:github.com/acme/web")]
    pub id: String,
    /// How people call it.
    #[schema(example = "acme/web")]
    pub name: String,
    /// The branch that changes are merged to.
    pub default_branch: Option<String>,
    /// Where a person looks at it.
    pub url: Option<String>,
    /// Whether its history is known only from some commit on.
    pub partial_history: bool,
    /// Whether nobody works on it any more.
    pub archived: bool,
    /// Since when the source cannot see it any more.
    pub unreachable_since: Option<DateTime<Utc>>,
}

impl From<model::Repository> for Repository {
    fn from(repository: model::Repository) -> Self {
        Self {
            id: repository.id.to_string(),
            name: repository.name,
            default_branch: repository.default_branch,
            url: repository.url,
            partial_history: repository.partial_history,
            archived: repository.archived,
            unreachable_since: repository.unreachable_since,
        }
    }
}

impl Row for Repository {
    const COLUMNS: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Text),
        ("name", Kind::Text),
        ("default_branch", Kind::Text),
        ("url", Kind::Text),
        ("partial_history", Kind::Flag),
        ("archived", Kind::Flag),
        ("unreachable_since", Kind::Instant),
    ];
}
