use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::person::people;
use crate::Id;
use crate::model::{Membership, Roster, Team};

/// The roster in force: the declared one, and of each observed one the teams that no roster before it has.
///
/// A team comes whole from one roster: name, zone, parents and members. So the file wins, and of two observed rosters with
/// the same team id the first. A person is the same in all of them by handle, and keeps the memberships of each; who is in
/// an observed team by two accounts at once is in it once. Who is a bot only the declared roster says.
///
/// Of rosters that each keep the rules of [`check_roster`](super::check_roster) the result keeps them too.
pub fn join<'a>(declared: Option<&Roster>, observed: impl IntoIterator<Item = &'a Roster>) -> Roster {
    let mut joined = declared.cloned().unwrap_or_default();
    let mut known: HashSet<Id<Team>> = joined.teams.iter().map(|team| team.id.clone()).collect();
    let declared_memberships = joined.memberships.len();
    for roster in observed {
        let new: Vec<&Team> = roster
            .teams
            .iter()
            .filter(|team| !known.contains(&team.id))
            .collect();
        let ids: HashSet<&Id<Team>> = new.iter().map(|team| &team.id).collect();
        let members = roster.memberships.iter().filter(|m| ids.contains(&m.team));
        joined.memberships.extend(members.cloned());
        joined.teams.extend(new.iter().copied().cloned());
        known.extend(ids.into_iter().cloned());
    }
    // A declared person may bear several of the handles that were observed apart.
    let people = people(&joined.memberships);
    let observed = joined.memberships.split_off(declared_memberships);
    let observed = observed
        .into_iter()
        .zip(people.into_iter().skip(declared_memberships));
    joined.memberships.extend(each_once(observed.collect()));
    joined
}

/// The memberships, in the order in which they began, with those of one person in one team that overlap made one.
fn each_once(mut memberships: Vec<(Membership, usize)>) -> Vec<Membership> {
    memberships.sort_by_key(|(membership, _)| membership.valid_from);
    let mut kept: Vec<Membership> = Vec::with_capacity(memberships.len());
    let mut last: HashMap<(Id<Team>, usize), usize> = HashMap::new();
    for (membership, person) in memberships {
        let key = (membership.team.clone(), person);
        let before = last.get(&key).and_then(|index| kept.get_mut(*index));
        match before.filter(|before| lasts_until(before.valid_to, membership.valid_from)) {
            Some(before) => {
                before.valid_to = before.valid_to.zip(membership.valid_to).map(|(a, b)| a.max(b));
            }
            None => {
                last.insert(key, kept.len());
                kept.push(membership);
            }
        }
    }
    kept
}

/// Whether what ends at `end` still is when something else begins at `begin`.
fn lasts_until(end: Option<DateTime<Utc>>, begin: Option<DateTime<Utc>>) -> bool {
    match (end, begin) {
        (Some(end), Some(begin)) => begin < end,
        _ => true,
    }
}
