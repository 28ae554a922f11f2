//! The public views, on cases small enough to compute by hand, equal on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::Id;
use devmetrics_core::model::{Landing, Membership, Milestones, Person, PullRequest, Roster, Team};
use devmetrics_core::store::{MetricsStore, PostgresStore, SqliteStore};
use devmetrics_testbed::histories::{self, History};
use devmetrics_testkit::builders::*;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};

/// Facts of nine weeks; 2026-01-05 is a Monday and `day(4)`.
async fn fill(store: &dyn MetricsStore) {
    let roster = Roster {
        teams: vec![
            Team {
                id: Id::new("web"),
                name: "Web".into(),
                zone: None,
                parents: Vec::new(),
            },
            Team {
                id: Id::new("late"),
                name: "Late".into(),
                zone: None,
                parents: Vec::new(),
            },
        ],
        memberships: [("web", None), ("late", Some(day(20)))]
            .map(|(team, valid_from)| Membership {
                team: Id::new(team),
                person: Person::default(),
                valid_from,
                valid_to: None,
                primary: true,
            })
            .to_vec(),
        ..Roster::default()
    };
    store.set_roster(&roster, day(0)).await.unwrap();

    let mut page = batch(feed("changes"), None, "a");
    page.covered_from = Some(day(5));
    page.complete = true;
    page.at = day(26);
    // Week of 2026-01-05: three of web by two people, a bot's, a direct push. The week after: none. Then one.
    let mut bobs = pull_request(6);
    bobs.author = person("bob");
    let mut unmeasured = pull_request(7);
    unmeasured.additions = None;
    let mut direct = pull_request(9);
    direct.landing = Some(Landing::DirectPush);
    page.pull_requests = vec![
        pull_request(5),
        bobs,
        unmeasured,
        pull_request(8),
        direct,
        pull_request(18),
    ];
    page.pull_requests.push(phases());
    page.pull_requests.push(PullRequest {
        reverts: vec![landing_commit(5)],
        ..pull_request(19)
    });
    page.attributions = [5, 6, 7, 8, 9, 18]
        .map(|n| attributed(n, vec![share("web")]))
        .to_vec();
    page.attributions[3].bot = true;
    page.attributions.push(attributed(30, vec![share("gone")]));
    page.attributions.push(attributed(19, vec![share("unassigned")]));
    store.commit(page).await.unwrap();
    // What a host showed of its teams: known earlier than any change, and not read to its end.
    let mut page = batch(feed("teams"), None, "a");
    page.covered_from = Some(day(0));
    page.observed = Some(Roster {
        teams: vec![Team {
            id: Id::new("ops"),
            name: "Operations".into(),
            zone: None,
            parents: Vec::new(),
        }],
        memberships: vec![Membership {
            team: Id::new("ops"),
            person: Person {
                handles: vec!["olga".into()],
                ..Person::default()
            },
            valid_from: Some(day(25)),
            valid_to: None,
            primary: false,
        }],
        ..Roster::default()
    });
    store.commit(page).await.unwrap();
    // Of web, 5 to 9 are deployed on day 12, of the week of 2026-01-12: after 8, 7, 6, 5 and 4 days and an hour.
    ship(store, &repository().id, vec![shipment(4, 9, 12)]).await;
}

/// A change with every milestone, an hour more between each and the next; never deployed.
fn phases() -> PullRequest {
    let hours = |n: i64| Some(day(30) + TimeDelta::hours(n));
    let milestones = Milestones {
        first_commit_at: hours(0),
        opened_at: hours(0),
        ready_at: hours(1),
        first_review_at: hours(3),
        approved_at: hours(6),
        merged_at: hours(10),
        closed_at: hours(10),
        ..Milestones::default()
    };
    PullRequest {
        milestones,
        ..pull_request(30)
    }
}

