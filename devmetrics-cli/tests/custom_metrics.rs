//! Metrics of a file on the command line: used like those that are built in.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use serde_json::Value;
use support::{BEGIN, DAY, World, text};

const DAYS: i64 = 98;
const WINDOW: [&str; 4] = ["--from", "2026-01-05", "--to", "2026-04-13"];

const METRICS: &str = "
[[metric]]
id = 'landed_in_app'
source = 'pull_requests'
where.repositories = ['*app']
measure = 'count'
unit = 'changes'
better = 'higher'
example = 'Two merged to app and one to web: 2.'

[[metric]]
id = 'slowest_releases'
source = 'pull_requests'
measure = 'duration'
from = 'first_commit'
to = 'deployed'
statistic = 'p90'
better = 'lower'
version = 3

[[metric]]
id = 'landed_elsewhere'
source = 'pull_requests'
where.repositories = ['acme/*']
measure = 'count'
better = 'higher'

[[metric]]
id = 'release_rate'
source = 'deployments'
measure = 'count'
per = 'day'
better = 'higher'
";

/// Fourteen weeks of one change a day, each written two days before, and a release every Sunday.
fn world(more: &str) -> World {
    let mut world = World::empty();
    world.configure(&format!("metrics = ['own/metrics.toml']\n{more}"));
    std::fs::create_dir(world.path("own")).unwrap();
    world.write("own/metrics.toml", METRICS);
    let git = &mut world.repository;
    git.at(BEGIN).by("Nobody", "nobody@example.org").commit("Begin");
    for day in 0..DAYS {
        git.at(BEGIN + day * DAY).by("Ada", "ada@example.org");
        git.commit_authored(&format!("Change {day} (#{})", day + 1), BEGIN + (day - 2) * DAY);
        if day % 7 == 6 {
            git.annotated_tag(&format!("v1.{}.0", day / 7));
        }
    }
    world.stdout(&["sync"]);
    world
}

fn json(world: &World, arguments: &[&str]) -> Value {
    world.json(&[arguments, &WINDOW, &["--format", "json"]].concat())
}

#[test]
fn a_metric_of_a_file_is_reported_like_a_built_in_one() {
    let world = world("");
    let asked = [
        "report",
        "velocity",
        "landed-in-app",
        "lead-time",
        "slowest_releases",
        "landed_elsewhere",
        "release_rate",
        "deploys",
        "--bucket",
        "week",
    ];
    let answers = json(&world, &asked);
    let [velocity, landed, lead_time, slowest, elsewhere, rate, deploys] =
        answers.as_array().unwrap().as_slice()
    else {
        panic!("{answers}");
    };
    assert_eq!(landed["total"]["value"], DAYS as f64);
    assert_eq!(landed["total"], velocity["total"]);
    assert_eq!(landed["buckets"], velocity["buckets"]);
    assert_eq!(
        (landed["metric"].as_str(), &landed["unit"]),
        (Some("landed_in_app"), &"count".into())
    );
    assert_eq!(slowest["definition"], "slowest_releases@3");
    assert_eq!(slowest["total"]["value"], lead_time["total"]["quantiles"]["p90"]);
    assert_eq!(slowest["total"]["n"], lead_time["total"]["n"]);
    assert_ne!(slowest["total"]["value"], lead_time["total"]["value"]);
    assert_eq!(
        (&elsewhere["total"]["value"], &elsewhere["total"]["n"]),
        (&0.0.into(), &0.into())
    );
    assert_eq!(rate["total"], deploys["total"]);
    let shown = world.stdout(&[&asked[..], &WINDOW].concat());
    assert!(shown.contains("landed in app"), "{shown}");
}

#[test]
fn its_evidence_can_be_listed() {
    let world = world("");
    let verdicts = |metric: &str| -> Vec<Value> {
        let items = json(&world, &["explain", metric]);
        let told =
            |item: &Value| ["item", "at", "end", "outcome", "value", "reason"].map(|key| item[key].clone());
        let items = items.as_array().unwrap().iter();
        items.map(|item| Value::from(told(item).to_vec())).collect()
    };
    let own = verdicts("slowest_releases");
    assert_eq!(own, verdicts("lead-time"));
    assert_eq!(own.len() as i64, DAYS + 1, "and the push that is left out");
    let elsewhere = json(&world, &["explain", "landed_elsewhere"]);
    assert_eq!(
        elsewhere,
        serde_json::json!([]),
        "what a condition leaves out is no evidence"
    );
    let shown = world.stdout(&[&["explain", "slowest_releases"], &WINDOW[..]].concat());
    assert!(shown.contains("Change 40"), "{shown}");
}

#[test]
fn it_is_listed_with_its_version_unit_and_example() {
    let world = world("");
    let listed = world.stdout(&["metrics"]);
    let row = |name: &str| listed.lines().find(|line| line.contains(name)).unwrap();
    assert!(row("landed_in_app@1").contains("changes"), "{listed}");
    assert!(row("slowest_releases@3").contains("lower"), "{listed}");
    assert!(row("velocity@1").contains("throughput"), "{listed}");
    let told = world.stdout(&["metrics", "landed-in-app", "mttr"]);
    assert!(
        told.contains("Two merged to app and one to web: 2.") && told.contains("median 2 hours"),
        "{told}"
    );
    let definitions = world.json(&["metrics", "--json"]);
    let ids: Vec<_> = definitions
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids[ids.len() - 4..],
        [
            "landed_in_app",
            "slowest_releases",
            "landed_elsewhere",
            "release_rate"
        ]
    );
    // Without a file there are the built-in ones.
    let plain = World::empty();
    assert_eq!(
        plain.json(&["metrics", "--json"]).as_array().unwrap().len(),
        ids.len() - 4
    );
}

