use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::model::{Actor, BotRules, Membership, Milestones, Parent, Person, Roster, Team};
use crate::{ErrorKind, Id};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn by_email(email: &str) -> Actor {
    Actor {
        email: Some(email.into()),
        ..Actor::default()
    }
}

fn opened(actor: Actor, instant: &str) -> Subject {
    Subject::PullRequest {
        id: Id::new("pr"),
        actor,
        milestones: Milestones {
            opened_at: Some(at(instant)),
            merged_at: Some(at("2026-06-01T00:00:00Z")),
            ..Milestones::default()
        },
    }
}

fn attributor(roster: &Roster) -> Attributor {
    Attributor::new(roster, AttributionRules::default(), at("2026-11-22T12:00:00Z"))
}

/// `team weight flags`, flags being `p`rimary and `d`irect.
fn brief(attribution: &Attribution) -> Vec<String> {
    let flag = |on, text| if on { text } else { "-" };
    attribution
        .shares
        .iter()
        .map(|share| {
            format!(
                "{} {} {}{}",
                share.team,
                share.weight,
                flag(share.primary, "p"),
                flag(share.direct, "d")
            )
        })
        .collect()
}

const TEAMS: &str = r#"
[[team]]
id = "engineering"

[[team]]
id = "payments"
name = "Payments"
zone = "Europe/Berlin"
parent = "engineering"

[[team.member]]
email = ["ada@example.com", "Ada@home.example"]
handle = "@Ada"
name = "Ada Lovelace"
until = 2025-07-01

[[team]]
id = "platform"
parents = [{ team = "engineering", from = 2024-01-01, until = 2026-01-01 }]

[[team.member]]
email = "ada@example.com"
from = 2025-01-01
primary = true

[[team.member]]
name = "Grace Hopper"
from = 2024-01-01T09:00:00+01:00

[bots]
accounts = ["robot"]
humans = ["abbot[bot]"]
"#;

#[test]
fn a_toml_roster_reads_as_written() {
    let roster = roster_from_toml("teams.toml", TEAMS).unwrap();
    assert_eq!(roster.teams.len(), 3);
    assert_eq!(roster.teams[0].name, "engineering", "the name defaults to the id");
    assert_eq!(roster.teams[1].zone, Some(chrono_tz::Tz::Europe__Berlin));
    let parent = &roster.teams[2].parents[0];
    assert_eq!(parent.valid_to, Some(at("2026-01-01T00:00:00Z")));
    let ada = &roster.memberships[0];
    assert_eq!(ada.person.emails.len(), 2);
    // The first of July begins in Berlin two hours before it does in UTC.
    assert_eq!(
        (ada.valid_from, ada.valid_to),
        (None, Some(at("2025-06-30T22:00:00Z")))
    );
    assert_eq!(roster.memberships[2].valid_from, Some(at("2024-01-01T08:00:00Z")));
    assert_eq!(roster.bots.accounts, ["robot"]);
}

#[test]
fn csv_and_toml_say_the_same() {
    let csv = "Team,email,parent,handle,name,from,until,primary\n\
               payments, ada@example.com;ada@home.example ,engineering,ada,Ada Lovelace,2024-01-01,,yes\n\
               payments,,engineering,grace,,,2025-01-01,\n\
               engineering,,,,,,,\n";
    let toml = r#"
        [[team]]
        id = "payments"
        parent = "engineering"
        member = [
            { email = ["ada@example.com", "ada@home.example"], handle = "ada", name = "Ada Lovelace", from = "2024-01-01", primary = true },
            { handle = "grace", until = 2025-01-01 },
        ]
        [[team]]
        id = "engineering"
    "#;
    let from_csv = roster_from_csv("teams.csv", csv).unwrap();
    assert_eq!(from_csv, roster_from_toml("teams.toml", toml).unwrap());
}

