//! The feed of a repository's releases. A draft that is published and a release that is edited keep their place in the list,
//! so whenever its beginning has changed the first page is read again, and further ones until all is known.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::checkpoint::{self, RecentRelease, ReleasesPoint, digest};
use super::documents::List;
use super::feed::Kind;
use super::lanes::Walk;
use super::normalize::ReleaseRecord;
use super::pages::{Page, Question, Row, instant, text};
use super::reading::walk_page;
use super::run::SeenRepository;
use super::source::GithubSource;
use crate::model::{Checkpoint, Feed, RawRecord};
use crate::source::SourcePage;
use crate::{Error, ErrorKind, Result};

/// Releases at the list's beginning by which a change is seen.
const LOOKED_AT: usize = 20;

impl GithubSource {
    pub(super) async fn fetch_releases(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let key = (Kind::Releases, feed.scope.clone(), None);
        let (seen, probe, is_read) = {
            let run = self.run();
            let probe = run.probes.get(&key).cloned();
            (run.repository(&feed.scope)?, probe, run.read.contains(&key))
        };
        let mut point = match &after {
            Some(checkpoint) => checkpoint::read(feed, checkpoint)?,
            None => ReleasesPoint {
                walk: Walk::default(),
                digest: None,
                recent: BTreeMap::new(),
            },
        };
        let mut total = probe.as_ref().map(|probe| probe.total);
        let mut records = Vec::new();
        let probed = probe.as_ref().and_then(|probe| probe.digest);
        if after.is_none() && total == Some(0) {
            point.walk = Walk::ended();
            point.digest = probed;
        } else {
            let is_known = is_read || (probed.is_some() && probed == point.digest);
            if point.walk.done && !is_known {
                let newest = point.recent.values().map(|release| release.created_at).max();
                point.walk = Walk::back_to(newest);
            }
            if !point.walk.done
                && let Some(page) = self.read_releases(&seen, feed, &mut point).await?
            {
                total = Some(page.total);
                records = tell(&mut point, page)?;
                self.run().read.insert(key);
            }
        }
        Ok(SourcePage {
            next: checkpoint::write(&point)?,
            records,
            ..walk_page(&point.walk, seen.created_at, total)
        })
    }

    /// The next page of the walk; `None` when GitHub refused its place: then it begins anew.
    async fn read_releases(
        &self,
        seen: &SeenRepository,
        feed: &Feed,
        point: &mut ReleasesPoint,
    ) -> Result<Option<Page>> {
        let question = Question::newest(List::Releases, seen, &feed.scope, point.walk.cursor.clone());
        match self.paced_page(Kind::Releases, &question).await {
            Ok(page) => Ok(Some(page)),
            Err(fault) if point.walk.cursor.is_some() && self.may_begin_anew(feed, &fault) => {
                point.walk.cursor = None;
                Ok(None)
            }
            Err(fault) => Err(fault.error),
        }
    }
}

/// The records of a page, and the point after it.
fn tell(point: &mut ReleasesPoint, page: Page) -> Result<Vec<RawRecord>> {
    let mut records = Vec::new();
    if point.walk.cursor.is_none() {
        records = removed(point, &page)?;
        let nodes = page.rows.iter().map(|row| &row.node);
        point.digest = Some(beginning(nodes, page.total));
        point.recent = page.rows.iter().map(recent).collect();
    }
    point.walk.step(&page.places(), page.has_next);
    for row in page.rows {
        records.push(record(row.id, &ReleaseRecord::Release(row.node))?);
    }
    Ok(records)
}

/// The releases that were on the first page and would still have to be.
fn removed(point: &ReleasesPoint, page: &Page) -> Result<Vec<RawRecord>> {
    let there: HashSet<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
    let oldest: Option<DateTime<Utc>> = page.rows.last().map(|row| row.place.at);
    let is_gone = |id: &str, release: &RecentRelease| {
        let is_covered = !page.has_next || oldest.is_none_or(|oldest| release.created_at > oldest);
        is_covered && !there.contains(id)
    };
    point
        .recent
        .iter()
        .filter(|(id, release)| is_gone(id, release))
        .map(|(id, release)| record(id.clone(), &ReleaseRecord::Removed(release.number.clone())))
        .collect()
}

fn recent(row: &Row) -> (String, RecentRelease) {
    let number = match &row.node["databaseId"] {
        Value::Number(number) => number.to_string(),
        _ => row.id.clone(),
    };
    let created_at = row.place.at;
    (row.id.clone(), RecentRelease { number, created_at })
}

/// A digest of a list's beginning and its length.
pub(super) fn beginning<'v>(releases: impl Iterator<Item = &'v Value>, total: u64) -> u64 {
    let states = releases.take(LOOKED_AT).map(|release| {
        let at = |field| instant(release, field).map(|at| at.timestamp());
        json!([text(release, "id"), at("updatedAt"), release["isDraft"]])
    });
    digest(&std::iter::once(json!(total)).chain(states).collect())
}

/// A record of a type of its own.
pub(super) fn record<T: Serialize>(id: String, payload: &T) -> Result<RawRecord> {
    let payload = serde_json::to_value(payload).map_err(|error| {
        Error::new(ErrorKind::Internal, "a record cannot be written as JSON")
            .with("record", &id)
            .caused_by(error)
    })?;
    Ok(RawRecord { id, payload })
}
