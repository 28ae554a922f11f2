//! PostgreSQL, 15 or newer: for more than one machine.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use futures::TryStreamExt;
use futures::stream::BoxStream;
use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow, PgSslMode, Postgres as Driver};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgPool, Row};

use super::migration;
use super::sql::{Database, Param, SqlStore, Statement, Transaction};
use super::*;

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    migration::migrations!("postgres": 1 "0001_facts", 2 "0002_views", 3 "0003_hosts", 4 "0004_failures",
        5 "0005_paths", 6 "0006_metric_views", 7 "0007_packs", 8 "0008_server",
        9 "0009_slots", 10 "0010_coverage", 11 "0011_forgotten")
});

/// The oldest major version whose SQL we use.
const OLDEST: u32 = 15;

/// How long a call waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How a store connects to PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresOptions {
    /// The most connections at once.
    pub connections: u32,
    /// Whether a proxy stands between that gives a connection to whoever has a transaction (RDS Proxy, PgBouncer): then nothing
    /// is left behind in a session, and a statement is prepared only for the transaction that runs it.
    pub proxy: bool,
    /// Whether a server beyond this machine must prove by its certificate who it is (`sslmode=verify-full`).
    pub verify: bool,
    /// The certificates, as PEM, of who vouches for the server; `None`: those that the URL names, or those that browsers know.
    pub authorities: Option<String>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            proxy: false,
            verify: false,
            authorities: None,
        }
    }
}

/// A store in a PostgreSQL database.
pub type PostgresStore = SqlStore<Postgres>;

/// The PostgreSQL driver of [`PostgresStore`].
#[derive(Debug)]
pub struct Postgres {
    /// Host, port and database, for messages.
    place: String,
    pool: PgPool,
    proxy: bool,
}

impl SqlStore<Postgres> {
    /// Connects to the database at `url` (`postgres://user:password@host:5432/database`); call
    /// [`migrate`](MetricsStore::migrate) before anything else. The rows belong to `tenant`.
    ///
    /// # Errors
    /// `InvalidInput` for a bad URL, `Unavailable` when the server is out of reach, `Unauthenticated` for a wrong
    /// password, `NotFound` when there is no such database, `Unsupported` for a server older than 15.
    pub async fn connect(url: &SecretString, tenant: impl Into<String>) -> Result<Self> {
        Self::connect_with(url, tenant, PostgresOptions::default()).await
    }

    /// The same, as the options say.
    ///
    /// # Errors
    /// As [`connect`](Self::connect); `InvalidInput` for a URL that does not have the server verified where the options want it.
    pub async fn connect_with(
        url: &SecretString,
        tenant: impl Into<String>,
        how: PostgresOptions,
    ) -> Result<Self> {
        // The parser's error may repeat the URL, and with it the password: it is not kept.
        let options = PgConnectOptions::from_str(url.expose_secret()).map_err(|_| {
            Error::new(
                ErrorKind::InvalidInput,
                "the database URL is not of the form `postgres://user:password@host:5432/database`; in user and \
                 password, write special characters as %40",
            )
        })?;
        let place = format!(
            "{}:{}/{}",
            options
                .get_socket()
                .map_or_else(|| options.get_host().into(), |socket| socket.to_string_lossy()),
            options.get_port(),
            options.get_database().unwrap_or(options.get_username()),
        );
        if how.verify && !is_here(&options) && !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
            let message = "the database is on another machine and must prove who it is: put `sslmode=verify-full` into its URL";
            return Err(Error::new(ErrorKind::InvalidInput, message).with("database", place));
        }
        let mut options = options.application_name("devmetrics");
        if let Some(authorities) = how.authorities {
            options = options.ssl_root_cert_from_pem(authorities.into_bytes());
        }
        check_server(&place, &options).await?;
        let proxy = how.proxy;
        let pool = PgPoolOptions::new()
            .max_connections(how.connections)
            .acquire_timeout(CONNECT_TIMEOUT)
            // The longest of our statements run for less time than the server would take to compile them.
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if !proxy {
                        connection.execute("SET jit = off").await?;
                    }
                    Ok(())
                })
            })
            .connect_lazy_with(options);
        let database = Postgres { place, pool, proxy };
        Ok(Self {
            database,
            tenant: tenant.into(),
        })
    }
}

