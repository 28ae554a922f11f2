//! Keys of the API.

use super::*;
use crate::store::key::key_exists;

impl State {
    pub(super) fn add_key(&mut self, stored: StoredKey) -> Result<()> {
        match self.keys.contains_key(&stored.key.id) {
            true => Err(key_exists(&stored.key)),
            false => {
                self.keys.insert(stored.key.id.clone(), stored);
                Ok(())
            }
        }
    }

    pub(super) fn keys(&self) -> Vec<ApiKey> {
        let mut keys: Vec<_> = self.keys.values().map(|stored| stored.key.clone()).collect();
        // Stable: keys of one instant stay in the order of their ids.
        keys.sort_by_key(|key| key.created_at);
        keys
    }

    pub(super) fn revoke_key(&mut self, id: &Id<ApiKey>, at: DateTime<Utc>) -> bool {
        let Some(stored) = self.keys.get_mut(id) else {
            return false;
        };
        stored.key.revoked_at.get_or_insert(at);
        true
    }

    pub(super) fn touch_key(&mut self, id: &Id<ApiKey>, at: DateTime<Utc>) {
        if let Some(stored) = self.keys.get_mut(id) {
            stored.key.last_used_at = stored.key.last_used_at.max(Some(at));
        }
    }
}
