//! What was stored at any migration survives to the newest; a database of another build is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use devmetrics_core::metric::{Extent, SampleQuery};
use devmetrics_core::model::{Activity, KeyScope, Roster};
use devmetrics_core::store::{MetricsStore, PostgresStore, SqliteStore};
use devmetrics_core::{ErrorKind, Id};
use devmetrics_testkit::builders::{at, day, days, feed, pull_request_id};
use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};

/// Rows as migration 1 holds them, one a table.
const SAMPLES: &str = "
INSERT INTO feeds (source, scope, kind, number, checkpoint, covered_from, covered_to)
VALUES ('git', 'git:repo:acme/web', 'changes', 1, 'c1', 1767225600, 1775000000);
INSERT INTO quarantine (source, scope, kind, record_id, payload, error, at)
VALUES ('git', 'git:repo:acme/web', 'changes', 'r1', '{\"a\":1}', 'bad', 1767225600);
INSERT INTO repositories (id, name, partial_history) VALUES ('git:repo:acme/web', 'acme/web', false);
INSERT INTO pull_requests (id, feed, generation, repository_id, title, author_bot, co_authors, base_branch,
    first_commit_at, first_commit_estimated, merged_at, landing_commit, reverts, cherry_picked_from, updated_at,
    deployment_id, deployed_at, deployment_match)
VALUES ('git:pr:0001', 1, 0, 'git:repo:acme/web', 'First', false, '[]', 'main',
    1767225600, false, 1767312000, 'abc', '[]', '[]', 1767312000, 'git:tag:0001', 1767398400, 'ancestry');
INSERT INTO pull_request_reverts (pull_request_id, reverted_commit) VALUES ('git:pr:0001', 'abc');
INSERT INTO deployments (id, feed, generation, repository_id, environment, status, finished_at, reference, commit_id,
    creator_bot, updated_at)
VALUES ('git:tag:0001', 1, 0, 'git:repo:acme/web', 'production', 'success', 1767398400, 'v1', 'abc', false, 1767398400);
INSERT INTO pull_request_teams (pull_request_id, team_id, weight, is_primary, is_direct, merged_at, deployed_at)
VALUES ('git:pr:0001', 'web', 0.5, true, true, 1767312000, 1767398400);
INSERT INTO deployment_teams (deployment_id, team_id, weight, is_primary, is_direct, finished_at)
VALUES ('git:tag:0001', 'web', 1, true, true, 1767398400);
INSERT INTO roster (document, set_at) VALUES ('{\"teams\":[],\"memberships\":[]}', 1767225600);
INSERT INTO teams (team_id, name, starts_at) VALUES ('web', 'Web', 1767225600);
";

/// Rows of what came with migration 3.
const SAMPLES_SINCE_3: &str = "
UPDATE feeds SET total = 7;
UPDATE repositories SET archived = true, unreachable_since = 1767225600;
UPDATE pull_requests SET draft = true, labels = '[\"bug\"]', closes = '[\"github:issue:0001\"]', comments = 2;
UPDATE deployments SET committed_at = 1767312000;
INSERT INTO pull_request_activity (pull_request_id, document)
VALUES ('git:pr:0001', '{\"commits\":[],\"reviews\":[],\"events\":[]}');
INSERT INTO incidents (id, feed, generation, repository_id, title, author_bot, labels, started_at, updated_at)
VALUES ('github:issue:0001', 1, 0, 'git:repo:acme/web', 'Outage', false, '[]', 1767225600, 1767225600);
INSERT INTO leases (source, scope, owner, fence, until) VALUES ('github', 'acme', 'one', 4, 1767225600);
INSERT INTO observed_rosters (source, scope, document) VALUES ('github', 'acme', '{\"teams\":[],\"memberships\":[]}');
";

/// Rows of what came with migration 4.
const SAMPLES_SINCE_4: &str = "
UPDATE pull_requests SET pauses = '[[1767225600,null]]', review_rounds = 3, self_merged = true, opened_at = 1767225600;
UPDATE pull_request_teams SET opened_at = 1767225600;
UPDATE deployments SET declares = '[\"abc\"]', rework = 'hotfix';
UPDATE incidents SET caused_by = '[\"abc\"]', is_bot = true;
INSERT INTO incident_teams (incident_id, team_id, weight, is_primary, is_direct, started_at)
VALUES ('github:issue:0001', 'web', 0.5, true, true, 1767225600);
INSERT INTO failures (repository_id, deployment_id, rule, cause, failed_at)
VALUES ('git:repo:acme/web', 'git:tag:0001', 'explicit', 'github:issue:0001', 1767398400);
";

