//! The laws of [`SourceProvider`], each a function that panics when it is broken.
//!
//! ```ignore
//! mod log {
//!     devmetrics_testkit::source_suite!(async { Some(Arc::new(a_log_of_some_pages()) as Arc<dyn SourceProvider>) });
//! }
//! ```
//!
//! The source that they are held against stands still meanwhile, and has some records, best on several pages.

#![expect(clippy::unwrap_used, reason = "a law that cannot go on is a broken one")]

use std::collections::HashSet;
use std::sync::Arc;

use devmetrics_core::ErrorKind;
use devmetrics_core::model::{Checkpoint, Feed, RawRecord};
use devmetrics_core::source::{KnownFeed, SourcePage, SourceProvider};

use crate::builders::day;

/// Makes a test of every law for one source. The expression is a future of `Option<Arc<dyn SourceProvider>>`: a source, or `None`
/// to leave the laws out; it is evaluated once a law.
#[macro_export]
macro_rules! source_suite {
    ($make:expr) => {
        $crate::source_suite!(@laws $make;
            the_feeds_are_the_same_each_time,
            a_run_comes_to_its_end,
            an_unchanged_source_gives_nothing,
            any_checkpoint_goes_on,
            the_same_record_means_the_same,
            what_is_unchanged_has_no_news,
            a_plan_is_of_what_was_not_read,
            what_is_rewound_comes_again,
        );
    };
    (@laws $make:expr; $($law:ident,)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                let source: Option<std::sync::Arc<dyn devmetrics_core::source::SourceProvider>> = $make.await;
                if let Some(source) = source {
                    $crate::source_suite::$law(source).await;
                }
            }
        )+
    };
}

type Source = Arc<dyn SourceProvider>;

/// The same source gives the same feeds in the same order, each of its own kind and none twice.
pub async fn the_feeds_are_the_same_each_time(source: Source) {
    let feeds = source.discover().await.unwrap();
    assert!(!feeds.is_empty(), "a source without a feed holds every law");
    assert_eq!(source.discover().await.unwrap(), feeds);
    let mut seen = HashSet::new();
    for feed in &feeds {
        assert_eq!(feed.source, source.info().source, "the source of {feed}");
        assert!(seen.insert(feed), "{feed} comes twice");
    }
}

/// With every page the checkpoint moves on, so that a run ends.
pub async fn a_run_comes_to_its_end(source: Source) {
    let mut records = 0;
    for feed in source.discover().await.unwrap() {
        records += records_of(&read(&source, &feed, None).await).len();
    }
    assert!(records > 0, "a source without a record holds every law");
}

/// A run on an unchanged source gives no record and the same checkpoint.
pub async fn an_unchanged_source_gives_nothing(source: Source) {
    for known in read_all(&source).await {
        nothing_is_new(&source, &known).await;
    }
}

/// Going on from any page's checkpoint skips no record.
pub async fn any_checkpoint_goes_on(source: Source) {
    for feed in source.discover().await.unwrap() {
        let pages = read(&source, &feed, None).await;
        for (place, page) in pages.iter().enumerate() {
            let after = &page.next;
            let again = read(&source, &feed, Some(after.clone())).await;
            let again = ids_of(&again);
            for record in records_of(&pages[place + 1..]) {
                let id = record.id.as_str();
                assert!(again.contains(id), "{feed}: after {after:?} {id} is skipped");
            }
        }
    }
}

/// `normalize` is pure: the same record always gives the same facts, also when it was kept as JSON for a while.
pub async fn the_same_record_means_the_same(source: Source) {
    for feed in source.discover().await.unwrap() {
        for record in records_of(&read(&source, &feed, None).await) {
            let kept: RawRecord = serde_json::from_str(&serde_json::to_string(record).unwrap()).unwrap();
            let facts = [record, record, &kept].map(|record| {
                source.normalize(&feed, record).map_err(|error| {
                    assert_eq!(error.kind(), ErrorKind::Corrupt, "{feed}: {}: {error}", record.id);
                })
            });
            assert_eq!(facts[0], facts[1], "{feed}: {}, twice", record.id);
            assert_eq!(facts[0], facts[2], "{feed}: {}, kept", record.id);
        }
    }
}

