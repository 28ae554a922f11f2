//! Incidents and deployments from elsewhere: what is taken, what is refused and how, and that again is safe.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::engine::{ImportOptions, ImportReport};
use devmetrics_core::import::{DeploymentRecord, IncidentRecord, Record, Records};
use devmetrics_core::metric::{Extent, SampleQuery, Scope};
use devmetrics_core::model::{DeploymentMatch, FailureRule, Incident, Landing};
use devmetrics_core::store::{Applied, MemoryStore, MetricsStore};
use devmetrics_core::{Engine, ErrorKind, Id, ManualClock, Result, Settings};
use devmetrics_testkit::builders::*;
use serde_json::{Value, json};

const DOCUMENT: &str = include_str!("../../docs/import.md");

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    engine: Engine,
}

/// `acme/web` with the changes 0 to 9 on the first days of 2026, and `acme/api` without any.
async fn world() -> World {
    let store = Arc::new(MemoryStore::new());
    let mut page = batch(feed("changes"), None, "a");
    page.repositories.push(named_repository("acme/api"));
    page.pull_requests = (0..10).map(pull_request).collect();
    page.complete = true;
    page.covered_from = Some(day(0));
    store.commit(page).await.unwrap();
    let clock = Arc::new(ManualClock::new(day(100)));
    let engine = Engine::new(
        Arc::clone(&store) as Arc<dyn MetricsStore>,
        Arc::clone(&clock) as Arc<dyn devmetrics_core::Clock>,
        Settings::default(),
    );
    World { store, clock, engine }
}

impl World {
    async fn incidents(&self, records: &Value, options: &ImportOptions) -> Result<ImportReport> {
        let records = Records::from_json("incidents.json", &records.to_string())?;
        self.engine.import_incidents(&records, options).await
    }

    async fn deployments(&self, records: &Value, options: &ImportOptions) -> Result<ImportReport> {
        let records = Records::from_json("deployments.json", &records.to_string())?;
        self.engine.import_deployments(&records, options).await
    }

    async fn stored(&self) -> Vec<Incident> {
        let mut stored = self.store.incidents(&repository().id).await.unwrap();
        stored.extend(
            self.store
                .incidents(&named_repository("acme/api").id)
                .await
                .unwrap(),
        );
        stored
    }
}

fn incident(id: &str) -> Value {
    json!({ "id": id, "repository": "acme/web", "title": "Down", "started_at": "2026-01-05T10:00:00Z" })
}

fn deployment(id: &str, finished_at: &str, commit: &str) -> Value {
    json!({
        "id": id, "repository": "acme/web", "status": "success", "finished_at": finished_at, "commit": commit,
    })
}

fn with(mut record: Value, field: &str, value: Value) -> Value {
    record[field] = value;
    record
}

fn applied(inserted: u64, updated: u64, unchanged: u64, removed: u64) -> Applied {
    Applied {
        inserted,
        updated,
        unchanged,
        removed,
    }
}

/// The code block of this language in the documentation.
fn example(language: &str) -> &'static str {
    let after = DOCUMENT.split(&format!("```{language}\n")).nth(1).unwrap();
    after.split("```").next().unwrap()
}

