//! What the values of a history say: trend, anomalies, comparison, forecast and goals.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use support::{DAY, World, text};

/// Fourteen weeks of one change a day, each written two days before.
const DAYS: i64 = 98;
const WINDOW: [&str; 4] = ["--from", "2026-01-05", "--to", "2026-04-13"];

/// Of every seven changes two are by team `one`, four by team `two` and one by nobody's.
fn world(more: &str) -> World {
    let mut world = World::empty();
    world.configure(&format!("roster = 'teams.toml'\n{more}"));
    world.write(
        "teams.toml",
        "[[team]]\nid = 'one'\nmember = [{ email = 'p0@example.org' }, { email = 'p1@example.org' }]\n\
         [[team]]\nid = 'two'\nmember = [{ email = 'p2@example.org' }, { email = 'p3@example.org' },\n\
         { email = 'p4@example.org' }, { email = 'p5@example.org' }]\n",
    );
    world
        .repository
        .at(support::BEGIN)
        .by("Nobody", "nobody@example.org")
        .commit("Begin");
    for day in 0..DAYS {
        let person = format!("p{}@example.org", day % 7);
        world
            .repository
            .at(support::BEGIN + day * DAY)
            .by("Person", &person);
        let title = format!("Change {day} (#{})", day + 1);
        world
            .repository
            .commit_authored(&title, support::BEGIN + (day - 2) * DAY);
    }
    world.stdout(&["sync"]);
    world
}

fn json(world: &World, arguments: &[&str]) -> serde_json::Value {
    world.json(&[arguments, &["--format", "json"]].concat())
}

fn rows(world: &World, arguments: &[&str]) -> Vec<csv::StringRecord> {
    let shown = world.stdout(&[arguments, &["--format", "csv"]].concat());
    let mut reader = csv::Reader::from_reader(shown.as_bytes());
    assert_eq!(&reader.headers().unwrap()[0] == "state", arguments[0] == "goals");
    reader.records().map(Result::unwrap).collect()
}

#[test]
fn a_steady_history_has_no_trend_and_no_anomaly() {
    let world = world("");
    let asked = [&["trend", "velocity", "cycle-time"], &WINDOW[..]].concat();
    let trends = json(&world, &asked);
    assert_eq!(trends[0]["direction"], "no_evidence");
    assert_eq!(
        (&trends[0]["buckets"], &trends[0]["slope"]["per_bucket"]),
        (&14.into(), &0.0.into())
    );
    assert_eq!(trends[1]["slope"]["at_first"], 2.0 * DAY as f64);
    assert_eq!(rows(&world, &asked).len(), 2);
    assert!(world.stdout(&asked).contains("no evidence"));
    let short = json(
        &world,
        &["trend", "velocity", "--from", "2026-01-05", "--to", "2026-02-16"],
    );
    assert_eq!(
        (&short[0]["direction"], &short[0]["p"]),
        (&"unknown".into(), &serde_json::Value::Null)
    );

    let shown = world.stdout(&["trend", "velocity", "--from", "2026-01-05", "--to", "2026-02-16"]);
    assert!(shown.contains("unknown (too few buckets)"), "{shown}");

    let asked = [&["anomalies", "velocity", "cycle-time"], &WINDOW[..]].concat();
    let found = json(&world, &asked);
    assert_eq!(found["found"], serde_json::json!([]));
    assert_eq!(
        found["tested"], 14,
        "cycle times that are all alike are not tested"
    );
    assert_eq!(found["series"][1]["unjudged"]["no_spread"], 14);
    assert!(world.stdout(&asked).contains("Nothing is unlike the rest"));
}

