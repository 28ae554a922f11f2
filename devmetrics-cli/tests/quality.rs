//! What is wrong in what was collected, on the command line.

mod support;

use support::{BEGIN, DAY, World, text};

const WINDOW: [&str; 4] = ["--from", "2026-01-05", "--to", "2026-02-05"];

/// Forty-five changes by four people, three of whom are in a team, and one by a machine; all were released but the last one.
fn world() -> World {
    let mut world = World::new(45);
    world.configure("roster = 'teams.toml'");
    world.write(
        "teams.toml",
        "[[team]]\nid = 'one'\nmember = [{ email = 'p0@example.org' }, { email = 'p1@example.org' },\n\
         { email = 'p2@example.org' }, { email = 'ci@example.org' }]\n",
    );
    world
        .repository
        .at(BEGIN + 20 * DAY)
        .by("Deploy CI", "ci@example.org")
        .commit("Change by a machine (#46)");
    world.repository.annotated_tag("v9.9.9");
    world
        .repository
        .at(BEGIN + 25 * DAY)
        .by("Person 1", "p1@example.org")
        .commit("The last one (#47)");
    world.stdout(&["sync"]);
    world
}

#[test]
fn what_is_wrong_is_told_in_every_form() {
    let world = world();
    let report = world.json(&[&["quality", "--format", "json"], &WINDOW[..]].concat());
    let findings: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let number = |key: &str| finding[key].as_u64().unwrap();
            (
                finding["kind"].as_str().unwrap(),
                number("count"),
                number("out_of"),
            )
        })
        .collect();
    assert_eq!(
        findings,
        [
            ("unmapped_author", 1, 5),
            ("unmatched_merge", 1, 47),
            ("suspicious_bot", 1, 5)
        ]
    );
    let unmapped = &report["findings"][0];
    assert_eq!(unmapped["examples"][0]["name"], "Person 3");
    assert_eq!(unmapped["examples"][0]["detail"], "11 merged changes");
    assert!(
        unmapped["affects"][0]["metrics"]
            .as_array()
            .unwrap()
            .contains(&"velocity".into())
    );

    let shown = world.stdout(&[&["quality"], &WINDOW[..]].concat());
    for words in [
        "unmapped author: 1 of 5",
        "Person 3: 11 merged changes",
        "#47 The last one: merged",
        "change_lead_time, deploy_time: the changes stay `pending`",
        "Deploy CI: the name `Deploy CI`",
        "What to do: list it in the roster under `bots.accounts`",
    ] {
        assert!(shown.contains(words), "`{words}` is not in: {shown}");
    }

    let rows = world.stdout(&[&["quality", "--format", "csv"], &WINDOW[..]].concat());
    let mut reader = csv::Reader::from_reader(rows.as_bytes());
    let kinds: Vec<String> = reader.records().map(|row| row.unwrap()[0].to_owned()).collect();
    assert_eq!(kinds, ["unmapped_author", "unmatched_merge", "suspicious_bot"]);
}

#[test]
fn of_sound_facts_it_says_so() {
    let world = world();
    let quiet = ["--from", "2026-03-01", "--to", "2026-04-01"];
    let shown = world.stdout(&[&["quality"], &quiet[..]].concat());
    assert_eq!(shown, "Nothing doubtful was found.\n");
    let report = world.json(&[&["quality", "--format", "json"], &quiet[..]].concat());
    assert_eq!(report["findings"], serde_json::json!([]));
    let output = world.run(&["quality", "--from", "2026-04-01", "--to", "2026-03-01"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("exchange them"));
}
