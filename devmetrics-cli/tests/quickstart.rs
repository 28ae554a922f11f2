//! The first thing that a newcomer does, and what follows.

mod support;

use support::{DAY, Database, World, text};

#[test]
fn quickstart_shows_numbers_of_a_clone_without_any_configuration() {
    let world = World::new(40);
    let shown = world.stdout(&["quickstart", "app", "--from", "2026-01-05", "--to", "2026-01-19"]);
    for expected in [
        "velocity",
        "change lead time",
        "deployment frequency",
        "2026-W02",
        "2026-W03",
        "Next:",
        "devmetrics explain",
    ] {
        assert!(shown.contains(expected), "{expected} is not in:\n{shown}");
    }
    assert!(world.path("devmetrics.db").exists());
}

#[test]
fn its_numbers_are_those_of_the_history() {
    let world = World::new(40);
    let answers = world.json(&[
        "quickstart",
        "app",
        "--from",
        "2026-01-05",
        "--to",
        "2026-01-15",
        "--format",
        "json",
    ]);
    let answer = |metric: &str| {
        answers
            .as_array()
            .unwrap()
            .iter()
            .find(|answer| answer["metric"] == metric)
            .unwrap()
            .clone()
    };
    // Four squashes a day for ten days; the first commit of all was pushed without a pull request.
    let velocity = answer("velocity");
    assert_eq!(velocity["total"]["value"], 40.0);
    assert_eq!(velocity["total"]["excluded"]["direct_push"], 1);
    assert_eq!(velocity["beside"]["distinct_authors"], 4.0);
    // Written two days before each was merged.
    assert_eq!(answer("cycle_time")["total"]["value"], 2.0 * DAY as f64);
    // v1.0.0 is the baseline; each of the other three releases ships ten changes: the newest at once, the oldest after
    // nine quarters of a day.
    let lead = answer("change_lead_time");
    assert_eq!(lead["total"]["n"], 30);
    assert_eq!(lead["total"]["censored"]["censored_left"], 10);
    assert_eq!(lead["total"]["value"], (2.0 + 4.5 / 4.0) * DAY as f64);
    assert_eq!(answer("deployment_frequency")["total"]["n"], 4);
}

#[test]
fn a_project_that_sleeps_shows_its_own_last_days() {
    let world = World::new(8);
    let shown = world.stdout(&["quickstart", "app"]);
    assert!(
        shown.contains("the last 90 days with a change in them") || shown.contains("2026-W02"),
        "{shown}"
    );
}

#[test]
fn a_history_of_direct_pushes_says_how_to_count_them() {
    let mut world = World::empty();
    for day in 0..6 {
        world.repository.at(support::BEGIN + day * DAY).commit("Work");
    }
    let arguments = ["quickstart", "app", "--from", "2026-01-05", "--to", "2026-01-12"];
    let shown = world.stdout(&arguments);
    assert!(shown.contains("--direct-pushes"), "{shown}");
    let counted = world.json(&[&arguments[..], &["--direct-pushes", "--format", "json"]].concat());
    assert_eq!(counted[0]["total"]["value"], 6.0);
}

#[test]
fn an_empty_repository_is_no_error_and_no_zero() {
    let world = World::empty();
    let answers = world.json(&["quickstart", "app", "--format", "json"]);
    assert!(answers[0]["total"]["value"].is_null(), "{answers:#}");
}

