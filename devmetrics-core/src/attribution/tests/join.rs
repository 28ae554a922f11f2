use proptest::prelude::*;

use super::*;
use crate::model::Roster;

/// A roster of a text that a file could hold.
fn roster(text: &str) -> Roster {
    roster_from_toml("teams.toml", text).unwrap()
}

fn by_handle(handle: &str) -> Actor {
    Actor {
        handle: Some(handle.into()),
        ..Actor::default()
    }
}

fn joined(declared: &str, observed: &[&str]) -> Roster {
    let observed: Vec<Roster> = observed.iter().map(|text| roster(text)).collect();
    let joined = join(Some(&roster(declared)), &observed);
    check_roster(&joined).unwrap();
    joined
}

fn teams_of(roster: &Roster, actor: Actor) -> Vec<String> {
    let attribution = attributor(roster).attribute(&opened(actor, "2026-01-15T00:00:00Z"));
    attribution
        .shares
        .iter()
        .map(|share| share.team.to_string())
        .collect()
}

/// The example of `docs/teams.md#teams-from-github`.
#[test]
fn the_file_wins_team_by_team_and_people_are_the_same_by_handle() {
    let declared = r#"
        [[team]]
        id = "platform"
        name = "Platform"
        member = [{ email = "ada@example.org", handle = "ada" }]
    "#;
    let github = r#"
        [[team]]
        id = "platform"
        name = "platform-team"
        parent = "everyone"
        member = [{ handle = "grace" }]
        [[team]]
        id = "oncall"
        member = [{ handle = "Ada" }, { handle = "grace" }]
        [[team]]
        id = "everyone"
    "#;
    let joined = joined(declared, &[github]);
    assert_eq!(joined.teams[0].name, "Platform");
    assert_eq!(
        teams_of(&joined, by_email("ada@example.org")),
        ["oncall", "platform"]
    );
    assert_eq!(teams_of(&joined, by_handle("ada")), ["oncall", "platform"]);
    assert_eq!(teams_of(&joined, by_handle("grace")), ["oncall"]);
}

#[test]
fn of_two_observed_rosters_the_first_has_the_team() {
    let one = r#"
        [[team]]
        id = "core"
        member = [{ handle = "ada" }]
    "#;
    let two = r#"
        [[team]]
        id = "core"
        member = [{ handle = "grace" }]
        [[team]]
        id = "web"
        parent = "core"
        member = [{ handle = "grace" }]
    "#;
    let rosters = [roster(one), roster(two)];
    let joined = join(None, &rosters);
    check_roster(&joined).unwrap();
    assert_eq!(teams_of(&joined, by_handle("ada")), ["core"]);
    assert_eq!(teams_of(&joined, by_handle("grace")), ["core", "web"]);
    let direct = |roster: &Roster| {
        brief(&attributor(roster).attribute(&opened(by_handle("grace"), "2026-01-15T00:00:00Z")))
    };
    assert_eq!(
        direct(&joined),
        ["core 1 p-", "web 1 pd"],
        "not a member of core itself"
    );
}

#[test]
fn two_accounts_of_one_person_are_one_member() {
    let declared = r#"
        [[team]]
        id = "platform"
        member = [{ email = "ada@example.org", handle = ["ada", "ada-work"] }]
    "#;
    let github = r#"
        [[team]]
        id = "oncall"
        member = [
          { handle = "ada-work", from = 2026-01-10, until = 2026-01-20 },
          { handle = "ada", until = 2026-01-12 },
          { handle = "ada", from = 2026-02-01 },
          { handle = "grace", from = 2026-01-10 },
        ]
    "#;
    let joined = joined(declared, &[github]);
    let spans: Vec<_> = joined
        .memberships
        .iter()
        .filter(|m| m.team.as_str() == "oncall")
        .map(|m| (m.person.handles[0].as_str(), m.valid_from, m.valid_to))
        .collect();
    let midnight = |day: &str| Some(at(&format!("{day}T00:00:00Z")));
    assert_eq!(
        spans,
        [
            ("ada", None, midnight("2026-01-20")),
            ("grace", midnight("2026-01-10"), None),
            ("ada", midnight("2026-02-01"), None),
        ]
    );
}

#[test]
fn bots_are_those_of_the_file() {
    let declared = "[bots]\naccounts = [\"robot\"]";
    let observed = "[bots]\naccounts = [\"ada\"]";
    assert_eq!(joined(declared, &[observed]).bots, roster(declared).bots);
}

#[test]
fn alone_each_roster_stays_as_it_is() {
    let only = roster(TEAMS);
    assert_eq!(join(Some(&only), []), only);
    assert_eq!(join(None, []), Roster::default());
}

proptest! {
    #[test]
    fn rosters_joined_keep_the_rules_and_every_team_its_members(
        parts in prop::collection::vec(
            prop::collection::vec((0u8..4, 0u8..4, 1u32..15, 1u32..15), 0..8),
            2..4,
        )
    ) {
        let rosters: Vec<Roster> = parts.iter().enumerate().map(|(index, members)| part(index, members)).collect();
        let joined = join(rosters.first(), &rosters[1..]);
        prop_assert!(check_roster(&joined).is_ok(), "{:?}", check_roster(&joined));
        for team in &joined.teams {
            let owner = rosters.iter().find(|roster| roster.teams.iter().any(|known| known.id == team.id)).unwrap();
            for day in 1..16 {
                let at = at(&format!("2026-01-{day:02}T12:00:00Z"));
                for person in 0..2 {
                    let is_in = |roster: &Roster| roster.memberships.iter().any(|m| {
                        let own = m.person.handles.iter().any(|handle| handle.starts_with(&format!("p{person}")));
                        m.team == team.id && own && m.valid_from.is_none_or(|from| from <= at) && m.valid_to.is_none_or(|to| at < to)
                    });
                    prop_assert_eq!(is_in(&joined), is_in(owner));
                }
            }
        }
    }
}

/// The declared roster (0) gives two accounts to each of two people; observed ones know single accounts.
fn part(index: usize, members: &[(u8, u8, u32, u32)]) -> Roster {
    let mut text = String::new();
    for team in 0..4 {
        let mut spans: Vec<(u8, u32, u32)> = Vec::new();
        let mut lines = String::new();
        for (of, account, from, length) in members.iter().filter(|(of, ..)| *of == team) {
            let (person, until) = (account / 2, from + length);
            let who = if index == 0 { person } else { *account };
            if spans
                .iter()
                .any(|(other, a, b)| *other == who && *a < until && *from < *b)
            {
                continue;
            }
            spans.push((who, *from, until));
            let handles = if index == 0 {
                format!("[\"p{person}-0\", \"p{person}-1\"]")
            } else {
                format!("\"p{person}-{}\"", account % 2)
            };
            lines += &format!(
                "[[team.member]]\nhandle = {handles}\nfrom = 2026-01-{from:02}\nuntil = 2026-01-{until:02}\n"
            );
            debug_assert_eq!(*of, team);
        }
        if !lines.is_empty() {
            text += &format!("[[team]]\nid = \"t{team}\"\n{lines}");
        }
    }
    roster(&text)
}