/// The same question to a SQLite and, if there is one, a PostgreSQL store with the same facts; `columns` become an array.
async fn ask(columns: &str, rest: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let store = SqliteStore::open(&path, "default").await.unwrap();
    store.migrate().await.unwrap();
    fill(&store).await;
    // Another tenant's facts are not seen.
    fill(&SqliteStore::open(&path, "other").await.unwrap()).await;
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    let question = format!("SELECT json_array({columns}) FROM {rest}");
    let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(question))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();

    if let Some(url) = devmetrics_testbed::postgres::database().await {
        let store = PostgresStore::connect(&url, "default").await.unwrap();
        store.migrate().await.unwrap();
        fill(&store).await;
        fill(&PostgresStore::connect(&url, "other").await.unwrap()).await;
        let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
        sqlx::query("SET TIME ZONE 'Pacific/Auckland'")
            .execute(&mut connection)
            .await
            .unwrap();
        let question = format!("SELECT json_build_array({columns})::text FROM {rest}");
        let postgres: Vec<String> = sqlx::query_scalar(AssertSqlSafe(question))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let postgres: Vec<Value> = postgres
            .iter()
            .map(|row| serde_json::from_str(row).unwrap())
            .collect();
        assert_eq!(numbers(postgres), numbers(rows.clone()));
    }
    rows
}

/// 5.0 and 5 are one number.
fn numbers(rows: Vec<Value>) -> Vec<Value> {
    let number = |value: Value| match (value.as_bool(), value.as_f64()) {
        (Some(flag), _) => json!(f64::from(u8::from(flag))),
        (_, Some(number)) => json!(number),
        _ => value,
    };
    rows.into_iter()
        .map(|row| match row {
            Value::Array(row) => row.into_iter().map(number).collect(),
            row => row,
        })
        .collect()
}

#[tokio::test]
async fn velocity_has_a_row_for_every_known_week() {
    let rows = ask(
        "team_id, week_start, merged, distinct_authors, additions, deletions",
        "team_velocity_weekly WHERE tenant = 'default' ORDER BY team_id, week_start",
    )
    .await;
    let expected = [
        // From the week of its first member.
        json!(["late", "2026-01-19", 0, 0, 0, 0]),
        json!(["late", "2026-01-26", 0, 0, 0, 0]),
        json!(["ops", "2026-01-26", 0, 0, 0, 0]),
        json!(["unassigned", "2026-01-05", 0, 0, 0, 0]),
        json!(["unassigned", "2026-01-12", 0, 0, 0, 0]),
        json!(["unassigned", "2026-01-19", 1, 1, 10, 4]),
        json!(["unassigned", "2026-01-26", 0, 0, 0, 0]),
        // From the week in which collection began to the one in which it ended.
        json!(["web", "2026-01-05", 3, 2, 20, 12]),
        json!(["web", "2026-01-12", 0, 0, 0, 0]),
        json!(["web", "2026-01-19", 1, 1, 10, 4]),
        json!(["web", "2026-01-26", 0, 0, 0, 0]),
    ];
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn lead_time_has_quantiles_of_type_7() {
    let rows = ask(
        "team_id, week_start, n, p50_seconds, p75_seconds, p90_seconds",
        "team_lead_time_weekly WHERE tenant = 'default' ORDER BY team_id, week_start",
    )
    .await;
    // 5, 6 and 7 count, not the bot's and not the direct push: 8, 7 and 6 days and an hour.
    let (hour, day) = (3600.0, 86_400.0);
    let of = |days: f64| days.mul_add(day, hour);
    assert_eq!(
        numbers(rows),
        numbers(vec![json!(["web", "2026-01-12", 3, of(7.0), of(7.5), of(7.8)])])
    );
}

#[tokio::test]
async fn facts_carry_phases_and_flags() {
    let columns = "pull_request_id, team_name, coding_seconds, pickup_seconds, review_seconds, merge_seconds, \
        unreviewed_wait_seconds, undivided_seconds, deploy_seconds, cycle_seconds, lead_seconds, is_bot, reverted, \
        deployment_id, deployment_match";
    let rest = "team_pull_request_facts WHERE tenant = 'default' AND pull_request_id IN \
        ('git:pr:0005', 'git:pr:0008', 'git:pr:0030') ORDER BY pull_request_id";
    let day = 86_400;
    let lead = 8 * day + 3600;
    let expected = [
        json!([
            "git:pr:0005",
            "Web",
            null,
            null,
            null,
            null,
            null,
            day,
            lead - day,
            day,
            lead,
            0,
            1,
            "git:tag:0012",
            "ancestry"
        ]),
        json!([
            "git:pr:0008",
            "Web",
            null,
            null,
            null,
            null,
            null,
            day,
            lead - 4 * day,
            day,
            lead - 3 * day,
            1,
            0,
            "git:tag:0012",
            "ancestry"
        ]),
        json!([
            "git:pr:0030",
            "gone",
            3600,
            7200,
            10_800,
            14_400,
            null,
            null,
            null,
            36_000,
            null,
            0,
            0,
            null,
            null
        ]),
    ];
    assert_eq!(ask(columns, rest).await, expected);
}

#[tokio::test]
async fn phases_telescope_whatever_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let store = SqliteStore::open(&path, "default").await.unwrap();
    store.migrate().await.unwrap();
    let mut page = batch(feed("changes"), None, "a");
    // Every combination of known and unknown R, V and A.
    for missing in 0..8 {
        let mut fact = PullRequest {
            id: pull_request_id(missing),
            ..phases()
        };
        let at = &mut fact.milestones;
        at.ready_at = at.ready_at.filter(|_| missing & 1 == 0);
        at.first_review_at = at.first_review_at.filter(|_| missing & 2 == 0);
        at.approved_at = at.approved_at.filter(|_| missing & 4 == 0);
        page.pull_requests.push(fact);
        page.attributions.push(attributed(missing, vec![share("web")]));
    }
    store.commit(page).await.unwrap();
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT coalesce(coding_seconds, 0) + coalesce(pickup_seconds, 0) + coalesce(review_seconds, 0) \
         + coalesce(merge_seconds, 0) + coalesce(unreviewed_wait_seconds, 0) + coalesce(undivided_seconds, 0), \
         cycle_seconds FROM team_pull_request_facts",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(rows, [(36_000, 36_000); 8]);
}

