//! Suites that hold stores and sources to the laws of their traits, and builders of what they are fed. For tests only:
//! what goes wrong here panics.
//!
//! Who implements [`MetricsStore`](devmetrics_core::store::MetricsStore) or
//! [`SourceProvider`](devmetrics_core::source::SourceProvider) runs the same suites as the implementations of the library: see
//! [`store_suite!`] and [`source_suite!`]. Both make tests that run on tokio, which has to be a dependency of yours.
#![expect(clippy::expect_used, reason = "a test that cannot build its world has failed")]

pub mod builders;
pub mod clock;
pub mod facts;
pub mod source_suite;
pub mod store_suite;
