//! A database that goes away under requests, and comes back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use devmetrics_core::store::PostgresStore;
use devmetrics_server::Options;
use devmetrics_testkit::postgres_server::PostgresServer;

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
