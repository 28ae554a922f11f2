//! The real router over real databases.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

/// Makes two tests of each of these functions: with a world on SQLite, and with one on PostgreSQL.
macro_rules! on_both_databases {
    ($($name:ident,)+) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::world::World::new().await).await;
            })+
        }

        mod postgresql {
            $(#[tokio::test]
            async fn $name() {
                if let Some(world) = crate::world::World::on_postgres().await {
                    super::$name(world).await;
                }
            })+
        }
    };
}

mod callers;
mod database;
mod document;
mod edges;
mod forms;
mod fresh;
mod intruders;
mod records;
mod sockets;
mod tls;
mod world;
