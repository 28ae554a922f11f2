//! A source that keeps the laws passes their suite, and of sources that break one each, each is found.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use devmetrics_core::model::{Checkpoint, Fact, Feed, RawRecord};
use devmetrics_core::source::{Changes, KnownFeed, PlannedFeed, ProviderInfo, SourcePage, SourceProvider};
use devmetrics_core::{Error, ErrorKind, Result};
use devmetrics_testkit::builders::{named_repository, repository};
use devmetrics_testkit::source_suite::*;

/// What a source does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    None,
    NamesAnotherSource,
    StandsStill,
    ReadsItsEndAgain,
    SkipsAfterAPage,
    MeansSomethingElse,
    TellsOfUnaskedFeeds,
    PlansWhatWasRead,
    RewindsToTheEnd,
}

/// Five records, two a page; a checkpoint is the number of those that were read.
#[derive(Debug)]
struct Numbers {
    flaw: Flaw,
    calls: AtomicUsize,
}

const COUNT: usize = 5;
const PAGES: usize = 3;

fn numbers(flaw: Flaw) -> Arc<dyn SourceProvider> {
    let calls = AtomicUsize::new(0);
    Arc::new(Numbers { flaw, calls })
}

fn feed(source: &str) -> Feed {
    Feed {
        source: source.into(),
        scope: "numbers".into(),
        kind: "numbers".into(),
    }
}

#[async_trait]
impl SourceProvider for Numbers {
    fn info(&self) -> ProviderInfo {
        ProviderInfo {
            source: "numbers".into(),
            description: "numbers".into(),
            metered: false,
        }
    }

    async fn discover(&self) -> Result<Vec<Feed>> {
        Ok(vec![feed(match self.flaw {
            Flaw::NamesAnotherSource => "letters",
            _ => "numbers",
        })])
    }

    async fn changed(&self, feeds: Vec<KnownFeed>) -> Result<Changes> {
        let mut changes = Changes {
            to_read: Vec::new(),
            unchanged: feeds.into_iter().map(|known| known.feed).collect(),
        };
        if self.flaw == Flaw::TellsOfUnaskedFeeds {
            changes.to_read.push(feed("letters"));
        }
        Ok(changes)
    }

    async fn plan(&self, feeds: Vec<KnownFeed>) -> Result<Vec<PlannedFeed>> {
        let to_read = |known: &KnownFeed| known.checkpoint.is_none() || self.flaw == Flaw::PlansWhatWasRead;
        let plan = |known: KnownFeed| PlannedFeed {
            feed: known.feed,
            name: "numbers".into(),
            records: COUNT as u64,
            requests: 3,
            points: 3,
            seconds: 1,
        };
        Ok(feeds.into_iter().filter(to_read).map(plan).collect())
    }

    async fn fetch(&self, _feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        let read: usize = after.map_or(0, |checkpoint| checkpoint.0.parse().unwrap());
        let begin = match self.flaw {
            // The first run gets all, a later one that begins amid does not.
            Flaw::SkipsAfterAPage if read > 0 && calls >= PAGES => read + 1,
            Flaw::ReadsItsEndAgain if read == COUNT => read - 1,
            _ => read,
        };
        let end = COUNT.min(begin + 2);
        let record = |n: usize| RawRecord {
            id: n.to_string(),
            payload: n.into(),
        };
        let next = if self.flaw == Flaw::StandsStill {
            begin
        } else {
            end
        };
        Ok(SourcePage {
            records: (begin..end).map(record).collect(),
            next: Checkpoint(next.to_string()),
            has_more: end < COUNT,
            ..SourcePage::default()
        })
    }

    fn normalize(&self, _feed: &Feed, _record: &RawRecord) -> Result<Vec<Fact>> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(vec![Fact::Repository(match self.flaw {
            Flaw::MeansSomethingElse => named_repository(&calls.to_string()),
            _ => repository(),
        })])
    }

    fn rewind(
        &self,
        _feed: &Feed,
        checkpoint: &Checkpoint,
        _since: Option<chrono::DateTime<chrono::Utc>>,
    ) -> Result<Checkpoint> {
        match self.flaw {
            Flaw::RewindsToTheEnd => Ok(checkpoint.clone()),
            Flaw::StandsStill => Err(Error::new(ErrorKind::Unsupported, "numbers stand still")),
            _ => Ok(Checkpoint("0".into())),
        }
    }
}

mod lawful {
    use super::*;

    devmetrics_testkit::source_suite!(async { Some(numbers(Flaw::None)) });
}

#[tokio::test]
#[should_panic(expected = "the source of letters/numbers/numbers")]
async fn a_feed_of_another_source_is_found() {
    the_feeds_are_the_same_each_time(numbers(Flaw::NamesAnotherSource)).await;
}

#[tokio::test]
#[should_panic(expected = "where this run was before")]
async fn a_run_without_an_end_is_found() {
    a_run_comes_to_its_end(numbers(Flaw::StandsStill)).await;
}

#[tokio::test]
#[should_panic(expected = "numbers/numbers/numbers is unchanged")]
async fn reading_the_end_again_is_found() {
    an_unchanged_source_gives_nothing(numbers(Flaw::ReadsItsEndAgain)).await;
}

#[tokio::test]
#[should_panic(expected = "2 is skipped")]
async fn a_skipped_record_is_found() {
    any_checkpoint_goes_on(numbers(Flaw::SkipsAfterAPage)).await;
}

#[tokio::test]
#[should_panic(expected = "0, twice")]
async fn another_meaning_is_found() {
    the_same_record_means_the_same(numbers(Flaw::MeansSomethingElse)).await;
}

#[tokio::test]
#[should_panic(expected = "letters/numbers/numbers was not asked about")]
async fn an_unasked_feed_is_found() {
    what_is_unchanged_has_no_news(numbers(Flaw::TellsOfUnaskedFeeds)).await;
}

#[tokio::test]
#[should_panic(expected = "numbers/numbers/numbers is unchanged")]
async fn what_is_called_unchanged_too_soon_is_found() {
    what_is_unchanged_has_no_news(numbers(Flaw::ReadsItsEndAgain)).await;
}

#[tokio::test]
#[should_panic(expected = "all of them are read")]
async fn a_plan_of_what_was_read_is_found() {
    a_plan_is_of_what_was_not_read(numbers(Flaw::PlansWhatWasRead)).await;
}

#[tokio::test]
#[should_panic(expected = "does not come again")]
async fn a_rewind_that_reads_nothing_is_found() {
    what_is_rewound_comes_again(numbers(Flaw::RewindsToTheEnd)).await;
}
