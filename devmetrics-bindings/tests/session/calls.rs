use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use chrono_tz::Tz;
use devmetrics_bindings::{Failure, Opening, Session};
use devmetrics_core::ErrorKind;
use devmetrics_core::metric::{Bucket, MetricQuery, Scope};
use devmetrics_core::model::Window;
use devmetrics_core::{Id, midnight};
use serde_json::{Value, json};

use crate::world::world;

async fn ask(session: &Session, name: &str, arguments: Value) -> Value {
    match session.call(name, &arguments.to_string()).await {
        Ok(text) => serde_json::from_str(&text).unwrap(),
        Err(error) => panic!("{name}: {error}"),
    }
}

async fn refused(session: &Session, name: &str, arguments: Value) -> Failure {
    match session.call(name, &arguments.to_string()).await {
        Ok(text) => panic!("{name}: {text}"),
        Err(error) => Failure::from(&error),
    }
}

#[tokio::test]
async fn a_report_is_what_the_engine_answers() {
    let (session, engine) = world().await;
    let given = session
        .call(
            "report",
            r#"{"metrics": ["velocity", "lead_time"], "team": ["web", "api"], "from": "2026-01-05", "to": "2026-02-02", "bucket": "week"}"#,
        )
        .await
        .unwrap();
    let mut answers = Vec::new();
    for (team, zone) in [("web", Tz::Europe__Berlin), ("api", Tz::UTC)] {
        let day = |text: &str| midnight(text.parse().unwrap(), zone).unwrap();
        let window = Window {
            from: day("2026-01-05"),
            to: day("2026-02-02"),
        };
        let query = MetricQuery::new(["velocity", "lead_time"], window)
            .scope(Scope::Team(Id::new(team)))
            .bucket(Bucket::Week)
            .zone(zone);
        answers.extend(engine.report(&query).await.unwrap());
    }
    assert_eq!(given, serde_json::to_string(&answers).unwrap());
}

#[tokio::test]
async fn every_call_refuses_what_it_does_not_know() {
    let (session, _) = world().await;
    for name in Session::calls() {
        let arguments =
            json!({"colour": "red", "metric": "velocity", "team": "web", "records": [], "items": 3});
        let error = refused(&session, name, arguments).await;
        assert_eq!(error.code, "invalid_input", "{name}");
        assert!(
            error.message.contains("no argument `"),
            "{name}: {}",
            error.message
        );
    }
}

