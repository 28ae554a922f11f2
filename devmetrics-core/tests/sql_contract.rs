//! Every `.sql` file is valid on its database, and none lies unused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use devmetrics_core::store::{MetricsStore, PostgresStore, SqliteStore};
use secrecy::ExposeSecret;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/sql")
}

/// The statements of these folders, by file.
fn statements(folders: [&str; 2]) -> BTreeMap<PathBuf, String> {
    let mut statements = BTreeMap::new();
    for name in folders {
        for entry in fs::read_dir(folder().join(name)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            statements.insert(path, text);
        }
    }
    assert!(statements.len() > 20, "{}", statements.len());
    statements
}

#[tokio::test]
async fn every_statement_prepares_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    SqliteStore::open(&path, "default")
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    for (path, text) in statements(["common", "sqlite"]) {
        if let Err(error) = connection.prepare(AssertSqlSafe(text).into_sql_str()).await {
            panic!("{}: {error}", path.display());
        }
    }
}

/// A statement that finds facts by their tenant alone reads a whole store for one page: it was 100 times slower.
#[tokio::test]
async fn no_statement_reads_a_whole_tenant_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    SqliteStore::open(&path, "default")
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    let mut searches = 0;
    for (path, text) in statements(["common", "sqlite"]) {
        // A sweep is rare, and asks for what has no index.
        if path.file_stem().unwrap().to_str().unwrap().starts_with("unseen_") {
            continue;
        }
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(explain).fetch_all(&mut connection).await.unwrap();
        for (.., step) in plan {
            let facts = [
                "pull_requests",
                "deployments",
                "incidents",
                "p",
                "t",
                "d",
                "i",
                "s",
                "later",
                "before",
            ];
            let theirs = [
                "pull_request_activity",
                "pull_request_paths",
                "pull_request_teams",
                "deployment_teams",
                "pull_request_reverts",
                "a",
                "files",
                "r",
            ];
            let table = step.split(' ').nth(1).unwrap();
            let large = facts.contains(&table) || theirs.contains(&table);
            let whole = step.starts_with("SCAN") || step.ends_with("(tenant=?)");
            let json = step.contains("VIRTUAL TABLE");
            assert!(!large || !whole || json, "{}: {step}", path.display());
            searches += usize::from(step.starts_with("SEARCH"));
        }
    }
    assert!(searches > 30, "{searches}");
}

#[tokio::test]
async fn every_statement_prepares_on_postgresql() {
    let Some(url) = devmetrics_testbed::postgres::database().await else {
        return;
    };
    PostgresStore::connect(&url, "default")
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
    for (path, text) in statements(["common", "postgres"]) {
        if let Err(error) = connection.prepare(AssertSqlSafe(text).into_sql_str()).await {
            panic!("{}: {error}", path.display());
        }
    }
}

#[test]
fn every_statement_is_used_and_says_what_it_answers() {
    let table = fs::read_to_string(folder().join("statement.rs")).unwrap();
    let code: String = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for (path, text) in statements(["common", "sqlite"])
        .into_iter()
        .chain(statements(["common", "postgres"]))
    {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            table.contains(&format!("= \"{name}\",")),
            "no statement for {}",
            path.display()
        );
        let constant = name.to_uppercase();
        assert!(
            code.contains(&format!("statement::{constant}")),
            "{constant} is never run"
        );
        assert!(
            text.starts_with("-- "),
            "{} does not say what it answers",
            path.display()
        );
        assert!(
            text.contains("$1"),
            "{} does not keep to a tenant",
            path.display()
        );
        assert!(
            !text.trim_end().ends_with(';') && !text.contains(";\n"),
            "{}: one statement",
            path.display()
        );
    }
}