#[test]
fn membership_and_hierarchy_count_as_they_were_at_the_instant() {
    let attributor = attributor(&roster_from_toml("teams.toml", TEAMS).unwrap());
    let teams = |actor: Actor, instant| brief(&attributor.attribute(&opened(actor, instant)));
    let ada = || by_email("ADA@example.com");
    assert_eq!(
        teams(ada(), "2024-06-01T00:00:00Z"),
        ["engineering 1 p-", "payments 1 pd"]
    );
    assert_eq!(
        teams(ada(), "2025-06-01T00:00:00Z"),
        ["engineering 1 p-", "payments 0.5 -d", "platform 0.5 pd"]
    );
    assert_eq!(
        teams(ada(), "2025-06-30T22:00:00Z"),
        ["engineering 1 p-", "platform 1 pd"]
    );
    assert_eq!(
        teams(ada(), "2026-01-01T00:00:00Z"),
        ["platform 1 pd"],
        "the parent ended"
    );
    let grace = Actor {
        name: Some("grace hopper".into()),
        ..Actor::default()
    };
    assert_eq!(teams(grace.clone(), "2023-01-01T00:00:00Z"), ["unassigned 1 pd"]);
    assert_eq!(teams(grace, "2026-02-01T00:00:00Z"), ["platform 1 pd"]);
    assert_eq!(
        teams(by_email("stranger@example.com"), "2025-06-01T00:00:00Z"),
        ["unassigned 1 pd"]
    );
}

#[test]
fn a_member_of_a_team_and_of_one_below_it_counts_once_above() {
    let text = r#"
        [[team]]
        id = "top"
        [[team.member]]
        email = "a@x"
        [[team]]
        id = "left"
        parent = "top"
        [[team.member]]
        email = "a@x"
        [[team]]
        id = "right"
        parent = ["top", "left"]
        [[team.member]]
        email = "a@x"
        [[team.member]]
        email = "b@x"
    "#;
    let attributor = attributor(&roster_from_toml("teams.toml", text).unwrap());
    let third = 1.0 / 3.0;
    let two = 2.0 / 3.0;
    assert_eq!(
        brief(&attributor.attribute(&opened(by_email("a@x"), "2026-01-01T00:00:00Z"))),
        [
            format!("left {two} -d"),
            format!("right {third} -d"),
            "top 1 pd".to_owned()
        ]
    );
    assert_eq!(
        brief(&attributor.attribute(&opened(by_email("b@x"), "2026-01-01T00:00:00Z"))),
        ["left 1 p-", "right 1 pd", "top 1 p-"],
        "two ways up to `top` are one share"
    );
}

#[test]
fn email_decides_before_handle_before_name() {
    let text = r#"
        [[team]]
        id = "mail"
        [[team.member]]
        email = "one@x"
        name = "Sam"
        [[team]]
        id = "hub"
        [[team.member]]
        handle = "two"
        name = "Kim"
        [[team]]
        id = "same"
        [[team.member]]
        email = "three@x"
        name = "Sam"
        [[team]]
        id = "lost"
        [[team.member]]
        name = "Sam"
        [[team]]
        id = "named"
        [[team.member]]
        name = "Kim"
    "#;
    let attributor = attributor(&roster_from_toml("teams.toml", text).unwrap());
    let teams = |email: &str, handle: &str, name: &str| {
        let actor = Actor {
            email: Some(email.into()),
            handle: Some(handle.into()),
            name: Some(name.into()),
            bot: false,
        };
        brief(&attributor.attribute(&opened(actor, "2026-01-01T00:00:00Z"))).join(", ")
    };
    assert_eq!(teams("one@x", "two", "Kim"), "mail 1 pd");
    assert_eq!(
        teams("new@x", "TWO", "Sam"),
        "hub 0.5 pd, named 0.5 -d",
        "a name-only entry is Kim's too"
    );
    assert_eq!(teams("new@x", "new", "Kim"), "hub 0.5 pd, named 0.5 -d");
    assert_eq!(
        teams("new@x", "new", "Sam"),
        "unassigned 1 pd",
        "two people are called Sam"
    );
}

