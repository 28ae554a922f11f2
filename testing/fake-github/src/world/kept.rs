//! An object together with the versions that a stale replica still serves.

use super::Timestamp;

/// The current version of an object and, while the world keeps versions, those of before that a replica may show.
#[derive(Debug, Clone)]
pub struct Kept<T> {
    current: T,
    created_at: Timestamp,
    changed_at: Timestamp,
    /// Each with the instant from which on it was the current one, oldest first.
    before: Vec<(Timestamp, T)>,
}

impl<T: Clone> Kept<T> {
    pub(crate) fn new(current: T, at: Timestamp) -> Self {
        Self {
            current,
            created_at: at,
            changed_at: at,
            before: Vec::new(),
        }
    }

    /// The version of now.
    pub fn current(&self) -> &T {
        &self.current
    }

    /// The version that a replica shows which has seen everything up to `seen`; `None` when the object is newer. Where that
    /// version was not kept, it is the oldest one that was: what has been there for long is never missing.
    pub fn seen(&self, seen: Timestamp) -> Option<&T> {
        if self.created_at > seen {
            return None;
        }
        if self.changed_at <= seen {
            return Some(&self.current);
        }
        let version = self.before.iter().rev().find(|(at, _)| *at <= seen);
        let version = version.or(self.before.first());
        Some(version.map_or(&self.current, |(_, version)| version))
    }

    /// Changes the object at `at`. With `oldest_kept`, the versions visible from that instant on stay available.
    pub(crate) fn change(&mut self, at: Timestamp, oldest_kept: Option<Timestamp>) -> &mut T {
        // Of several changes in one second only the last was ever to be seen.
        if let Some(oldest) = oldest_kept.filter(|_| self.changed_at != at) {
            self.before.push((self.changed_at, self.current.clone()));
            let first = self.before.iter().rposition(|(at, _)| *at <= oldest).unwrap_or(0);
            self.before.drain(..first);
        }
        self.changed_at = at;
        &mut self.current
    }
}
