//! In which order a run reads its feeds: news before history, every repository in its turn.

use std::collections::VecDeque;
use std::sync::Arc;

use super::FeedReport;
use crate::model::Checkpoint;
use crate::source::SourceProvider;
use crate::store::Lease;

/// After so many pages of news one of history is read where there is any, so that a source that always has news does not
/// keep the past from ever being read.
const NEWS_PER_HISTORY: u64 = 9;

/// A feed that is being read.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) report: FeedReport,
    /// The checkpoint that the store has; read when the feed's first turn comes.
    pub(super) after: Option<Checkpoint>,
    pub(super) started: bool,
}

/// The feeds of one scope of a source: read by one worker at a time.
#[derive(Debug)]
pub(super) struct Group {
    /// The number of the source among the engine's.
    pub(super) number: usize,
    pub(super) source: Arc<dyn SourceProvider>,
    pub(super) scope: String,
    /// Feeds that may have something new, in order.
    pub(super) news: VecDeque<Task>,
    /// Feeds of which only history is left.
    pub(super) history: VecDeque<Task>,
    pub(super) lease: Option<Lease>,
}

/// What a worker is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Read what is new.
    News,
    /// Read one page of history.
    History,
}

/// What is still to be read.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    news: VecDeque<Group>,
    history: VecDeque<Group>,
    /// Pages of news since the last page of history.
    pages_of_news: u64,
}

impl Agenda {
    pub(super) fn new(groups: Vec<Group>) -> Self {
        Self {
            news: groups.into(),
            ..Self::default()
        }
    }

    /// The next group and what to do with it; `None` when nothing is left (or others are at it).
    pub(super) fn next(&mut self) -> Option<(Group, Turn)> {
        let due = self.pages_of_news >= NEWS_PER_HISTORY && !self.history.is_empty();
        if let Some(group) = self.news.pop_front_if(|_| !due) {
            return Some((group, Turn::News));
        }
        self.pages_of_news = 0;
        Some((self.history.pop_front()?, Turn::History))
    }

    /// Counts pages of news that were read.
    pub(super) fn count_news(&mut self, pages: u64) {
        self.pages_of_news += pages;
    }

    /// Takes a group back after its turn.
    ///
    /// # Errors
    /// The group itself, when nothing of it is left.
    pub(super) fn put_back(&mut self, group: Group) -> Result<(), Box<Group>> {
        if !group.news.is_empty() {
            self.news.push_back(group);
        } else if !group.history.is_empty() {
            self.history.push_back(group);
        } else {
            return Err(Box::new(group));
        }
        Ok(())
    }

    /// Everything that nobody took.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Group> {
        std::mem::take(&mut self.news)
            .into_iter()
            .chain(std::mem::take(&mut self.history))
    }
}