/// Rows of what came with migration 5.
const SAMPLES_SINCE_5: &str = "
INSERT INTO pull_request_paths (pull_request_id, document)
VALUES ('git:pr:0001', '{\"files\":[\"src/main.rs\"],\"truncated\":true}');
";

/// Rows of what came with migration 7. The pack is of a format that no build writes: it must not be read.
const SAMPLES_SINCE_7: &str = "
UPDATE repositories SET version = 3;
DELETE FROM team_versions;
INSERT INTO team_versions (team_id, version) VALUES ('web', 2);
INSERT INTO packs (owner_kind, owner_id, part, version, format, samples_count, from_at, to_at, samples)
SELECT 'team', 'web', 0, 2, -1, 0, 0, 0, NOTHING;
";

/// Rows of what came with migration 8.
const SAMPLES_SINCE_8: &str = "
INSERT INTO data_versions (shard, version) VALUES (0, 40), (15, 2);
INSERT INTO api_keys (id, hash, name, scope, team_id, created_at, expires_at, revoked_at, last_used_at)
VALUES ('dm_000000000001', 'abc', 'Grafana', 'read', 'web', 1767225600, 1767398400, 1767312000, 1767225660);
";

/// Rows of what came with migration 11.
const SAMPLES_SINCE_11: &str = "
INSERT INTO forgetting_keys (key) VALUES ('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
INSERT INTO forgotten (mark, forgotten_at) VALUES ('c5fe7e4b0e3f2a11', 1767225600), ('d5fe7e4b0e3f2a11', 1767225600);
";

/// The rows of a database at some migration; `nothing` is how it writes a text of no bytes.
fn rows(version: i64, nothing: &str) -> Vec<AssertSqlSafe<String>> {
    let since = [
        (1, SAMPLES),
        (3, SAMPLES_SINCE_3),
        (4, SAMPLES_SINCE_4),
        (5, SAMPLES_SINCE_5),
        (7, SAMPLES_SINCE_7),
        (8, SAMPLES_SINCE_8),
        (11, SAMPLES_SINCE_11),
    ];
    let of = since.into_iter().filter(|(since, _)| *since <= version);
    of.map(|(_, rows)| AssertSqlSafe(rows.replace("NOTHING", nothing)))
        .collect()
}

fn folder(database: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(database)
}

async fn migrator(database: &str) -> Migrator {
    let mut migrator = Migrator::new(folder(database)).await.unwrap();
    migrator.dangerous_set_table_name("devmetrics_migrations");
    migrator
}

fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap()
}

/// Everything that the samples hold is read through the store.
async fn samples_are_there(store: &dyn MetricsStore) {
    let states = store.feeds().await.unwrap();
    assert_eq!(
        (
            states.len(),
            states[0].checkpoint.0.as_str(),
            states[0].quarantined
        ),
        (1, "c1", 1)
    );
    assert_eq!(states[0].feed, feed("changes"));
    assert_eq!(
        store.quarantine(9).await.unwrap()[0].record.payload,
        serde_json::json!({ "a": 1 })
    );
    assert!(store.repositories().await.unwrap()[0].unmatched);
    let stored = store
        .pull_requests(&[pull_request_id(1)])
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (stored.pull_request.title.as_str(), stored.shares.len()),
        ("First", 1)
    );
    assert_eq!(
        store
            .deployments(&stored.pull_request.repository, None)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(store.roster().await.unwrap(), Some(Roster::default()));
    let scope = Extent::Team(devmetrics_core::Id::new("web"));
    assert!(store.coverage(&scope).await.unwrap().team_from.is_some());
    let query = SampleQuery {
        extent: scope,
        open: false,
        places: Vec::new(),
        window: days(0, 30),
    };
    assert_eq!(store.pull_request_samples(&query).await.unwrap()[0].weight, 0.5);
    assert_eq!(store.deployment_samples(&query).await.unwrap().len(), 1);
}

