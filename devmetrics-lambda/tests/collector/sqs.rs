//! A queue with SQS's promises and no more: delivered at least once, in any order, hidden while somebody works at it, and
//! given to the dead-letter queue after too many receives.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::Result;
use devmetrics_lambda::{LONGEST_DELAY, Message, Queue};
use fake_github::FakeGithub;

/// For how long a message that was received is hidden.
pub(crate) const HIDDEN: TimeDelta = TimeDelta::seconds(360);

/// How often a message is received before it goes to the dead-letter queue.
pub(crate) const RECEIVES: u32 = 5;

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) visible_at: DateTime<Utc>,
    pub(crate) receives: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Sqs {
    github: FakeGithub,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    dead: Vec<Entry>,
    sent: u32,
    /// How often a send fails from now on.
    failing: u32,
}

impl Sqs {
    pub(crate) fn new(github: &FakeGithub) -> Self {
        Self {
            github: github.clone(),
            state: Arc::default(),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.github.world().now()
    }

    pub(crate) fn put(&self, body: &str, delay: Duration) {
        let visible_at = self.now() + TimeDelta::from_std(delay).unwrap();
        let mut state = self.state.lock().unwrap();
        state.sent += 1;
        let id = format!("m{}", state.sent);
        state.entries.push(Entry {
            id,
            body: body.to_owned(),
            visible_at,
            receives: 0,
        });
    }

    pub(crate) fn fail_next(&self) {
        self.state.lock().unwrap().failing = 1;
    }

    /// What is on the queue, visible or not.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.state.lock().unwrap().entries.clone()
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        let read = |entry: &Entry| Message::read(&entry.body).unwrap();
        self.entries().iter().map(read).collect()
    }

    pub(crate) fn dead(&self) -> Vec<Entry> {
        self.state.lock().unwrap().dead.clone()
    }

    /// Receives the visible message that `pick` chooses of so many.
    pub(crate) fn receive(&self, pick: impl FnOnce(usize) -> usize) -> Option<Entry> {
        let now = self.now();
        let mut state = self.state.lock().unwrap();
        let (dead, alive) = std::mem::take(&mut state.entries)
            .into_iter()
            .partition(|entry| entry.visible_at <= now && entry.receives >= RECEIVES);
        state.entries = alive;
        state.dead.extend::<Vec<_>>(dead);
        let visible: Vec<usize> = (0..state.entries.len())
            .filter(|n| state.entries[*n].visible_at <= now)
            .collect();
        let chosen = *visible.get(pick(visible.len().max(1)))?;
        let entry = &mut state.entries[chosen];
        entry.receives += 1;
        entry.visible_at = now + HIDDEN;
        Some(entry.clone())
    }

    pub(crate) fn delete(&self, id: &str) {
        self.state.lock().unwrap().entries.retain(|entry| entry.id != id);
    }

    /// When the next hidden message can be seen.
    pub(crate) fn next_visible(&self) -> Option<DateTime<Utc>> {
        self.entries().iter().map(|entry| entry.visible_at).min()
    }
}

#[async_trait]
impl Queue for Sqs {
    async fn send(&self, messages: &[Message], delay: Duration) -> Result<()> {
        assert!(delay <= LONGEST_DELAY, "SQS keeps nothing back for {delay:?}");
        if std::mem::take(&mut self.state.lock().unwrap().failing) > 0 {
            let kind = devmetrics_core::ErrorKind::Unavailable;
            return Err(devmetrics_core::Error::new(kind, "the queue is away"));
        }
        for message in messages {
            // Whoever is killed may have sent some of them.
            tokio::task::yield_now().await;
            self.put(&message.write()?, delay);
        }
        tokio::task::yield_now().await;
        Ok(())
    }
}
