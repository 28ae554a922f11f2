//! What goes wrong with a database is said in words that name it, its kind and the way out, and never a password.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use devmetrics_core::metric::{Extent, SampleQuery};
use devmetrics_core::store::{Batch, MetricsStore, PostgresStore, SqliteStore};
use devmetrics_core::{Error, ErrorKind, Id};
use devmetrics_testbed::postgres_server::PostgresServer;
use devmetrics_testkit::builders::{attributed, batch, days, feed, pull_request, share};
use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use tokio::time::timeout;

async fn open(path: &Path) -> Result<SqliteStore, Error> {
    let store = SqliteStore::open(path, "default").await?;
    store.migrate().await?;
    Ok(store)
}

#[track_caller]
fn says(error: &Error, kind: ErrorKind, words: &[&str]) {
    assert_eq!(error.kind(), kind, "{error:?}");
    for word in words {
        assert!(
            error.to_string().contains(word),
            "`{error}` does not say `{word}`"
        );
    }
    let all = format!("{error} {error:?}");
    assert!(!all.contains("s3cret"), "{all}");
}

#[tokio::test]
async fn a_file_that_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "Buy milk. ".repeat(500)).unwrap();
    let error = open(&path).await.unwrap_err();
    says(&error, ErrorKind::Corrupt, &["no SQLite database", "notes.txt"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "Buy milk. ".repeat(500));
}

#[tokio::test]
async fn a_damaged_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let store = open(&path).await.unwrap();
    store.commit(batch(feed("changes"), None, "a")).await.unwrap();
    drop(store);
    // The header stays, every page after it does not.
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    connection
        .execute("PRAGMA wal_checkpoint(TRUNCATE)")
        .await
        .unwrap();
    drop(connection);
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    let error = match open(&path).await {
        Ok(store) => store.feeds().await.unwrap_err(),
        Err(error) => error,
    };
    says(
        &error,
        ErrorKind::Corrupt,
        &["damaged", "devmetrics.sqlite", "backup"],
    );
}

/// Packs are read where they are of today, and told of where they are damaged; the rows beside them answer as before.
#[tokio::test]
async fn a_damaged_pack() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let store = open(&path).await.unwrap();
    let mut first = batch(feed("changes"), None, "a");
    first.pull_requests = vec![pull_request(1)];
    first.attributions = vec![attributed(1, vec![share("web")])];
    store.commit(first).await.unwrap();
    store.pack().await.unwrap();
    let damage = async |statement| {
        let mut connection = SqliteConnectOptions::new()
            .filename(&path)
            .connect()
            .await
            .unwrap();
        connection.execute(statement).await.unwrap();
        connection.close().await.unwrap();
    };
    damage("UPDATE packs SET samples = x'ff'").await;
    for extent in [Extent::All, Extent::Team(Id::new("web"))] {
        let query = SampleQuery {
            extent,
            window: days(0, 50),
            open: false,
            places: Vec::new(),
        };
        let error = store.pull_request_page(&query, None).await.unwrap_err();
        says(&error, ErrorKind::Corrupt, &["a pack of samples", "table packs"]);
    }
    damage("DELETE FROM packs").await;
    let query = SampleQuery {
        extent: Extent::All,
        window: days(0, 50),
        open: false,
        places: Vec::new(),
    };
    let page = store.pull_request_page(&query, None).await.unwrap();
    assert_eq!(page.samples, store.pull_request_samples(&query).await.unwrap());
    assert_eq!(page.samples.len(), 1);
}

#[tokio::test]
async fn a_database_of_another_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.sqlite");
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    options
        .connect()
        .await
        .unwrap()
        .execute("CREATE TABLE songs (title TEXT)")
        .await
        .unwrap();
    let error = open(&path).await.unwrap_err();
    says(&error, ErrorKind::Corrupt, &["another program", "other.sqlite"]);
}

#[tokio::test]
async fn a_folder_that_does_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(&folder.path().join("no/such/folder.sqlite"))
        .await
        .unwrap_err();
    says(
        &error,
        ErrorKind::NotFound,
        &["folder", "does not exist", "no/such/folder.sqlite"],
    );
}

