//! Showing what is stored about somebody, and forgetting them, on the command line.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use chrono::TimeDelta;
use devmetrics_core::model::Person;
use devmetrics_core::{Clock, SystemClock};
use support::github::Host;
use support::{Database, World, text};

const ROSTER: &str = "[[team]]
id = 'web'
member = [{ email = 'p0@example.org' }, { email = 'p1@example.org' }]
";

/// Four people at work, two of whom the roster's file names.
fn world() -> World {
    let world = World::new(40);
    world.write("teams.toml", ROSTER);
    world.configure("roster = 'teams.toml'");
    world.stdout(&["sync"]);
    world
}

/// Whether the database, or what lies beside it, names the first of them.
fn names_them(world: &World) -> bool {
    ["metrics.db", "metrics.db-wal", "metrics.db-shm"]
        .iter()
        .any(|name| {
            let bytes = std::fs::read(world.path(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            text.contains("p0@example.org") || text.contains("person 0")
        })
}

fn numbers(world: &World) -> Vec<serde_json::Value> {
    let window = ["--from", "2026-01-01", "--to", "2026-03-01", "--format", "json"];
    let of = |scope: &[&str]| world.json(&[&["report"], scope, &window[..]].concat());
    vec![of(&["--team", "web"]), of(&["--team", "unassigned"]), of(&[])]
}

/// How many changes the team merged.
fn merged_by_web(world: &World) -> usize {
    let window = ["--from", "2026-01-01", "--to", "2026-03-01", "--format", "json"];
    let explained = world.json(&[&["explain", "velocity", "--team", "web"], &window[..]].concat());
    let items = explained.as_array().unwrap();
    items.len()
}

#[test]
fn somebody_is_shown_and_forgotten() {
    let mut world = world();
    let shown = world.stdout(&["people", "show", "P0@example.org"]);
    for words in [
        "addresses: p0@example.org",
        "names: person 0",
        "pull request",
        "member of",
        "teams.toml",
    ] {
        assert!(shown.contains(words), "{words} is not in: {shown}");
    }
    let before = numbers(&world);
    let merged = merged_by_web(&world);
    assert!(names_them(&world));

    let rehearsed = world.stdout(&["people", "forget", "p0@example.org", "--dry-run"]);
    assert!(
        rehearsed.contains("Nothing was changed.") && rehearsed.contains("p0@example.org"),
        "{rehearsed}"
    );
    assert!(names_them(&world));

    let told = world.stdout(&["people", "forget", "p0@example.org"]);
    assert!(told.contains("Forgotten. Rewritten: 11 pull requests"), "{told}");
    assert!(
        told.contains("The roster's file names them: teams.toml"),
        "{told}"
    );
    assert!(!names_them(&world));
    assert_eq!(numbers(&world), before);

    world.grow(40..44);
    world.stdout(&["sync"]);
    assert!(!names_them(&world), "they came back");
    assert_eq!(
        merged_by_web(&world),
        merged + 2,
        "one more by each of its members"
    );
    let show = world.stdout(&["people", "show", "p0@example.org"]);
    assert!(show.contains("They are forgotten"), "{show}");
    let again = world.json(&["people", "forget", "p0@example.org", "--json"]);
    assert_eq!(again["data"], serde_json::Value::Null);
    assert_eq!(again["erased"]["pull_requests"], 0);
}

#[test]
fn who_is_not_there_is_not_forgotten() {
    let world = world();
    let output = world.run(&["people", "forget", "p0@exmaple.org"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("did you mean `p0@example.org`?"),
        "{}",
        text(&output.stderr)
    );
    let both = world.json(&["people", "show", "Person 1", "--also", "p2@example.org", "--json"]);
    assert_eq!(
        both["person"]["emails"],
        serde_json::json!(["p1@example.org", "p2@example.org"])
    );
}

/// Where the database names somebody by one of these, as a whole value or within a document.
async fn named(world: &World, names: &[&String]) -> Vec<String> {
    let mut rows = Database::Sqlite(world.path("metrics.db")).dump().await;
    rows.retain(|row| {
        let row = row.to_lowercase();
        let is_named =
            |name: &&String| row.contains(&format!("'{name}'")) || row.contains(&format!("\"{name}\""));
        names.iter().any(is_named)
    });
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_does_not_come_back_from_github() {
    let host = Host::tiny().await;
    host.stdout(&["sync"]);
    let now = SystemClock.now();
    let [from, to] = [40, 1].map(|days| (now - TimeDelta::days(days)).format("%F").to_string());
    // What is open grows older until the next sync; all else stays.
    let ageing = ["work_in_progress", "age_of_open_work"];
    let report = || -> Vec<serde_json::Value> {
        let answers = host.json(&["report", "--from", &from, "--to", &to, "--format", "json"]);
        let answers = answers.as_array().unwrap().iter();
        answers
            .filter(|answer| !ageing.iter().any(|metric| answer["metric"] == *metric))
            .map(|answer| {
                let total = &answer["total"];
                serde_json::json!([
                    answer["metric"],
                    total["n"],
                    total["value"],
                    total["quantiles"],
                    total["excluded"],
                    total["interval"],
                    answer["beside"],
                    total["censored"]["open"],
                    total["censored"]["pending"],
                    total["censored"]["censored_left"]
                ])
            })
            .collect()
    };
    let logins: Vec<String> = host
        .github
        .world()
        .actors()
        .map(|(_, actor)| actor.login.to_string())
        .collect();
    let of = |login: &String| {
        let output = host.run(&["people", "show", login, "--json"]);
        let shown: Option<serde_json::Value> = serde_json::from_slice(&output.stdout).ok();
        shown.filter(|shown| shown["mentions"].as_array().unwrap().len() > 3)
    };
    let shown = logins.iter().find_map(of).unwrap();
    let person: Person = serde_json::from_value(shown["person"].clone()).unwrap();
    let Person {
        handles,
        emails,
        names,
    } = &person;
    let names: Vec<&String> = handles.iter().chain(emails).chain(names).collect();
    assert!(named(&host.world, &names).await.len() > 3, "{names:?}");
    let before = report();

    host.stdout(&["people", "forget", names[0]]);
    assert_eq!(named(&host.world, &names).await, [""; 0]);
    assert_eq!(report(), before);
    host.stdout(&["resync"]);
    assert_eq!(named(&host.world, &names).await, [""; 0], "they came back");
    assert_eq!(report(), before);
}
