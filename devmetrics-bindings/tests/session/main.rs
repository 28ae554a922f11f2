//! Sessions over real stores: what calls give, what they refuse, facts as columns, and collecting from a source of another language.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod calls;
mod facts;
mod source;
mod world;
