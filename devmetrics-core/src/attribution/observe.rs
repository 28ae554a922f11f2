use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::UNASSIGNED;
use super::person::folded;
use crate::Id;
use crate::model::{Membership, ObservedTeam, Parent, Person, Roster, Team, TeamSnapshot};

/// The dated roster that follows from one more snapshot of a host's teams; `previous` is what this function gave for the
/// snapshots before it.
///
/// - The first snapshot of all is taken to have been so since ever: what was before it cannot be known.
/// - Later, who is new in a team is in it from [`TeamSnapshot::taken_at`] on, and who is gone was in it until then. Who
///   comes back begins a new membership. A team's place below another is dated in the same way.
/// - A team whose members could not be read keeps them. One that is missing ends with its members, unless the snapshot may
///   not hold all teams: nothing ends by what it does not show.
/// - The same snapshot again changes nothing, and neither does one that is older than the last change known.
///
/// What no roster can hold is passed over: an empty or reserved team id, an empty handle, a parent that is not known or that
/// would make a team part of itself. So the result keeps the rules of [`check_roster`](super::check_roster).
pub fn observe(previous: Option<&Roster>, snapshot: &TeamSnapshot) -> Roster {
    let mut roster = previous.cloned().unwrap_or_default();
    if last_change(&roster).is_some_and(|last| snapshot.taken_at < last) {
        return roster;
    }
    let mut seen = HashSet::new();
    let teams: Vec<&ObservedTeam> = snapshot
        .teams
        .iter()
        .filter(|team| can_be_id(&team.id) && seen.insert(&team.id))
        .collect();
    name_teams(&mut roster, &teams);
    let dates = Dates {
        begin: previous.map(|_| snapshot.taken_at),
        end: snapshot.taken_at,
    };
    let shown: HashMap<&Id<Team>, &ObservedTeam> = teams.iter().map(|team| (&team.id, *team)).collect();
    end_parents(&mut roster, &shown, snapshot.complete, dates);
    begin_parents(&mut roster, &teams, dates);
    end_memberships(&mut roster, &shown, snapshot.complete, dates);
    begin_memberships(&mut roster, &teams, dates);
    roster
}

/// How a snapshot dates what it changes.
#[derive(Clone, Copy)]
struct Dates {
    /// Since when what is new has been so; `None` since ever.
    begin: Option<DateTime<Utc>>,
    /// Until when what is gone was so.
    end: DateTime<Utc>,
}

impl Dates {
    /// Ends a span that is open; false where nothing is left of it, because it began at the same instant.
    fn close(self, from: Option<DateTime<Utc>>, to: &mut Option<DateTime<Utc>>) -> bool {
        if to.is_none() {
            *to = Some(self.end);
        }
        from.is_none_or(|from| to.is_none_or(|to| from < to))
    }
}

fn can_be_id(id: &Id<Team>) -> bool {
    let id = id.as_str();
    !id.is_empty() && id.trim() == id && id != UNASSIGNED
}

/// The latest instant that the roster names.
fn last_change(roster: &Roster) -> Option<DateTime<Utc>> {
    let memberships = roster.memberships.iter().map(|m| m.valid_from.max(m.valid_to));
    let parents = roster.teams.iter().flat_map(|team| &team.parents);
    memberships
        .chain(parents.map(|parent| parent.valid_from.max(parent.valid_to)))
        .max()
        .flatten()
}

fn name_teams(roster: &mut Roster, teams: &[&ObservedTeam]) {
    for observed in teams {
        match roster.teams.iter_mut().find(|team| team.id == observed.id) {
            Some(team) => team.name.clone_from(&observed.name),
            None => roster.teams.push(Team {
                id: observed.id.clone(),
                name: observed.name.clone(),
                zone: None,
                parents: Vec::new(),
            }),
        }
    }
}

fn end_parents(roster: &mut Roster, shown: &HashMap<&Id<Team>, &ObservedTeam>, complete: bool, dates: Dates) {
    for team in &mut roster.teams {
        let observed = shown.get(&team.id);
        team.parents.retain_mut(|parent| {
            let still = match observed {
                Some(observed) => observed.parent.as_ref() == Some(&parent.team),
                None => !complete,
            };
            still || dates.close(parent.valid_from, &mut parent.valid_to)
        });
    }
}

fn begin_parents(roster: &mut Roster, teams: &[&ObservedTeam], dates: Dates) {
    for observed in teams {
        let Some(above) = &observed.parent else { continue };
        if is_below(roster, above, &observed.id) || roster.teams.iter().all(|team| team.id != *above) {
            continue;
        }
        let Some(team) = roster.teams.iter_mut().find(|team| team.id == observed.id) else {
            continue;
        };
        if team.parents.iter().all(|parent| parent.valid_to.is_some()) {
            team.parents.push(Parent {
                team: above.clone(),
                valid_from: dates.begin,
                valid_to: None,
            });
        }
    }
}

/// Whether `team` is `above` or now below it.
fn is_below(roster: &Roster, team: &Id<Team>, above: &Id<Team>) -> bool {
    team == above
        || roster
            .teams
            .iter()
            .filter(|known| known.id == *team)
            .flat_map(|known| &known.parents)
            .any(|parent| parent.valid_to.is_none() && is_below(roster, &parent.team, above))
}

fn end_memberships(
    roster: &mut Roster,
    shown: &HashMap<&Id<Team>, &ObservedTeam>,
    complete: bool,
    dates: Dates,
) {
    let members: HashMap<&Id<Team>, Option<HashSet<String>>> = shown
        .iter()
        .map(|(id, team)| (*id, team.members.as_ref().map(|all| handles(all).collect())))
        .collect();
    roster.memberships.retain_mut(|membership| {
        let still = match members.get(&membership.team) {
            Some(Some(members)) => {
                handles(&membership.person.handles).any(|handle| members.contains(&handle))
            }
            Some(None) => true,
            None => !complete,
        };
        still || dates.close(membership.valid_from, &mut membership.valid_to)
    });
}

fn begin_memberships(roster: &mut Roster, teams: &[&ObservedTeam], dates: Dates) {
    let mut current: HashSet<(Id<Team>, String)> = HashSet::new();
    for membership in roster.memberships.iter().filter(|m| m.valid_to.is_none()) {
        for handle in handles(&membership.person.handles) {
            current.insert((membership.team.clone(), handle));
        }
    }
    for team in teams {
        for handle in team.members.iter().flatten() {
            let key = folded(handle);
            if !key.is_empty() && current.insert((team.id.clone(), key)) {
                roster.memberships.push(Membership {
                    team: team.id.clone(),
                    person: Person {
                        handles: vec![handle.clone()],
                        ..Person::default()
                    },
                    valid_from: dates.begin,
                    valid_to: None,
                    primary: false,
                });
            }
        }
    }
}

fn handles(texts: &[String]) -> impl Iterator<Item = String> {
    texts.iter().map(|text| folded(text))
}