#[tokio::test]
async fn a_folder_in_place_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(folder.path()).await.unwrap_err();
    says(&error, ErrorKind::InvalidInput, &["this is a folder"]);
}

/// Where not even root may make a file.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_may_not_be_written() {
    let error = open(Path::new("/proc/devmetrics.sqlite")).await.unwrap_err();
    says(
        &error,
        ErrorKind::PermissionDenied,
        &["may not be read and written", "/proc/devmetrics.sqlite"],
    );
}

/// Page `next` of the feed `changes`, with pull request `n`.
fn page(expected: Option<&str>, next: &str, n: u32) -> Batch {
    let mut page = batch(feed("changes"), expected, next);
    page.pull_requests = vec![pull_request(n)];
    page
}

/// The checkpoint of the feed `changes`, and how many facts the store has of it.
async fn there(store: &dyn MetricsStore) -> (String, u64) {
    let state = store.feeds().await.unwrap().remove(0);
    (state.checkpoint.0, state.stored)
}

#[tokio::test]
async fn a_database_that_another_program_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let store = open(&path).await.unwrap();
    store.commit(page(None, "a", 1)).await.unwrap();
    let mut other = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let error = store.commit(page(Some("a"), "b", 2)).await.unwrap_err();
    says(
        &error,
        ErrorKind::Unavailable,
        &["another program holds", "devmetrics.sqlite"],
    );
    assert!(error.kind().is_retryable());
    // Reading goes on meanwhile, and so does writing when it is over.
    assert_eq!(there(&store).await, ("a".into(), 1));
    other.execute("ROLLBACK").await.unwrap();
    store.commit(page(Some("a"), "b", 2)).await.unwrap();
    assert_eq!(there(&store).await, ("b".into(), 2));
}

/// A store that is about to wait for this long hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server goes while a page waits for a lock, while nobody asks, and for longer than a call waits.
#[tokio::test]
async fn a_postgresql_server_that_stops_in_the_middle_of_a_run() {
    let Some(mut server) = PostgresServer::start().await else {
        return;
    };
    let store = PostgresStore::connect(&server.url(), "default").await.unwrap();
    store.migrate().await.unwrap();
    store.commit(page(None, "a", 1)).await.unwrap();

    let mut other = PgConnection::connect(server.url().expose_secret()).await.unwrap();
    other.execute("BEGIN").await.unwrap();
    other
        .execute("LOCK TABLE pull_requests IN EXCLUSIVE MODE")
        .await
        .unwrap();
    let stop = async {
        let waiting = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted";
        while !sqlx::query_scalar::<_, bool>(waiting)
            .fetch_one(&mut other)
            .await
            .unwrap()
        {
            tokio::task::yield_now().await;
        }
        server.crash();
    };
    let (lost, ()) = timeout(
        PATIENCE,
        futures::future::join(store.commit(page(Some("a"), "b", 2)), stop),
    )
    .await
    .unwrap();
    let lost = lost.unwrap_err();
    says(&lost, ErrorKind::Unavailable, &["PostgreSQL server"]);
    assert!(lost.kind().is_retryable());

    let away = timeout(PATIENCE, store.commit(page(Some("a"), "b", 2)))
        .await
        .unwrap();
    says(&away.unwrap_err(), ErrorKind::Unavailable, &["PostgreSQL server"]);

    server.start_again();
    assert_eq!(there(&store).await, ("a".into(), 1));
    store.commit(page(Some("a"), "b", 2)).await.unwrap();

    // The connections in hand are dead, and the store does not know.
    server.crash();
    server.start_again();
    store.commit(page(Some("b"), "c", 3)).await.unwrap();
    assert_eq!(there(&store).await, ("c".into(), 3));
}

async fn connect(url: &str) -> Result<PostgresStore, Error> {
    PostgresStore::connect(&SecretString::from(url.to_owned()), "default").await
}

