use super::*;

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

/// The example of `docs/metrics.md#teams`.
#[test]
fn example_of_an_author_in_several_teams() {
    let text = r#"
        [[team]]
        id = "engineering"
        member = [{ email = "both@x" }]
        [[team]]
        id = "payments"
        parent = "engineering"
        member = [{ email = "ada@x" }, { email = "both@x" }]
        [[team]]
        id = "platform"
        parent = "engineering"
        member = [{ email = "ada@x", primary = true }, { email = "both@x" }]
    "#;
    let attributor = attributor(&roster_from_toml("teams.toml", text).unwrap());
    let shares = |email| brief(&attributor.attribute(&opened(by_email(email), "2026-01-01T00:00:00Z")));
    assert_eq!(
        shares("ada@x"),
        ["engineering 1 p-", "payments 0.5 -d", "platform 0.5 pd"]
    );
    let third = 1.0 / 3.0;
    assert_eq!(
        shares("both@x"),
        [
            "engineering 1 pd".to_owned(),
            format!("payments {third} -d"),
            format!("platform {third} -d")
        ]
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
        activity: None,
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