impl SqlStore<Postgres> {
    /// Has connections that are made from now on use this password: one that is good for some minutes only was renewed.
    pub fn renew_password(&self, password: &SecretString) {
        let pool = &self.database.pool;
        let options = (*pool.connect_options()).clone();
        pool.set_connect_options(options.password(password.expose_secret()));
    }
}

/// Whether the server is on this machine.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    options.get_socket().is_some()
        || host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
}

/// Connects once, outside the pool: a pool takes a refusal for a server that is about to start, and waits.
async fn check_server(place: &str, options: &PgConnectOptions) -> Result<()> {
    let check = async {
        let mut connection = options.connect().await?;
        // Without parameters, nothing is prepared.
        let row = connection.fetch_one("SHOW server_version_num").await?;
        let number: String = row.try_get(0)?;
        connection.close().await?;
        Ok(number)
    };
    let number = tokio::time::timeout(CONNECT_TIMEOUT, check)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
        .map_err(|error| fault(place, error))?;
    new_enough(&number).map_err(|error| error.with("database", place))
}

impl Postgres {
    /// The newest migration of the database; `None` for one without our tables.
    async fn version(&self) -> Result<Option<i64>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let there: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(migration::TABLE)
            .persistent(false)
            .fetch_one(&mut *transaction)
            .await?;
        let mut version = None;
        if there {
            let newest = AssertSqlSafe(format!("SELECT max(version) FROM {}", migration::TABLE));
            version = sqlx::query_scalar(newest)
                .persistent(false)
                .fetch_one(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(version)
    }
}

/// A write in progress.
#[derive(Debug)]
pub struct PostgresTransaction {
    place: String,
    transaction: sqlx::Transaction<'static, Driver>,
    proxy: bool,
}

#[async_trait]
impl Database for Postgres {
    type Transaction = PostgresTransaction;

    async fn migrate(&self) -> Result<()> {
        let fault = |error| fault(&self.place, error);
        let version = self.version().await.map_err(fault)?;
        if migration::up_to_date(&MIGRATIONS, version).map_err(|error| error.with("database", &self.place))? {
            return Ok(());
        }
        // The migrator takes an advisory lock: of two programs that do this at once, the second finds it done.
        MIGRATIONS
            .run(&self.pool)
            .await
            .map_err(|error| migration::fault(error, fault).with("database", &self.place))
    }

