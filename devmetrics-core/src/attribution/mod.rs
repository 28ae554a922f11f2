//! Which teams a fact belongs to, by dated membership. Pure.

mod share;

pub use share::{AttributedId, Attribution, Share, Subject};
