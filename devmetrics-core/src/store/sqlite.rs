//! SQLite: the embedded default, one file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use futures::TryStreamExt;
use futures::stream::BoxStream;
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

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    migration::migrations!("sqlite": 1 "0001_facts", 2 "0002_views", 3 "0003_hosts", 4 "0004_failures",
        5 "0005_paths", 6 "0006_metric_views", 7 "0007_packs", 8 "0008_server",
        9 "0009_slots", 10 "0010_coverage", 11 "0011_forgotten")
});

/// How long a write waits for another program's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often, and after which time, a file is opened again that another program holds: for about as long.
const RETRIES: usize = 50;
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// How many connections only read.
const READERS: u32 = 3;

/// What a connection keeps of the file, at most, in KiB: negative, as SQLite tells them from pages. The writer's stays as long
/// as nobody else writes, and holds the indexes that every page is written to; a reader's is good until the next commit.
const WRITER_CACHE: &str = "-16384";
const READER_CACHE: &str = "-4096";

/// A store in one SQLite file (and its `-wal` and `-shm` beside it while it is open).
pub type SqliteStore = SqlStore<Sqlite>;

/// The SQLite driver of [`SqliteStore`].
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    /// What only reads.
    readers: SqlitePool,
    /// The one connection that writes. SQLite drops the cache of a connection when another one has written.
    writer: SqlitePool,
    /// SQLite has one writer. Those of this program queue here, in order, instead of polling for the file's lock.
    turn: Arc<Mutex<()>>,
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
            .busy_timeout(BUSY_TIMEOUT);
        let connect = async || {
            let writer = pool(&options, 1, WRITER_CACHE).await;
            let writer = writer.map_err(|error| fault(&path, error))?;
            let readers = pool(&options, READERS, READER_CACHE).await;
            let readers = readers.map_err(|error| fault(&path, error))?;
            Ok::<_, Error>((readers, writer))
        };
        // Of two programs that make the same file at once, SQLite refuses one the change to WAL without waiting.
        let (readers, writer) = connect
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
            readers,
            writer,
            turn: Arc::default(),
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
        let _turn = Arc::clone(&self.turn).lock_owned().await;
        // Within one transaction that is a writer from its first statement: of two programs that open a new file at
        // once, the second finds it made.
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
        MIGRATIONS
            .run_direct(None, &mut *transaction, false)
            .await
            .map_err(|error| migration::fault(error, fault).with("file", self.path.display()))?;
        transaction.commit().await.map_err(fault)
    }

    async fn query(&self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<String>> {
        let rows = bind(statement, params).fetch(&self.readers);
        texts(rows)
            .await
            .map_err(|error| fault(&self.path, error).with("statement", statement.name))
    }

    async fn packs(
        &self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<(String, Option<Vec<u8>>)>> {
        let rows = bind(statement, params).fetch(&self.readers);
        rows.and_then(async |row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .try_collect()
            .await
            .map_err(|error| fault(&self.path, error).with("statement", statement.name))
    }

    /// A file keeps deleted bytes in pages that are free, and in its log: it is written anew, and the log is emptied.
    async fn purge(&self) -> Result<()> {
        let fault = |error| fault(&self.path, error);
        let _turn = Arc::clone(&self.turn).lock_owned().await;
        sqlx::query("VACUUM").execute(&self.writer).await.map_err(fault)?;
        let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&self.writer)
            .await
            .map_err(fault)?;
        if busy != 0 {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "another program reads the database file, whose old pages stay for as long; end it, and run again",
            )
            .with("file", self.path.display()));
        }
        Ok(())
    }

    async fn begin(&self) -> Result<SqliteTransaction> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        // A deferred transaction that reads first would fail, not wait, when it comes to write.
        let transaction = self
            .writer
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
            .fetch_all(&self.readers)
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
        .fetch_one(&self.readers)
        .await
        .map_err(fault)
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    async fn query(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<String>> {
        let rows = bind(statement, params).fetch(&mut *self.transaction);
        texts(rows)
            .await
            .map_err(|error| fault(&self.path, error).with("statement", statement.name))
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

async fn pool(
    options: &SqliteConnectOptions,
    connections: u32,
    cache: &'static str,
) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .connect_with(options.clone().pragma("cache_size", cache))
        .await
}

fn bind<'q>(statement: &Statement, params: &'q [Param<'_>]) -> Query<'q, Driver, SqliteArguments> {
    params
        .iter()
        .fold(sqlx::query(statement.sqlite), |query, param| match *param {
            Param::Text(text) => query.bind(text),
            Param::Int(number) => query.bind(number),
            Param::Bytes(bytes) => query.bind(bytes),
        })
}

/// Row by row: a row holds several times what its text does.
async fn texts(rows: BoxStream<'_, Result<SqliteRow, sqlx::Error>>) -> Result<Vec<String>, sqlx::Error> {
    rows.and_then(async |row| row.try_get(0)).try_collect().await
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
