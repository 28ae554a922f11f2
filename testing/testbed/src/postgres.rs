//! A PostgreSQL server for tests: a fresh database for each.

use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use url::Url;

/// The variable that names the server: a URL of a superuser's connection, or `skip`.
pub const VARIABLE: &str = "DEVMETRICS_TEST_POSTGRES";

/// The URL of the server for tests; `None` when the tests that need one are to be left out.
///
/// # Panics
/// When nothing says which server to use: a test that silently does nothing would be worse.
#[expect(clippy::panic, reason = "it ends the test that needs the server")]
#[expect(
    clippy::print_stderr,
    reason = "whoever reads the test's output must see that it tested nothing"
)]
pub fn server() -> Option<Url> {
    match std::env::var(VARIABLE) {
        Ok(text) if text == "skip" => {
            eprintln!("NOT TESTED ON POSTGRESQL: {VARIABLE}=skip");
            None
        }
        Ok(text) => match text.parse() {
            Ok(url) => Some(url),
            Err(error) => panic!("{VARIABLE} is no URL: {error}"),
        },
        Err(_) => panic!(
            "start the tests with `cargo xtask test`, or set {VARIABLE} to a server's URL; {VARIABLE}=skip leaves them out"
        ),
    }
}

/// The URL of a new, empty database; `None` when the tests that need one are to be left out. It goes with the server.
///
/// # Panics
/// When the server does not answer.
pub async fn database() -> Option<SecretString> {
    Some(SecretString::from(database_url().await?.to_string()))
}

/// The same as a URL whose parts can be changed.
///
/// # Panics
/// When the server does not answer.
#[expect(clippy::panic, reason = "it ends the test that needs the database")]
pub async fn database_url() -> Option<Url> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut url = server()?;
    // Tests run as threads of one process and as processes side by side.
    let name = format!(
        "devmetrics_test_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let create = async {
        let options = sqlx::postgres::PgConnectOptions::from_url(&url)?;
        let mut connection = options.connect().await?;
        // Process ids come again while the server stays.
        sqlx::query(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}")))
            .execute(&mut connection)
            .await?;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await?;
        connection.close().await
    };
    if let Err(error) = create.await {
        panic!("no database for the test on the server of {VARIABLE}: {error}");
    }
    url.set_path(&name);
    Some(url)
}