#[test]
fn the_instant_is_the_one_that_the_rules_name() {
    let text = r#"
        [[team]]
        id = "first"
        [[team.member]]
        email = "a@x"
        until = 2026-03-01
        [[team]]
        id = "second"
        [[team.member]]
        email = "a@x"
        from = 2026-03-01
        until = 2026-09-01
        [[team]]
        id = "third"
        [[team.member]]
        email = "a@x"
        from = 2026-09-01
    "#;
    let roster = roster_from_toml("teams.toml", text).unwrap();
    let now = at("2026-11-22T12:00:00Z");
    let team = |instant, subject: &Subject| {
        let attributor = Attributor::new(&roster, AttributionRules { instant }, now);
        attributor.attribute(subject).shares[0].team.as_str().to_owned()
    };
    let subject = opened(by_email("a@x"), "2026-02-01T00:00:00Z");
    assert_eq!(team(AttributionInstant::Opened, &subject), "first");
    assert_eq!(team(AttributionInstant::Merged, &subject), "second");
    assert_eq!(team(AttributionInstant::Current, &subject), "third");
    let from_git = |first_commit_at: Option<&str>, merged_at: Option<&str>| Subject::PullRequest {
        id: Id::new("pr"),
        actor: by_email("a@x"),
        milestones: Milestones {
            first_commit_at: first_commit_at.map(at),
            merged_at: merged_at.map(at),
            ..Milestones::default()
        },
    };
    let spring = Some("2026-04-01T00:00:00Z");
    let winter = Some("2026-01-01T00:00:00Z");
    assert_eq!(
        team(AttributionInstant::Opened, &from_git(winter, spring)),
        "first"
    );
    assert_eq!(
        team(AttributionInstant::Opened, &from_git(None, spring)),
        "second"
    );
    assert_eq!(team(AttributionInstant::Merged, &from_git(winter, None)), "first");
    assert_eq!(
        team(AttributionInstant::Opened, &from_git(None, None)),
        "unassigned"
    );
    let deployment = Subject::Deployment {
        id: Id::new("d"),
        actor: by_email("a@x"),
        finished_at: at("2026-05-01T00:00:00Z"),
    };
    assert_eq!(team(AttributionInstant::Opened, &deployment), "second");
}

#[test]
fn the_revision_follows_from_roster_rules_and_day_alone() {
    let roster = roster_from_toml("teams.toml", TEAMS).unwrap();
    let revision = |roster: &Roster, instant, now: &str| {
        Attributor::new(roster, AttributionRules { instant }, at(now))
            .revision()
            .to_owned()
    };
    let opened = AttributionInstant::Opened;
    let current = AttributionInstant::Current;
    let base = revision(&roster, opened, "2026-11-22T12:00:00Z");
    assert_eq!(
        base,
        revision(&roster, opened, "2027-01-01T00:00:00Z"),
        "the present does not matter"
    );
    assert_ne!(
        base,
        revision(&roster, AttributionInstant::Merged, "2026-11-22T12:00:00Z")
    );
    assert_eq!(
        revision(&roster, current, "2026-11-22T00:00:00Z"),
        revision(&roster, current, "2026-11-22T23:59:59Z")
    );
    assert_ne!(
        revision(&roster, current, "2026-11-22T23:59:59Z"),
        revision(&roster, current, "2026-11-23T00:00:00Z")
    );
    let mut other = roster.clone();
    other.bots.humans.push("copilot".into());
    assert_ne!(base, revision(&other, opened, "2026-11-22T12:00:00Z"));
    let mut other = roster;
    other.memberships[0].valid_to = None;
    assert_ne!(base, revision(&other, opened, "2026-11-22T12:00:00Z"));
}

#[test]
fn a_bot_is_marked_and_keeps_its_team() {
    let text = "[[team]]\nid = \"ops\"\n[[team.member]]\nhandle = \"robot\"\n[bots]\naccounts = [\"robot\"]";
    let attributor = attributor(&roster_from_toml("teams.toml", text).unwrap());
    let robot = Actor {
        handle: Some("Robot".into()),
        ..Actor::default()
    };
    let attribution = attributor.attribute(&opened(robot, "2026-01-01T00:00:00Z"));
    assert!(attribution.bot);
    assert_eq!(brief(&attribution), ["ops 1 pd"]);
}

