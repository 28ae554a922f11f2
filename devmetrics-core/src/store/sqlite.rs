//! SQLite: the embedded default, one file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use sqlx::migrate::Migrator;
use sqlx::query::Query;
use sqlx::sqlite::{
    Sqlite as Driver, SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Row, SqlitePool};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::migration;
use super::sql::{Database, Param, SqlStore, Statement, Transaction};
use super::*;

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(
    || migration::migrations!("sqlite": 1 "0001_facts", 2 "0002_views", 3 "0003_hosts", 4 "0004_failures", 5 "0005_paths"),
);

/// How long a write waits for another program's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often, and after which time, a file is opened again that another program holds: for about as long.
const RETRIES: usize = 50;
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// A store in one SQLite file (and its `-wal` and `-shm` beside it while it is open).
pub type SqliteStore = SqlStore<Sqlite>;

/// The SQLite driver of [`SqliteStore`].
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    pool: SqlitePool,
    /// SQLite has one writer. Those of this program queue here, in order, instead of polling for the file's lock.
    writer: Arc<Mutex<()>>,
}

impl SqlStore<Sqlite> {
    /// Opens the file at `path`, or makes it; call [`migrate`](MetricsStore::migrate) before anything else. The rows
    /// belong to `tenant`.
    ///
    /// # Errors
    /// `NotFound` when the folder does not exist, `PermissionDenied` when it may not be written, `Corrupt` when the file
    /// is no SQLite database, `Unavailable` when another program holds it.
    pub async fn open(path: impl AsRef<Path>, tenant: impl Into<String>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT)
            // In KiB, of each connection, at most: with the usual 2 MiB the indexes of a large store are read again and
            // again.
            .pragma("cache_size", "-16384")
            // In bytes, of the file's beginning: read through a map, a page costs no system call and no copy. Whatever was
            // read through it counts as memory of the process, so it is kept small beside what a collector may use.
            .pragma("mmap_size", "16777216");
        let connect = async || {
            let pool = SqlitePoolOptions::new().max_connections(4);
            pool.connect_with(options.clone())
                .await
                .map_err(|error| fault(&path, error))
        };
        // Of two programs that make the same file at once, SQLite refuses one the change to WAL without waiting.
        let pool = connect
            .retry(
                ConstantBuilder::new()
                    .with_delay(RETRY_DELAY)
                    .with_max_times(RETRIES)
                    .with_jitter(),
            )
            .when(|error| error.kind() == ErrorKind::Unavailable)
            .await?;
        let database = Sqlite {
            path,
            pool,
            writer: Arc::default(),
        };
        Ok(Self {
            database,
            tenant: tenant.into(),
        })
    }
}

/// A write in progress.
#[derive(Debug)]
pub struct SqliteTransaction {
    path: PathBuf,
    transaction: sqlx::Transaction<'static, Driver>,
    _turn: OwnedMutexGuard<()>,
}

#[async_trait]
impl Database for Sqlite {
    type Transaction = SqliteTransaction;

    async fn migrate(&self) -> Result<()> {
        let fault = |error| fault(&self.path, error);
        let version = self.version().await?;
        if migration::up_to_date(&MIGRATIONS, version)
            .map_err(|error| error.with("file", self.path.display()))?
        {
            return Ok(());
        }
        let _turn = Arc::clone(&self.writer).lock_owned().await;
        // Within one transaction that is a writer from its first statement: of two programs that open a new file at
        // once, the second finds it made.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
        MIGRATIONS
            .run_direct(None, &mut *transaction, false)
            .await
            .map_err(|error| migration::fault(error, fault).with("file", self.path.display()))?;
        transaction.commit().await.map_err(fault)
    }

    async fn query(&self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<String>> {
        let rows = bind(statement, params).fetch_all(&self.pool).await;
        texts(rows).map_err(|error| fault(&self.path, error).with("statement", statement.name))
    }

    async fn begin(&self) -> Result<SqliteTransaction> {
        let turn = Arc::clone(&self.writer).lock_owned().await;
        // A deferred transaction that reads first would fail, not wait, when it comes to write.
        let transaction = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| fault(&self.path, error))?;
        Ok(SqliteTransaction {
            path: self.path.clone(),
            transaction,
            _turn: turn,
        })
    }
}

