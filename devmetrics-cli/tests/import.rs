//! `incidents import` and `deployments import`, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::Write as _;
use std::process::Stdio;

use support::{Database, World, assert_same, text};

/// A collected repository `app` with three releases and three changes after them, in this database.
fn collected(database: &Database) -> World {
    let world = World::new(33);
    world.configure("");
    world.stdout(&["--database", &database.url(), "sync"]);
    world
}

/// A record for the CSV files below: the repository's own name is a path.
fn repository(world: &World, database: &Database) -> String {
    let certificates = world.json(&["--database", &database.url(), "status", "--json"]);
    certificates[0]["scope"].as_str().unwrap().to_owned()
}

async fn again_changes_nothing(database: Database) {
    let world = collected(&database);
    let (url, name) = (database.url(), repository(&world, &database));
    let header = "id,repository,title,started_at,resolved_at,caused_by";
    let one = format!("1,{name},Down,2026-01-09T10:00:00Z,2026-01-09T11:00:00Z,#12");
    let two = format!("2,{name},Slow,2026-01-10T10:00:00Z,,");
    world.write("incidents.csv", &format!("{header}\n{one}\n{two}\n"));
    let commit = "c".repeat(40);
    world.write(
        "deployments.jsonl",
        &format!(
            r##"{{"id": "7", "repository": "{name}", "status": "success", "finished_at": "2026-01-20T10:00:00Z", "commit": "{commit}", "changes": ["#32"]}}"##
        ),
    );
    let incidents = ["--database", &url, "incidents", "import", "incidents.csv"];
    let deployments = ["--database", &url, "deployments", "import", "deployments.jsonl"];
    let empty = database.dump().await;
    let dry = [&incidents[..], &["--dry-run"]].concat();
    let told = world.stdout(&dry);
    assert!(
        told.contains("2 new") && told.contains("Nothing was written"),
        "{told}"
    );
    assert_same(&database.dump().await, &empty, "a dry run");

    let told = world.stdout(&incidents);
    assert!(
        told.contains("2 incidents read: 2 new, 0 changed, 0 unchanged, 0 removed."),
        "{told}"
    );
    let told = world.stdout(&deployments);
    assert!(told.contains("1 deployments read: 1 new"), "{told}");
    let filled = database.dump().await;
    let told = world.stdout(&incidents);
    assert!(told.contains("0 new, 0 changed, 2 unchanged"), "{told}");
    let report = world.json(&[&deployments[..], &["--json"]].concat());
    assert_eq!(
        (&report["inserted"], &report["unchanged"]),
        (&0.into(), &1.into())
    );
    assert_same(&database.dump().await, &filled, "the same files again");

    // A change that no release has yet is shipped by the list.
    let evidence = world.json(&[
        "--database",
        &url,
        "explain",
        "lead-time",
        "--from",
        "2026-01-01",
        "--to",
        "2026-02-01",
        "--format",
        "json",
    ]);
    let declared = evidence
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["matched"] == "declared");
    let numbers: Vec<_> = declared
        .map(|item| item["pull_request"]["number"].clone())
        .collect();
    assert_eq!(numbers, [serde_json::Value::from(32)]);

    world.write("incidents.csv", &format!("{header}\n{two}\n"));
    let told = world.stdout(&[&incidents[..], &["--complete"]].concat());
    assert!(
        told.contains("1 incidents read: 0 new, 0 changed, 1 unchanged, 1 removed."),
        "{told}"
    );
    let status = world.stdout(&["--database", &url, "status"]);
    assert!(
        status.contains("deployments (import)") && status.contains("incidents (import)"),
        "{status}"
    );
    // What is imported is read by nobody, and a sync goes on as before.
    world.stdout(&["--database", &url, "sync"]);
    let doctor = world.stdout(&["--database", &url, "doctor"]);
    assert!(doctor.contains("was imported"), "{doctor}");
}

#[tokio::test]
async fn a_file_imported_again_changes_nothing_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    again_changes_nothing(Database::Sqlite(folder.path().join("metrics.db"))).await;
}

#[tokio::test]
async fn a_file_imported_again_changes_nothing_on_postgresql() {
    if let Some(database) = Database::postgres().await {
        again_changes_nothing(database).await;
    }
}

#[test]
fn a_pipeline_tells_by_standard_input() {
    let world = World::empty();
    let record =
        r#"{"id": "1", "repository": "acme/shop", "title": "Down", "started_at": "2026-01-09T10:00:00Z"}"#;
    let mut command = world.command(&[
        "incidents",
        "import",
        "-",
        "--format",
        "json",
        "--source",
        "pagerduty",
        "--create-repositories",
    ]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(record.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = text(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("1 new") && told.contains("New repositories: acme/shop."),
        "{told}"
    );
    let status = world.stdout(&["status"]);
    assert!(
        status.contains("acme/shop") && status.contains("incidents (pagerduty)"),
        "{status}"
    );
}

/// The file is named, and what to do is said; the exit code is that of wrong input, or of a missing file.
#[test]
fn a_file_that_cannot_be_taken_is_refused() {
    let world = World::empty();
    let record =
        r#"{"id": "1", "repository": "acme/shop", "titel": "Down", "started_at": "2026-01-09T10:00:00Z"}"#;
    world.write("wrong.json", record);
    world.write("incidents.txt", record);
    std::fs::write(world.path("latin.csv"), b"id,repository\n1,caf\xe9\n").unwrap();
    let cases: [(&[&str], i32, &[&str]); 6] = [
        (
            &["wrong.json"],
            2,
            &[
                "unknown field `titel`; did you mean `title`?",
                "line: 1",
                "wrong.json",
            ],
        ),
        (
            &["wrong.json", "--format", "csv"],
            2,
            &["unknown column", "wrong.json"],
        ),
        (&["incidents.txt"], 2, &["--format json", "incidents.txt"]),
        (&["-"], 2, &["--format json"]),
        (&["latin.csv"], 2, &["UTF-8", "latin.csv"]),
        (&["missing.csv"], 3, &["missing.csv"]),
    ];
    for (arguments, code, words) in cases {
        let output = world.run(&[&["incidents", "import"], arguments].concat());
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        for word in words {
            assert!(
                error.contains(word),
                "`{word}` is not said of {arguments:?}: {error}"
            );
        }
    }
    assert!(!world.path("devmetrics.db").exists(), "nothing was opened");
}