/// What is wrong with a `teams.toml`, the line, and what the message must say.
#[test]
fn every_mistake_in_toml_is_told_with_its_line() {
    let member = "[[team]]\nid = \"a\"\n[[team.member]]\n";
    let two = |first: &str, second: &str| {
        format!(
            "[[team]]\nid = \"a\"\n[[team.member]]\n{first}\n[[team]]\nid = \"b\"\n[[team.member]]\n{second}\n"
        )
    };
    let cases: Vec<(String, Option<u64>, &[&str])> = vec![
        ("[[team]\n".into(), Some(1), &["not TOML"]),
        (
            "[[teams]]\nid = \"a\"".into(),
            Some(1),
            &["unknown key `teams`", "did you mean `team`?"],
        ),
        ("team = 3".into(), Some(1), &["[[team]]", "list of tables"]),
        ("[team]\nid = \"a\"".into(), Some(1), &["double brackets"]),
        (
            "[[team]]\nid = 7".into(),
            Some(2),
            &["`id` of a team", "in quotes"],
        ),
        ("\n[[team]]\nname = \"A\"".into(), Some(2), &["no `id`"]),
        ("[[team]]\nid = \" \"".into(), Some(1), &["empty id"]),
        ("[[team]]\nid = \"a \"".into(), Some(1), &["space"]),
        ("[[team]]\nid = \"unassigned\"".into(), Some(1), &["reserved"]),
        (
            "[[team]]\nid = \"a\"\n[[team]]\nid = \"a\"".into(),
            Some(3),
            &["team `a` is there twice"],
        ),
        (
            "[[team]]\nid = \"a\"\nzone = \"Europe/Berln\"".into(),
            Some(3),
            &["team `a`", "did you mean `Europe/Berlin`?"],
        ),
        (
            "[[team]]\nid = \"platform\"\n[[team]]\nid = \"b\"\nparent = \"platfrom\"".into(),
            Some(3),
            &[
                "parent of team `b`",
                "no team `platfrom`; did you mean `platform`?",
            ],
        ),
        (
            "[[team]]\nid = \"a\"\nparent = \"b\"\n[[team]]\nid = \"b\"\n\
             parents = [{ team = \"a\", from = 2024-01-01 }]"
                .into(),
            Some(1),
            &[
                "from 2024-01-01 on",
                "`a` is part of `b` is part of `a`",
                "`until`",
            ],
        ),
        (
            "[[team]]\nid = \"a\"\nparent = \"a\"".into(),
            Some(1),
            &["`a` is part of `a`"],
        ),
        (
            "[[team]]\nid = \"a\"\n[[team]]\nid = \"b\"\n\
             parents = [{ team = \"a\", from = 2024-01-02, until = 2024-01-01 }]"
                .into(),
            Some(3),
            &[
                "parent `a` of team `b`",
                "`until` (2024-01-01) is not after `from` (2024-01-02)",
            ],
        ),
        (
            "[[team]]\nid = \"a\"\nparents = [{ form = 2024-01-01 }]".into(),
            Some(3),
            &["did you mean `from`?"],
        ),
        (
            "[[team]]\nid = \"a\"\nparents = [{ from = 2024-01-01 }]".into(),
            Some(3),
            &["no `team`"],
        ),
        (
            format!("{member}emial = \"x@y\""),
            Some(4),
            &["member of team `a`", "did you mean `email`?"],
        ),
        (
            format!("{member}primary = true"),
            Some(3),
            &["team `a`", "neither e-mail, handle nor name"],
        ),
        (
            format!("{member}email = [\"x@y\", \"\"]"),
            Some(3),
            &["`x@y`", "empty e-mail"],
        ),
        (
            format!("{member}email = 3"),
            Some(4),
            &["`email` of a member of team `a`", "quotes"],
        ),
        (
            format!("{member}email = \"x@y\"\nfrom = \"soon\""),
            Some(5),
            &["`x@y`", "`soon` is no date"],
        ),
        (
            format!("{member}email = \"x@y\"\nfrom = 2024-01-01T10:00:00"),
            Some(5),
            &["is no date", "+01:00"],
        ),
        (
            format!("{member}email = \"x@y\"\nfrom = 09:00:00"),
            Some(5),
            &["is no date"],
        ),
        (
            format!("{member}email = \"x@y\"\nfrom = 2024-02-01\nuntil = 2024-02-01"),
            Some(3),
            &["member `x@y` of team `a`", "not after `from`"],
        ),
        (
            format!("{member}email = \"x@y\"\nprimary = \"yes\""),
            Some(5),
            &["`true` or `false`"],
        ),
        (
            format!(
                "{member}email = \"x@y\"\nuntil = 2024-02-01\n[[team.member]]\nhandle = \"q\"\nemail = \"X@Y\""
            ),
            Some(6),
            &["`X@Y` is in team `a` twice", "(line 3)", "`until`"],
        ),
        (
            two(
                "email = \"x@y\"\nname = \"Ada\"",
                "email = \"x@y\"\nname = \"Grace\"",
            ),
            Some(8),
            &[
                "`x@y` belongs to two different people",
                "`a` to `Ada` (line 3)",
                "`b` to `Grace`",
                "list all names",
            ],
        ),
        (
            two(
                "handle = \"ada\"\nemail = \"x@y\"",
                "handle = \"@Ada\"\nemail = \"z@y\"",
            ),
            Some(8),
            &["two different people", "list all e-mails"],
        ),
        (
            two(
                "email = \"x@y\"\nprimary = true",
                "email = \"x@y\"\nprimary = true",
            ),
            Some(8),
            &["two primary teams", "`a` (line 3) and `b`"],
        ),
        (
            "[bots]\nacounts = []".into(),
            Some(2),
            &["did you mean `accounts`?"],
        ),
        ("bots = 1".into(), Some(1), &["[bots] must be a table"]),
    ];
    for (text, line, parts) in cases {
        let error = roster_from_toml("teams.toml", &text).expect_err(&text);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let shown = error.to_string();
        for part in parts {
            assert!(shown.contains(part), "`{part}` is not in: {shown}");
        }
        assert!(shown.contains("file: teams.toml"), "{shown}");
        let line = line.map(|line| format!("line: {line})")).unwrap_or_default();
        assert!(shown.ends_with(&line), "expected {line} at the end of: {shown}");
    }
}