/// The documentation of the views, which is their contract.
const DOCUMENTATION: &str = include_str!("../../docs/views.md");

/// The names in backticks at the begin of a line of a table.
fn names(line: &str) -> Vec<String> {
    let cell = line.trim_start_matches('|').split('|').next().unwrap_or_default();
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The views with their columns, as the documentation lists them.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let mut views: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut view = None;
    for line in DOCUMENTATION.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            view = title.strip_prefix('`').map(|title| title.trim_end_matches('`'));
        } else if let Some(view) = view.filter(|_| line.starts_with("| `")) {
            let columns = views.entry(view.to_owned()).or_default();
            for name in names(line) {
                assert!(columns.insert(name.clone()), "{view}: `{name}` twice");
            }
        }
    }
    views
}

/// The views with their columns, as a database lists them.
fn grouped(columns: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let mut views: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (view, column) in columns {
        views.entry(view.clone()).or_default().insert(column.clone());
    }
    views
}

async fn sqlite(path: &Path) -> SqliteConnection {
    SqliteStore::open(path, "default")
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let options = SqliteConnectOptions::new().filename(path);
    options.connect().await.unwrap()
}

#[tokio::test]
async fn both_databases_have_the_documented_columns() {
    let folder = tempfile::tempdir().unwrap();
    let mut sqlite = sqlite(&folder.path().join("devmetrics.sqlite")).await;
    let of_sqlite: Vec<(String, String)> = sqlx::query_as(
        "SELECT v.name, c.name FROM sqlite_schema AS v JOIN pragma_table_info(v.name) AS c \
         WHERE v.type = 'view' ORDER BY v.name, c.cid",
    )
    .fetch_all(&mut sqlite)
    .await
    .unwrap();
    assert_eq!(grouped(&of_sqlite), documented());

    let Some(url) = devmetrics_testbed::postgres::database().await else {
        return;
    };
    PostgresStore::connect(&url, "default")
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let mut postgres = PgConnection::connect(url.expose_secret()).await.unwrap();
    let of_postgres: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns AS c \
         JOIN information_schema.views AS v USING (table_schema, table_name) WHERE c.table_schema = 'public' \
         ORDER BY c.table_name, c.ordinal_position",
    )
    .fetch_all(&mut postgres)
    .await
    .unwrap();
    assert_eq!(of_sqlite, of_postgres);
}

