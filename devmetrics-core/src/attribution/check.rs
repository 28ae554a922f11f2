//! The rules that every roster keeps.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::UNASSIGNED;
use super::date::shown;
use super::lines::Lines;
use super::person::{folded, people};
use crate::Result;
use crate::model::{Membership, Person, Roster, Team};
use crate::suggest::did_you_mean;

/// Holds a roster that no file was read for to the rules of [`roster_from_toml`](super::roster_from_toml).
///
/// # Errors
/// `InvalidInput` that names the team and the member, and what to do.
pub fn check_roster(roster: &Roster) -> Result<()> {
    check(roster, &Lines::default())
}

/// As [`check_roster`], with the lines of a file in the messages.
pub(super) fn check(roster: &Roster, lines: &Lines) -> Result<()> {
    check_teams(roster, lines)?;
    check_parents(roster, lines)?;
    check_circles(roster, lines)?;
    check_memberships(roster, lines)?;
    let people = people(&roster.memberships);
    check_identities(roster, &people, lines)?;
    check_overlaps(roster, &people, lines)
}

/// `[from, to)` with open ends.
type Span = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Whether the instant lies within the span.
pub(super) fn holds((from, to): Span, at: DateTime<Utc>) -> bool {
    from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
}

fn overlap(a: Span, b: Span) -> bool {
    let begins_before_end = |a: Span, b: Span| match (a.0, b.1) {
        (Some(from), Some(to)) => from < to,
        _ => true,
    };
    begins_before_end(a, b) && begins_before_end(b, a)
}

fn span(membership: &Membership) -> Span {
    (membership.valid_from, membership.valid_to)
}

/// That a span does not end before it begins; the text says what is wrong.
fn backwards((from, to): Span) -> Option<String> {
    let (from, to) = (from?, to?);
    (to <= from).then(|| {
        format!(
            "`until` ({}) is not after `from` ({}); `until` is the first day after it",
            shown(to),
            shown(from)
        )
    })
}

fn unknown_team(id: &str, roster: &Roster) -> String {
    let hint = did_you_mean(id, roster.teams.iter().map(|team| team.id.as_str()));
    format!("no team `{id}`{hint}")
}

fn check_teams(roster: &Roster, lines: &Lines) -> Result<()> {
    let mut seen = HashSet::new();
    for (index, team) in roster.teams.iter().enumerate() {
        let id = team.id.as_str();
        let wrong = if id.trim().is_empty() {
            "a team has an empty id; give it one, such as `platform`".to_owned()
        } else if id.trim() != id {
            format!("team id `{id}` begins or ends with a space; remove it")
        } else if id == UNASSIGNED {
            format!("team id `{id}` is reserved for what belongs to no team; choose another")
        } else if !seen.insert(id) {
            format!("team `{id}` is there twice; list all its members in one place")
        } else {
            continue;
        };
        return Err(lines.team_error(index, wrong));
    }
    Ok(())
}

fn check_parents(roster: &Roster, lines: &Lines) -> Result<()> {
    let known: HashSet<&str> = roster.teams.iter().map(|team| team.id.as_str()).collect();
    for (index, team) in roster.teams.iter().enumerate() {
        for parent in &team.parents {
            let wrong = if !known.contains(parent.team.as_str()) {
                format!(
                    "parent of team `{}`: {}; add the team or correct the name",
                    team.id,
                    unknown_team(parent.team.as_str(), roster)
                )
            } else if let Some(wrong) = backwards((parent.valid_from, parent.valid_to)) {
                format!("parent `{}` of team `{}`: {wrong}", parent.team, team.id)
            } else {
                continue;
            };
            return Err(lines.team_error(index, wrong));
        }
    }
    Ok(())
}

/// That no team is part of itself at any instant. A circle can only close where a parent begins, so that looking at those
/// instants is enough.
fn check_circles(roster: &Roster, lines: &Lines) -> Result<()> {
    let places: HashMap<&str, usize> = roster
        .teams
        .iter()
        .enumerate()
        .map(|(index, team)| (team.id.as_str(), index))
        .collect();
    let begins: HashSet<DateTime<Utc>> = roster
        .teams
        .iter()
        .flat_map(|team| &team.parents)
        .map(|parent| parent.valid_from.unwrap_or(DateTime::<Utc>::MIN_UTC))
        .collect();
    let mut begins: Vec<_> = begins.into_iter().collect();
    begins.sort_unstable();
    for at in begins {
        if let Some(circle) = circle(&roster.teams, &places, at) {
            let names: Vec<String> = circle
                .iter()
                .map(|index| format!("`{}`", roster.teams[*index].id))
                .collect();
            let since = if at == DateTime::<Utc>::MIN_UTC {
                String::new()
            } else {
                format!(" from {} on", shown(at))
            };
            let message = format!(
                "teams are parents of each other{since}: {}; remove one parent, or end it with `until`",
                names.join(" is part of ")
            );
            return Err(lines.team_error(circle.first().copied().unwrap_or_default(), message));
        }
    }
    Ok(())
}