#[test]
fn init_sync_and_report_lead_from_a_clone_to_teams() {
    let world = World::new(40);
    let said = world.stdout(&["init", "app"]);
    assert!(said.contains("4 people found"), "{said}");
    let roster = std::fs::read_to_string(world.path("teams.toml")).unwrap();
    assert!(roster.contains("p3@example.org"), "{roster}");
    world.stdout(&["sync"]);
    let window = ["--from", "2026-01-05", "--to", "2026-01-19"];
    let everyone = world.json(
        &[
            &["report", "velocity", "--team", "everyone", "--format", "json"],
            &window[..],
        ]
        .concat(),
    );
    assert_eq!(everyone[0]["total"]["value"], 40.0);

    world.write(
        "teams.toml",
        "[[team]]\nid = 'one'\nmember = [{ email = 'p1@example.org' }]\n\
         [[team]]\nid = 'two'\nmember = [{ email = 'p2@example.org', until = 2026-01-10 }]\n",
    );
    let check = world.stdout(&["teams", "check"]);
    assert!(
        check.contains("in order") && check.contains("p0@example.org"),
        "{check}"
    );
    let moved = world.stdout(&["teams", "import", "teams.toml"]);
    assert!(moved.contains("45 facts moved"), "{moved}");
    let again = world.stdout(&["teams", "import", "teams.toml"]);
    assert!(again.contains(" 0 facts moved"), "{again}");
    let teams = world.json(
        &[
            &["report", "velocity", "--all-teams", "--format", "json"],
            &window[..],
        ]
        .concat(),
    );
    let value = |team: &str| {
        let answers = teams.as_array().unwrap();
        answers
            .iter()
            .find(|answer| answer["scope"]["id"] == team)
            .unwrap()["total"]["value"]
            .clone()
    };
    assert_eq!(value("one"), 10.0);
    // Written by p2 while still in the team: those begun before 10 January.
    assert_eq!(value("two"), 7.0);
    assert_eq!(value("unassigned"), 23.0);
}

#[test]
fn explain_lists_what_the_report_counts() {
    let world = World::new(40);
    world.configure("");
    world.stdout(&["sync"]);
    let window = ["--from", "2026-01-05", "--to", "2026-01-15", "--format", "json"];
    for metric in ["velocity", "cycle-time", "lead-time", "deployment-frequency"] {
        let answer = world.json(&[&["report", metric], &window[..]].concat());
        let evidence = world.json(&[&["explain", metric], &window[..]].concat());
        let evidence = evidence.as_array().unwrap();
        let of = |outcome: &str| evidence.iter().filter(|item| item["outcome"] == outcome).count();
        assert_eq!(answer[0]["total"]["n"], of("counted"), "{metric}");
        assert_eq!(
            answer[0]["total"]["censored"]["censored_left"],
            of("censored_left"),
            "{metric}"
        );
        let excluded: u64 = answer[0]["total"]["excluded"]
            .as_object()
            .unwrap()
            .values()
            .map(|count| count.as_u64().unwrap())
            .sum();
        assert_eq!(excluded, of("excluded") as u64, "{metric}");
    }
    let table = world.stdout(&[
        "explain",
        "lead-time",
        "--from",
        "2026-01-05",
        "--to",
        "2026-01-15",
    ]);
    assert!(
        table.contains("Change number 39") && table.contains("censored_left"),
        "{table}"
    );
    let of = |teams: &[&str]| {
        let arguments = [&["explain", "velocity"], teams, &window[..]].concat();
        world.json(&arguments).as_array().unwrap().len()
    };
    let one = of(&["--team", "unassigned"]);
    assert_eq!(of(&["--team", "unassigned", "--team", "unassigned"]), 2 * one);
}

