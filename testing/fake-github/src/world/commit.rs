//! Commits.

use std::fmt;

use super::{ActorId, Text, Timestamp, World};

/// A commit id, shown as 40 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(u64);

impl Oid {
    pub(crate) fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number behind the digits, unique in a world.
    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SplitMix64's finalizer is a bijection: different numbers show different digits.
        let mix = |mut z: u64| {
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let (high, low) = (mix(self.0), mix(self.0 ^ 0x9e37_79b9_7f4a_7c15));
        write!(f, "{high:016x}{low:016x}{:08x}", high as u32 ^ low as u32)
    }
}

/// A commit.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The commit id.
    pub oid: Oid,
    /// When it was written.
    pub authored_at: Timestamp,
    /// When it was committed; a rebase moves it.
    pub committed_at: Timestamp,
    /// The first line of the message.
    pub headline: Text,
    /// The rest of the message, with trailers such as `Co-authored-by`.
    pub body: Text,
    /// The author's name in git.
    pub author_name: Text,
    /// The author's e-mail in git.
    pub author_email: Text,
    /// The account that the e-mail belongs to, if any.
    pub author: Option<ActorId>,
}

impl World {
    /// A new commit by `author` at the world's now.
    pub fn new_commit(&mut self, author: ActorId, headline: impl Into<Text>) -> Commit {
        let oid = self.new_oid();
        let actor = self.actor(author);
        Commit {
            oid,
            authored_at: self.now,
            committed_at: self.now,
            headline: headline.into(),
            body: "".into(),
            author_name: actor.name.clone(),
            author_email: actor.email.clone(),
            author: Some(author),
        }
    }
}
