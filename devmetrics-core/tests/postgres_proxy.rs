//! What a store says on the wire when a proxy stands between that gives a connection to whoever has a transaction: nothing that
//! has to outlast one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};

use devmetrics_core::ErrorKind;
use devmetrics_core::store::{MetricsStore, PostgresOptions, PostgresStore};
use devmetrics_testbed::postgres::database_url;
use devmetrics_testkit::builders::{batch, feed};
use devmetrics_testkit::store_suite::slot::slot;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What was said: the kind of each message of the client, its first text, and whether a transaction was open (`T`) or not (`I`).
#[derive(Debug, Default)]
struct Talk {
    said: Vec<(char, String, char)>,
    status: char,
}

/// A relay to a server, and what it heard. Formats: PostgreSQL's documentation, "Message Formats".
async fn relay(server: (String, u16)) -> (u16, Arc<Mutex<Talk>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = Arc::new(Mutex::new(Talk::default()));
    let heard = Arc::clone(&talk);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(server.clone()).await.unwrap();
            let (client_reads, client_writes) = client.into_split();
            let (server_reads, server_writes) = server.into_split();
            tokio::spawn(requests(client_reads, server_writes, Arc::clone(&heard)));
            tokio::spawn(answers(server_reads, client_writes, Arc::clone(&heard)));
        }
    });
    (port, talk)
}

/// A message's kind, its length and its body. The first of a client has no kind.
async fn message(from: &mut (impl AsyncRead + Unpin), with_kind: bool) -> Option<(Vec<u8>, char, Vec<u8>)> {
    let mut head = vec![0; if with_kind { 5 } else { 4 }];
    from.read_exact(&mut head).await.ok()?;
    let kind = if with_kind { char::from(head[0]) } else { '-' };
    let length = u32::from_be_bytes(head[head.len() - 4..].try_into().unwrap());
    let mut body = vec![0; length as usize - 4];
    from.read_exact(&mut body).await.ok()?;
    let whole = [head, body.clone()].concat();
    Some((whole, kind, body))
}

async fn requests(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, talk: Arc<Mutex<Talk>>) {
    let mut is_first = true;
    while let Some((whole, kind, body)) = message(&mut from, !is_first).await {
        is_first = false;
        let end = body.iter().position(|byte| *byte == 0).unwrap_or(body.len());
        let text = String::from_utf8_lossy(&body[..end]).into_owned();
        {
            let mut talk = talk.lock().unwrap();
            let status = talk.status;
            talk.said.push((kind, text, status));
        }
        if to.write_all(&whole).await.is_err() {
            return;
        }
    }
}

async fn answers(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, talk: Arc<Mutex<Talk>>) {
    while let Some((whole, kind, body)) = message(&mut from, true).await {
        if kind == 'Z' {
            talk.lock().unwrap().status = char::from(body[0]);
        }
        if to.write_all(&whole).await.is_err() {
            return;
        }
    }
}

/// What is said by a store that answers and writes.
async fn said(proxy: bool) -> Option<Vec<(char, String, char)>> {
    let mut url = database_url().await?;
    let direct = SecretString::from(url.to_string());
    PostgresStore::connect(&direct, "default")
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let server = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5432));
    let (port, talk) = relay(server).await;
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(port)).unwrap();
    url.set_query(Some("sslmode=disable"));
    let options = PostgresOptions {
        connections: 1,
        proxy,
        ..PostgresOptions::default()
    };
    let url = SecretString::from(url.to_string());
    let store = PostgresStore::connect_with(&url, "default", options)
        .await
        .unwrap();
    store.migrate().await.unwrap();
    store
        .commit(batch(feed("pull_requests"), None, "c1"))
        .await
        .unwrap();
    store.plan_slot(&slot(1, &[&["a"]])).await.unwrap();
    store.feeds().await.unwrap();
    store.pack().await.unwrap();
    let talk = talk.lock().unwrap();
    Some(talk.said.clone())
}

#[tokio::test]
async fn through_a_proxy_nothing_outlasts_a_transaction() {
    let Some(said) = said(true).await else { return };
    let parsed: Vec<_> = said.iter().filter(|(kind, ..)| *kind == 'P').collect();
    assert!(parsed.len() > 5, "{said:?}");
    for (_, name, status) in parsed {
        assert_eq!(
            (name.as_str(), *status),
            ("", 'T'),
            "prepared outside a transaction, or for longer"
        );
    }
    let session: Vec<_> = said
        .iter()
        .filter(|(kind, text, _)| *kind == 'Q' && text.starts_with("SET"))
        .collect();
    assert_eq!(session.len(), 0, "{session:?}");
}

/// That the relay hears what it is held against.
#[tokio::test]
async fn without_one_statements_stay_prepared() {
    let Some(said) = said(false).await else { return };
    assert!(
        said.iter()
            .any(|(kind, name, _)| *kind == 'P' && name.starts_with("sqlx_s_")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|(kind, text, _)| *kind == 'Q' && text.starts_with("SET jit")),
        "{said:?}"
    );
}

/// As a signed password, which is good for some minutes.
#[tokio::test]
async fn a_renewed_password_is_used_by_the_next_connection() {
    let Some(mut url) = database_url().await else {
        return;
    };
    let mut superuser = PgConnection::connect(url.as_str()).await.unwrap();
    let role = url.path()[1..].to_owned();
    let mut change = async |statement: String| {
        superuser.execute(AssertSqlSafe(statement)).await.unwrap();
    };
    change(format!("DROP ROLE IF EXISTS {role}")).await;
    change(format!("CREATE ROLE {role} LOGIN PASSWORD 'first'")).await;
    change(format!("ALTER DATABASE {role} OWNER TO {role}")).await;
    url.set_username(&role).unwrap();
    url.set_password(Some("first")).unwrap();
    let store = PostgresStore::connect(&SecretString::from(url.to_string()), "default")
        .await
        .unwrap();
    store.migrate().await.unwrap();

    change(format!("ALTER ROLE {role} PASSWORD 'second'")).await;
    change(format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
    ))
    .await;
    let refused = store.feeds().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated, "{refused}");
    store.renew_password(&SecretString::from("second"));
    assert_eq!(store.feeds().await.unwrap(), []);
}