/// The same for those of migration 3.
async fn samples_since_3_are_there(store: &dyn MetricsStore) {
    let state = store.feeds().await.unwrap().remove(0);
    assert_eq!((state.total, state.stored), (Some(7), 3));
    let repository = store.repositories().await.unwrap().remove(0).repository;
    assert!(repository.archived && repository.unreachable_since.is_some());
    let stored = store.pull_requests(&[pull_request_id(1)]).await.unwrap();
    let fact = &stored[0].pull_request;
    assert_eq!((fact.labels.len(), fact.closes.len()), (1, 1));
    assert_eq!((fact.draft, fact.comments), (true, Some(2)));
    assert_eq!(fact.activity, Some(Activity::default()));
    let deployments = store.deployments(&repository.id, None).await.unwrap();
    assert!(deployments[0].committed_at.is_some());
    assert_eq!(store.incidents(&repository.id).await.unwrap()[0].title, "Outage");
    assert_eq!(
        store.observed_rosters().await.unwrap()[0].roster,
        Roster::default()
    );
    let lease = store.lease("github", "acme", "two", day(9), day(10)).await;
    assert_eq!(lease.unwrap().unwrap().fence, 5);
}

/// The same for those of migration 4.
async fn samples_since_4_are_there(store: &dyn MetricsStore) {
    let stored = store.pull_requests(&[pull_request_id(1)]).await.unwrap();
    let milestones = &stored[0].pull_request.milestones;
    assert_eq!(
        (milestones.review_rounds, milestones.self_merged),
        (Some(3), Some(true))
    );
    assert!(milestones.pauses[0].to.is_none());
    let query = SampleQuery {
        extent: Extent::Team(devmetrics_core::Id::new("web")),
        window: days(0, 30),
        open: true,
        places: Vec::new(),
    };
    assert_eq!(store.pull_request_samples(&query).await.unwrap().len(), 1);
    assert!(
        store.deployment_samples(&query).await.unwrap()[0]
            .rework
            .is_some()
    );
    assert!(store.incident_samples(&query).await.unwrap()[0].bot);
    assert_eq!(
        store.failure_samples(&query).await.unwrap()[0].cause,
        "github:issue:0001"
    );
    let repository = &stored[0].pull_request.repository;
    assert_eq!(
        store.deployments(repository, None).await.unwrap()[0].declares,
        ["abc"]
    );
    assert_eq!(store.incidents(repository).await.unwrap()[0].caused_by, ["abc"]);
}

/// The same for those of migration 5.
async fn samples_since_5_are_there(store: &dyn MetricsStore) {
    let paths = store.paths(&[pull_request_id(1)]).await.unwrap();
    let paths = &paths[&pull_request_id(1)];
    assert_eq!(
        (paths.files.as_slice(), paths.truncated),
        (["src/main.rs".to_owned()].as_slice(), true)
    );
}

/// The same for those of migration 8.
async fn samples_since_8_are_there(store: &dyn MetricsStore) {
    assert_eq!(store.version().await.unwrap(), 42);
    let stored = store.key(&Id::new("dm_000000000001")).await.unwrap().unwrap();
    assert_eq!(
        (stored.key.name.as_str(), stored.hash.as_str()),
        ("Grafana", "abc")
    );
    assert_eq!(
        (stored.key.scope, stored.key.team),
        (KeyScope::Read, Some(Id::new("web")))
    );
    assert_eq!(stored.key.created_at, at("2026-01-01T00:00:00Z"));
    assert_eq!(stored.key.expires_at, Some(at("2026-01-03T00:00:00Z")));
    assert_eq!(stored.key.revoked_at, Some(at("2026-01-02T00:00:00Z")));
    assert_eq!(stored.key.last_used_at, Some(at("2026-01-01T00:01:00Z")));
}

/// The same for those of migration 11.
async fn samples_since_11_are_there(store: &dyn MetricsStore) {
    let forgotten = store.forgotten().await.unwrap();
    assert_eq!(
        forgotten.marks().collect::<Vec<_>>(),
        ["c5fe7e4b0e3f2a11", "d5fe7e4b0e3f2a11"]
    );
    assert_eq!(forgotten.key(), (0..32).collect::<Vec<u8>>());
}

