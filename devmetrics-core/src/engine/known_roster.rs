use std::sync::{Arc, Mutex, PoisonError};

use super::Engine;
use crate::Result;
use crate::model::Roster;

/// The roster that was read last, and of which version of the data it is.
#[derive(Debug, Default)]
pub(super) struct KnownRoster {
    read: Mutex<Option<(u64, Arc<Roster>)>>,
}

impl Engine {
    /// The roster in force, which is read again only when the data have changed: that of a large organization is long, and every
    /// question about a team needs it.
    pub(super) async fn known_roster(&self) -> Result<Arc<Roster>> {
        let known = || {
            self.parts
                .roster
                .read
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        // Read first: should the roster change meanwhile, it is read again the next time.
        let version = self.store().version().await?;
        if let Some((of, roster)) = &*known()
            && *of == version
        {
            return Ok(Arc::clone(roster));
        }
        let roster = Arc::new(self.roster().await?);
        *known() = Some((version, Arc::clone(&roster)));
        Ok(roster)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use crate::model::{Roster, Team};
    use crate::store::{MemoryStore, MetricsStore};
    use crate::{Engine, Id, Settings, SystemClock};

    #[tokio::test]
    async fn a_new_roster_is_known_at_once() {
        let store = Arc::new(MemoryStore::new());
        let engine = Engine::new(
            Arc::clone(&store) as _,
            Arc::new(SystemClock),
            Settings::default(),
        );
        assert!(engine.team("web").await.is_err());
        let team = Team {
            id: Id::new("web"),
            name: "Web".to_owned(),
            zone: None,
            parents: Vec::new(),
        };
        let roster = Roster {
            teams: vec![team],
            ..Roster::default()
        };
        store.set_roster(&roster, DateTime::UNIX_EPOCH).await.unwrap();
        assert!(engine.team("web").await.is_ok());
        let one = engine.known_roster().await.unwrap();
        assert!(Arc::ptr_eq(&one, &engine.known_roster().await.unwrap()));
    }
}
