//! A folder with a git repository and a configuration, and the command that is under test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod github;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use devmetrics_testbed::git_repository::GitRepository;
use tempfile::TempDir;

pub(crate) const DAY: i64 = 86_400;
/// 2026-01-05, a Monday.
pub(crate) const BEGIN: i64 = 1_767_571_200;

pub(crate) struct World {
    folder: TempDir,
    pub(crate) repository: GitRepository,
}

impl World {
    /// A repository with `changes` squashed pull requests, four a day by four people, and a release every ten.
    pub(crate) fn new(changes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = GitRepository::init(folder.path().join("app"));
        let mut world = Self { folder, repository };
        world.grow(0..changes);
        world
    }

    /// A world without a repository yet.
    pub(crate) fn empty() -> Self {
        Self::new(0)
    }

    pub(crate) fn grow(&mut self, changes: std::ops::Range<usize>) {
        for change in changes {
            let person = change % 4;
            self.repository
                .at(BEGIN + change as i64 * DAY / 4)
                .by(&format!("Person {person}"), &format!("p{person}@example.org"));
            if change == 0 {
                self.repository.commit("Begin");
            }
            self.repository.commit_authored(
                &format!("Change number {change} (#{})", change + 1),
                BEGIN + (change as i64 - 8) * DAY / 4,
            );
            if change % 10 == 9 {
                self.repository.annotated_tag(&format!("v1.{}.0", change / 10));
            }
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path that no file has yet.
    pub(crate) fn fresh(&self, extension: &str) -> PathBuf {
        (0..)
            .map(|n| self.path(&format!("fresh{n}.{extension}")))
            .find(|path| !path.exists())
            .unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A configuration of the repository with small pages.
    pub(crate) fn configure(&self, more: &str) {
        self.write(
            "devmetrics.toml",
            &format!("database = 'sqlite:metrics.db'\n{more}\n[[source]]\nkind = 'git'\npath = 'app'\npage_size = 5\n"),
        );
    }

    /// The command with these arguments, in the world's folder, with nothing of the caller's environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_devmetrics"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear();
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a successful command prints.
    pub(crate) fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// What a successful command prints, as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.stdout(arguments)).unwrap()
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A database of either kind, new and empty.
pub(crate) enum Database {
    Sqlite(PathBuf),
    Postgres(Box<url::Url>),
}

impl Database {
    /// On the tests' server; `None` when the tests that need it are left out.
    pub(crate) async fn postgres() -> Option<Self> {
        devmetrics_testbed::postgres::database_url()
            .await
            .map(|url| Self::Postgres(Box::new(url)))
    }

    /// What `--database` takes.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => url.to_string(),
        }
    }

    /// Every row of every table but the instants at which a run happened.
    pub(crate) async fn dump(&self) -> Vec<String> {
        match self {
            Self::Sqlite(path) => dump_sqlite(path).await,
            Self::Postgres(url) => dump_postgres(url.as_str()).await,
        }
    }
}

/// Columns that say when a run happened or how often something was written, and the short number of a feed, which a killed run may
/// use up.
const OF_THE_RUN: [&str; 6] = ["covered_to", "set_at", "at", "number", "feed", "version"];

async fn dump_sqlite(database: &Path) -> Vec<String> {
    let pool = sqlx::sqlite::SqlitePool::connect(&format!("sqlite:{}", database.display()))
        .await
        .unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master
         WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'devmetrics_migrations' ORDER BY name",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut rows = Vec::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
            .bind(&table)
            .fetch_all(&pool)
            .await
            .unwrap();
        let kept = columns.iter().filter(|name| !OF_THE_RUN.contains(&name.as_str()));
        let quoted: Vec<String> = kept.map(|name| format!("quote({name})")).collect();
        let select = format!("SELECT {} FROM {table} ORDER BY 1", quoted.join("||','||"));
        let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(select))
            .fetch_all(&pool)
            .await
            .unwrap();
        rows.extend(found.into_iter().map(|row| format!("{table}: {row}")));
    }
    pool.close().await;
    rows
}

async fn dump_postgres(url: &str) -> Vec<String> {
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'devmetrics_migrations'
         ORDER BY table_name",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut rows = Vec::new();
    for table in tables {
        let kept: String = OF_THE_RUN.iter().map(|column| format!(" - '{column}'")).collect();
        let select = format!("SELECT (to_jsonb(t){kept})::text FROM {table} AS t ORDER BY 1");
        let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(select))
            .fetch_all(&pool)
            .await
            .unwrap();
        rows.extend(found.into_iter().map(|row| format!("{table}: {row}")));
    }
    pool.close().await;
    rows
}

/// Shows only the rows that differ.
pub(crate) fn assert_same(found: &[String], expected: &[String], what: &str) {
    let only = |these: &[String], those: &[String]| {
        these
            .iter()
            .filter(|row| !those.contains(row))
            .cloned()
            .collect::<Vec<_>>()
    };
    let (more, missing) = (only(found, expected), only(expected, found));
    assert!(
        more.is_empty() && missing.is_empty(),
        "{what}: too much {more:#?}, missing {missing:#?}"
    );
    assert_eq!(found.len(), expected.len(), "{what}");
}