/// Who is asked which feeds changed answers about those alone, and what is told to be unchanged has nothing new.
pub async fn what_is_unchanged_has_no_news(source: Source) {
    let known = read_all(&source).await;
    let changes = source.changed(known.clone()).await.unwrap();
    let mut seen = HashSet::new();
    for feed in changes.to_read.iter().chain(&changes.unchanged) {
        assert!(
            known.iter().any(|known| known.feed == *feed),
            "{feed} was not asked about"
        );
        assert!(seen.insert(feed), "{feed} is told twice");
    }
    for known in known {
        if changes.unchanged.contains(&known.feed) {
            nothing_is_new(&source, &known).await;
        }
    }
}

/// A plan names feeds that it was asked about, and none that was read to its end; it reads nothing.
pub async fn a_plan_is_of_what_was_not_read(source: Source) {
    let feeds = source.discover().await.unwrap();
    let never_read = |feed: &Feed| KnownFeed {
        feed: feed.clone(),
        checkpoint: None,
        covered_to: None,
    };
    for planned in source.plan(feeds.iter().map(never_read).collect()).await.unwrap() {
        assert!(
            feeds.contains(&planned.feed),
            "{} was not asked about",
            planned.feed
        );
    }
    let read = read_all(&source).await;
    assert_eq!(source.plan(read).await.unwrap(), [], "all of them are read");
}

/// From where a feed is rewound to, all of it is read again; or the source says that it cannot.
pub async fn what_is_rewound_comes_again(source: Source) {
    for feed in source.discover().await.unwrap() {
        let pages = read(&source, &feed, None).await;
        let Some(end) = pages.last() else { continue };
        let begin = match source.rewind(&feed, &end.next, None) {
            Ok(begin) => begin,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{feed}: {error}");
                continue;
            }
        };
        let again = read(&source, &feed, Some(begin)).await;
        let again = ids_of(&again);
        for record in records_of(&pages) {
            let id = record.id.as_str();
            assert!(again.contains(id), "{feed}: {id} does not come again");
        }
    }
}

/// The pages of a feed from `after` to its end.
async fn read(source: &Source, feed: &Feed, after: Option<Checkpoint>) -> Vec<SourcePage> {
    let mut pages = Vec::new();
    let mut seen = HashSet::new();
    let mut next = after;
    loop {
        seen.extend(next.clone());
        let page = source.fetch(feed, next).await.unwrap();
        let (after, more) = (page.next.clone(), page.has_more);
        pages.push(page);
        if !more {
            return pages;
        }
        assert!(
            !seen.contains(&after),
            "{feed}: more follows {after:?}, where this run was before"
        );
        next = Some(after);
    }
}

/// Every feed, read to its end.
async fn read_all(source: &Source) -> Vec<KnownFeed> {
    let mut known = Vec::new();
    for feed in source.discover().await.unwrap() {
        let pages = read(source, &feed, None).await;
        known.push(KnownFeed {
            feed,
            checkpoint: pages.last().map(|page| page.next.clone()),
            covered_to: Some(day(0)),
        });
    }
    known
}

async fn nothing_is_new(source: &Source, known: &KnownFeed) {
    let page = source.fetch(&known.feed, known.checkpoint.clone()).await.unwrap();
    let feed = &known.feed;
    assert_eq!(page.records, [], "{feed} is unchanged");
    assert!(!page.has_more, "{feed} is unchanged, and more is to follow");
    assert_eq!(Some(page.next), known.checkpoint, "{feed} is unchanged");
}

fn records_of(pages: &[SourcePage]) -> Vec<&RawRecord> {
    pages.iter().flat_map(|page| &page.records).collect()
}

fn ids_of(pages: &[SourcePage]) -> HashSet<&str> {
    records_of(pages)
        .iter()
        .map(|record| record.id.as_str())
        .collect()
}
