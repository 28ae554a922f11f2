//! Memory = SQLite = PostgreSQL = the public views = a plain reference, over random histories.
//!
//! The reference is written from `docs/metrics.md` alone: loops over facts, no store, no sample, no metric code.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod reference;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::Id;
use devmetrics_core::metric::{Bucket, MetricQuery, Policy, Scope};
use devmetrics_core::model::Window;
use devmetrics_core::store::{MemoryStore, MetricsStore, PostgresStore, SqliteStore};
use devmetrics_testbed::histories::{GIT, HOSTED, History, TEAMS, fill, history, window};
use devmetrics_testbed::postgres;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, PgPool, Row, SqlitePool};
use tokio::task::JoinSet;

use reference::World;
use reference::views::{self, VIEWS};

fn queries() -> Vec<MetricQuery> {
    let scopes = TEAMS
        .iter()
        .chain(&["unassigned"])
        .map(|id| Scope::Team(Id::new(*id)));
    let repositories = [GIT, HOSTED].map(|id| Scope::Repository(Id::new(id)));
    let scopes = scopes.chain([Scope::All]).chain(repositories);
    let inner = Window {
        from: window().from + TimeDelta::seconds(10 * 86_400 + 1234),
        to: window().from + TimeDelta::days(40),
    };
    scopes
        .flat_map(|scope| {
            [
                (window(), Policy::Full),
                (inner, Policy::Fractional),
                (inner, Policy::Primary),
            ]
            .map(|(window, policy)| {
                MetricQuery::new([""; 0], window)
                    .scope(scope.clone())
                    .policy(policy)
                    .bucket(Bucket::Week)
            })
        })
        .collect()
}

/// How many histories: each costs a fresh SQLite file and two dozen queries on each store.
fn cases() -> usize {
    std::env::var("DIFFERENTIAL_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(60)
}

fn histories() -> impl Iterator<Item = History> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..cases()).map(move |_| history().new_tree(&mut runner).unwrap().current())
}

/// Holds the views of a database against the reference. The two pools have no common type that could be a function's.
macro_rules! hold_views {
    ($pool:expr, $world:expr, $tenant:expr, $what:expr) => {
        for view in &VIEWS {
            let numbers = view
                .numbers
                .iter()
                .map(|column| format!("CAST({column} AS DOUBLE PRECISION)"));
            let flags = view
                .flags
                .iter()
                .map(|column| format!("CAST(CASE WHEN {column} THEN 1 WHEN NOT {column} THEN 0 END AS DOUBLE PRECISION)"));
            let columns: Vec<String> = numbers.chain(flags).collect();
            let question = format!(
                "SELECT team_id, CAST({key} AS TEXT), {columns} FROM {name} WHERE tenant = $1 ORDER BY team_id, {key}",
                key = view.key,
                columns = columns.join(", "),
                name = view.name,
            );
            let found = sqlx::query(AssertSqlSafe(question))
                .bind($tenant)
                .fetch_all($pool)
                .await
                .unwrap();
            let found: Vec<views::Row> = found
                .iter()
                .map(|row| {
                    let values = (2..columns.len() + 2).map(|place| row.get(place)).collect();
                    (row.get(0), row.get(1), values)
                })
                .collect();
            views::hold(&found, &view.rows($world), &format!("{} on {}", view.name, $what));
        }
    };
}

/// Where the cases are kept.
struct Databases {
    folder: tempfile::TempDir,
    /// A server with the pool that reads its views; `None` leaves PostgreSQL out.
    postgres: Option<(SecretString, PgPool)>,
}

/// Holds one history, and says what happens in it.
async fn hold(case: usize, history: History, databases: Arc<Databases>) -> BTreeSet<&'static str> {
    let tenant = format!("case{case}");
    let file = databases.folder.path().join(format!("{tenant}.db"));
    let memory = fill(Arc::new(MemoryStore::new()), &history, 7).await;
    let sqlite = SqliteStore::open(&file, &tenant).await.unwrap();
    let sqlite = fill(Arc::new(sqlite), &history, 11).await;
    let postgres = match &databases.postgres {
        Some((server, _)) => {
            let store = PostgresStore::connect(server, &tenant).await.unwrap();
            Some(fill(Arc::new(store), &history, 13).await)
        }
        None => None,
    };
    let world = World::of(&history);
    for query in queries() {
        let expected = memory.report(&query).await.unwrap();
        reference::hold(&world, &query, &expected, &tenant);
        assert_eq!(
            sqlite.report(&query).await.unwrap(),
            expected,
            "SQLite, {tenant}, {query:?}"
        );
        if let Some(postgres) = &postgres {
            assert_eq!(
                postgres.report(&query).await.unwrap(),
                expected,
                "PostgreSQL, {tenant}, {query:?}"
            );
        }
    }
    let pool = SqlitePool::connect(&format!("sqlite:{}", file.display()))
        .await
        .unwrap();
    hold_views!(&pool, &world, &tenant, format!("SQLite, {tenant}"));
    pool.close().await;
    std::fs::remove_file(file).unwrap();
    if let Some((_, pool)) = &databases.postgres {
        hold_views!(pool, &world, &tenant, format!("PostgreSQL, {tenant}"));
    }
    world.happens()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_store_gives_the_answers_of_the_reference() {
    let postgres = match postgres::database().await {
        Some(server) => {
            let pool = PgPool::connect(server.expose_secret()).await.unwrap();
            PostgresStore::connect(&server, "default")
                .await
                .unwrap()
                .migrate()
                .await
                .unwrap();
            Some((server, pool))
        }
        None => None,
    };
    let databases = Arc::new(Databases {
        folder: tempfile::tempdir().unwrap(),
        postgres,
    });
    let mut happened = BTreeSet::new();
    let mut running = JoinSet::new();
    for (case, history) in histories().enumerate() {
        running.spawn(hold(case, history, databases.clone()));
        // Two at once: one computes while the other waits for its database.
        while running.len() > 1 {
            happened.extend(running.join_next().await.unwrap().unwrap());
        }
    }
    happened.extend(running.join_all().await.into_iter().flatten());
    // A history in which nothing fails would hold nothing.
    if cases() >= 20 {
        assert_eq!(happened, World::can_happen());
    }
}
