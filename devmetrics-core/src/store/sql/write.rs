//! Facts as JSON arrays: the places in each are those that the `.sql` files of the same name take.

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::*;
use crate::attribution::AttributedId;
use crate::metric::PlaceRange;
use crate::model::{Actor, Failure, Pause};

macro_rules! array {
    ($serializer:expr, $($value:expr),+ $(,)?) => {{
        let mut array = $serializer.serialize_seq(None)?;
        $(array.serialize_element($value)?;)+
        array.end()
    }};
}

/// A fact with the judgement that an insert starts from.
pub(super) struct Judged<'a, T> {
    pub(super) fact: &'a T,
    pub(super) bot: bool,
    pub(super) revision: &'a str,
}

impl Serialize for Judged<'_, PullRequest> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fact = self.fact;
        let at = &fact.milestones;
        array!(
            serializer,
            &fact.id,
            &fact.repository,
            &fact.number,
            &fact.title,
            &fact.url,
            &fact.author.name,
            &fact.author.email,
            &fact.author.handle,
            &fact.author.bot,
            &fact.author.key(),
            &fact.co_authors,
            &fact.base_branch,
            &fact.landing,
            &seconds(at.first_commit_at),
            &fact.first_commit_estimated,
            &seconds(at.opened_at),
            &seconds(at.ready_at),
            &seconds(at.first_review_at),
            &seconds(at.approved_at),
            &seconds(at.merged_at),
            &seconds(at.closed_at),
            &pauses(&at.pauses),
            &at.review_rounds,
            &at.self_merged,
            &fact.first_commit,
            &fact.landing_commit,
            &fact.position,
            &fact.draft,
            &fact.labels,
            &fact.closes,
            &fact.commits,
            &fact.additions,
            &fact.deletions,
            &fact.changed_files,
            &fact.comments,
            &fact.reverts,
            &fact.cherry_picked_from,
            &fact.updated_at.timestamp(),
            &self.bot,
            self.revision,
        )
    }
}

impl Serialize for Judged<'_, Deployment> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fact = self.fact;
        let Actor {
            name,
            email,
            handle,
            bot,
        } = &fact.creator;
        array!(
            serializer,
            &fact.id,
            &fact.repository,
            &fact.environment,
            &fact.status,
            &fact.finished_at.timestamp(),
            &fact.reference,
            &fact.commit,
            &seconds(fact.committed_at),
            &fact.contains_to,
            name,
            email,
            handle,
            bot,
            &fact.url,
            &fact.declares,
            &fact.updated_at.timestamp(),
            &self.bot,
            self.revision,
        )
    }
}

impl Serialize for Judged<'_, Incident> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fact = self.fact;
        array!(
            serializer,
            &fact.id,
            &fact.repository,
            &fact.number,
            &fact.title,
            &fact.url,
            &fact.author.name,
            &fact.author.email,
            &fact.author.handle,
            &fact.author.bot,
            &fact.labels,
            &fact.started_at.timestamp(),
            &seconds(fact.resolved_at),
            &fact.caused_by,
            &fact.updated_at.timestamp(),
            &self.bot,
            self.revision,
        )
    }
}

/// Repositories as rows.
pub(super) fn repositories(repositories: &[Repository]) -> Result<String> {
    let rows: Vec<_> = repositories
        .iter()
        .map(|r| {
            let unreachable_since = seconds(r.unreachable_since);
            (
                &r.id,
                &r.name,
                &r.default_branch,
                &r.url,
                r.partial_history,
                r.archived,
                unreachable_since,
            )
        })
        .collect();
    json(&rows)
}

/// Records set aside as rows.
pub(super) fn quarantined(quarantined: &[Quarantined]) -> Result<String> {
    let rows: Result<Vec<_>> = quarantined
        .iter()
        .map(|q| {
            let feed = &q.feed;
            let payload = json(&q.record.payload)?;
            let at = q.at.timestamp();
            Ok((
                &feed.source,
                &feed.scope,
                &feed.kind,
                &q.record.id,
                payload,
                &q.error,
                at,
            ))
        })
        .collect();
    json(&rows?)
}

