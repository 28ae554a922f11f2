//! The feed of a repository's deployments. Their list is ordered by creation, so those that may yet change are asked for by
//! their ids in every run, together with those of other repositories: see the probe.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::checkpoint::{self, DeploymentsPoint, OpenDeployment, digest};
use super::documents::List;
use super::feed::Kind;
use super::lanes::Lane;
use super::pages::{instant, text};
use super::reading::{AS_MANY_AS_FIT, Outcomes, Progress};
use super::run::{Refreshed, SeenRepository};
use super::source::GithubSource;
use crate::Result;
use crate::model::{Checkpoint, Feed, RawRecord};
use crate::source::SourcePage;

/// How long after its creation the statuses of a deployment that has ended may change.
const FRESH: TimeDelta = TimeDelta::days(7);
/// How long one that does not end is waited for.
const PATIENCE: TimeDelta = TimeDelta::days(30);
/// Open deployments of a repository at most: the newest.
const MAX_OPEN: usize = 500;

impl GithubSource {
    pub(super) async fn fetch_deployments(
        &self,
        feed: &Feed,
        after: Option<Checkpoint>,
    ) -> Result<SourcePage> {
        let key = (Kind::Deployments, feed.scope.clone());
        let (seen, probe, refreshed) = {
            let run = self.run();
            let probe = run.probes.get(&(key.0, key.1.clone(), None)).cloned();
            (
                run.repository(&feed.scope)?,
                probe,
                run.refreshed.get(&key).cloned(),
            )
        };
        let mut point = match &after {
            Some(checkpoint) => checkpoint::read(feed, checkpoint)?,
            None => DeploymentsPoint {
                lanes: self.begin(&seen, List::Deployments, probe.clone()).await?,
                open: BTreeMap::new(),
            },
        };
        let mut outcomes = Outcomes {
            total: probe.as_ref().map(|probe| probe.total),
            ..Outcomes::default()
        };
        let head_is_read =
            |point: &DeploymentsPoint| self.head_is_read(key.0, &feed.scope, &point.lanes, probe.as_ref());
        let started = self.run().started;
        if let Some(refreshed) = refreshed {
            for element in refreshed {
                match element {
                    Refreshed::Changed(node) => outcomes.records.extend(record(&mut point, node, started)),
                    // It was deployed all the same: only that it may change is over.
                    Refreshed::Gone(id) => {
                        point.open.remove(&id);
                    }
                }
            }
            self.run().refreshed.remove(&key);
        } else {
            while let Some(lane) = point.lanes.next(head_is_read(&point)) {
                self.read_deployments(feed, &seen, &mut point, lane, &mut outcomes)
                    .await?;
                // A head without news is no progress, which every page must make.
                if lane != Lane::Head || !outcomes.is_empty() || !head_is_read(&point) {
                    break;
                }
            }
        }
        let progress = Progress {
            head_is_read: head_is_read(&point),
            more: false,
            beginning: seen.created_at,
        };
        self.lanes_page(&point, &point.lanes, progress, outcomes)
    }

    async fn read_deployments(
        &self,
        feed: &Feed,
        seen: &SeenRepository,
        point: &mut DeploymentsPoint,
        lane: Lane,
        outcomes: &mut Outcomes,
    ) -> Result<()> {
        let kind = Kind::Deployments;
        let page = self
            .read_lane(seen, feed, kind, &mut point.lanes, lane, AS_MANY_AS_FIT)
            .await?;
        if let Some(page) = page {
            outcomes.total = Some(page.total);
            for row in page.rows {
                outcomes.records.extend(record(point, row.node, page.date));
            }
        }
        Ok(())
    }
}

/// The record of a deployment, which is open from here on while it may change.
fn record(point: &mut DeploymentsPoint, node: Value, date: DateTime<Utc>) -> Option<RawRecord> {
    let id = text(&node, "id")?.to_owned();
    let created_at = instant(&node, "createdAt")?;
    let ended = has_ended(&node);
    let patience = if ended { FRESH } else { PATIENCE };
    if created_at + patience > date {
        let digest = state(&node);
        point.open.insert(
            id.clone(),
            OpenDeployment {
                created_at,
                digest,
                ended,
            },
        );
    } else {
        point.open.remove(&id);
    }
    if point.open.len() > MAX_OPEN {
        let oldest = point.open.iter().min_by_key(|(_, open)| open.created_at);
        let oldest = oldest.map(|(id, _)| id.clone());
        point.open.retain(|id, _| Some(id) != oldest.as_ref());
    }
    Some(RawRecord { id, payload: node })
}

/// Whether no further status is to be expected.
fn has_ended(node: &Value) -> bool {
    let ended = |state: &Value| {
        matches!(
            state.as_str(),
            Some("SUCCESS" | "FAILURE" | "ERROR" | "INACTIVE" | "ABANDONED" | "DESTROYED" | "ACTIVE")
        )
    };
    let statuses = node.pointer("/statuses/nodes").and_then(Value::as_array);
    ended(&node["state"])
        || statuses
            .into_iter()
            .flatten()
            .any(|status| ended(&status["state"]))
}

/// A digest of what may change.
pub(super) fn state(node: &Value) -> u64 {
    let statuses = node.pointer("/statuses/nodes").and_then(Value::as_array);
    let statuses = statuses.into_iter().flatten();
    let statuses = statuses.map(|status| json!([status["id"], status["state"], status["updatedAt"]]));
    let fields = ["state", "updatedAt", "latestEnvironment"].map(|field| node[field].clone());
    digest(&fields.into_iter().chain(statuses).collect())
}

impl DeploymentsPoint {
    /// Those to ask for at `date`: what is not over for good.
    pub(super) fn to_refresh(&self, date: DateTime<Utc>) -> impl Iterator<Item = &str> {
        self.open
            .iter()
            .filter(move |(_, open)| !open.ended || open.created_at + FRESH > date)
            .map(|(id, _)| id.as_str())
    }

    /// Whether one is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.open.values().any(|open| !open.ended)
    }
}
