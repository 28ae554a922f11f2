//! A GitHub for tests that keeps state, has a virtual clock, and fails in every way GitHub is known to fail.
pub mod world;