/// Ids as rows of one column.
pub(super) fn ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> Result<String> {
    let rows: Vec<_> = ids.into_iter().map(|id| [id]).collect();
    json(&rows)
}

/// Ids and versions as rows.
pub(super) fn keys<'a>(keys: impl IntoIterator<Item = (&'a str, DateTime<Utc>)>) -> Result<String> {
    let rows: Vec<_> = keys.into_iter().map(|(id, at)| (id, at.timestamp())).collect();
    json(&rows)
}

/// A part of pull requests that has a table of its own, where it is known, as rows: id, version, part.
pub(super) fn parts<P: Serialize>(
    pull_requests: &[PullRequest],
    part: impl Fn(&PullRequest) -> Option<&P>,
) -> Result<String> {
    let rows: Vec<_> = pull_requests
        .iter()
        .filter_map(|fact| Some((&fact.id, fact.updated_at.timestamp(), part(fact)?)))
        .collect();
    json(&rows)
}

/// Places as rows.
pub(super) fn places(ranges: &[PlaceRange]) -> Result<String> {
    let rows: Vec<_> = ranges
        .iter()
        .map(|range| (&range.repository, range.after, range.through))
        .collect();
    json(&rows)
}

/// Attributions as rows: (id, bot) and (id, team, weight, primary, direct).
pub(super) fn attributions(attributions: &[&Attribution]) -> Result<(String, String)> {
    let marks: Vec<_> = attributions
        .iter()
        .map(|attribution| (subject(attribution), attribution.bot))
        .collect();
    let shares: Vec<_> = attributions
        .iter()
        .flat_map(|attribution| {
            let id = subject(attribution);
            attribution
                .shares
                .iter()
                .map(move |s| (id, &s.team, s.weight, s.primary, s.direct))
        })
        .collect();
    Ok((json(&marks)?, json(&shares)?))
}

/// Milestones that follow from attributions as rows: the id, and the instants in the order of the columns.
pub(super) fn milestones(attributions: &[&Attribution]) -> Result<Option<String>> {
    let rows: Vec<_> = attributions
        .iter()
        .filter_map(|attribution| {
            let at = attribution.milestones.as_ref()?;
            let instants = [
                at.first_commit_at,
                at.opened_at,
                at.ready_at,
                at.first_review_at,
                at.approved_at,
                at.merged_at,
                at.closed_at,
            ];
            let [c, o, r, v, a, m, z] = instants.map(seconds);
            let judged = (pauses(&at.pauses), at.review_rounds, at.self_merged);
            Some((
                subject(attribution),
                c,
                o,
                r,
                v,
                a,
                m,
                z,
                judged.0,
                judged.1,
                judged.2,
            ))
        })
        .collect();
    if rows.is_empty() {
        Ok(None)
    } else {
        json(&rows).map(Some)
    }
}

/// The id of what is attributed.
pub(super) fn subject(attribution: &Attribution) -> &str {
    match &attribution.subject {
        AttributedId::PullRequest(id) => id.as_str(),
        AttributedId::Deployment(id) => id.as_str(),
        AttributedId::Incident(id) => id.as_str(),
    }
}

/// Pauses as they are stored.
fn pauses(pauses: &[Pause]) -> Vec<samples::PauseRow> {
    pauses.iter().map(samples::PauseRow::from).collect()
}

/// Failures as rows.
pub(super) fn failures(failures: &[Failure]) -> Result<String> {
    let rows: Vec<_> = failures
        .iter()
        .map(|failure| {
            (
                &failure.deployment,
                failure.rule,
                &failure.cause,
                failure.failed_at.timestamp(),
                seconds(failure.ended_at),
                &failure.remedy,
            )
        })
        .collect();
    json(&rows)
}

fn seconds(instant: Option<DateTime<Utc>>) -> Option<i64> {
    instant.map(|instant| instant.timestamp())
}
