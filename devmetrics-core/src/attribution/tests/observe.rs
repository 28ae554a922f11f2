use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::model::{ObservedTeam, Roster, TeamSnapshot};

fn day(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(day * 86_400, 0).unwrap()
}

/// `platform < engineering: ada grace`, or `platform: ?` where the members could not be read.
fn snapshot(taken: i64, teams: &[&str]) -> TeamSnapshot {
    let observed = |text: &&str| {
        let (team, members) = text.split_once(':').unwrap();
        let (id, parent) = match team.split_once('<') {
            Some((id, parent)) => (id.trim(), Some(Id::new(parent.trim()))),
            None => (team.trim(), None),
        };
        let members = members.split_whitespace().map(str::to_owned).collect();
        ObservedTeam {
            id: Id::new(id),
            name: id.to_uppercase(),
            parent,
            members: (members != ["?"]).then_some(members),
        }
    };
    TeamSnapshot {
        taken_at: day(taken),
        teams: teams.iter().map(observed).collect(),
        complete: true,
    }
}

fn partly(snapshot: TeamSnapshot) -> TeamSnapshot {
    TeamSnapshot {
        complete: false,
        ..snapshot
    }
}

fn observed(snapshots: &[TeamSnapshot]) -> Roster {
    let roster = snapshots
        .iter()
        .fold(None, |roster, snapshot| Some(observe(roster.as_ref(), snapshot)))
        .unwrap();
    check_roster(&roster).unwrap();
    roster
}

fn span((from, to): (Option<DateTime<Utc>>, Option<DateTime<Utc>>)) -> String {
    let days = |at: Option<DateTime<Utc>>| at.map(|at| (at.timestamp() / 86_400).to_string());
    format!(
        "{}..{}",
        days(from).unwrap_or_default(),
        days(to).unwrap_or_default()
    )
}

/// `platform ada 1..5` for each membership, then `platform < engineering 1..5` for each parent.
fn told(roster: &Roster) -> Vec<String> {
    let members = roster.memberships.iter().map(|m| {
        let dates = span((m.valid_from, m.valid_to));
        format!("{} {} {dates}", m.team, m.person.handles.join(" "))
    });
    let parents = roster.teams.iter().flat_map(|team| {
        team.parents.iter().map(|parent| {
            let dates = span((parent.valid_from, parent.valid_to));
            format!("{} < {} {dates}", team.id, parent.team)
        })
    });
    members.chain(parents).collect()
}

#[test]
fn snapshots_tell_these_stories() {
    let stories: [(&str, Vec<TeamSnapshot>, &[&str]); 12] = [
        (
            "what the first snapshot shows has been so since ever",
            vec![snapshot(5, &["top:", "a < top: ada grace"])],
            &["a ada ..", "a grace ..", "a < top .."],
        ),
        (
            "who comes later is dated, and so is who leaves and who returns",
            vec![
                snapshot(5, &["a: ada"]),
                snapshot(6, &["a: grace"]),
                snapshot(7, &["a: ada grace"]),
            ],
            &["a ada ..6", "a grace 6..", "a ada 7.."],
        ),
        (
            "a team that comes later has its members from then on",
            vec![snapshot(5, &["a: ada"]), snapshot(6, &["a: ada", "b < a: ada"])],
            &["a ada ..", "b ada 6..", "b < a 6.."],
        ),
        (
            "a team whose members could not be read keeps them",
            vec![
                snapshot(5, &["a: ada"]),
                snapshot(6, &["a: ?"]),
                snapshot(7, &["a: ada"]),
            ],
            &["a ada .."],
        ),
        (
            "a team that is gone ends with its members and its place",
            vec![snapshot(5, &["top:", "a < top: ada"]), snapshot(6, &["top:"])],
            &["a ada ..6", "a < top ..6"],
        ),
        (
            "what a snapshot of a part does not show goes on",
            vec![
                snapshot(5, &["top:", "a < top: ada", "b: bob"]),
                partly(snapshot(6, &["b: eve"])),
            ],
            &["a ada ..", "b bob ..6", "b eve 6..", "a < top .."],
        ),
        (
            "a team moves below another",
            vec![
                snapshot(5, &["x:", "y:", "a < x:"]),
                snapshot(6, &["x:", "y:", "a < y:"]),
                snapshot(7, &["x:", "y:", "a:"]),
                snapshot(8, &["x:", "y:", "a < x:"]),
            ],
            &["a < x ..6", "a < y 6..7", "a < x 8.."],
        ),
        (
            "parents change places at one instant",
            vec![snapshot(5, &["a < b:", "b:"]), snapshot(6, &["a:", "b < a:"])],
            &["a < b ..6", "b < a 6.."],
        ),
        (
            "an older snapshot that comes late changes nothing",
            vec![
                snapshot(5, &["a: ada"]),
                snapshot(9, &["a: grace"]),
                snapshot(7, &["a: eve"]),
            ],
            &["a ada ..9", "a grace 9.."],
        ),
        (
            "of two snapshots of one instant the last one holds",
            vec![
                snapshot(5, &["a: ada"]),
                snapshot(6, &["a: grace"]),
                snapshot(6, &["a: eve"]),
            ],
            &["a ada ..6", "a eve 6.."],
        ),
        (
            "one account is one member, however it is written",
            vec![snapshot(5, &["a: Ada ada"]), snapshot(6, &["a: ADA"])],
            &["a Ada .."],
        ),
        (
            "what no roster can hold is passed over",
            vec![snapshot(
                5,
                &[
                    "unassigned: ada",
                    ": ada",
                    "a < a: @",
                    "b < c:",
                    "c < b:",
                    "d < e:",
                    "b: ada",
                ],
            )],
            &["b < c .."],
        ),
    ];
    for (story, snapshots, expected) in stories {
        assert_eq!(told(&observed(&snapshots)), expected, "{story}");
    }
}

