use proptest::prelude::*;

use super::*;
use crate::model::{BotRules, Membership, Parent, Person, Team};

/// A team for each entry, its parents among those before it; each person's memberships as a set of teams.
fn rosters() -> impl Strategy<Value = Roster> {
    let teams = prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..3), 1..7);
    let people = prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..4), 1..5);
    (teams, people).prop_map(|(teams, people)| {
        let count = teams.len();
        let team_id = |index: usize| Id::new(format!("t{index}"));
        let teams = teams
            .iter()
            .enumerate()
            .map(|(index, parents)| {
                let mut above: Vec<usize> = parents
                    .iter()
                    .filter(|_| index > 0)
                    .map(|parent| parent.index(index.max(1)))
                    .collect();
                above.sort_unstable();
                above.dedup();
                Team {
                    id: team_id(index),
                    name: format!("t{index}"),
                    zone: None,
                    parents: above
                        .into_iter()
                        .map(|parent| Parent {
                            team: team_id(parent),
                            valid_from: None,
                            valid_to: None,
                        })
                        .collect(),
                }
            })
            .collect();
        let mut memberships = Vec::new();
        for (person, of) in people.iter().enumerate() {
            let mut of: Vec<usize> = of.iter().map(|team| team.index(count)).collect();
            of.sort_unstable();
            of.dedup();
            memberships.extend(of.into_iter().map(|team| Membership {
                team: team_id(team),
                person: Person {
                    emails: vec![format!("p{person}@x")],
                    ..Person::default()
                },
                valid_from: None,
                valid_to: None,
                primary: false,
            }));
        }
        Roster {
            teams,
            memberships,
            bots: BotRules::default(),
        }
    })
}

/// Whether `above` is `team` or over it.
fn reaches(roster: &Roster, team: &Id<Team>, above: &Id<Team>) -> bool {
    team == above
        || roster
            .teams
            .iter()
            .filter(|known| known.id == *team)
            .flat_map(|known| &known.parents)
            .any(|parent| reaches(roster, &parent.team, above))
}

proptest! {
    #[test]
    fn shares_are_those_of_the_definition(roster in rosters()) {
        prop_assert!(check_roster(&roster).is_ok());
        let attributor = attributor(&roster);
        for person in 0..5 {
            let email = format!("p{person}@x");
            let own: Vec<&Id<Team>> = roster
                .memberships
                .iter()
                .filter(|membership| membership.person.emails == [email.as_str()])
                .map(|membership| &membership.team)
                .collect();
            let shares = attributor.attribute(&opened(by_email(&email), "2026-01-01T00:00:00Z")).shares;
            if own.is_empty() {
                prop_assert_eq!(shares.len(), 1);
                prop_assert_eq!(shares[0].team.as_str(), UNASSIGNED);
                continue;
            }
            let expected: Vec<(String, f64, bool, bool)> = roster
                .teams
                .iter()
                .filter_map(|team| {
                    let below = own.iter().filter(|own| reaches(&roster, own, &team.id)).count();
                    (below > 0).then(|| (
                        team.id.as_str().to_owned(),
                        below as f64 / own.len() as f64,
                        reaches(&roster, own[0], &team.id),
                        own.contains(&&team.id),
                    ))
                })
                .collect();
            let found: Vec<(String, f64, bool, bool)> = shares
                .iter()
                .map(|share| (share.team.as_str().to_owned(), share.weight, share.primary, share.direct))
                .collect();
            prop_assert_eq!(found, expected);
            prop_assert!(shares.iter().all(|share| share.weight <= 1.0));
            // Where no own team is above another, the parts of the own teams sum to one change.
            let nested = own.iter().any(|a| own.iter().any(|b| a != b && reaches(&roster, a, b)));
            if !nested {
                let sum: f64 = shares.iter().filter(|share| share.direct).map(|share| share.weight).sum();
                prop_assert!((sum - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_order_of_a_file_changes_no_share(
        (roster, teams, memberships) in rosters().prop_flat_map(|roster| {
            let teams = Just(roster.teams.clone()).prop_shuffle();
            let memberships = Just(roster.memberships.clone()).prop_shuffle();
            (Just(roster), teams, memberships)
        })
    ) {
        let shuffled = Roster { teams, memberships, bots: roster.bots.clone() };
        let (one, other) = (attributor(&roster), attributor(&shuffled));
        for person in 0..5 {
            let subject = opened(by_email(&format!("p{person}@x")), "2026-01-01T00:00:00Z");
            // Who has no main team has the first one of the file: that alone may differ.
            let without_primary = |attributor: &Attributor| {
                let shares = attributor.attribute(&subject).shares;
                shares.into_iter().map(|share| Share { primary: false, ..share }).collect::<Vec<_>>()
            };
            prop_assert_eq!(without_primary(&one), without_primary(&other));
        }
    }
}