#[test]
fn a_week_that_bursts_is_told_in_every_form() {
    let mut world = world("");
    world
        .repository
        .at(support::BEGIN + DAYS * DAY)
        .by("Eve", "eve@example.org");
    for change in 0..30 {
        let title = format!("Burst {change} (#{})", 1_000 + change);
        world
            .repository
            .commit_authored(&title, support::BEGIN + (DAYS - 1) * DAY);
    }
    world.stdout(&["sync"]);
    let asked = [
        "anomalies",
        "velocity",
        "--from",
        "2026-01-05",
        "--to",
        "2026-04-20",
    ];
    let found = json(&world, &asked);
    assert_eq!(
        (&found["found"][0]["label"], &found["found"][0]["value"]),
        (&"2026-W16".into(), &30.0.into())
    );
    assert_eq!(
        (&found["found"][0]["side"], &found["found"][0]["direction"]),
        (&"high".into(), &"improving".into())
    );
    assert_eq!(&rows(&world, &asked)[0][4], "2026-W16");
    assert!(world.stdout(&asked).contains("2026-W16"));
}

#[test]
fn teams_and_windows_are_held_against_each_other() {
    let world = world("");
    let asked = [
        &["compare", "velocity", "--team", "one", "--team", "two"],
        &WINDOW[..],
    ]
    .concat();
    let teams = json(&world, &asked);
    assert_eq!(
        (&teams["first"]["n"], &teams["second"]["n"]),
        (&28.into(), &56.into())
    );
    assert_eq!(
        (&teams["effect"]["kind"], &teams["effect"]["estimate"]),
        (&"ratio".into(), &2.0.into())
    );
    assert_eq!(teams["direction"], "improving");
    assert_eq!(rows(&world, &asked).len(), 1);
    assert!(world.stdout(&asked).contains("improving"));

    let windows = [
        "--before",
        "2026-01-05..2026-01-12",
        "--after",
        "2026-01-12..2026-01-19",
    ];
    let same = json(&world, &[&["compare", "cycle-time"], &windows[..]].concat());
    assert_eq!(
        (&same["effect"]["kind"], &same["effect"]["estimate"]),
        (&"shift".into(), &0.0.into())
    );
    assert_eq!(same["direction"], "no_evidence");
    let empty = [
        "--before",
        "2020-01-05..2020-01-12",
        "--after",
        "2026-01-12..2026-01-19",
    ];
    let unknown = json(&world, &[&["compare", "velocity"], &empty[..]].concat());
    assert_eq!(
        (&unknown["effect"], &unknown["direction"]),
        (&serde_json::Value::Null, &"unknown".into())
    );
}

#[test]
fn working_time_leaves_nights_and_weekends_out() {
    let world = world("[calendar.team.two]\nhours = ['09:00-12:00']");
    let value = |more: &[&str]| {
        let answers = json(&world, &[&["report", "cycle-time"], more, &WINDOW[..]].concat());
        answers[0]["total"]["value"].as_f64().unwrap() / 3600.0
    };
    assert_eq!(value(&[]), 48.0);
    // Two days each; of most changes both are working days.
    assert_eq!(value(&["--clock", "working"]), 16.0);
    assert_eq!(value(&["--clock", "working", "--team", "two"]), 6.0);
    let shown = world.stdout(&[&["report", "cycle-time", "--clock", "working"], &WINDOW[..]].concat());
    assert!(shown.contains("of working time"), "{shown}");
    let evidence = json(
        &world,
        &[&["explain", "cycle-time", "--clock", "working"], &WINDOW[..]].concat(),
    );
    assert!(
        evidence
            .as_array()
            .unwrap()
            .iter()
            .any(|item| item["value"] == 16.0 * 3600.0),
        "{evidence:#}"
    );
}