    async fn query(&self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<String>> {
        // Through a proxy, a statement that is prepared outside a transaction may be run on a connection without it; and what is
        // not ended in so many words stays open while its process is frozen.
        if self.proxy {
            let mut transaction = self.begin().await?;
            let rows = transaction.query(statement, params).await?;
            transaction.commit().await?;
            return Ok(rows);
        }
        let rows = bind(statement, params, true).fetch(&self.pool);
        texts(rows)
            .await
            .map_err(|error| fault(&self.place, error).with("statement", statement.name))
    }

    async fn packs(
        &self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<(String, Option<Vec<u8>>)>> {
        let read = async {
            if self.proxy {
                let mut transaction = self.pool.begin().await?;
                let rows = bind(statement, params, false).fetch(&mut *transaction);
                let rows = packed(rows).await?;
                transaction.commit().await?;
                return Ok(rows);
            }
            packed(bind(statement, params, true).fetch(&self.pool)).await
        };
        read.await
            .map_err(|error| fault(&self.place, error).with("statement", statement.name))
    }

    /// Rows of before are removed; what disks, logs and backups have of them is the server's.
    async fn purge(&self) -> Result<()> {
        const VACUUM: &str = "VACUUM pull_requests, pull_request_activity, deployments, incidents, packs, quarantine, roster, \
                              observed_rosters";
        self.pool
            .execute(VACUUM)
            .await
            .map_err(|error| fault(&self.place, error))?;
        Ok(())
    }

    async fn begin(&self) -> Result<PostgresTransaction> {
        let transaction = self
            .pool
            .begin()
            .await
            .map_err(|error| fault(&self.place, error))?;
        Ok(PostgresTransaction {
            place: self.place.clone(),
            transaction,
            proxy: self.proxy,
        })
    }
}

#[async_trait]
impl Transaction for PostgresTransaction {
    async fn query(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<String>> {
        let rows = bind(statement, params, !self.proxy).fetch(&mut *self.transaction);
        texts(rows)
            .await
            .map_err(|error| fault(&self.place, error).with("statement", statement.name))
    }

    async fn execute(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<u64> {
        let query = bind(statement, params, !self.proxy);
        match query.execute(&mut *self.transaction).await {
            Ok(done) => Ok(done.rows_affected()),
            Err(error) => Err(fault(&self.place, error).with("statement", statement.name)),
        }
    }

    async fn commit(self) -> Result<()> {
        self.transaction
            .commit()
            .await
            .map_err(|error| fault(&self.place, error))
    }
}

/// A statement with its parameters; a lasting one stays prepared for as long as the connection.
fn bind<'q>(statement: &Statement, params: &'q [Param<'_>], lasting: bool) -> Query<'q, Driver, PgArguments> {
    let query = sqlx::query(statement.postgres).persistent(lasting);
    params.iter().fold(query, |query, param| match *param {
        Param::Text(text) => query.bind(text.map(without_nul)),
        Param::Int(number) => query.bind(number),
        Param::Bytes(bytes) => query.bind(bytes),
    })
}

/// Row by row: a row holds several times what its text does.
async fn texts(rows: BoxStream<'_, Result<PgRow, sqlx::Error>>) -> Result<Vec<String>, sqlx::Error> {
    rows.and_then(async |row| row.try_get(0)).try_collect().await
}

async fn packed(
    rows: BoxStream<'_, Result<PgRow, sqlx::Error>>,
) -> Result<Vec<(String, Option<Vec<u8>>)>, sqlx::Error> {
    rows.and_then(async |row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .try_collect()
        .await
}

/// PostgreSQL's text cannot hold NUL: the replacement character stands for it. JSON comes without.
fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn new_enough(version_number: &str) -> Result<()> {
    // 150018 is 15.18: <https://www.postgresql.org/docs/current/libpq-status.html>.
    match version_number.parse::<u32>().map(|number| number / 10_000) {
        Ok(major) if major >= OLDEST => Ok(()),
        _ => Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "the PostgreSQL server is too old (server_version_num {version_number}); devmetrics needs {OLDEST} or newer"
            ),
        )),
    }
}

/// What a fault of PostgreSQL means to the caller. Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn fault(place: &str, error: sqlx::Error) -> Error {
    let code = match &error {
        sqlx::Error::Database(database) => database.code().unwrap_or_default().into_owned(),
        _ => String::new(),
    };
    let (kind, message) = match (code.as_str(), &error) {
        ("28P01" | "28000", _) => (
            ErrorKind::Unauthenticated,
            "the PostgreSQL server refused the user or the password; check both in the database URL",
        ),
        ("3D000", _) => (
            ErrorKind::NotFound,
            "there is no such PostgreSQL database; create it first (`createdb`)",
        ),
        ("42501", _) => (
            ErrorKind::PermissionDenied,
            "the PostgreSQL user may not do this; it needs to create and use tables in the database",
        ),
        ("53100", _) => (
            ErrorKind::Unavailable,
            "the disk of the PostgreSQL server is full",
        ),
        ("40001" | "40P01" | "55P03", _) => (
            ErrorKind::Unavailable,
            "another write to the PostgreSQL database came in between; run again",
        ),
        (code, _)
            if ["08", "53", "57", "58"]
                .iter()
                .any(|class| code.starts_with(class)) =>
        {
            (
                ErrorKind::Unavailable,
                "the PostgreSQL server ended the connection or is starting or stopping; run again",
            )
        }
        ("", sqlx::Error::Io(_)) => (
            ErrorKind::Unavailable,
            "the PostgreSQL server cannot be reached; check that it runs, and host and port in the database URL",
        ),
        // A server that stops while it greets closes the connection, which is read as a wrong answer.
        ("", sqlx::Error::Protocol(_)) => (
            ErrorKind::Unavailable,
            "what answers is stopping or is no PostgreSQL server; check host and port in the database URL, and run again",
        ),
        ("", sqlx::Error::Tls(_)) => (
            ErrorKind::Unavailable,
            "no TLS connection with the PostgreSQL server; check `sslmode` in the database URL",
        ),
        ("", sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed) => (
            ErrorKind::Unavailable,
            "no connection to the PostgreSQL server within 10 s; check that it runs and is not overloaded",
        ),
        _ => (ErrorKind::Internal, "the PostgreSQL server refused a statement"),
    };
    Error::new(kind, message).with("database", place).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_must_be_15_or_newer() {
        assert!(new_enough("150000").is_ok());
        assert!(new_enough("180006").is_ok());
        for old in ["140018", "90624", "15"] {
            let error = new_enough(old).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.message().contains("15 or newer"), "{error}");
        }
    }
}
