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

#[tokio::test]
async fn every_statement_prepares_on_postgresql() {
    let Some(url) = devmetrics_testkit::postgres::database().await else {
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
    let code: String = ["mod.rs", "commit.rs", "attribute.rs", "read.rs"]
        .map(|file| fs::read_to_string(folder().join(file)).unwrap())
        .concat();
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
