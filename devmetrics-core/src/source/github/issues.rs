//! The feed of a repository's incidents: the issues with one of the labels that say so. An issue that loses the label leaves
//! the list, so those that are not over are also asked for by their ids: see the probe.

use serde_json::{Value, json};

use super::checkpoint::{self, IssuesPoint, LabelPoint, OpenIssue, digest};
use super::documents::List;
use super::feed::Kind;
use super::lanes::{OVERLAP, step_head};
use super::normalize::IssueRecord;
use super::pages::{Direction, Page, Question, text};
use super::releases::record;
use super::run::{Refreshed, SeenRepository};
use super::source::GithubSource;
use crate::Result;
use crate::model::{Checkpoint, Feed, RawRecord};
use crate::source::SourcePage;

impl GithubSource {
    pub(super) async fn fetch_issues(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let key = (Kind::Issues, feed.scope.clone());
        let (seen, refreshed) = {
            let run = self.run();
            (run.repository(&feed.scope)?, run.refreshed.get(&key).cloned())
        };
        let mut point: IssuesPoint = match &after {
            Some(checkpoint) => checkpoint::read(feed, checkpoint)?,
            None => IssuesPoint::default(),
        };
        let labels = &self.options.incident_labels;
        // A label that is no longer one of an incident is not read on; what it said stays until it is closed.
        point.labels.retain(|label, _| labels.contains(label));
        for label in labels {
            point.labels.entry(label.clone()).or_default();
        }
        let mut records = Vec::new();
        if let Some(refreshed) = refreshed {
            for element in refreshed {
                match element {
                    Refreshed::Changed(node) => records.extend(self.tell(&mut point, node)?),
                    Refreshed::Gone(id) => records.extend(remove(&mut point, &id)?),
                }
            }
            self.run().refreshed.remove(&key);
        } else if let Some(label) = self.unread_label(&feed.scope, &point) {
            let label_point = point.labels.get(&label).cloned().unwrap_or_default();
            let (label_point, nodes) = self.read_label(&seen, feed, &label, label_point).await?;
            point.labels.insert(label, label_point);
            for node in nodes {
                records.extend(self.tell(&mut point, node)?);
            }
        }
        let has_more = self.unread_label(&feed.scope, &point).is_some();
        Ok(SourcePage {
            next: checkpoint::write(&point)?,
            has_more,
            caught_up: !has_more,
            covered_from: (!has_more).then_some(seen.created_at),
            records,
            ..SourcePage::default()
        })
    }

    /// A label whose list has something new, as far as is known.
    fn unread_label(&self, scope: &str, point: &IssuesPoint) -> Option<String> {
        let run = self.run();
        let unread = point.labels.iter().find(|(label, label_point)| {
            let key = (Kind::Issues, scope.to_owned(), Some((*label).clone()));
            let is_known = run
                .probes
                .get(&key)
                .is_some_and(|probe| probe.newest == label_point.head && label_point.since.is_none());
            !run.read.contains(&key) && !is_known
        });
        unread.map(|(label, _)| label.clone())
    }

    /// The next page of a label's list, and how far it has been read after it.
    async fn read_label(
        &self,
        seen: &SeenRepository,
        feed: &Feed,
        label: &str,
        mut point: LabelPoint,
    ) -> Result<(LabelPoint, Vec<Value>)> {
        let question = label_page(seen, &feed.scope, label, &point);
        let page: Page = match self.paced_page(Kind::Issues, &question).await {
            Ok(page) => page,
            Err(fault) if point.head.is_some() && self.may_begin_anew(feed, &fault) => {
                point.since = point.head.take().map(|place| place.at - OVERLAP);
                return Ok((point, Vec::new()));
            }
            Err(fault) => return Err(fault.error),
        };
        let mut run = self.run();
        let more = step_head(
            &mut point.head,
            &page.places(),
            page.has_next,
            page.date,
            run.started,
        );
        if point.head.is_some() || !more {
            point.since = None;
        }
        if !more {
            let key = (Kind::Issues, feed.scope.clone(), Some(label.to_owned()));
            run.read.insert(key);
        }
        Ok((point, page.rows.into_iter().map(|row| row.node).collect()))
    }

    /// The record of an issue: an incident, or one that is none any more.
    fn tell(&self, point: &mut IssuesPoint, node: Value) -> Result<Option<RawRecord>> {
        let id = text(&node, "id").unwrap_or_default().to_owned();
        if !self.is_incident(&node) {
            return remove(point, &id);
        }
        if node["closedAt"].is_null() {
            let open = OpenIssue {
                number: number(&node),
                digest: state(&node),
            };
            point.open.insert(id.clone(), open);
        } else {
            point.open.remove(&id);
        }
        record(id, &IssueRecord::Issue(node)).map(Some)
    }

    fn is_incident(&self, node: &Value) -> bool {
        let labels = node.pointer("/labels/nodes").and_then(Value::as_array);
        let names = labels
            .into_iter()
            .flatten()
            .filter_map(|label| text(label, "name"));
        let mut names = names.map(str::to_lowercase);
        names.any(|name| {
            self.options
                .incident_labels
                .iter()
                .any(|label| label.to_lowercase() == name)
        })
    }
}

/// The record of an issue that is gone or has lost its label; none of one that was told to be none already.
fn remove(point: &mut IssuesPoint, id: &str) -> Result<Option<RawRecord>> {
    let open = point.open.remove(id);
    open.map(|open| record(id.to_owned(), &IssueRecord::Removed(open.number)))
        .transpose()
}

/// The page of issues with `label` that follows.
pub(super) fn label_page(seen: &SeenRepository, scope: &str, label: &str, point: &LabelPoint) -> Question {
    Question {
        scope: scope.to_owned(),
        repository: seen.node.clone(),
        list: List::Issues,
        label: Some(label.to_owned()),
        since: point.since,
        direction: Direction::Ascending,
        after: point.head.as_ref().map(|place| place.cursor.clone()),
    }
}

fn number(node: &Value) -> String {
    match &node["fullDatabaseId"] {
        Value::String(number) => number.clone(),
        Value::Number(number) => number.to_string(),
        _ => text(node, "id").unwrap_or_default().to_owned(),
    }
}

/// A digest of what may change, by as many labels as a page of issues shows: with a further one the issue itself changes too.
pub(super) fn state(node: &Value) -> u64 {
    const SHOWN: usize = 20;
    let labels = node.pointer("/labels/nodes").and_then(Value::as_array);
    let labels: Vec<&Value> = labels.into_iter().flatten().take(SHOWN).collect();
    digest(&json!([
        node["updatedAt"],
        node["closedAt"],
        node["title"],
        labels
    ]))
}