#[test]
fn every_mistake_in_csv_is_told_with_its_line() {
    let header = "team,parent,email,handle,name,from,until,primary\n";
    let cases: Vec<(String, u64, &[&str])> = vec![
        (
            "team,emial\na,x@y\n".into(),
            1,
            &["unknown column `emial`", "did you mean `email`?"],
        ),
        ("team,team,email\n".into(), 1, &["`team` is there twice"]),
        ("team,parent\n".into(), 1, &["at least one of `email`"]),
        (format!("{header}a,,x@y\n"), 2, &["3 fields", "header 8"]),
        (
            format!("{header},,x@y,,,,,\n"),
            2,
            &["row of `x@y` names no team"],
        ),
        (
            format!("{header}a,,x@y,,,1.2.2024,,\n"),
            2,
            &["`from` of member `x@y` of team `a`", "no date"],
        ),
        (
            format!("{header}a,,x@y,,,,,maybe\n"),
            2,
            &["`maybe`", "`true` or `false`"],
        ),
        (format!("{header}a,,,,,2024-01-01,,\n"), 2, &["neither e-mail"]),
        (
            format!("{header}a,b,x@y,,,,,\n"),
            2,
            &["parent of team `a`: no team `b`"],
        ),
        (
            format!("{header}b,,,,,,,\nc,,,,,,,\na,b,x@y,,,,,\na,c,z@y,,,,,\n"),
            5,
            &["parent `c` here and `b` before"],
        ),
        (
            format!("{header}a,,x@y,,,,,\n\na,,x@y,,,,,\n"),
            4,
            &["twice at the same time (line 2)"],
        ),
    ];
    for (text, line, parts) in cases {
        let error = roster_from_csv("teams.csv", &text).expect_err(&text);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let shown = error.to_string();
        for part in parts {
            assert!(shown.contains(part), "`{part}` is not in: {shown}");
        }
        assert!(
            shown.ends_with(&format!("(file: teams.csv, line: {line})")),
            "{shown}"
        );
    }
}

#[test]
fn a_dated_change_of_hierarchy_is_no_circle() {
    let text = r#"
        [[team]]
        id = "a"
        parents = [{ team = "b", until = 2024-01-01 }]
        [[team]]
        id = "b"
        parents = [{ team = "a", from = 2024-01-01 }]
    "#;
    assert!(roster_from_toml("teams.toml", text).is_ok());
}

#[test]
fn who_leaves_and_comes_back_the_same_day_is_in_the_team_once() {
    let text = r#"
        [[team]]
        id = "a"
        [[team.member]]
        email = "x@y"
        until = 2024-01-01
        [[team.member]]
        email = "x@y"
        from = 2024-01-01
        primary = true
    "#;
    assert!(roster_from_toml("teams.toml", text).is_ok());
}

#[test]
fn a_built_roster_is_held_to_the_same_rules() {
    let membership = Membership {
        team: Id::new("a"),
        person: Person {
            handles: vec!["x".into()],
            ..Person::default()
        },
        valid_from: None,
        valid_to: None,
        primary: false,
    };
    let roster = Roster {
        teams: Vec::new(),
        memberships: vec![membership],
        bots: BotRules::default(),
    };
    let error = check_roster(&roster).unwrap_err();
    assert_eq!(error.to_string(), "member `x`: no team `a`");
}

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
