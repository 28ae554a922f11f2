//! Who may write what.

use super::*;

/// A scope's newest lease.
#[derive(Debug)]
pub(super) struct Holder {
    /// `None` when it was given back.
    owner: Option<String>,
    fence: i64,
    until: DateTime<Utc>,
}

impl State {
    pub(super) fn lease(
        &mut self,
        source: &str,
        scope: &str,
        owner: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Option<Lease> {
        let key = (source.to_owned(), scope.to_owned());
        let fence = match self.leases.get(&key) {
            None => 1,
            Some(held) if held.owner.is_none() || held.until <= now => held.fence + 1,
            Some(held) if held.owner.as_deref() == Some(owner) => held.fence,
            Some(_) => return None,
        };
        let owner = Some(owner.to_owned());
        self.leases.insert(key, Holder { owner, fence, until });
        Some(Lease {
            source: source.to_owned(),
            scope: scope.to_owned(),
            fence,
            until,
        })
    }

    pub(super) fn release(&mut self, lease: &Lease) {
        if let Some(held) = self.held(lease) {
            held.owner = None;
        }
    }

    /// Whether a lease is still the scope's newest.
    pub(super) fn holds(&mut self, lease: &Lease) -> bool {
        self.held(lease).is_some()
    }

    pub(super) fn extend(&mut self, lease: &Lease) {
        if let Some(held) = self.held(lease) {
            held.until = held.until.max(lease.until);
        }
    }

    fn held(&mut self, lease: &Lease) -> Option<&mut Holder> {
        let key = (lease.source.clone(), lease.scope.clone());
        self.leases
            .get_mut(&key)
            .filter(|held| held.fence == lease.fence && held.owner.is_some())
    }
}