/// Everything that the rows of a migration hold is read through the store. Of migration 7 there is nothing more to read: what is
/// packed is read as it is in the rows.
async fn all_is_there(version: i64, store: &dyn MetricsStore) {
    samples_are_there(store).await;
    if version >= 3 {
        samples_since_3_are_there(store).await;
    }
    if version >= 4 {
        samples_since_4_are_there(store).await;
    }
    if version >= 5 {
        samples_since_5_are_there(store).await;
    }
    if version >= 8 {
        samples_since_8_are_there(store).await;
    }
    if version >= 11 {
        samples_since_11_are_there(store).await;
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> Vec<_> {
        let mut names: Vec<_> = fs::read_dir(folder(database))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

async fn sqlite(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap()
}

async fn postgres(url: &SecretString) -> PgConnection {
    PgConnection::connect(url.expose_secret()).await.unwrap()
}

#[tokio::test]
async fn samples_of_every_migration_survive_on_sqlite() {
    let migrator = migrator("sqlite").await;
    for version in migrator.iter().map(|migration| migration.version) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("devmetrics.sqlite");
        let mut connection = sqlite(&path).await;
        migrator.run_to(version, &mut connection).await.unwrap();
        for rows in rows(version, "x''") {
            connection.execute(rows).await.unwrap();
        }

        let store = SqliteStore::open(&path, "default").await.unwrap();
        store.migrate().await.unwrap();
        store.migrate().await.unwrap();
        all_is_there(version, &store).await;
        let packs: i64 = sqlx::query_scalar("SELECT count(*) FROM packs WHERE format = -1")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(packs, i64::from(version >= 7));
        let applied: Vec<i64> =
            sqlx::query_scalar("SELECT version FROM devmetrics_migrations ORDER BY version")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        assert_eq!(
            applied.last(),
            Some(&newest(&migrator)),
            "a migration is not embedded"
        );
    }
}

#[tokio::test]
async fn samples_of_every_migration_survive_on_postgresql() {
    let migrator = migrator("postgres").await;
    for version in migrator.iter().map(|migration| migration.version) {
        let Some(url) = devmetrics_testbed::postgres::database().await else {
            return;
        };
        let mut connection = postgres(&url).await;
        migrator.run_to(version, &mut connection).await.unwrap();
        for rows in rows(version, "''::bytea") {
            connection.execute(rows).await.unwrap();
        }

        let store = PostgresStore::connect(&url, "default").await.unwrap();
        store.migrate().await.unwrap();
        store.migrate().await.unwrap();
        all_is_there(version, &store).await;
        let packs: i64 = sqlx::query_scalar("SELECT count(*) FROM packs WHERE format = -1")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(packs, i64::from(version >= 7));
        let applied: Vec<i64> =
            sqlx::query_scalar("SELECT version FROM devmetrics_migrations ORDER BY version")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        assert_eq!(
            applied.last(),
            Some(&newest(&migrator)),
            "a migration is not embedded"
        );
    }
}

const NEWER: &str =
    "INSERT INTO devmetrics_migrations (version, description, success, checksum, execution_time)
    VALUES (999, 'later', true, '', 0)";

async fn refuses_a_newer_database(store: &dyn MetricsStore) {
    let error = store.migrate().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let message = error.to_string();
    assert!(
        message.contains("was written by a newer devmetrics (migration 999)"),
        "{message}"
    );
    assert!(message.contains("upgrade"), "{message}");
}

#[tokio::test]
async fn a_newer_database_is_refused_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let store = SqliteStore::open(&path, "default").await.unwrap();
    store.migrate().await.unwrap();
    sqlite(&path).await.execute(NEWER).await.unwrap();
    refuses_a_newer_database(&store).await;
}

#[tokio::test]
async fn a_newer_database_is_refused_on_postgresql() {
    let Some(url) = devmetrics_testbed::postgres::database().await else {
        return;
    };
    let store = PostgresStore::connect(&url, "default").await.unwrap();
    store.migrate().await.unwrap();
    postgres(&url).await.execute(NEWER).await.unwrap();
    refuses_a_newer_database(&store).await;
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let mut connection = sqlite(&path).await;
    migrator("sqlite").await.run_to(1, &mut connection).await.unwrap();
    connection
        .execute("UPDATE devmetrics_migrations SET checksum = x'00'")
        .await
        .unwrap();
    let error = SqliteStore::open(&path, "default")
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_migrate_at_once_all_find_it_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let mut programs = Vec::new();
    for _ in 0..4 {
        let path = path.clone();
        programs.push(tokio::spawn(async move {
            SqliteStore::open(&path, "default")
                .await
                .unwrap()
                .migrate()
                .await
                .unwrap();
        }));
    }
    if let Some(url) = devmetrics_testbed::postgres::database().await {
        for _ in 0..4 {
            let url = url.clone();
            programs.push(tokio::spawn(async move {
                PostgresStore::connect(&url, "default")
                    .await
                    .unwrap()
                    .migrate()
                    .await
                    .unwrap();
            }));
        }
    }
    for program in programs {
        program.await.unwrap();
    }
}
