//! Reads that several requests need at the same time, done once for all of them.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use tokio::sync::Semaphore;

use crate::state::lock;

/// How many reads run side by side.
const AT_ONCE: usize = 2;

/// Reads by what is read. Who asks for one that has not begun shares it; who asks for one that runs waits for the next: so nobody
/// is told what was true before they asked, and under load a read answers all who came during the one before it.
pub(crate) struct Coalesced<K, T> {
    turns: Arc<Semaphore>,
    waiting: Waiting<K, T>,
}

/// The reads that have not begun. Who hung up is not waited for.
type Waiting<K, T> = Arc<Mutex<HashMap<K, WeakShared<BoxFuture<'static, T>>>>>;

impl<K, T> Default for Coalesced<K, T> {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Waiting::default(),
        }
    }
}

impl<K, T> fmt::Debug for Coalesced<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coalesced").finish_non_exhaustive()
    }
}

impl<K: Clone + Eq + Hash + Send + 'static, T: Clone + Send + Sync + 'static> Coalesced<K, T> {
    /// What `read` finds; it begins after this call.
    pub(crate) fn read<F>(
        &self,
        key: K,
        read: impl FnOnce() -> F + Send + 'static,
    ) -> Shared<BoxFuture<'static, T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut waiting = lock(&self.waiting);
        if let Some(shared) = waiting.get(&key).and_then(WeakShared::upgrade) {
            return shared;
        }
        waiting.retain(|_, read| read.upgrade().is_some());
        let (turns, reads, of) = (Arc::clone(&self.turns), Arc::clone(&self.waiting), key.clone());
        let shared = async move {
            // Nobody closes the semaphore: without a turn, it would be read all the same.
            let _turn = turns.acquire().await;
            lock(&reads).remove(&of);
            read().await
        }
        .boxed()
        .shared();
        waiting.extend(shared.downgrade().map(|read| (key, read)));
        shared
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;

    /// Reads a number that each read raises, when it is let.
    struct Source {
        reads: Coalesced<&'static str, u32>,
        begun: Arc<AtomicU32>,
        go: Arc<Notify>,
    }

    impl Source {
        fn new() -> Self {
            Self {
                reads: Coalesced::default(),
                begun: Arc::default(),
                go: Arc::default(),
            }
        }

        fn ask(&self, key: &'static str) -> tokio::task::JoinHandle<u32> {
            let (begun, go) = (Arc::clone(&self.begun), Arc::clone(&self.go));
            tokio::spawn(self.reads.read(key, || async move {
                let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
                go.notified().await;
                number
            }))
        }

        async fn settle(&self) {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        }
    }

    #[tokio::test]
    async fn who_waits_shares_and_nobody_joins_what_runs() {
        let source = Source::new();
        let mut asked = Vec::new();
        for _ in 0..AT_ONCE {
            asked.push(source.ask("a"));
            source.settle().await;
        }
        asked.extend((0..20).map(|_| source.ask("a")));
        source.settle().await;
        assert_eq!(source.begun.load(Ordering::SeqCst), 2);
        source.go.notify_waiters();
        source.settle().await;
        source.go.notify_waiters();
        let mut got = Vec::new();
        for asked in asked {
            got.push(asked.await.unwrap());
        }
        assert_eq!(got[..AT_ONCE], [1, 2]);
        assert_eq!(got[AT_ONCE..], [3; 20]);
    }

    #[tokio::test]
    async fn different_reads_are_not_one() {
        let source = Source::new();
        let (one, two) = (source.ask("a"), source.ask("b"));
        source.settle().await;
        source.go.notify_waiters();
        assert_ne!(one.await.unwrap(), two.await.unwrap());
    }

    /// Whoever hangs up holds nobody up, and leaves nothing behind.
    #[tokio::test]
    async fn who_hangs_up_is_forgotten() {
        let source = Source::new();
        let running: Vec<_> = ["a", "b"].map(|key| source.ask(key)).into();
        source.settle().await;
        let gone: Vec<_> = ["c", "d", "e"].map(|key| source.ask(key)).into();
        source.settle().await;
        gone.iter().for_each(tokio::task::JoinHandle::abort);
        source.settle().await;
        let last = source.ask("f");
        source.settle().await;
        assert_eq!(lock(&source.reads.waiting).len(), 1);
        running.iter().for_each(tokio::task::JoinHandle::abort);
        source.settle().await;
        source.go.notify_waiters();
        assert_eq!(last.await.unwrap(), 3);
        assert!(lock(&source.reads.waiting).is_empty());
    }
}
