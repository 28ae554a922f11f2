//! Stories of whole worlds: answers that others get wrong, edge cases, and what is unknown.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod edge_cases;
mod unknown;
mod world;
mod wrong_answers;
