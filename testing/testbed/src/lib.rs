//! What the tests of this workspace stand on: random histories, git repositories, a fake GitHub, PostgreSQL servers, an emulator of
//! AWS. What goes wrong here panics.
#![expect(clippy::expect_used, reason = "a test that cannot build its world has failed")]

pub mod git_repository;
pub mod github;
pub mod github_worlds;
pub mod histories;
pub mod ministack;
pub mod postgres;
pub mod postgres_server;