#[tokio::test]
async fn a_url_that_is_none() {
    for url in [
        "",
        "s3cret",
        "mysql://me:s3cret@host/db",
        "postgres://me:s3cret@host:port/db",
        "postgres://me:s3cret%zz@/",
    ] {
        if let Err(error) = connect(url).await {
            let kinds = [ErrorKind::InvalidInput, ErrorKind::Unavailable];
            assert!(kinds.contains(&error.kind()), "{url}: {error:?}");
            says(&error, error.kind(), &["database URL"]);
        } else {
            panic!("connected to `{url}`");
        }
    }
    let error = connect("postgres://me:s3cret@host:port/db").await.unwrap_err();
    says(
        &error,
        ErrorKind::InvalidInput,
        &["postgres://user:password@host:5432/database"],
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer() {
    // Nobody listens on a port that was just given back.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = connect(&format!("postgres://me:s3cret@127.0.0.1:{port}/db"))
        .await
        .unwrap_err();
    says(
        &error,
        ErrorKind::Unavailable,
        &["cannot be reached", &format!("127.0.0.1:{port}/db")],
    );
}

/// A server that reads the greeting, answers with these bytes, and hangs up.
fn server_that_hangs_up(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut buffer = [0; 1024];
        assert!(client.read(&mut buffer).unwrap() > 0);
        client.write_all(answer).unwrap();
    });
    format!("postgres://me:s3cret@127.0.0.1:{port}/db")
}

#[tokio::test]
async fn a_server_that_stops_while_it_greets_or_is_another() {
    for answer in [b"".as_slice(), b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let error = connect(&server_that_hangs_up(answer)).await.unwrap_err();
        says(
            &error,
            ErrorKind::Unavailable,
            &["host and port", "127.0.0.1", "/db"],
        );
    }
}

/// A server that asks for a password in plain text, and then says `code`: <https://www.postgresql.org/docs/current/protocol-message-formats.html>.
fn server_that_says(code: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let fields = format!("SFATAL\0VFATAL\0C{code}\0Mso it is\0\0");
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut buffer = [0; 1024];
        assert!(client.read(&mut buffer).unwrap() > 0);
        client.write_all(b"R\0\0\0\x08\0\0\0\x03").unwrap();
        assert!(client.read(&mut buffer).unwrap() > 0);
        client.write_all(b"E").unwrap();
        client
            .write_all(&u32::try_from(fields.len() + 4).unwrap().to_be_bytes())
            .unwrap();
        client.write_all(fields.as_bytes()).unwrap();
    });
    format!("postgres://me:s3cret@127.0.0.1:{port}/db?sslmode=disable")
}

#[tokio::test]
async fn a_wrong_password_and_other_refusals() {
    let error = connect(&server_that_says("28P01")).await.unwrap_err();
    says(
        &error,
        ErrorKind::Unauthenticated,
        &["user or the password", "127.0.0.1", "/db"],
    );
    for passing in ["08006", "40001", "40P01", "53300", "57P01", "57P02", "57P03"] {
        let error = connect(&server_that_says(passing)).await.unwrap_err();
        says(&error, ErrorKind::Unavailable, &["run again"]);
        assert!(error.kind().is_retryable());
    }
    let error = connect(&server_that_says("42501")).await.unwrap_err();
    says(&error, ErrorKind::PermissionDenied, &["may not do this"]);
}

#[tokio::test]
async fn a_database_that_does_not_exist() {
    let Some(mut url) = devmetrics_testbed::postgres::server() else {
        return;
    };
    url.set_path("no_such_database");
    let error = connect(url.as_str()).await.unwrap_err();
    says(
        &error,
        ErrorKind::NotFound,
        &["no such PostgreSQL database", "no_such_database"],
    );
}

#[tokio::test]
async fn a_store_does_not_show_its_password() {
    let Some(mut url) = devmetrics_testbed::postgres::database_url().await else {
        return;
    };
    url.set_query(Some("application_name=s3cret"));
    let password = url.password().unwrap().to_owned();
    let store = connect(url.as_str()).await.unwrap();
    let shown = format!("{store:?}");
    assert!(!shown.contains(&password) && !shown.contains("s3cret"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_make_the_same_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let path = folder.path().join(format!("{round}.db"));
        let opens = (0..8).map(|_| {
            let path = path.clone();
            tokio::spawn(async move { SqliteStore::open(&path, "default").await?.migrate().await })
        });
        for open in futures::future::join_all(opens.collect::<Vec<_>>()).await {
            open.unwrap().unwrap();
        }
    }
}
