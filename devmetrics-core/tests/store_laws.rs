//! Every store keeps the laws of `MetricsStore`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use devmetrics_core::store::{MemoryStore, MetricsStore, PostgresOptions, PostgresStore, SqliteStore};

type Store = Arc<dyn MetricsStore>;

mod memory {
    use super::*;

    devmetrics_testkit::store_suite!(async { Some(Arc::new(MemoryStore::new()) as Store) });
}

mod sqlite {
    use super::*;

    async fn open() -> Option<Store> {
        // Kept, because the store outlives this function; it goes with the target folder.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
        let store = SqliteStore::open(folder.join("devmetrics.sqlite"), "default")
            .await
            .unwrap();
        store.migrate().await.unwrap();
        Some(Arc::new(store))
    }

    devmetrics_testkit::store_suite!(open());
}

mod postgres {
    use super::*;

    async fn connect() -> Option<Store> {
        let url = devmetrics_testbed::postgres::database().await?;
        let store = PostgresStore::connect(&url, "default").await.unwrap();
        store.migrate().await.unwrap();
        Some(Arc::new(store))
    }

    devmetrics_testkit::store_suite!(connect());
}

/// As a function behind a proxy connects: with one connection, and nothing prepared.
mod postgres_by_proxy {
    use super::*;

    async fn connect() -> Option<Store> {
        let url = devmetrics_testbed::postgres::database().await?;
        let options = PostgresOptions {
            connections: 1,
            proxy: true,
            ..PostgresOptions::default()
        };
        let store = PostgresStore::connect_with(&url, "default", options)
            .await
            .unwrap();
        store.migrate().await.unwrap();
        Some(Arc::new(store))
    }

    devmetrics_testkit::store_suite!(connect());
}
