//! Suites and builders that hold stores and providers to their laws. For tests only: what goes wrong here panics.
#![expect(clippy::expect_used, reason = "a test that cannot build its world has failed")]

pub mod facts;
pub mod git_repository;
