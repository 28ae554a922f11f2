//! Answers that were given before, for as long as they are true.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use axum::body::Bytes;
use tokio::sync::OnceCell;

use crate::problem::Problem;
use crate::state::lock;

/// How many bytes of answers are kept, and how long one may be.
const MOST: usize = 64 * 1024 * 1024;
const LONGEST: usize = 1024 * 1024;

/// Answers by their entity tag, which stands for the version of the data, the caller's rights and the request.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    answers: Mutex<Answers>,
    computing: Mutex<HashMap<String, Weak<Computing>>>,
}

/// The answer of a tag, once one of those who want it has computed it.
pub(crate) type Computing = OnceCell<Result<Kept, Problem>>;

#[derive(Debug, Default)]
struct Answers {
    version: u64,
    bytes: usize,
    by_tag: HashMap<String, Kept>,
}

/// What is kept of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Its body.
    pub(crate) body: Bytes,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
}

impl Cache {
    /// The answer with this tag.
    pub(crate) fn get(&self, tag: &str) -> Option<Kept> {
        lock(&self.answers).by_tag.get(tag).cloned()
    }

    /// Where the answer of this tag will be: the same place for all who want it at this time.
    pub(crate) fn computing(&self, tag: &str) -> Arc<Computing> {
        let mut computing = lock(&self.computing);
        if let Some(place) = computing.get(tag).and_then(Weak::upgrade) {
            return place;
        }
        // Those that nobody waits for any more.
        computing.retain(|_, place| place.strong_count() > 0);
        let place = Arc::default();
        computing.insert(tag.to_owned(), Arc::downgrade(&place));
        place
    }

    /// Keeps an answer of this version of the data. Answers of older ones will not be asked for again.
    pub(crate) fn put(&self, version: u64, tag: String, kept: Kept) {
        let length = kept.body.len();
        if length > LONGEST {
            return;
        }
        let mut answers = lock(&self.answers);
        if version < answers.version {
            return;
        }
        if version > answers.version || answers.bytes + length > MOST {
            *answers = Answers {
                version,
                ..Answers::default()
            };
        }
        answers.bytes += length;
        if let Some(before) = answers.by_tag.insert(tag, kept) {
            answers.bytes -= before.body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(length: usize) -> Kept {
        Kept {
            body: Bytes::from(vec![b' '; length]),
            next: None,
        }
    }

    #[test]
    fn a_newer_version_drops_what_was_kept() {
        let cache = Cache::default();
        let put = |version, tag: &str| cache.put(version, tag.into(), kept(2));
        put(3, "a");
        put(3, "b");
        assert!(cache.get("a").is_some() && cache.get("b").is_some());
        put(2, "old");
        assert!(cache.get("old").is_none());
        put(4, "c");
        assert!(cache.get("a").is_none() && cache.get("c").is_some());
    }

    #[tokio::test]
    async fn an_answer_is_computed_by_one_for_all_who_want_it_at_the_time() {
        let cache = Cache::default();
        let (one, two) = (cache.computing("a"), cache.computing("a"));
        let computed = one.get_or_init(|| async { Ok(kept(1)) }).await;
        let shared = two.get_or_init(|| async { Ok(kept(2)) }).await;
        assert_eq!(computed.as_ref().unwrap().body, shared.as_ref().unwrap().body);
        drop((one, two));
        assert!(cache.computing("a").get().is_none());
        cache.computing("b");
        assert_eq!(lock(&cache.computing).len(), 1);
    }

    #[test]
    fn it_keeps_so_many_bytes_and_no_more() {
        let cache = Cache::default();
        for n in 0..200 {
            cache.put(1, format!("{n}"), kept(LONGEST));
            assert!(lock(&cache.answers).bytes <= MOST);
        }
        cache.put(1, "longer".into(), kept(LONGEST + 1));
        assert!(cache.get("longer").is_none() && cache.get("199").is_some());
    }
}