#[tokio::test]
async fn errors_name_the_argument_and_what_is_near() {
    let (session, _) = world().await;
    for (name, arguments, field, message) in [
        (
            "report",
            json!({"metric": "velocity"}),
            "metric",
            "did you mean `metrics`?",
        ),
        (
            "report",
            json!({"bucket": "wek"}),
            "bucket",
            "unknown variant `wek`",
        ),
        (
            "report",
            json!({"from": "2026-02-01", "to": "2026-01-01"}),
            "from",
            "exchange them",
        ),
        ("report", json!({"from": "soon"}), "from", "90d"),
        (
            "report",
            json!({"zone": "Europe/Berln"}),
            "zone",
            "did you mean `Europe/Berlin`?",
        ),
        (
            "report",
            json!({"team": "web", "service": "x"}),
            "team",
            "name one of",
        ),
        ("explain", json!({"team": "web"}), "metric", "`metric` is missing"),
        (
            "explain",
            json!({"metric": "velocity", "team": ["web", "api"]}),
            "team",
            "one at a time",
        ),
        (
            "explain",
            json!({"metric": "velocity", "cursor": "x"}),
            "cursor",
            "`cursor` is none",
        ),
        ("pull_requests", json!({"limit": 0}), "limit", "1 or more"),
        (
            "pull_requests",
            json!({"state": "closed"}),
            "state",
            "unknown variant",
        ),
        (
            "compare",
            json!({"metric": "velocity", "team": "web"}),
            "team",
            "two sides",
        ),
        ("forecast", json!({}), "items", "`items` or `by`"),
    ] {
        let error = session.call(name, &arguments.to_string()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name} {arguments}");
        assert!(
            error.context().contains(&("field", field.to_owned())),
            "{name} {arguments}: {error}"
        );
        assert!(error.message().contains(message), "{name} {arguments}: {error}");
    }
    let error = refused(&session, "report", json!({"team": "wbe"})).await;
    assert_eq!((error.code, error.near), ("not_found", vec!["web".to_owned()]));
    let error = refused(&session, "reprot", json!({})).await;
    assert!(
        error.message.contains("did you mean `report`?"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn pages_hold_everything_once() {
    let (session, _) = world().await;
    let mut ids: Vec<String> = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let arguments = json!({"from": "2026-01-01", "to": "2026-04-01", "limit": 20, "cursor": cursor});
        let page = ask(&session, "pull_requests", arguments).await;
        let items = page["items"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        cursor = page["next"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(ids.len(), 89);
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first, each once");
    let open = ask(&session, "pull_requests", json!({"state": "open", "from": "30d"})).await;
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn evidence_comes_by_pages() {
    let (session, _) = world().await;
    let arguments =
        json!({"metric": "velocity", "team": "api", "from": "2026-01-01", "to": "2026-04-01", "limit": 20});
    let first = ask(&session, "explain", arguments.clone()).await;
    let mut rest = arguments;
    rest["cursor"] = first["next"].clone();
    let rest = ask(&session, "explain", rest).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 20);
    assert_eq!(rest["items"].as_array().unwrap().len(), 9);
    assert_eq!(rest["next"], Value::Null);
    assert_eq!(first["items"][0]["pull_request"]["author"], "GRACE");
}

#[tokio::test]
async fn comparisons_are_with_the_first() {
    let (session, _) = world().await;
    let when = json!({"from": "2026-01-01", "to": "2026-04-01"});
    let mut teams = when.clone();
    teams["metric"] = "velocity".into();
    teams["team"] = json!(["web", "api", "unassigned"]);
    let found = ask(&session, "compare", teams).await;
    let seconds: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["second"]["id"])
        .collect();
    assert_eq!(seconds, ["api", "unassigned"]);
    let mut times = when;
    times["metric"] = "velocity".into();
    times["team"] = "web".into();
    times["before_from"] = "2025-10-01".into();
    times["before_to"] = "2026-01-01".into();
    let found = ask(&session, "compare", times).await;
    assert_eq!(found[0]["first"]["window"]["from"], "2025-09-30T22:00:00Z");
    assert_eq!(found[0]["second"]["window"]["to"], "2026-03-31T22:00:00Z");
}

#[tokio::test]
async fn what_is_brought_is_told() {
    let (session, _) = world().await;
    let arguments = json!({"source": "pipeline", "records": [{
        "id": "run-1", "repository": "acme/web", "status": "success",
        "finished_at": "2026-04-05T10:00:00Z", "commit": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    }]});
    let report = ask(&session, "import_deployments", arguments.clone()).await;
    assert_eq!((&report["records"], &report["inserted"]), (&json!(1), &json!(1)));
    let again = ask(&session, "import_deployments", arguments).await;
    assert_eq!(again["unchanged"], 1);
    let wrong = json!({"records": [{"id": "run-1", "repositry": "acme/web"}]});
    let error = refused(&session, "import_deployments", wrong).await;
    assert!(
        error.message.contains("did you mean `repository`?"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn the_rest_answers() {
    let (session, _) = world().await;
    let when = json!({"from": "2026-01-01", "to": "2026-04-01"});
    assert!(
        ask(&session, "metrics", json!({}))
            .await
            .as_array()
            .unwrap()
            .len()
            > 20
    );
    assert_eq!(
        ask(&session, "metrics", json!({"metrics": "lead_time"})).await[0]["id"],
        "change_lead_time"
    );
    assert_eq!(
        ask(&session, "trend", when.clone())
            .await
            .as_array()
            .unwrap()
            .len(),
        7
    );
    assert!(ask(&session, "anomalies", when.clone()).await["series"].is_array());
    assert_eq!(
        ask(&session, "forecast", json!({"items": 10})).await[0]["items"],
        10
    );
    assert_eq!(
        ask(&session, "forecast", json!({"by": "2026-06-01"})).await[0]["by"],
        "2026-06-02T00:00:00Z"
    );
    assert_eq!(ask(&session, "goals", json!({})).await, json!([]));
    assert_eq!(ask(&session, "status", json!({})).await[0]["name"], "acme/web");
    assert!(ask(&session, "quality", when.clone()).await["findings"].is_array());
    assert_eq!(
        ask(&session, "match_coverage", when.clone()).await[0]["name"],
        "acme/web"
    );
    assert_eq!(ask(&session, "teams", json!({})).await["items"][1]["id"], "web");
    assert_eq!(
        ask(&session, "members", json!({"team": "web"})).await[0]["person"],
        "ada"
    );
    assert_eq!(
        ask(&session, "members", json!({"team": "web", "at": "2025-01-01"})).await,
        json!([])
    );
    assert_eq!(
        ask(&session, "repositories", json!({})).await["items"][0]["name"],
        "acme/web"
    );
    assert_eq!(
        ask(&session, "deployments", when.clone()).await["items"]
            .as_array()
            .unwrap()
            .len(),
        8
    );
    assert_eq!(ask(&session, "incidents", when).await["items"], json!([]));
    assert_eq!(
        ask(&session, "report", json!({"all_teams": true}))
            .await
            .as_array()
            .unwrap()
            .len(),
        21
    );
}

#[tokio::test]
async fn an_answer_has_its_rows() {
    let (session, _) = world().await;
    let arguments = json!({"metrics": "velocity", "team": ["web", "api"], "from": "2026-01-05", "to": "2026-02-02", "bucket": "week"});
    let batch = session.table("report", &arguments.to_string()).await.unwrap();
    assert_eq!(
        batch.num_rows(),
        10,
        "the whole window and four weeks of each team"
    );
    let counts = batch.column_by_name("n").unwrap().as_primitive::<Int64Type>();
    let whole = counts.value(0);
    assert_eq!(counts.values()[1..5].iter().sum::<i64>(), whole);
    assert!(
        batch
            .column_by_name("bucket")
            .unwrap()
            .as_string::<i32>()
            .value(1)
            .starts_with("2026-W")
    );
    let error = session.table("status", "{}").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_session_is_opened_by_a_url_a_file_or_fields() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("metrics.db");
    let file = folder.path().join("devmetrics.toml");
    std::fs::write(&file, "database = 'sqlite:metrics.db'\nzone = 'Europe/Berlin'\n").unwrap();
    let fields =
        json!({"database": format!("sqlite:{}", database.display()), "policy": "primary"}).to_string();
    for opening in [
        format!(
            "sqlite:////{}",
            database.display().to_string().trim_start_matches('/')
        ),
        file.display().to_string(),
        fields,
    ] {
        let session = Session::open(Opening::parse(&opening).unwrap(), Vec::new())
            .await
            .unwrap();
        let answers = ask(&session, "report", json!({"metrics": "velocity"})).await;
        let expected = match opening.as_str() {
            toml if toml.ends_with(".toml") => ("Europe/Berlin", "full"),
            json if json.starts_with('{') => ("UTC", "primary"),
            _ => ("UTC", "full"),
        };
        assert_eq!(
            (&answers[0]["zone"], &answers[0]["policy"]),
            (&json!(expected.0), &json!(expected.1))
        );
    }
    assert!(database.exists());
    let missing = Opening::parse("nowhere/devmetrics.toml").unwrap();
    let error = Session::open(missing, Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let wrong = Opening::parse(r#"{"databse": "memory:"}"#).unwrap();
    let error = Session::open(wrong, Vec::new()).await.unwrap_err();
    assert!(error.message().contains("did you mean `database`?"), "{error}");
}
