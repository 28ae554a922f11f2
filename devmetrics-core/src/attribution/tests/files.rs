use super::*;
use crate::ErrorKind;
use crate::model::{BotRules, Membership, Person};

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