#[test]
fn what_is_steady_is_forecast_for_sure() {
    let world = world("");
    let asked = [&["forecast", "--items", "15"], &WINDOW[..]].concat();
    let found = json(&world, &asked);
    assert_eq!(found[0]["weeks"], 14);
    let instant = |value: &serde_json::Value| {
        value
            .as_str()
            .unwrap()
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap()
    };
    let from = instant(&found[0]["from"]);
    for likely in found[0]["likely"].as_array().unwrap() {
        assert_eq!(
            (instant(&likely["at"]) - from).num_weeks(),
            3,
            "7 a week: {likely}"
        );
    }
    assert_eq!(rows(&world, &asked).len(), 3);
    assert!(world.stdout(&asked).contains("15 done by"));
    let by = (chrono::DateTime::from_timestamp(from.timestamp(), 0).unwrap() + chrono::TimeDelta::weeks(3))
        .to_rfc3339();
    let items = json(&world, &[&["forecast", "--by", &by], &WINDOW[..]].concat());
    let even = items[0]["likely"][0]["items"].as_f64().unwrap();
    assert!((20.0..=21.0).contains(&even), "almost three weeks: {items:#}");
    let few = json(
        &world,
        &[
            "forecast",
            "--items",
            "1",
            "--from",
            "2026-01-05",
            "--to",
            "2026-03-23",
        ],
    );
    assert_eq!(
        few[0]["likely"],
        serde_json::Value::Null,
        "eleven weeks are too few"
    );
}

#[test]
fn goals_tell_how_they_go() {
    let goal = |rest: &str| format!("[[goal]]\nby = 2099-12-31\nwindow = '3650d'\n{rest}\n");
    let world = world(
        &[
            goal("metric = 'cycle_time'\ntarget = '3d'\nteam = 'one'"),
            goal("metric = 'cycle_time'\nstatistic = 'p90'\ntarget = '36h'"),
            goal("metric = 'velocity'\ntarget = 0.001"),
            goal("metric = 'pickup_time'\ntarget = '1d'"),
        ]
        .concat(),
    );
    let goals = json(&world, &["goals"]);
    let states: Vec<_> = goals
        .as_array()
        .unwrap()
        .iter()
        .map(|goal| goal["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["met", "at_risk", "met", "unknown"]);
    assert_eq!(
        (&goals[0]["value"], &goals[0]["id"]),
        (&(2.0 * DAY as f64).into(), &"one".into())
    );
    assert_eq!(rows(&world, &["goals"]).len(), 4);
    assert!(world.stdout(&["goals"]).contains("at risk"));
}

#[test]
fn without_goals_it_says_where_to_write_them() {
    let world = World::new(2);
    world.configure("");
    assert!(world.stdout(&["goals"]).contains("[[goal]]"));
}

#[test]
fn a_question_that_cannot_be_answered_says_how_to_ask() {
    let world = world("[[goal]]\nmetric = 'velocity'\ntarget = 1\nby = 2099-12-31\nteam = 'tow'");
    let cases: [(&[&str], i32, &[&str]); 9] = [
        (&["trend", "velocty"], 3, &["did you mean `velocity`?"]),
        (&["trend"], 2, &["METRICS"]),
        (
            &["trend", "velocity", "--bucket", "day", "--from", "2016-01-01"],
            2,
            &["longer bucket"],
        ),
        (
            &["compare", "velocity", "--team", "one"],
            2,
            &["--team a --team b", "--before"],
        ),
        (
            &[
                "compare",
                "velocity",
                "--before",
                "2026-01-05",
                "--after",
                "7d..1d",
            ],
            2,
            &["--before", ".."],
        ),
        (&["forecast"], 2, &["--items"]),
        (
            &["forecast", "--items", "3", "--metric", "lead-time"],
            2,
            &["velocity"],
        ),
        (&["forecast", "--by", "2026-01-31"], 2, &["is past"]),
        (
            &["goals"],
            3,
            &["no team `tow`", "did you mean `two`?", "goal: velocity"],
        ),
    ];
    for (arguments, code, words) in cases {
        let output = world.run(arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        for word in words {
            assert!(
                error.contains(word),
                "`{word}` is not said by {arguments:?}: {error}"
            );
        }
    }
}