#[test]
fn csv_has_one_row_a_value_and_a_stable_header() {
    let world = World::new(40);
    world.configure("");
    world.stdout(&["sync"]);
    let shown = world.stdout(&[
        "report",
        "velocity",
        "--from",
        "2026-01-05",
        "--to",
        "2026-01-19",
        "--bucket",
        "week",
        "--format",
        "csv",
    ]);
    let mut reader = csv::Reader::from_reader(shown.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(
        header[..8],
        [
            "metric",
            "definition",
            "unit",
            "of",
            "bucket",
            "from",
            "to",
            "value"
        ]
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let values: Vec<(&str, &str)> = rows.iter().map(|row| (&row[4], &row[7])).collect();
    assert_eq!(values, [("", "40"), ("2026-W02", "28"), ("2026-W03", "12")]);
}

#[test]
fn a_second_sync_reads_nothing_and_a_third_only_what_is_new() {
    let mut world = World::new(40);
    world.configure("");
    world.stdout(&["sync"]);
    let again = world.json(&["sync", "--json"]);
    let read = |report: &serde_json::Value| -> u64 {
        report["feeds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|feed| feed["records"].as_u64().unwrap())
            .sum()
    };
    assert_eq!(read(&again), 0, "{again:#}");
    assert_eq!(again["settled"]["rematched"], 0);
    world.grow(40..60);
    let third = world.json(&["sync", "--json"]);
    assert_eq!(read(&third), 22, "20 changes and 2 releases: {third:#}");
}

#[test]
fn doctor_says_what_is_in_order_and_what_is_not() {
    let world = World::new(4);
    world.configure("roster = 'teams.toml'");
    world.write("teams.toml", "[[team]]\nid = 'one'\n");
    world.stdout(&["sync"]);
    let fine = world.stdout(&["doctor"]);
    assert!(
        fine.contains("the database answers") && fine.contains("read to its end"),
        "{fine}"
    );
    world.write("teams.toml", "[[team]]\nid = 'one'\nparnt = 'x'\n");
    let output = world.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(
        text(&output.stdout).contains("PROBLEM"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn completions_and_the_list_of_metrics_need_no_database() {
    let world = World::empty();
    assert!(world.stdout(&["completions", "bash"]).contains("devmetrics"));
    assert!(world.stdout(&["metrics"]).contains("change_lead_time"));
    assert!(!world.path("devmetrics.db").exists());
}

#[test]
fn logs_are_json_when_asked_and_never_on_standard_output() {
    let world = World::new(4);
    world.configure("");
    let output = world.run(&["-v", "--log", "json", "sync", "--json"]);
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
    let logs = text(&output.stderr);
    let line = logs
        .lines()
        .find(|line| line.starts_with('{'))
        .expect("a log line");
    let entry: serde_json::Value = serde_json::from_str(line).unwrap();
    assert!(entry["fields"]["message"].is_string(), "{entry}");
}

#[tokio::test]
async fn postgresql_gives_the_answers_of_the_embedded_database() {
    let Some(server) = Database::postgres().await else {
        return;
    };
    let world = World::new(40);
    world.configure("roster = 'teams.toml'");
    world.write(
        "teams.toml",
        "[[team]]\nid = 'one'\nmember = [{ email = 'p1@example.org', until = 2026-01-10 }]\n",
    );
    let window = [
        "--from",
        "2026-01-05",
        "--to",
        "2026-01-19",
        "--zone",
        "Europe/Berlin",
        "--format",
        "json",
    ];
    let answers = |database: &str| {
        world.stdout(&["--database", database, "sync"]);
        let report = [
            &["--database", database, "report", "--all-teams", "--bucket", "day"],
            &window[..],
        ]
        .concat();
        let explain = [&["--database", database, "explain", "lead-time"], &window[..]].concat();
        let mut report = world.json(&report);
        // Each database was read to its end at an instant of its own.
        report
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|answer| answer["coverage"]["to"].take().as_str().map_or((), drop));
        (report, world.json(&explain))
    };
    let embedded = answers("sqlite:metrics.db");
    assert_eq!(answers(&server.url()), embedded);
}

#[test]
fn the_environment_wins_over_the_file_and_an_argument_over_both() {
    let world = World::new(2);
    world.configure("");
    let with = |arguments: &[&str]| {
        let output = world
            .command(arguments)
            .env("DEVMETRICS_DATABASE", "sqlite:of-environment.db")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
    };
    with(&["sync"]);
    assert!(world.path("of-environment.db").exists() && !world.path("metrics.db").exists());
    with(&["--database", "sqlite:of-argument.db", "sync"]);
    assert!(world.path("of-argument.db").exists() && !world.path("metrics.db").exists());
}
