//! Keys of the API.

use chrono::serde::{ts_seconds, ts_seconds_option};

use super::read::Instant;
use super::*;
use crate::model::{ApiKey, KeyScope, Team};
use crate::store::key::key_exists;

#[derive(Deserialize)]
struct KeyRow {
    id: Id<ApiKey>,
    name: String,
    scope: KeyScope,
    team: Option<Id<Team>>,
    #[serde(with = "ts_seconds")]
    created_at: Instant,
    #[serde(with = "ts_seconds_option")]
    expires_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    revoked_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    last_used_at: Option<Instant>,
    hash: String,
}

impl From<KeyRow> for StoredKey {
    fn from(row: KeyRow) -> Self {
        Self {
            key: ApiKey {
                id: row.id,
                name: row.name,
                scope: row.scope,
                team: row.team,
                created_at: row.created_at,
                expires_at: row.expires_at,
                revoked_at: row.revoked_at,
                last_used_at: row.last_used_at,
            },
            hash: row.hash,
        }
    }
}

impl<D: Database> SqlStore<D> {
    pub(super) async fn write_key(&self, stored: &StoredKey) -> Result<()> {
        let StoredKey { key, hash } = stored;
        let params = [
            self.tenant.as_str().into(),
            key.id.as_str().into(),
            hash.as_str().into(),
            key.name.as_str().into(),
            key.scope.as_str().into(),
            Param::Text(key.team.as_ref().map(Id::as_str)),
            key.created_at.timestamp().into(),
            key.expires_at.into(),
        ];
        match self.execute(&statement::ADD_KEY, &params).await? {
            0 => Err(key_exists(key)),
            _ => Ok(()),
        }
    }

    /// The key of this id, or all.
    pub(super) async fn stored_keys(&self, id: Option<&str>) -> Result<Vec<StoredKey>> {
        let params = [self.tenant.as_str().into(), Param::Text(id)];
        let rows: Vec<KeyRow> = self.rows(&statement::KEYS, &params).await?;
        Ok(rows.into_iter().map(StoredKey::from).collect())
    }

    /// Runs a statement that says of a key what happened at an instant; gives whether it wrote.
    pub(super) async fn date_key(&self, statement: &Statement, id: &str, at: DateTime<Utc>) -> Result<bool> {
        let params = [self.tenant.as_str().into(), id.into(), at.timestamp().into()];
        Ok(self.execute(statement, &params).await? > 0)
    }
}