/// What it reads of a team must not grow with the number of teams.
#[tokio::test]
async fn no_view_reads_a_whole_tenant_for_one_team_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let mut sqlite = sqlite(&folder.path().join("devmetrics.sqlite")).await;
    let stored = [
        "pull_requests",
        "pull_request_teams",
        "deployments",
        "deployment_teams",
        "incidents",
        "incident_teams",
        "failures",
    ];
    let aliases = ["s", "p", "d", "i", "f", "v", "known", "before", "later"];
    let mut searches = 0;
    for view in documented().keys().filter(|view| view.starts_with("team_")) {
        let explain =
            format!("EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE tenant = 'default' AND team_id = 'web'");
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(AssertSqlSafe(explain))
            .fetch_all(&mut sqlite)
            .await
            .unwrap();
        for (.., step) in plan {
            let table = step.split(' ').nth(1).unwrap_or_default();
            if !stored.contains(&table) && !aliases.contains(&table) {
                continue;
            }
            assert!(
                step.starts_with("SEARCH") && !step.ends_with("(tenant=?)"),
                "{view}: {step}"
            );
            searches += 1;
        }
    }
    assert!(searches > 30, "{searches}");
}

/// Some history with a bit of everything.
fn random_history() -> History {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(proptest::test_runner::Config::default(), rng);
    let rich = |history: &History| {
        let [changes, deployments, incidents] = [
            history.pull_requests.len(),
            history.deployments.len(),
            history.incidents.len(),
        ];
        changes > 20 && deployments > 8 && incidents > 3 && history.roster.memberships.len() > 3
    };
    let mut drawn = std::iter::repeat_with(|| histories::history().new_tree(&mut runner).unwrap().current());
    drawn.find(rich).unwrap()
}

#[tokio::test]
async fn every_documented_example_gives_as_many_rows_on_both_databases() {
    let examples = DOCUMENTATION
        .split("```")
        .find_map(|text| text.strip_prefix("sql\n"))
        .unwrap();
    let examples = examples
        .replace("platform", "above")
        .replace("2026-04-01", "2026-01-01");
    let examples: Vec<&str> = examples.split_terminator(";\n").map(str::trim).collect();
    for view in documented().keys() {
        assert!(
            examples.iter().any(|text| text.contains(view)),
            "no example of {view}"
        );
    }
    let history = random_history();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let mut sqlite = sqlite(&path).await;
    let store = SqliteStore::open(&path, "default").await.unwrap();
    histories::fill(Arc::new(store), &history, 50).await;
    let mut counts = Vec::new();
    for example in &examples {
        let rows = sqlx::query(AssertSqlSafe((*example).to_owned()))
            .fetch_all(&mut sqlite)
            .await;
        counts.push(rows.unwrap_or_else(|error| panic!("{example}: {error}")).len());
    }
    let answered = counts.iter().filter(|count| **count > 0).count();
    assert!(answered > examples.len() / 2, "{counts:?}");

    let Some(url) = devmetrics_testbed::postgres::database().await else {
        return;
    };
    let store = PostgresStore::connect(&url, "default").await.unwrap();
    histories::fill(Arc::new(store), &history, 50).await;
    let mut postgres = PgConnection::connect(url.expose_secret()).await.unwrap();
    for (example, count) in examples.iter().zip(counts) {
        let rows = sqlx::query(AssertSqlSafe((*example).to_owned()))
            .fetch_all(&mut postgres)
            .await;
        let rows = rows.unwrap_or_else(|error| panic!("{example}: {error}"));
        assert_eq!(rows.len(), count, "{example}");
    }
}
