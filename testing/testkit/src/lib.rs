//! Suites that hold stores and providers to the laws of their traits, and builders of what they are fed. For tests only:
//! what goes wrong here panics.
//!
//! Who implements [`MetricsStore`](devmetrics_core::store::MetricsStore) runs the same suite as the stores of the library:
//! see [`store_suite!`].
#![expect(clippy::expect_used, reason = "a test that cannot build its world has failed")]

pub mod builders;
pub mod clock;
pub mod facts;
pub mod git_repository;
pub mod github;
pub mod github_worlds;
pub mod histories;
pub mod ministack;
pub mod postgres;
pub mod postgres_server;
pub mod store_suite;