#[test]
fn its_values_are_judged_like_those_of_others() {
    let world = world("");
    let trends = json(&world, &["trend", "landed_in_app", "velocity"]);
    assert_eq!(
        (&trends[0]["metric"], &trends[0]["buckets"]),
        (&"landed_in_app".into(), &14.into())
    );
    assert_eq!(trends[0]["slope"], trends[1]["slope"]);
    assert_eq!(trends[0]["direction"], "no_evidence");
    let found = json(&world, &["anomalies", "landed_in_app"]);
    assert_eq!(
        (&found["found"], &found["tested"]),
        (&serde_json::json!([]), &14.into())
    );
    let sides = [
        "--before",
        "2026-01-05..2026-02-23",
        "--after",
        "2026-02-23..2026-04-13",
        "--format",
        "json",
    ];
    let compared = world.json(&[&["compare", "landed_in_app"], &sides[..]].concat());
    assert_eq!(compared["direction"], "no_evidence", "{compared}");
    let compared = world.json(&[&["compare", "slowest_releases"], &sides[..]].concat());
    assert_eq!(compared["metric"], "slowest_releases", "{compared}");
    let drawn = json(
        &world,
        &["forecast", "--metric", "landed_in_app", "--items", "21"],
    );
    let usual = json(&world, &["forecast", "--items", "21"]);
    assert_eq!(drawn[0]["weeks"], 14);
    assert_eq!(drawn[0]["weeks"], usual[0]["weeks"]);
}

#[test]
fn it_can_be_aimed_at() {
    let goal = |rest: &str| format!("[[goal]]\nby = 2099-12-31\nwindow = '3650d'\n{rest}\n");
    let world = world(
        &[
            goal("metric = 'landed_in_app'\ntarget = 1"),
            goal("metric = 'slowest-releases'\ntarget = '5d'"),
            goal("metric = 'landed_elsewhere'\ntarget = 1"),
        ]
        .concat(),
    );
    let goals = world.json(&["goals", "--format", "json"]);
    let told: Vec<_> = goals
        .as_array()
        .unwrap()
        .iter()
        .map(|goal| (goal["metric"].as_str().unwrap(), goal["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("landed_in_app", "met"),
            ("slowest_releases", "at_risk"),
            ("landed_elsewhere", "at_risk")
        ]
    );
    assert!(world.stdout(&["goals"]).contains("landed in app"));
}

#[test]
fn it_is_asked_of_a_service_by_the_names_of_its_repositories() {
    let service = "[[service]]\nid = 'shop'\nrepositories = ['*app']\nreferences = ['v1.?.0']";
    let world = world(service);
    let answers = json(
        &world,
        &["report", "landed_in_app", "release_rate", "--service", "shop"],
    );
    assert_eq!(answers[0]["total"]["value"], DAYS as f64);
    assert_eq!(
        answers[1]["total"]["n"], 10,
        "of fourteen releases ten have these tags"
    );
}

#[test]
fn a_mistake_is_told_with_its_place_by_every_command() {
    let world = World::new(1);
    world.configure("metrics = ['metrics.toml']");
    let metric = "[[metric]]\nid = 'own'\nbetter = 'lower'\n";
    for (file, words) in [
        (
            format!("{metric}source = 'pull_requests'\nmeasure = 'conut'"),
            &["metric: own", "field: measure", "did you mean `count`?"][..],
        ),
        (
            format!("{metric}source = 'incidents'\nmeasure = 'count'\nwhere.labls.any = ['x']"),
            &["metric: own", "field: where", "did you mean `labels`?"],
        ),
        (
            format!("{metric}source = 'deployments'\nmeasure = 'count'\nwhere.labels.any = ['x']"),
            &["metric: own", "field: where.labels", "`environment`"],
        ),
        (
            metric.replace("own", "velocity") + "source = 'incidents'\nmeasure = 'count'",
            &["metric: velocity", "field: id", "built-in"],
        ),
        ("[[metric".to_owned(), &["not valid TOML", "line 1"]),
    ] {
        world.write("metrics.toml", &file);
        for command in ["metrics", "report", "sync", "goals"] {
            let output = world.run(&[command]);
            assert_eq!(output.status.code(), Some(2), "{command}: {file}");
            let error = text(&output.stderr);
            for word in words.iter().chain(&["metrics.toml"]) {
                assert!(error.contains(word), "{command}: `{word}` is not in: {error}");
            }
        }
    }
    std::fs::remove_file(world.path("metrics.toml")).unwrap();
    let error = text(&world.run(&["report"]).stderr);
    assert!(
        error.contains("there is no file") && error.contains("custom-metrics.md"),
        "{error}"
    );
    world.write(
        "metrics.toml",
        &format!("{metric}source = 'incidents'\nmeasure = 'count'"),
    );
    let error = text(&world.run(&["report", "onw"]).stderr);
    assert!(error.contains("did you mean `own`?"), "{error}");
    let goal = "[[goal]]\nmetric = 'onw'\ntarget = 1\nby = 2099-12-31";
    world.configure(&format!("metrics = ['metrics.toml']\n{goal}"));
    let error = text(&world.run(&["goals"]).stderr);
    assert!(
        error.contains("did you mean `own`?") && error.contains("goal: 1"),
        "{error}"
    );
}