impl Sqlite {
    /// The newest migration of the file; `None` for an empty one.
    async fn version(&self) -> Result<Option<i64>> {
        let fault = |error| fault(&self.path, error);
        let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .fetch_all(&self.pool)
            .await
            .map_err(fault)?;
        if tables.is_empty() {
            return Ok(None);
        }
        if !tables.iter().any(|table| table == migration::TABLE) {
            return Err(Error::new(
                ErrorKind::Corrupt,
                "the file is a database of another program; name a file that does not exist yet",
            )
            .with("file", self.path.display()));
        }
        sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT max(version) FROM {}",
            migration::TABLE
        )))
        .fetch_one(&self.pool)
        .await
        .map_err(fault)
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    async fn query(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<String>> {
        let rows = bind(statement, params).fetch_all(&mut *self.transaction).await;
        texts(rows).map_err(|error| fault(&self.path, error).with("statement", statement.name))
    }

    async fn execute(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<u64> {
        match bind(statement, params).execute(&mut *self.transaction).await {
            Ok(done) => Ok(done.rows_affected()),
            Err(error) => Err(fault(&self.path, error).with("statement", statement.name)),
        }
    }

    async fn commit(self) -> Result<()> {
        self.transaction
            .commit()
            .await
            .map_err(|error| fault(&self.path, error))
    }
}

fn bind<'q>(statement: &Statement, params: &'q [Param<'_>]) -> Query<'q, Driver, SqliteArguments> {
    params
        .iter()
        .fold(sqlx::query(statement.sqlite), |query, param| match *param {
            Param::Text(text) => query.bind(text),
            Param::Int(number) => query.bind(number),
        })
}

fn texts(rows: Result<Vec<SqliteRow>, sqlx::Error>) -> Result<Vec<String>, sqlx::Error> {
    rows?.iter().map(|row| row.try_get(0)).collect()
}

/// What a fault of SQLite means to the caller. Codes: <https://www.sqlite.org/rescode.html>.
fn fault(path: &Path, error: sqlx::Error) -> Error {
    let code = match &error {
        sqlx::Error::Database(database) => database.code().and_then(|code| code.parse::<u32>().ok()),
        _ => None,
    };
    // The low byte is the primary code, the rest says more of it.
    let (kind, message) = match code.map(|code| code & 0xff) {
        Some(5 | 6) => (
            ErrorKind::Unavailable,
            "another program holds the database file; wait until it is done, or end it, and run again",
        ),
        Some(26) => (
            ErrorKind::Corrupt,
            "the file is no SQLite database; name another one, or one that does not exist yet",
        ),
        Some(11) => (
            ErrorKind::Corrupt,
            "the database file is damaged; restore it from a backup, or move it away and collect anew",
        ),
        Some(14) if path.is_dir() => (ErrorKind::InvalidInput, "this is a folder; name a file"),
        Some(14)
            if !path
                .parent()
                .is_none_or(|folder| folder.as_os_str().is_empty() || folder.exists()) =>
        {
            (
                ErrorKind::NotFound,
                "the folder of the database file does not exist; make it first",
            )
        }
        Some(3 | 8 | 14 | 23) => (
            ErrorKind::PermissionDenied,
            "the database file or its folder may not be read and written; check their owner and mode",
        ),
        Some(13) => (
            ErrorKind::Unavailable,
            "the disk is full; make room and run again",
        ),
        Some(10) => (
            ErrorKind::Unavailable,
            "the disk failed to read or write the database file",
        ),
        _ if matches!(error, sqlx::Error::PoolTimedOut) => (
            ErrorKind::Unavailable,
            "all connections to the database file are in use; run again",
        ),
        _ => (ErrorKind::Internal, "the database refused a statement"),
    };
    Error::new(kind, message)
        .with("file", path.display())
        .caused_by(error)
}