#[test]
fn a_part_that_turns_the_tree_around_makes_no_circle() {
    let roster = observed(&[snapshot(5, &["a < b:", "b:"]), partly(snapshot(6, &["b < a:"]))]);
    assert_eq!(told(&roster), ["a < b .."]);
}

#[test]
fn a_team_is_called_as_it_was_seen_last() {
    let mut renamed = snapshot(6, &["a: ada"]);
    renamed.teams[0].name = "Anew".into();
    let roster = observed(&[snapshot(5, &["a: ada"]), renamed]);
    assert_eq!(roster.teams[0].name, "Anew");
    assert_eq!(told(&roster), ["a ada .."]);
}

/// A team and its member, or a team and the one above it.
type Pairs = BTreeSet<(String, String)>;

/// Who is in which team, and which team is below which, at an instant.
fn read(roster: &Roster, at: DateTime<Utc>) -> (Pairs, Pairs) {
    let holds = |from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>| {
        from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
    };
    let members = roster
        .memberships
        .iter()
        .filter(|m| holds(m.valid_from, m.valid_to));
    let parents = roster.teams.iter().flat_map(|team| {
        team.parents
            .iter()
            .filter(|parent| holds(parent.valid_from, parent.valid_to))
            .map(|parent| (team.id.to_string(), parent.team.to_string()))
    });
    (
        members
            .map(|m| (m.team.to_string(), m.person.handles[0].clone()))
            .collect(),
        parents.collect(),
    )
}

fn shown(snapshot: &TeamSnapshot) -> (Pairs, Pairs) {
    let mut members = BTreeSet::new();
    let mut parents = BTreeSet::new();
    for team in &snapshot.teams {
        for member in team.members.iter().flatten() {
            members.insert((team.id.to_string(), member.clone()));
        }
        if let Some(parent) = &team.parent {
            parents.insert((team.id.to_string(), parent.to_string()));
        }
    }
    (members, parents)
}

/// Some of four teams, each with some of four members and perhaps below one of those before it.
fn teams() -> impl Strategy<Value = Vec<ObservedTeam>> {
    prop::collection::vec((any::<bool>(), 0u8..16, 0usize..8), 4).prop_map(|parts| {
        let mut teams: Vec<ObservedTeam> = Vec::new();
        for (index, (there, members, parent)) in parts.into_iter().enumerate() {
            if there {
                let members = (0..4).filter(|bit| members & (1 << bit) != 0);
                teams.push(ObservedTeam {
                    id: Id::new(format!("t{index}")),
                    name: String::new(),
                    parent: teams.get(parent).map(|team| team.id.clone()),
                    members: Some(members.map(|member| format!("m{member}")).collect()),
                });
            }
        }
        teams
    })
}

proptest! {
    #[test]
    fn reading_at_the_instant_of_a_snapshot_gives_the_snapshot(
        all in prop::collection::vec(teams(), 1..8)
    ) {
        let snapshots: Vec<TeamSnapshot> = (1i64..)
            .zip(all)
            .map(|(index, teams)| TeamSnapshot { taken_at: day(index), teams, complete: true })
            .collect();
        let roster = observed(&snapshots);
        for snapshot in &snapshots {
            prop_assert_eq!(read(&roster, snapshot.taken_at), shown(snapshot));
        }
        prop_assert_eq!(read(&roster, day(0)), shown(&snapshots[0]), "before collection it is taken to have been so");
    }

    #[test]
    fn whatever_the_snapshots_show_the_roster_keeps_its_rules(
        all in prop::collection::vec(
            (0i64..6, prop::collection::vec((0u8..4, 0u8..5, prop::option::weighted(0.8, 0u8..16)), 0..6), any::<bool>()),
            1..8,
        )
    ) {
        let mut roster = None;
        for (taken, teams, complete) in all {
            let teams = teams.into_iter().map(|(id, parent, members)| ObservedTeam {
                id: Id::new(format!("t{id}")),
                name: String::new(),
                parent: (parent < 4).then(|| Id::new(format!("t{parent}"))),
                members: members.map(|members| {
                    (0..4).filter(|bit| members & (1 << bit) != 0).map(|member| format!("m{member}")).collect()
                }),
            });
            let snapshot = TeamSnapshot { taken_at: day(taken), teams: teams.collect(), complete };
            let next = observe(roster.as_ref(), &snapshot);
            prop_assert!(check_roster(&next).is_ok(), "{:?}", check_roster(&next));
            prop_assert_eq!(&observe(Some(&next), &snapshot), &next, "the same snapshot again changes nothing");
            roster = Some(next);
        }
    }
}
