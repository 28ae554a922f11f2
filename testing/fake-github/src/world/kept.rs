//! An object together with the version that a stale replica still serves.

use super::Timestamp;

/// The current version of an object and, while the world keeps versions, the one before the last changes.
#[derive(Debug, Clone)]
pub struct Kept<T> {
    current: T,
    before: Option<Box<T>>,
    changed_at: Timestamp,
}

impl<T: Clone> Kept<T> {
    pub(crate) fn new(current: T, at: Timestamp) -> Self {
        Self {
            current,
            before: None,
            changed_at: at,
        }
    }

    /// The version of now.
    pub fn current(&self) -> &T {
        &self.current
    }

    /// The version that a replica shows which has seen everything up to `seen`; `None` when the object is newer.
    pub fn seen(&self, seen: Timestamp) -> Option<&T> {
        if self.changed_at <= seen {
            Some(&self.current)
        } else {
            self.before.as_deref()
        }
    }

    /// Changes the object at `at`. With `oldest_kept`, the version visible at that instant stays available.
    pub(crate) fn change(&mut self, at: Timestamp, oldest_kept: Option<Timestamp>) -> &mut T {
        if oldest_kept.is_some_and(|oldest| self.changed_at <= oldest) {
            self.before = Some(Box::new(self.current.clone()));
        }
        self.changed_at = at;
        &mut self.current
    }
}
