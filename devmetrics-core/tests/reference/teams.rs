//! Which teams somebody belonged to.

use chrono::{DateTime, Utc};
use devmetrics_core::Id;
use devmetrics_core::model::{Actor, Roster, Team};

fn holds(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
    from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
}

/// Somebody's own teams at an instant, in the order of the roster, the primary one first.
fn own(roster: &Roster, who: &Actor, at: DateTime<Utc>) -> Vec<Id<Team>> {
    let Some(email) = &who.email else {
        return Vec::new();
    };
    let mine = roster.memberships.iter().filter(|membership| {
        membership.person.emails.contains(email) && holds(membership.valid_from, membership.valid_to, at)
    });
    let mut teams: Vec<(bool, Id<Team>)> = mine.map(|mine| (!mine.primary, mine.team.clone())).collect();
    teams.sort_by_key(|(not_primary, _)| *not_primary);
    teams.into_iter().map(|(_, team)| team).collect()
}

/// The part that a team has in what somebody did: its weight, and whether by the main team. `None`: none of it.
pub(super) fn part(roster: &Roster, team: &Id<Team>, who: &Actor, at: DateTime<Utc>) -> Option<(f64, bool)> {
    let own = own(roster, who, at);
    if own.is_empty() {
        return (team.as_str() == "unassigned").then_some((1.0, true));
    }
    let below = |own: &Id<Team>| {
        let node = roster.teams.iter().find(|known| known.id == *own).unwrap();
        let above = |parent: &devmetrics_core::model::Parent| {
            parent.team == *team && holds(parent.valid_from, parent.valid_to, at)
        };
        own == team || node.parents.iter().any(above)
    };
    let inside: Vec<usize> = (0..own.len()).filter(|index| below(&own[*index])).collect();
    (!inside.is_empty()).then(|| (inside.len() as f64 / own.len() as f64, inside.contains(&0)))
}

/// The first instant at which somebody is in a team, or in one that is below it then; `None` when it has been since ever,
/// or never.
pub(super) fn start(roster: &Roster, team: &str) -> Option<DateTime<Utc>> {
    let mut starts = Vec::new();
    for membership in &roster.memberships {
        let own = roster
            .teams
            .iter()
            .find(|known| known.id == membership.team)
            .unwrap();
        let direct = (own.id.as_str() == team).then_some((None, None));
        let above = own.parents.iter().filter(|parent| parent.team.as_str() == team);
        for (from, to) in direct
            .into_iter()
            .chain(above.map(|parent| (parent.valid_from, parent.valid_to)))
        {
            let from = from.max(membership.valid_from);
            let to = to.into_iter().chain(membership.valid_to).min();
            if from.is_none_or(|from| to.is_none_or(|to| from < to)) {
                starts.push(from);
            }
        }
    }
    if starts.contains(&None) {
        None
    } else {
        starts.into_iter().flatten().min()
    }
}
