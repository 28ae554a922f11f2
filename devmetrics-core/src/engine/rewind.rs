use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Engine;
use crate::model::Feed;
use crate::store::Batch;
use crate::{Error, ErrorKind, Result};

/// What [`Engine::rewind`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewound {
    /// Feeds that the next sync reads again.
    pub rewound: Vec<Feed>,
    /// Feeds that cannot be read again from some instant on, or need not.
    pub left: Vec<Feed>,
}

impl Engine {
    /// Makes the next sync read everything again that changed since `since` (`None`: everything); facts that are there stay
    /// as they are until it does. For when a source is suspected of having shown too little.
    ///
    /// # Errors
    /// `NotFound` when no feed of `scopes` was ever read; `Conflict` while a sync is at work on one; as the store fails.
    pub async fn rewind(&self, scopes: Option<&[String]>, since: Option<DateTime<Utc>>) -> Result<Rewound> {
        let mut done = Rewound::default();
        let wanted = |feed: &Feed| scopes.is_none_or(|scopes| scopes.contains(&feed.scope));
        let states = self.store().feeds().await?;
        for state in states.into_iter().filter(|state| wanted(&state.feed)) {
            let kind = &state.feed.source;
            let mut sources = self
                .sources()
                .iter()
                .filter(|source| source.info().source == *kind);
            let rewound = match sources.next() {
                Some(source) => source.rewind(&state.feed, &state.checkpoint, since),
                None => Err(Error::new(
                    ErrorKind::Unsupported,
                    "its source is not configured any more",
                )),
            };
            match rewound {
                Ok(next) => {
                    self.store()
                        .commit(Batch::empty(
                            state.feed.clone(),
                            Some(state.checkpoint),
                            next,
                            self.now(),
                        ))
                        .await?;
                    done.rewound.push(state.feed);
                }
                Err(error) if error.kind() == ErrorKind::Unsupported => done.left.push(state.feed),
                Err(error) => return Err(error),
            }
        }
        if done.rewound.is_empty() && done.left.is_empty() {
            return Err(Error::new(
                ErrorKind::NotFound,
                "nothing was collected of this yet: there is nothing to read again",
            ));
        }
        Ok(done)
    }
}
