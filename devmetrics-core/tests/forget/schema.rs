//! Every column that may hold a text: whether it can name a person.

use std::collections::BTreeSet;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

/// What names people. The world names its canary in each; once they are forgotten, in none.
pub(crate) const PEOPLE: [&str; 17] = [
    "deployments.creator_email",
    "deployments.creator_handle",
    "deployments.creator_name",
    "incidents.author_email",
    "incidents.author_handle",
    "incidents.author_name",
    "observed_rosters.document",
    "packs.samples",
    "pull_request_activity.document",
    "pull_requests.author_email",
    "pull_requests.author_handle",
    "pull_requests.author_key",
    "pull_requests.author_name",
    "pull_requests.co_authors",
    "quarantine.error",
    "quarantine.payload",
    "roster.document",
];

/// What names nobody but by chance: texts about the work, which `docs/security.md` says are kept.
const WORK: [&str; 16] = [
    "api_keys.name",
    "deployments.environment",
    "deployments.reference",
    "deployments.url",
    "incidents.labels",
    "incidents.title",
    "incidents.url",
    "pull_request_paths.document",
    "pull_requests.base_branch",
    "pull_requests.labels",
    "pull_requests.title",
    "pull_requests.url",
    "repositories.default_branch",
    "repositories.name",
    "repositories.url",
    "teams.name",
];

/// What names nobody: ids, marks, and words of our own.
const NOBODY: [&str; 68] = [
    "api_keys.hash",
    "api_keys.id",
    "api_keys.scope",
    "api_keys.team_id",
    "deployment_teams.deployment_id",
    "deployment_teams.team_id",
    "deployments.attribution_revision",
    "deployments.commit_id",
    "deployments.declares",
    "deployments.id",
    "deployments.repository_id",
    "deployments.rework",
    "deployments.status",
    "devmetrics_migrations.checksum",
    "devmetrics_migrations.description",
    "failures.cause",
    "failures.deployment_id",
    "failures.remedy_id",
    "failures.repository_id",
    "failures.rule",
    "feeds.checkpoint",
    "feeds.kind",
    "feeds.scope",
    "feeds.source",
    "forgetting_keys.key",
    "forgotten.mark",
    "incident_teams.incident_id",
    "incident_teams.team_id",
    "incidents.attribution_revision",
    "incidents.caused_by",
    "incidents.id",
    "incidents.repository_id",
    "leases.owner",
    "leases.scope",
    "leases.source",
    "observed_rosters.scope",
    "observed_rosters.source",
    "packs.owner_id",
    "packs.owner_kind",
    "pull_request_activity.pull_request_id",
    "pull_request_paths.pull_request_id",
    "pull_request_reverts.pull_request_id",
    "pull_request_reverts.reverted_commit",
    "pull_request_teams.pull_request_id",
    "pull_request_teams.team_id",
    "pull_requests.attribution_revision",
    "pull_requests.cherry_picked_from",
    "pull_requests.closes",
    "pull_requests.deployment_id",
    "pull_requests.deployment_match",
    "pull_requests.first_commit",
    "pull_requests.id",
    "pull_requests.landing",
    "pull_requests.landing_commit",
    "pull_requests.pauses",
    "pull_requests.repository_id",
    "pull_requests.reverts",
    "quarantine.kind",
    "quarantine.record_id",
    "quarantine.scope",
    "quarantine.source",
    "repositories.id",
    "slot_groups.outcome",
    "slot_groups.scopes",
    "slots.run",
    "team_versions.team_id",
    "teams.team_id",
    "teams.zone",
];

pub(crate) fn has_canary(bytes: &[u8]) -> bool {
    bytes
        .windows(b"canary".len())
        .any(|window| window.eq_ignore_ascii_case(b"canary"))
}

/// The columns of a database that may hold a text.
pub(crate) struct Tables {
    pool: Pool,
    columns: BTreeSet<(String, String)>,
}

enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Tables {
    pub(crate) async fn sqlite(path: &Path) -> Self {
        let pool = SqlitePool::connect(&format!("sqlite:{}", path.display()))
            .await
            .unwrap();
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT t.name, c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND c.type NOT IN ('INTEGER', 'REAL', 'BIGINT', 'BOOLEAN', 'TIMESTAMP')",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        Self {
            pool: Pool::Sqlite(pool),
            columns: columns.into_iter().collect(),
        }
    }

    pub(crate) async fn postgres(url: &SecretString) -> Self {
        let pool = PgPool::connect(url.expose_secret()).await.unwrap();
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns AS c
             JOIN information_schema.tables AS t USING (table_schema, table_name)
             WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE'
                AND c.data_type NOT IN ('bigint', 'integer', 'boolean', 'double precision', 'timestamp with time zone')",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        Self {
            pool: Pool::Postgres(pool),
            columns: columns.into_iter().collect(),
        }
    }

    /// That somebody has thought of every column: a new one belongs into a list above, and if it can name people, into
    /// [`MetricsStore::forget`](devmetrics_core::store::MetricsStore::forget).
    pub(crate) fn all_are_told_of(&self) {
        let told: BTreeSet<&str> = PEOPLE.into_iter().chain(WORK).chain(NOBODY).collect();
        let columns: BTreeSet<String> = self
            .columns
            .iter()
            .map(|(table, column)| format!("{table}.{column}"))
            .collect();
        let there: BTreeSet<&str> = columns
            .iter()
            .map(String::as_str)
            .filter(|column| !column.ends_with(".tenant"))
            .collect();
        let missing: Vec<_> = there.symmetric_difference(&told).collect();
        assert!(
            missing.is_empty(),
            "can these columns name somebody? {missing:#?}"
        );
    }

    /// The columns in which the canary is found.
    pub(crate) async fn with_canary(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (table, column) in &self.columns {
            let has = match &self.pool {
                Pool::Sqlite(pool) => {
                    let select =
                        format!("SELECT CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL");
                    let values: Vec<Vec<u8>> = sqlx::query_scalar(AssertSqlSafe(select))
                        .fetch_all(pool)
                        .await
                        .unwrap();
                    values.iter().any(|value| has_canary(value))
                }
                Pool::Postgres(pool) => {
                    let select =
                        format!("SELECT {table}.{column}::text FROM {table} WHERE {column} IS NOT NULL");
                    let values: Vec<String> = sqlx::query_scalar(AssertSqlSafe(select))
                        .fetch_all(pool)
                        .await
                        .unwrap();
                    // Bytes come in hexadecimal.
                    values
                        .iter()
                        .any(|value| has_canary(value.as_bytes()) || value.contains("63616e617279"))
                }
            };
            if has {
                found.push(format!("{table}.{column}"));
            }
        }
        found
    }
}
