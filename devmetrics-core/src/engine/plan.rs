use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Engine;
use crate::Result;
use crate::model::Feed;
use crate::source::{KnownFeed, PlannedFeed, Usage};
use crate::store::FeedState;

/// What reading the history of a source would take: an estimate, before anything of it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The source, as [`ProviderInfo::description`](crate::source::ProviderInfo) names it.
    pub source: String,
    /// Feeds with history that is still to be read, in the source's order.
    pub feeds: Vec<PlannedFeed>,
    /// What is left of what the source allows, after planning.
    pub usage: Usage,
    /// When all of it would be read if it began now and waited for the source's points where they do not suffice; `None`
    /// when nothing is to be read.
    pub done_at: Option<DateTime<Utc>>,
}

impl Plan {
    fn new(source: String, feeds: Vec<PlannedFeed>, usage: Usage, now: DateTime<Utc>) -> Self {
        let mut plan = Self {
            source,
            feeds,
            usage,
            done_at: None,
        };
        if !plan.feeds.is_empty() {
            plan.done_at = Some(plan.end(now));
        }
        plan
    }

    /// Records to be read, over all feeds.
    pub fn records(&self) -> u64 {
        self.feeds.iter().map(|feed| feed.records).sum()
    }

    /// Requests to be sent, over all feeds.
    pub fn requests(&self) -> u64 {
        self.feeds.iter().map(|feed| feed.requests).sum()
    }

    /// Points to be used up, over all feeds.
    pub fn points(&self) -> u64 {
        self.feeds.iter().map(|feed| feed.points).sum()
    }

    /// Seconds that the requests take one after the other, without waiting for points.
    pub fn seconds(&self) -> u64 {
        self.feeds.iter().map(|feed| feed.seconds).sum()
    }

    /// When the reading would end that begins now.
    fn end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let unhindered = now + seconds(self.seconds());
        let (Some(left), Some(limit), Some(reset_at)) = (
            self.usage.points_left,
            self.usage.points_limit,
            self.usage.reset_at,
        ) else {
            return unhindered;
        };
        let missing = self.points().saturating_sub(left);
        if missing == 0 || limit == 0 {
            return unhindered;
        }
        // The points of the last hour that is begun are not all needed: reading them takes their part of the time.
        let hours = (missing - 1) / limit;
        let last = missing - hours * limit;
        let last_part = self.seconds().saturating_mul(last) / self.points();
        unhindered.max(reset_at + seconds(hours.saturating_mul(3_600)) + seconds(last_part))
    }
}

/// As a span of time, of a thousand years at most.
fn seconds(seconds: u64) -> TimeDelta {
    const LONGEST: i64 = 31_557_600 * 1_000;
    TimeDelta::seconds(i64::try_from(seconds).unwrap_or(LONGEST).min(LONGEST))
}

impl Engine {
    /// What reading the history of each source would take, and how long: asked of the sources, which read nothing of it.
    ///
    /// # Errors
    /// As the store or a source fails.
    pub async fn plan(&self) -> Result<Vec<Plan>> {
        let states: BTreeMap<Feed, FeedState> = self
            .store()
            .feeds()
            .await?
            .into_iter()
            .map(|state| (state.feed.clone(), state))
            .collect();
        let mut plans = Vec::with_capacity(self.sources().len());
        for source in self.sources() {
            let feeds = source.discover().await?;
            let known = feeds.into_iter().map(|feed| {
                let state = states.get(&feed);
                KnownFeed {
                    checkpoint: state.map(|state| state.checkpoint.clone()),
                    covered_to: state.and_then(|state| state.covered_to),
                    feed,
                }
            });
            let planned = source.plan(known.collect()).await?;
            plans.push(Plan::new(
                source.info().description,
                planned,
                source.usage(),
                self.now(),
            ));
        }
        Ok(plans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(points: u64, usage: Usage) -> Plan {
        let feed = PlannedFeed {
            feed: Feed {
                source: "github".into(),
                scope: "github:repo:1".into(),
                kind: "pull_requests".into(),
            },
            name: "acme/web".into(),
            records: points * 25,
            requests: points,
            points,
            seconds: points * 2,
        };
        Plan::new("acme".into(), vec![feed], usage, DateTime::UNIX_EPOCH)
    }

    fn usage(left: u64, limit: u64, reset_in: i64) -> Usage {
        Usage {
            points_left: Some(left),
            points_limit: Some(limit),
            reset_at: Some(DateTime::UNIX_EPOCH + TimeDelta::seconds(reset_in)),
            ..Usage::default()
        }
    }

    fn done_after(plan: &Plan) -> Option<i64> {
        plan.done_at.map(|at| at.timestamp())
    }

    #[test]
    fn with_points_enough_it_takes_the_time_of_its_requests() {
        assert_eq!(done_after(&plan(100, usage(5_000, 5_000, 60))), Some(200));
        assert_eq!(done_after(&plan(100, usage(100, 5_000, 60))), Some(200));
        // A server without limits.
        assert_eq!(done_after(&plan(10_000, Usage::default())), Some(20_000));
    }

    #[test]
    fn with_too_few_it_waits_until_they_are_filled_up_again_as_often_as_needed() {
        // 50 now, 50 after the reset.
        assert_eq!(done_after(&plan(100, usage(50, 5_000, 600))), Some(600 + 100));
        // 0 now, 100 after the first reset, 100 an hour later, 50 after another hour.
        assert_eq!(
            done_after(&plan(250, usage(0, 100, 600))),
            Some(600 + 2 * 3_600 + 100)
        );
        // Exactly what two hours give.
        assert_eq!(
            done_after(&plan(200, usage(0, 100, 600))),
            Some(600 + 3_600 + 200)
        );
        // Requests so slow that the points do not matter.
        assert_eq!(done_after(&plan(1_000, usage(900, 5_000, 60))), Some(2_000));
    }

    #[test]
    fn nothing_to_read_has_no_end_and_an_endless_plan_no_overflow() {
        assert_eq!(
            Plan::new("acme".into(), Vec::new(), Usage::default(), DateTime::UNIX_EPOCH).done_at,
            None
        );
        let mut endless = plan(1, usage(0, 1, 60)).feeds.remove(0);
        (endless.points, endless.seconds) = (u64::MAX, u64::MAX);
        let plan = Plan::new(
            "acme".into(),
            vec![endless],
            usage(0, 1, 60),
            DateTime::UNIX_EPOCH,
        );
        assert!(done_after(&plan) > Some(31_000_000_000));
    }
}