/// A circle of teams at an instant, its first team again at its end.
fn circle(teams: &[Team], places: &HashMap<&str, usize>, at: DateTime<Utc>) -> Option<Vec<usize>> {
    let parents_of = |index: usize| -> Vec<usize> {
        teams[index]
            .parents
            .iter()
            .filter(|parent| holds((parent.valid_from, parent.valid_to), at))
            .filter_map(|parent| places.get(parent.team.as_str()).copied())
            .collect()
    };
    let mut done = vec![false; teams.len()];
    for start in 0..teams.len() {
        // A path from the start upwards, each step with the parents that are still to be tried.
        let mut path = vec![(start, parents_of(start))];
        while let Some((team, left)) = path.last_mut() {
            let team = *team;
            match left.pop() {
                None => {
                    done[team] = true;
                    path.pop();
                }
                Some(parent) => {
                    if let Some(begin) = path.iter().position(|(on_path, _)| *on_path == parent) {
                        let mut circle: Vec<usize> = path[begin..].iter().map(|(team, _)| *team).collect();
                        circle.push(parent);
                        return Some(circle);
                    }
                    if !done[parent] {
                        path.push((parent, parents_of(parent)));
                    }
                }
            }
        }
    }
    None
}

fn check_memberships(roster: &Roster, lines: &Lines) -> Result<()> {
    let known: HashSet<&str> = roster.teams.iter().map(|team| team.id.as_str()).collect();
    for (index, membership) in roster.memberships.iter().enumerate() {
        let Membership { team, person, .. } = membership;
        let label = person.label();
        let mut texts = person
            .emails
            .iter()
            .chain(&person.handles)
            .chain(&person.names)
            .peekable();
        let wrong = if !known.contains(team.as_str()) {
            format!("member `{label}`: {}", unknown_team(team.as_str(), roster))
        } else if texts.peek().is_none() {
            format!("a member of team `{team}` has neither e-mail, handle nor name; give at least one")
        } else if texts.any(|text| folded(text).is_empty()) {
            format!("member `{label}` of team `{team}` has an empty e-mail, handle or name; remove it")
        } else if let Some(wrong) = backwards(span(membership)) {
            format!("member `{label}` of team `{team}`: {wrong}")
        } else {
            continue;
        };
        return Err(lines.membership_error(index, wrong));
    }
    Ok(())
}

/// That entries that share an e-mail or a handle can be one person's: they agree on something of every other kind that
/// both give.
fn check_identities(roster: &Roster, people: &[usize], lines: &Lines) -> Result<()> {
    let disjoint = |a: &[String], b: &[String]| {
        let a: HashSet<String> = a.iter().map(|text| folded(text)).collect();
        !a.is_empty() && !b.is_empty() && !b.iter().any(|text| a.contains(&folded(text)))
    };
    let shared = |a: &[String], b: &[String]| {
        let a: HashSet<String> = a.iter().map(|text| folded(text)).collect();
        b.iter().find(|text| a.contains(&folded(text))).cloned()
    };
    for (index, other) in pairs(people) {
        let a: &Person = &roster.memberships[other].person;
        let b: &Person = &roster.memberships[index].person;
        let common = shared(&a.emails, &b.emails).or_else(|| shared(&a.handles, &b.handles));
        let Some(common) = common else { continue };
        for (kind, of_a, of_b) in [
            ("e-mails", &a.emails, &b.emails),
            ("handles", &a.handles, &b.handles),
            ("names", &a.names, &b.names),
        ] {
            if disjoint(of_a, of_b) {
                return Err(lines.membership_error(
                    index,
                    format!(
                        "`{common}` belongs to two different people: in team `{}` to `{}`{}, in team `{}` to \
                         `{}`; correct one of them, or list all {kind} of the person in both places",
                        roster.memberships[other].team,
                        of_a[0],
                        lines.membership_line(other),
                        roster.memberships[index].team,
                        of_b[0],
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// That one person is in one team once at a time, and has one main team at a time.
fn check_overlaps(roster: &Roster, people: &[usize], lines: &Lines) -> Result<()> {
    for (index, other) in pairs(people) {
        let (a, b) = (&roster.memberships[other], &roster.memberships[index]);
        if !overlap(span(a), span(b)) {
            continue;
        }
        let label = b.person.label();
        let line = lines.membership_line(other);
        let wrong = if a.team == b.team {
            format!(
                "member `{label}` is in team `{}` twice at the same time{line}; end the earlier membership with \
                 `until`, or remove one",
                b.team
            )
        } else if a.primary && b.primary {
            format!(
                "member `{label}` has two primary teams at the same time: `{}`{line} and `{}`; leave `primary` \
                 to one of them",
                a.team, b.team
            )
        } else {
            continue;
        };
        return Err(lines.membership_error(index, wrong));
    }
    Ok(())
}

/// Every two memberships of one person, the later one first, in the order of the file.
fn pairs(people: &[usize]) -> Vec<(usize, usize)> {
    let mut before: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut pairs = Vec::new();
    for (index, person) in people.iter().enumerate() {
        let earlier = before.entry(*person).or_default();
        pairs.extend(earlier.iter().map(|other| (index, *other)));
        earlier.push(index);
    }
    pairs
}
