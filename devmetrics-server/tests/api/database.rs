//! A database that goes away under requests, and comes back.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use devmetrics_core::store::PostgresStore;
use devmetrics_server::{Listen, Options, Server};
use devmetrics_testbed::postgres_server::PostgresServer;

use crate::world::World;

const PATH: &str = "/metrics/team/web/velocity?from=2026-01-05&to=2026-03-02";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_is_said_and_found_again() {
    let Some(mut server) = PostgresServer::start().await else {
        return;
    };
    let store = PostgresStore::connect(&server.url(), "default").await.unwrap();
    let world = World::over(Arc::new(store), Options::default(), None).await;
    world.get("reader", PATH).await.ok();
    server.crash();
    let begin = Instant::now();
    let asked = (0..20).map(|_| world.get("reader", PATH));
    for got in futures::future::join_all(asked).await {
        let problem = got.problem(503, "unavailable");
        assert_eq!(got.header("retry-after"), "5");
        // Where the database is, is nobody's business.
        assert!(
            !problem["detail"].as_str().unwrap().contains("postgres"),
            "{problem}"
        );
    }
    assert!(begin.elapsed() < Duration::from_secs(25), "{:?}", begin.elapsed());
    world
        .get("anonymous", "/readyz")
        .await
        .problem(503, "unavailable");
    assert_eq!(world.get("anonymous", "/healthz").await.status, 200);

    server.start_again();
    world.get("anonymous", "/readyz").await.ok();
    world.get("reader", PATH).await.ok();
}

/// How many clients ask all the time, and how long an answer may take: the server itself gives up after 30 s.
const CLIENTS: u32 = 16;
const PATIENCE: Duration = Duration::from_secs(35);

/// What clients were told.
#[derive(Default)]
struct Told {
    answers: AtomicU32,
    /// To come back later.
    away: AtomicU32,
    end: AtomicBool,
}

impl Told {
    /// Asks again and again, by a connection each time, until the end.
    fn ask_all_the_time(&self, address: SocketAddr, key: &str, client: u32) {
        for n in 0.. {
            // Some ask the same, which is kept, and some what has to be computed.
            let day = if client.is_multiple_of(2) { 1 } else { n % 28 + 1 };
            let request = format!(
                "GET /metrics/team/web/velocity?from=2026-01-{day:02}&to=2026-03-02 HTTP/1.1\r\nHost: x\r\n\
                 X-API-Key: {key}\r\nConnection: close\r\n\r\n"
            );
            let mut socket = TcpStream::connect(address).unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            socket.read_to_string(&mut answer).unwrap();
            if answer.starts_with("HTTP/1.1 200") {
                self.answers.fetch_add(1, Ordering::SeqCst);
            } else {
                assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
                assert!(answer.contains("retry-after: 5\r\n"), "{answer}");
                self.away.fetch_add(1, Ordering::SeqCst);
            }
            if self.end.load(Ordering::SeqCst) {
                return;
            }
        }
    }

    /// Waits until each client was told so once more, on the average.
    async fn once_more(&self, what: &AtomicU32) {
        let (before, begin) = (what.load(Ordering::SeqCst), Instant::now());
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        while what.load(Ordering::SeqCst) < before + CLIENTS {
            assert!(begin.elapsed() < 2 * PATIENCE, "nobody is told anything");
            beat.tick().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_hangs_when_the_database_is_lost_under_load() {
    let Some(mut postgres) = PostgresServer::start().await else {
        return;
    };
    let store = PostgresStore::connect(&postgres.url(), "default").await.unwrap();
    let world = World::over(Arc::new(store), Options::default(), None).await;
    let listen = Listen {
        address: "127.0.0.1:0".parse().unwrap(),
        tls: None,
    };
    let server = Server::bind(world.state.clone(), &listen).await.unwrap();
    let address = server.address();
    let running = tokio::spawn(server.run(std::future::pending()));
    let told = Arc::new(Told::default());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (key, told) = (world.key("reader").unwrap().to_owned(), Arc::clone(&told));
            tokio::task::spawn_blocking(move || told.ask_all_the_time(address, &key, client))
        })
        .collect();
    told.once_more(&told.answers).await;
    postgres.crash();
    told.once_more(&told.away).await;
    postgres.start_again();
    told.once_more(&told.answers).await;
    told.end.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    let counters = String::from_utf8(world.get("admin", "/metrics").await.body).unwrap();
    // The one that asks for the counters.
    assert!(
        counters.contains("devmetrics_http_requests_in_flight 1\n"),
        "{counters}"
    );
    running.abort();
}