fn schema(name: &str) -> Value {
    let path = format!("{}/../docs/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test]
async fn the_examples_of_the_documentation_are_taken() {
    let world = world().await;
    let deployments = Records::<DeploymentRecord>::from_json("x", example("json")).unwrap();
    let report = world
        .engine
        .import_deployments(&deployments, &ImportOptions::default())
        .await
        .unwrap();
    assert_eq!((report.records, report.applied), (2, applied(2, 0, 0, 0)));
    let incidents = Records::<IncidentRecord>::from_csv("x", example("csv")).unwrap();
    let options = ImportOptions {
        source: "pagerduty".into(),
        ..ImportOptions::default()
    };
    let report = world.engine.import_incidents(&incidents, &options).await.unwrap();
    assert_eq!((report.records, report.applied), (2, applied(2, 0, 0, 0)));
    let stored = world.stored().await;
    assert_eq!(stored[0].id, Id::new("pagerduty:incident:PT4KHLK"));
    assert_eq!(stored[0].labels, ["checkout", "sev1"]);
    assert_eq!(stored[0].caused_by, ["#4"]);
    assert_eq!(stored[1].title, "Search is slow, sometimes");
    assert_eq!(stored[1].resolved_at, None);
    // The second deployment is said to ship #4, so the incident is charged to it.
    let matched = world
        .store
        .pull_requests(&[1, 3, 4, 5].map(pull_request_id))
        .await
        .unwrap();
    let matched: Vec<_> = matched.into_iter().map(|stored| stored.matched).collect();
    let declared = Some(DeploymentMatch::Declared);
    assert_eq!(
        matched,
        [Some(DeploymentMatch::Baseline), declared, declared, None]
    );
    let query = SampleQuery {
        extent: Extent::All,
        window: days(80, 100),
        open: false,
        places: Vec::new(),
    };
    let failures = world.store.failure_samples(&query).await.unwrap();
    let failed: Vec<_> = failures.iter().map(|f| (f.deployment.as_str(), f.rule)).collect();
    assert_eq!(failed, [("import:deployment:1042", FailureRule::Explicit)]);
}

#[test]
fn every_field_is_in_the_schema_and_the_documentation() {
    fn hold<R: Record>() {
        let schema = schema(R::NOUN);
        let properties = schema["properties"].as_object().unwrap();
        let mut fields: Vec<_> = R::FIELDS.to_vec();
        fields.sort_unstable();
        let mut described: Vec<_> = properties.keys().map(String::as_str).collect();
        described.sort_unstable();
        assert_eq!(described, fields, "{}", R::NOUN);
        let part = DOCUMENT
            .split(&format!("{}.schema.json)", R::NOUN))
            .nth(1)
            .unwrap();
        let part = part.split("\n###").next().unwrap();
        for field in fields {
            assert!(part.contains(&format!("| `{field}` |")), "{field} of {}", R::NOUN);
            assert_eq!(
                properties[field]["type"] == "array",
                R::LISTS.contains(&field),
                "{field}"
            );
        }
    }
    hold::<IncidentRecord>();
    hold::<DeploymentRecord>();
}

/// Each is taken or refused by the importer and by the schema alike.
#[tokio::test]
async fn the_schema_says_what_the_importer_takes() {
    let world = world().await;
    let dry = ImportOptions {
        dry_run: true,
        ..ImportOptions::default()
    };
    let texts = || {
        let commit = landing_commit(1);
        let mut values = vec![
            json!(null),
            json!(7),
            json!(true),
            json!([]),
            json!({}),
            json!(""),
            json!(" "),
            json!("x"),
            json!("#12"),
            json!("12"),
            json!("#0"),
            json!("a1b2c3d"),
            json!(commit),
            json!(commit.to_uppercase()),
            json!(format!("{commit}..{commit}")),
            json!(format!("{commit}...{commit}")),
            json!(format!("{commit}..")),
            json!("success"),
            json!("Success"),
            json!("failure"),
            json!("cancelled"),
            json!("github:pr:12"),
            json!(":x"),
            json!("x:"),
            json!("https://example.com/a"),
            json!("https://example.com/a b"),
            json!("javascript:alert(1)"),
            json!("ada@example.com"),
            json!("Ada Lovelace"),
            json!("acme/web"),
            json!("2026-01-05T10:00:00Z"),
            json!("2026-01-05t10:00:00z"),
            json!("2026-01-05 10:00:00+02:00"),
            json!("2026-01-05T10:00:00.999999999-03:30"),
            json!("2026-01-05T10:00:00"),
            json!("2026-01-05"),
            json!("2026-02-30T10:00:00Z"),
            json!("2026-01-05T10:00Z"),
            json!("2026-01-05T10:00:00+0200"),
            json!(" 2026-01-05T10:00:00Z"),
        ];
        let lists: Vec<_> = values.iter().map(|value| json!([value])).collect();
        values.extend(lists);
        values.push(json!(["#1", "#2", "#1"]));
        values
    };
    let (mut taken, mut refused) = (0, 0);
    for noun in ["incident", "deployment"] {
        let schema = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema(noun))
            .unwrap();
        let whole = match noun {
            "incident" => incident("1"),
            _ => deployment("1", "2026-01-05T10:00:00Z", &landing_commit(1)),
        };
        let fields = match noun {
            "incident" => IncidentRecord::FIELDS,
            _ => DeploymentRecord::FIELDS,
        };
        let mut cases: Vec<Value> = vec![whole.clone(), with(whole.clone(), "nmae", json!("x"))];
        for field in fields {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(*field);
            cases.push(without);
            cases.extend(texts().into_iter().map(|value| with(whole.clone(), field, value)));
        }
        let mut ranged = with(
            whole.clone(),
            "range",
            json!(format!("{0}..{0}", landing_commit(1))),
        );
        ranged.as_object_mut().unwrap().remove("commit");
        cases.push(ranged);
        for case in cases {
            // That a repository exists, and an end comes after its begin, is beyond a schema.
            let mut case = case;
            if case["repository"]
                .as_str()
                .is_some_and(|name| !name.trim().is_empty())
            {
                case["repository"] = json!("acme/web");
            }
            let records = json!([case]);
            let imported = match noun {
                "incident" => world.incidents(&records, &dry).await,
                _ => world.deployments(&records, &dry).await,
            };
            if imported
                .as_ref()
                .is_err_and(|error| error.to_string().contains("is before"))
            {
                continue;
            }
            let valid = schema.is_valid(&case);
            assert_eq!(valid, imported.is_ok(), "{noun} {case}: {imported:?}");
            match valid {
                true => taken += 1,
                false => refused += 1,
            }
        }
    }
    assert!(taken > 100 && refused > 500, "{taken} {refused}");
}

#[tokio::test]
async fn the_same_records_again_change_nothing() {
    let world = world().await;
    let records = json!([with(incident("1"), "labels", json!(["b", "a"])), incident("2")]);
    let options = ImportOptions::default();
    let first = world.incidents(&records, &options).await.unwrap();
    assert_eq!(first.applied, applied(2, 0, 0, 0));
    let before = (world.stored().await, world.store.repositories().await.unwrap());
    world.clock.advance(TimeDelta::days(3));
    let again = world.incidents(&records, &options).await.unwrap();
    assert_eq!(again.applied, applied(0, 0, 2, 0));
    assert_eq!(
        (world.stored().await, world.store.repositories().await.unwrap()),
        before
    );

    // Without its own instant a record tells the present, and replaces what is another.
    let changed = json!([with(incident("2"), "title", json!("Up again"))]);
    let report = world.incidents(&changed, &options).await.unwrap();
    assert_eq!(report.applied, applied(0, 1, 0, 0));
    let stored = world.stored().await;
    assert_eq!((stored.len(), stored[1].title.as_str()), (2, "Up again"));
    assert_eq!(stored[1].updated_at, day(103));
}

#[tokio::test]
async fn a_record_that_was_changed_earlier_changes_nothing() {
    let world = world().await;
    let version = |at: &str, title: &str| {
        let record = with(incident("1"), "updated_at", json!(at));
        json!([with(record, "title", json!(title))])
    };
    let options = ImportOptions::default();
    for (at, title, expected, told) in [
        ("2026-02-02T00:00:00Z", "second", applied(1, 0, 0, 0), "second"),
        ("2026-02-01T00:00:00Z", "first", applied(0, 0, 1, 0), "second"),
        (
            "2026-02-02T00:00:00Z",
            "corrected",
            applied(0, 1, 0, 0),
            "corrected",
        ),
        ("2026-02-03T00:00:00Z", "third", applied(0, 1, 0, 0), "third"),
        ("2026-02-03T00:00:00Z", "third", applied(0, 0, 1, 0), "third"),
    ] {
        let report = world.incidents(&version(at, title), &options).await.unwrap();
        assert_eq!(report.applied, expected, "{title}");
        assert_eq!(world.stored().await[0].title, told);
    }
}

/// Of the repositories that the file speaks of, and of its own source.
#[tokio::test]
async fn a_complete_file_removes_what_it_does_not_name() {
    let world = world().await;
    let other = with(incident("3"), "repository", json!("acme/api"));
    let once = ImportOptions::default();
    world
        .incidents(&json!([incident("1"), incident("2"), other]), &once)
        .await
        .unwrap();
    let elsewhere = ImportOptions {
        source: "pagerduty".into(),
        ..once.clone()
    };
    world
        .incidents(&json!([incident("9")]), &elsewhere)
        .await
        .unwrap();
    let complete = ImportOptions {
        complete: true,
        ..once
    };
    for dry_run in [true, false] {
        let options = ImportOptions {
            dry_run,
            ..complete.clone()
        };
        let report = world.incidents(&json!([incident("2")]), &options).await.unwrap();
        assert_eq!(report.applied, applied(0, 0, 1, 1));
    }
    let ids = async || -> Vec<String> {
        world
            .stored()
            .await
            .iter()
            .map(|stored| stored.id.to_string())
            .collect()
    };
    assert_eq!(
        ids().await,
        ["import:incident:2", "pagerduty:incident:9", "import:incident:3"]
    );
    let nothing_left = ImportOptions {
        repositories: vec!["acme/web".into(), "acme/api".into()],
        ..complete
    };
    let report = world.incidents(&json!([]), &nothing_left).await.unwrap();
    assert_eq!(report.applied, applied(0, 0, 0, 2));
    assert_eq!(ids().await, ["pagerduty:incident:9"]);
}

#[tokio::test]
async fn a_record_may_move_to_another_repository() {
    let world = world().await;
    let here = json!([incident("1")]);
    let there = json!([with(incident("1"), "repository", json!("acme/api"))]);
    world.incidents(&here, &ImportOptions::default()).await.unwrap();
    let both = ImportOptions {
        complete: true,
        repositories: vec!["acme/web".into(), "acme/api".into()],
        ..ImportOptions::default()
    };
    for (records, options, now_in) in [
        (&there, ImportOptions::default(), "acme/api"),
        (&here, both.clone(), "acme/web"),
        (&there, both, "acme/api"),
    ] {
        for dry_run in [true, false] {
            let options = ImportOptions {
                dry_run,
                ..options.clone()
            };
            let report = world.incidents(records, &options).await.unwrap();
            assert_eq!(report.applied, applied(1, 0, 0, 1));
        }
        let stored = world.stored().await;
        assert_eq!(stored.len(), 1);
        assert_eq!(stored[0].repository, named_repository(now_in).id);
        let unmatched = world.store.repositories().await.unwrap();
        assert!(unmatched.iter().all(|state| !state.unmatched));
    }
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_says_what_would_be() {
    let world = world().await;
    let records = json!([
        incident("1"),
        with(incident("2"), "repository", json!("acme/new"))
    ]);
    let options = ImportOptions {
        create_repositories: true,
        dry_run: true,
        ..ImportOptions::default()
    };
    let told = world.incidents(&records, &options).await.unwrap();
    assert_eq!(world.stored().await, []);
    assert_eq!(world.store.feeds().await.unwrap().len(), 1);
    let options = ImportOptions {
        dry_run: false,
        ..options
    };
    let done = world.incidents(&records, &options).await.unwrap();
    assert_eq!(
        (done.applied, &done.created_repositories),
        (told.applied, &told.created_repositories)
    );
    assert_eq!(done.created_repositories, ["acme/new"]);
    let repositories = world.store.repositories().await.unwrap();
    assert!(
        repositories
            .iter()
            .any(|state| state.repository.id.as_str() == "import:repo:acme/new")
    );
    let again = world.incidents(&records, &options).await.unwrap();
    assert_eq!(
        (again.applied, again.created_repositories.len()),
        (applied(0, 0, 2, 0), 0)
    );
}

/// A list ships what it lists; a range, and a commit that a change landed by, all before it.
#[tokio::test]
async fn imported_deployments_are_matched() {
    let world = world().await;
    let unknown = |n: u32| format!("{n:040x}").replace("0000000", "abcdef0");
    let ranged = json!({
        "id": "3", "repository": "acme/web", "status": "success", "finished_at": "2026-01-22T00:00:00Z",
        "range": format!("{}..{}", landing_commit(1), landing_commit(7)),
    });
    let deployments = json!([
        deployment("1", "2026-01-20T00:00:00Z", &landing_commit(1)),
        with(
            deployment("2", "2026-01-21T00:00:00Z", &unknown(2)),
            "changes",
            json!(["#3", "git:pr:0005", landing_commit(8), "#77"]),
        ),
        ranged,
    ]);
    world
        .deployments(&deployments, &ImportOptions::default())
        .await
        .unwrap();
    let found = world
        .store
        .pull_requests(&[1, 2, 3, 4, 5, 7, 8, 9].map(pull_request_id))
        .await
        .unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|stored| {
            (
                stored.deployment.as_ref().map(|id| id.as_str()),
                stored.matched.map(DeploymentMatch::as_str),
            )
        })
        .collect();
    let (second, third) = (Some("import:deployment:2"), Some("import:deployment:3"));
    let (ancestry, declared) = (Some("ancestry"), Some("declared"));
    assert_eq!(
        found,
        [
            (None, Some("baseline")),
            (third, ancestry),
            (second, declared),
            (third, ancestry),
            (second, declared),
            (third, ancestry),
            (second, declared),
            (None, None),
        ]
    );
}

/// Incidents are known from the first record on, or as early as the importer says; nothing that is imported ends the time
/// that changes are known for.
#[tokio::test]
async fn what_is_imported_holds_no_report_back() {
    let world = world().await;
    let extent = Extent::Repositories(vec![repository().id]);
    let coverage = async || world.store.coverage(&extent).await.unwrap();
    let options = ImportOptions::default();
    world.incidents(&json!([incident("1")]), &options).await.unwrap();
    assert_eq!(coverage().await.incidents_from, Some(at("2026-01-05T10:00:00Z")));
    let earlier = ImportOptions {
        since: Some(day(1)),
        repositories: vec!["acme/web".into()],
        ..options.clone()
    };
    world.incidents(&json!([]), &earlier).await.unwrap();
    assert_eq!(coverage().await.incidents_from, Some(day(1)));
    // A later file does not forget what was known before.
    world.incidents(&json!([incident("1")]), &options).await.unwrap();
    assert_eq!(coverage().await.incidents_from, Some(day(1)));

    let records = json!([deployment("1", "2026-01-20T00:00:00Z", &landing_commit(1))]);
    world.deployments(&records, &options).await.unwrap();
    assert_eq!(coverage().await.to, Some(day(100)));
    world.clock.advance(TimeDelta::days(30));
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.caught_up = true;
    page.at = day(130);
    world.store.commit(page).await.unwrap();
    assert_eq!(coverage().await.to, Some(day(100)));
    world.engine.sync(Default::default()).await.unwrap();
    assert_eq!(coverage().await.to, Some(day(130)));
    let rewound = world.engine.rewind(None, None).await.unwrap();
    assert_eq!((rewound.rewound.len(), rewound.left.len()), (0, 3));
    assert!(
        world
            .engine
            .certificates()
            .await
            .unwrap()
            .iter()
            .all(|certificate| certificate.complete)
    );
}

#[tokio::test]
async fn a_source_that_collects_takes_no_imports() {
    let world = world().await;
    for source in ["git", "github", "", "Pager Duty", "a:b"] {
        let options = ImportOptions {
            source: source.into(),
            ..ImportOptions::default()
        };
        let error = world.incidents(&json!([]), &options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{source}");
        assert!(error.message().contains(&format!("`{source}`")), "{error}");
    }
    let unknown = ImportOptions {
        repositories: vec!["acme/wbe".into()],
        ..ImportOptions::default()
    };
    let error = world.incidents(&json!([]), &unknown).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.message().contains("did you mean `acme/web`?"), "{error}");
}

#[tokio::test]
async fn of_two_repositories_with_one_name_the_id_decides() {
    let world = world().await;
    let mut page = batch(feed("other"), None, "a");
    let mut twin = named_repository("acme/fork");
    twin.name = "acme/web".into();
    page.repositories.push(twin);
    world.store.commit(page).await.unwrap();
    let error = world
        .incidents(&json!([incident("1")]), &ImportOptions::default())
        .await
        .unwrap_err();
    assert!(
        error.message().contains("git:repo:acme/web") && error.message().contains("git:repo:acme/fork"),
        "{error}"
    );
    let by_id = with(incident("1"), "repository", json!("git:repo:acme/fork"));
    world
        .incidents(&json!([by_id]), &ImportOptions::default())
        .await
        .unwrap();
}

/// What is wrong, where, and what to do; and nothing is written.
#[tokio::test]
async fn a_wrong_record_refuses_the_whole_file() {
    let world = world().await;
    let good = r#"{"id":"0","repository":"acme/web","title":"ok","started_at":"2026-01-05T10:00:00Z"}"#;
    let cases: [(&str, &[&str]); 17] = [
        (
            r#"{"id":"1"}"#,
            &["missing field `repository`", "incident: 1", "line: 2"],
        ),
        (
            &good.replace("title", "titel"),
            &["unknown field `titel`", "did you mean `title`?", "line: 2"],
        ),
        (
            &good.replace("\"ok\"", "7"),
            &["integer `7`", "field: title", "incident: 0"],
        ),
        (
            &good.replace("\"ok\"", "\" \""),
            &["`title` is empty", "field: title"],
        ),
        (
            &good.replace("00Z", "00"),
            &[
                "`2026-01-05T10:00:00` is a local time",
                "offset",
                "field: started_at",
                "line: 2",
            ],
        ),
        (
            &good.replace("T10:00:00Z", ""),
            &["`2026-01-05` is a day", "`2026-01-05T09:30:00Z`"],
        ),
        (
            &good.replace("2026-01-05T10:00:00Z", "yesterday"),
            &["`yesterday` is no instant"],
        ),
        (&good.replace("2026-01", "0226-01"), &["1970"]),
        (
            &good.replace("acme/web", "acme/wbe"),
            &[
                "no repository `acme/wbe`",
                "did you mean `acme/web`?",
                "--create-repositories",
                "field: repository",
                "line: 2",
            ],
        ),
        (
            &good.replace("\"ok\"", r#""ok","resolved_at":"2026-01-05T09:59:59Z""#),
            &["`resolved_at` (2026-01-05T09:59:59Z) is before `started_at`"],
        ),
        (
            &good.replace("\"ok\"", r#""ok","caused_by":["12"]"#),
            &["written `#12`", "field: caused_by"],
        ),
        (
            &good.replace("\"ok\"", r#""ok","caused_by":["a1b2c3d"]"#),
            &["abbreviated", "git rev-parse a1b2c3d"],
        ),
        (
            &good.replace("\"ok\"", r#""ok","caused_by":["https://github.com/a/b/pull/1"]"#),
            &["`#12`", "github:pr:"],
        ),
        (
            &good.replace("\"ok\"", r#""ok","url":"javascript:alert(1)""#),
            &["javascript", "https://"],
        ),
        (good, &["the id `0` is there twice (line 1)", "line: 2"]),
        ("7", &["is an object", "line: 2"]),
        ("{\"id\": nothing}", &["not JSON", "line: 2"]),
    ];
    for (wrong, words) in cases {
        let text = format!("{good}\n{wrong}\n");
        let result = match Records::from_json("incidents.json", &text) {
            Ok(records) => {
                let options = ImportOptions::default();
                world.engine.import_incidents(&records, &options).await
            }
            Err(error) => Err(error),
        };
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let said = error.to_string();
        for word in words.iter().chain(&["file: incidents.json"]) {
            assert!(said.contains(word), "`{word}` is not said of {wrong}: {said}");
        }
    }
    assert_eq!(world.stored().await, []);
}

#[tokio::test]
async fn a_wrong_deployment_says_so() {
    let world = world().await;
    let commit = landing_commit(1);
    let good = deployment("1", "2026-01-05T10:00:00Z", &commit);
    let mut without = good.clone();
    without.as_object_mut().unwrap().remove("commit");
    let range = format!("{}..{}", landing_commit(1), landing_commit(2));
    for (wrong, words) in [
        (
            with(good.clone(), "status", json!("sucess")),
            ["sucess", "`success`"],
        ),
        (
            with(good.clone(), "commit", json!("a1b2c3d")),
            ["abbreviated", "field: commit"],
        ),
        (with(good.clone(), "commit", json!("v1.0")), ["no commit", "v1.0"]),
        (without, ["`commit` is missing", "range"]),
        (
            with(good.clone(), "range", json!(range)),
            ["ends in", "field: range"],
        ),
        (with(good.clone(), "range", json!("v1")), ["`v1`", "`..`"]),
        (
            with(good, "changes", json!("#1;#2")),
            ["string \"#1;#2\"", "field: changes"],
        ),
    ] {
        let error = world
            .deployments(&json!([wrong]), &ImportOptions::default())
            .await
            .unwrap_err()
            .to_string();
        for word in words {
            assert!(error.contains(word), "`{word}` is not said of {wrong}: {error}");
        }
    }
}

#[test]
fn a_csv_file_says_where_it_is_wrong() {
    let read = |text: &str| Records::<IncidentRecord>::from_csv("incidents.csv", text);
    let header = "id,repository,title,started_at,labels";
    let records = read(&format!(
        "\u{feff}{header}\n\n 1 , acme/web,\"a, b\nc\",2026-01-05T10:00:00Z, x; y ;\n"
    ))
    .unwrap();
    assert_eq!(records.records()[0].labels, ["x", "y"]);
    assert_eq!(records.records()[0].title, "a, b\nc");
    for (text, words) in [
        (String::new(), ["name the columns", "started_at"]),
        (
            "id,titel".into(),
            ["unknown column `titel`; did you mean `title`?", "line: 1"],
        ),
        ("id,id".into(), ["column `id` is there twice", "line: 1"]),
        (
            format!("{header}\n1,a,b"),
            ["3 fields and the header 5", "line: 2"],
        ),
        (
            format!("{header}\n\n1,a,b,2026-01-05 10:00:00,\n"),
            ["local time", "line: 3"],
        ),
        (
            format!("{header}\n1,a,,2026-01-05T10:00:00Z,\n"),
            ["missing field `title`", "incident: 1"],
        ),
    ] {
        let error = read(&text).unwrap_err().to_string();
        for word in words.iter().chain(&["file: incidents.csv"]) {
            assert!(error.contains(word), "`{word}` is not said of {text}: {error}");
        }
    }
}

#[test]
fn json_is_a_list_or_one_record_after_the_other() {
    let read = |text: &str| Records::<IncidentRecord>::from_json("x", text);
    let (one, two) = (incident("1"), incident("2"));
    for text in [
        format!("[{one},\n{two}]"),
        format!("{one}\n{two}\n"),
        format!("\u{feff}\n{one}\n\n{two}"),
        serde_json::to_string_pretty(&json!([one, two])).unwrap(),
    ] {
        assert_eq!(read(&text).unwrap().records().len(), 2, "{text}");
    }
    assert_eq!(read("[]").unwrap().records().len(), 0);
    let error = read(" \n").unwrap_err().to_string();
    assert!(error.contains("`[]`"), "{error}");
    let error = read(&format!("[{one}, {two}")).unwrap_err().to_string();
    assert!(error.contains("not JSON"), "{error}");
}

/// What is written of a record reads back as it was.
#[test]
fn a_record_comes_back() {
    let whole = with(incident("1"), "resolved_at", json!("2026-01-05T12:00:00.7+01:00"));
    let record: IncidentRecord = serde_json::from_value(whole).unwrap();
    let written = serde_json::to_value(&record).unwrap();
    assert_eq!(written["resolved_at"], "2026-01-05T11:00:00Z");
    assert_eq!(serde_json::from_value::<IncidentRecord>(written).unwrap(), record);
}

#[tokio::test]
async fn matches_are_counted_by_how_they_are_known() {
    let world = world().await;
    let mut page = batch(feed("changes"), Some("a"), "b");
    let mut pushed = pull_request(10);
    pushed.landing = Some(Landing::DirectPush);
    let mut elsewhere = pull_request(11);
    elsewhere.repository = named_repository("acme/api").id;
    let mut outside = pull_request(12);
    outside.position = None;
    page.pull_requests = vec![pushed, elsewhere, outside];
    world.store.commit(page).await.unwrap();
    let listed = with(
        deployment("2", "2026-01-21T00:00:00Z", &"f".repeat(40)),
        "changes",
        json!(["#8"]),
    );
    let deployments = json!([
        deployment("1", "2026-01-20T00:00:00Z", &landing_commit(2)),
        listed,
        deployment("3", "2026-01-22T00:00:00Z", &landing_commit(6)),
    ]);
    world
        .deployments(&deployments, &ImportOptions::default())
        .await
        .unwrap();
    let coverage = async |scope: Scope, window| world.engine.match_coverage(&scope, window).await.unwrap();
    let all = coverage(Scope::All, days(1, 100)).await;
    let [api, web] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(
        (api.name.as_str(), api.untracked, api.merged()),
        ("acme/api", 1, 1)
    );
    let counts = (web.baseline, web.ancestry, web.declared, web.time, web.pending);
    assert_eq!((counts, web.merged()), ((2, 4, 1, 0, 2), 9));
    let one = coverage(Scope::Repository(repository().id), days(8, 9)).await;
    assert_eq!((one.len(), one[0].declared, one[0].merged()), (1, 1, 1));
}
