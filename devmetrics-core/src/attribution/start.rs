use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::Id;
use crate::model::{Roster, Team};

/// Since when each team has had a member, its subtree included; `None` since ever. A team that never had one is left
/// out.
pub fn team_starts(roster: &Roster) -> BTreeMap<Id<Team>, Option<DateTime<Utc>>> {
    let mut starts = BTreeMap::new();
    let teams: BTreeMap<_, _> = roster.teams.iter().map(|team| (&team.id, team)).collect();
    for membership in &roster.memberships {
        let mut path = Vec::new();
        climb(
            &teams,
            &membership.team,
            (membership.valid_from, membership.valid_to),
            &mut path,
            &mut starts,
        );
    }
    starts
}

/// A dated membership or place in the tree; `None` is without end.
type Span = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

fn climb<'a>(
    teams: &BTreeMap<&'a Id<Team>, &'a Team>,
    team: &'a Id<Team>,
    (from, to): Span,
    path: &mut Vec<&'a Id<Team>>,
    starts: &mut BTreeMap<Id<Team>, Option<DateTime<Utc>>>,
) {
    // `None` is the least: since ever.
    starts
        .entry(team.clone())
        .and_modify(|start| *start = (*start).min(from))
        .or_insert(from);
    path.push(team);
    for parent in teams.get(team).into_iter().flat_map(|team| &team.parents) {
        let from = from.max(parent.valid_from);
        let to = [to, parent.valid_to].into_iter().flatten().min();
        let empty = from.zip(to).is_some_and(|(from, to)| from >= to);
        if !empty && !path.contains(&&parent.team) {
            climb(teams, &parent.team, (from, to), path, starts);
        }
    }
    path.pop();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Membership, Parent, Person};

    fn at(day: u32) -> Option<DateTime<Utc>> {
        format!("2026-01-{day:02}T00:00:00Z").parse().ok()
    }

    fn team(id: &str, parents: &[(&str, Span)]) -> Team {
        let parents = parents
            .iter()
            .map(|&(team, (valid_from, valid_to))| Parent {
                team: Id::new(team),
                valid_from,
                valid_to,
            })
            .collect();
        Team {
            id: Id::new(id),
            name: id.to_owned(),
            zone: None,
            parents,
        }
    }

    fn member(team: &str, (valid_from, valid_to): Span) -> Membership {
        Membership {
            team: Id::new(team),
            person: Person::default(),
            valid_from,
            valid_to,
            primary: true,
        }
    }

    #[test]
    fn a_team_starts_with_the_first_member_of_its_subtree_while_it_was_one() {
        let roster = Roster {
            teams: vec![
                team("top", &[]),
                team("old", &[("top", (None, at(5)))]),
                team("new", &[("top", (at(9), None))]),
                team("empty", &[]),
            ],
            memberships: vec![
                member("old", (at(7), None)),
                member("new", (at(3), None)),
                member("new", (at(2), at(4))),
            ],
            ..Roster::default()
        };
        let starts = team_starts(&roster);
        assert_eq!(starts.get(&Id::new("old")), Some(&at(7)));
        assert_eq!(starts.get(&Id::new("new")), Some(&at(2)));
        // `old` left before it had a member, and `new` came with those it had by then.
        assert_eq!(starts.get(&Id::new("top")), Some(&at(9)));
        assert_eq!(starts.get(&Id::new("empty")), None);
    }

    #[test]
    fn a_membership_without_a_start_is_since_ever() {
        let roster = Roster {
            teams: vec![team("a", &[])],
            memberships: vec![member("a", (at(7), None)), member("a", (None, None))],
            ..Roster::default()
        };
        assert_eq!(team_starts(&roster).get(&Id::new("a")), Some(&None));
    }

    #[test]
    fn a_circle_ends() {
        let roster = Roster {
            teams: vec![
                team("a", &[("b", (None, None))]),
                team("b", &[("a", (None, None))]),
            ],
            memberships: vec![member("a", (at(7), None))],
            ..Roster::default()
        };
        assert_eq!(team_starts(&roster).get(&Id::new("b")), Some(&at(7)));
    }
}
