//! The feed of a repository's tags, where tags are deployments. A tag may be moved, deleted or put on an old commit, and GitHub
//! tells of none of it: so whenever the list's beginning or its length has changed, and once a day, all of it is read anew.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::checkpoint::{self, TagsPoint, digest};
use super::documents::List;
use super::feed::Kind;
use super::lanes::Walk;
use super::pages::{Page, Question, text};
use super::pull_requests::DAILY;
use super::reading::walk_page;
use super::run::SeenRepository;
use super::source::GithubSource;
use crate::Result;
use crate::model::{Checkpoint, Feed, RawRecord};
use crate::source::{SourcePage, TagRules};

/// Tags at the list's beginning by which a change is seen.
const LOOKED_AT: u64 = 20;

impl GithubSource {
    pub(super) async fn fetch_tags(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let key = (Kind::Tags, feed.scope.clone(), None);
        let (seen, probe, is_read, started) = {
            let run = self.run();
            let probe = run.probes.get(&key).cloned();
            (
                run.repository(&feed.scope)?,
                probe,
                run.read.contains(&key),
                run.started,
            )
        };
        let mut point = match &after {
            Some(checkpoint) => checkpoint::read(feed, checkpoint)?,
            None => TagsPoint::default(),
        };
        let rules = rules_digest(self.options.tags.as_ref());
        let probed = probe.as_ref().and_then(|probe| probe.digest);
        let is_known = is_read || (probed.is_some() && !self.is_due(&point, probed, started));
        let mut total = probe.map(|probe| probe.total);
        if after.is_none() && total == Some(0) {
            point.walk = Walk::ended();
            (point.digest, point.rules) = (probed, rules);
        } else if point.rules != rules || (point.walk.done && !is_known) {
            point.walk = Walk::default();
        }
        let mut records = Vec::new();
        let mut restart = false;
        if !point.walk.done
            && let Some(page) = self.read_tags(&seen, feed, &mut point).await?
        {
            total = Some(page.total);
            if point.walk.cursor.is_none() {
                restart = true;
                point.rules = rules;
                point.walked_at = Some(started);
                point.digest = Some(beginning(page.rows.iter().map(|row| &row.node), page.total));
            }
            point.walk.step(&page.places(), page.has_next);
            records = self.deployments_of(page);
            self.run().read.insert(key);
        }
        Ok(SourcePage {
            next: checkpoint::write(&point)?,
            records,
            restart,
            ..walk_page(&point.walk, seen.created_at, total)
        })
    }

    /// Whether the list is to be read anew, by what it begins with now.
    pub(super) fn is_due(&self, point: &TagsPoint, probed: Option<u64>, now: DateTime<Utc>) -> bool {
        let is_other = probed.is_some() && probed != point.digest;
        is_other
            || point.rules != rules_digest(self.options.tags.as_ref())
            // What is not looked at may have been moved.
            || (point.walk.read > LOOKED_AT && point.walked_at.is_none_or(|walked| walked + DAILY <= now))
    }

    /// The next page of the walk; `None` when GitHub refused its place: then it begins anew.
    async fn read_tags(
        &self,
        seen: &SeenRepository,
        feed: &Feed,
        point: &mut TagsPoint,
    ) -> Result<Option<Page>> {
        let question = Question::newest(List::Tags, seen, &feed.scope, point.walk.cursor.clone());
        match self.paced_page(Kind::Tags, &question).await {
            Ok(page) => Ok(Some(page)),
            Err(fault) if point.walk.cursor.is_some() && self.may_begin_anew(feed, &fault) => {
                point.walk = Walk::default();
                Ok(None)
            }
            Err(fault) => Err(fault.error),
        }
    }

    /// The tags of a page that are deployments.
    fn deployments_of(&self, page: Page) -> Vec<RawRecord> {
        let nodes = page.rows.into_iter().map(|row| row.node);
        nodes
            .filter_map(|payload| {
                let id = text(&payload, "name")?.to_owned();
                self.rules.is_deployment(&id).then_some(RawRecord { id, payload })
            })
            .collect()
    }
}

/// A digest of a list's beginning and its length.
pub(super) fn beginning<'v>(tags: impl Iterator<Item = &'v Value>, total: u64) -> u64 {
    let states = tags
        .take(LOOKED_AT as usize)
        .map(|tag| json!([tag["name"], tag["target"]["oid"]]));
    digest(&std::iter::once(json!(total)).chain(states).collect())
}

/// A digest of the rules by which tags are deployments.
fn rules_digest(rules: Option<&TagRules>) -> u64 {
    digest(&json!(rules.map(|rules| [&rules.pattern, &rules.exclude])))
}
