use std::collections::HashSet;

use chrono::{DateTime, Utc};
use gix::bstr::ByteSlice;
use serde_json::Value;

use super::super::shapes::{
    ChangedFile, Children, Commit, Happening, Label, Line, MergeCommit, PullRequest as Shape,
    PullRequestCommit, Review as ReviewShape, Signature, TimelineItem,
};
use super::{actor, number_or, read};
use crate::model::{
    Activity, Actor, Event, EventKind, Fact, Feed, Landing, Milestones, OwnCommit, Paths, Pause, PullRequest,
    Review, Verdict,
};
use crate::source::message::{References, co_authors, handle};
use crate::{Id, Result};

pub(super) fn normalize(feed: &Feed, payload: &Value) -> Result<Vec<Fact>> {
    Ok(vec![Fact::PullRequest(Box::new(pull_request(
        feed,
        read(payload)?,
    )))])
}

fn pull_request(feed: &Feed, shape: Shape) -> PullRequest {
    let commit_count = shape.commits.as_ref().and_then(|commits| commits.total_count);
    let commits: Option<Vec<Commit>> = shape.commits.and_then(Children::whole).map(|commits| {
        commits
            .into_iter()
            .map(|PullRequestCommit { commit }| commit)
            .collect()
    });
    let own = commits.as_deref().unwrap_or_default();
    let merged_at = shape.merged_at.map(|at| at.0);
    let author = actor(shape.author);
    let references = references(&shape.body, shape.merge_commit.as_ref(), own);
    let on_default_branch = shape.default_branch.as_deref() == Some(shape.base_ref_name.0.as_str());
    PullRequest {
        id: Id::new(format!(
            "github:pr:{}",
            number_or(shape.full_database_id, shape.id)
        )),
        repository: Id::new(&feed.scope),
        number: Some(shape.number),
        title: shape.title.0,
        url: shape.url,
        co_authors: other_authors(&author, own, shape.merge_commit.as_ref()),
        author,
        landing: merged_at.map(|_| landing(shape.number, shape.merge_commit.as_ref(), own)),
        milestones: Milestones {
            opened_at: Some(shape.created_at.0),
            merged_at,
            closed_at: shape.closed_at.map(|at| at.0),
            pauses: draft_pause(shape.is_draft, shape.created_at.0),
            ..Milestones::default()
        },
        first_commit_estimated: false,
        first_commit: None,
        position: merged_at.filter(|_| on_default_branch).map(|at| at.timestamp()),
        base_branch: shape.base_ref_name.0,
        landing_commit: merged_at.and(shape.merge_commit).map(|commit| commit.oid),
        draft: shape.is_draft,
        labels: labels(shape.labels),
        closes: shape
            .closing_issues_references
            .into_iter()
            .flat_map(Children::known)
            .map(|issue| {
                Id::new(format!(
                    "github:issue:{}",
                    number_or(issue.full_database_id, issue.id)
                ))
            })
            .collect(),
        commits: commit_count,
        additions: shape.additions,
        deletions: shape.deletions,
        changed_files: shape.changed_files,
        comments: shape.total_comments_count,
        paths: shape.files.map(|files| paths(files, shape.changed_files)),
        activity: activity(commits, shape.reviews, shape.timeline_items),
        reverts: references.reverts,
        cherry_picked_from: references.cherry_picked_from,
        updated_at: shape.updated_at.0,
    }
}

/// Of what is a draft: that it is. Since when, its activity tells.
fn draft_pause(draft: bool, opened_at: DateTime<Utc>) -> Vec<Pause> {
    let pause = Pause {
        from: opened_at,
        to: None,
    };
    draft.then_some(pause).into_iter().collect()
}

/// The files that were told. GitHub tells 3,000 at most, and whether its count of them is of more than that is not documented:
/// the pull request's own is.
fn paths(files: Children<ChangedFile>, changed_files: Option<i64>) -> Paths {
    let total = files.total_count.max(changed_files);
    let mut files: Vec<String> = files.known().map(|file| file.path.0).collect();
    let told = i64::try_from(files.len()).unwrap_or(i64::MAX);
    files.sort();
    files.dedup();
    Paths {
        files,
        truncated: total.is_none_or(|total| total > told),
    }
}

pub(super) fn labels(labels: Option<Children<Label>>) -> Vec<String> {
    let mut labels: Vec<String> = labels
        .into_iter()
        .flat_map(Children::known)
        .map(|label| label.name.0)
        .collect();
    labels.sort();
    labels.dedup();
    labels
}

/// How a pull request landed, by the message of the landing commit. The number of its parents would tell merges for certain,
/// but it is a connection, and one more connection a pull request makes a page of 25 cost two points.
fn landing(number: i64, merge_commit: Option<&MergeCommit>, own: &[Commit]) -> Landing {
    let headline = merge_commit.and_then(|commit| commit.message_headline.as_deref());
    let Some(headline) = headline else {
        return Landing::Unknown;
    };
    let last = own.last().and_then(|commit| commit.message_headline.as_deref());
    if headline.starts_with(&format!("Merge pull request #{number} ")) {
        Landing::Merge
    } else if own.len() > 1 && last == Some(headline) {
        Landing::Rebase
    } else if headline.ends_with(&format!("(#{number})")) || (own.len() == 1 && last == Some(headline)) {
        Landing::Squash
    } else {
        Landing::Unknown
    }
}

/// The commits that its text, its landing commit and its own commits name.
fn references(body: &str, merge_commit: Option<&MergeCommit>, own: &[Commit]) -> References {
    let mut references = References::default();
    let landed = merge_commit.and_then(|commit| commit.message_body.as_deref());
    let bodies = own.iter().filter_map(|commit| commit.message_body.as_deref());
    for text in [body].into_iter().chain(landed).chain(bodies) {
        references.add(text.as_bytes().as_bstr());
    }
    references
}

/// Who else wrote commits, or is named as a co-author, in the order in which they appear.
fn other_authors(author: &Actor, own: &[Commit], merge_commit: Option<&MergeCommit>) -> Vec<Actor> {
    let people = own.iter().flat_map(|commit| {
        let trailers = commit
            .message_body
            .as_deref()
            .map(co_authors_of)
            .unwrap_or_default();
        commit.author.iter().map(signature).chain(trailers)
    });
    let landed = merge_commit.and_then(|commit| commit.message_body.as_deref());
    let mut known: HashSet<String> = names(author).collect();
    let mut others = Vec::new();
    for person in people.chain(landed.map(co_authors_of).unwrap_or_default()) {
        // One person may come with an account here and with nothing but an address there.
        let is_new = names(&person).next().is_some() && !names(&person).any(|name| known.contains(&name));
        known.extend(names(&person));
        if is_new {
            others.push(person);
        }
    }
    others
}

fn co_authors_of(text: &str) -> Vec<Actor> {
    co_authors(text.as_bytes().as_bstr())
        .map(|(name, email)| {
            person(
                name.to_str_lossy().into_owned(),
                email.to_str_lossy().into_owned(),
            )
        })
        .collect()
}

fn person(name: String, email: String) -> Actor {
    let handle = handle(&email);
    let bot = name.contains("[bot]") || handle.as_deref().is_some_and(|handle| handle.contains("[bot]"));
    Actor {
        name: Some(name).filter(|name| !name.is_empty()),
        email: Some(email).filter(|email| !email.is_empty()),
        handle,
        bot,
    }
}

pub(super) fn signature(signature: &Signature) -> Actor {
    let text = |line: &Option<Line>| line.as_ref().map(|line| line.0.clone()).unwrap_or_default();
    let person = person(text(&signature.name), text(&signature.email));
    Actor {
        handle: signature
            .user
            .as_ref()
            .map(|user| user.login.0.clone())
            .or(person.handle),
        ..person
    }
}

/// What tells that two actors are the same person: account and address.
fn names(actor: &Actor) -> impl Iterator<Item = String> {
    [&actor.handle, &actor.email]
        .into_iter()
        .flatten()
        .map(|name| name.to_lowercase())
}

/// `None` unless each of the lists is whole: half of a pull request's life tells wrong milestones.
fn activity(
    commits: Option<Vec<Commit>>,
    reviews: Option<Children<ReviewShape>>,
    events: Option<Children<TimelineItem>>,
) -> Option<Activity> {
    let mut reviews: Vec<Review> = reviews?.whole()?.into_iter().map(review).collect();
    // A draft of a review comes last: it has not been sent yet.
    reviews.sort_by_key(|review| (review.submitted_at.is_none(), review.submitted_at));
    let mut events: Vec<Event> = events?.whole()?.into_iter().filter_map(event).collect();
    events.sort_by_key(|event| event.at);
    Some(Activity {
        commits: commits?
            .into_iter()
            .map(|commit| OwnCommit {
                authored_at: commit.authored_date.0,
                committed_at: commit.committed_date.0,
                author: commit.author.as_ref().map(signature).unwrap_or_default(),
                id: commit.oid,
            })
            .collect(),
        reviews,
        events,
    })
}

fn review(shape: ReviewShape) -> Review {
    Review {
        id: number_or(shape.full_database_id, shape.id),
        verdict: verdict(&shape.state),
        submitted_at: shape.submitted_at.map(|at| at.0),
        author: actor(shape.author),
        commit: shape.commit.map(|commit| commit.oid),
        comments: None,
    }
}

fn verdict(state: &str) -> Verdict {
    match state {
        "APPROVED" => Verdict::Approved,
        "CHANGES_REQUESTED" => Verdict::ChangesRequested,
        "COMMENTED" => Verdict::Commented,
        "DISMISSED" => Verdict::Dismissed,
        "PENDING" => Verdict::Pending,
        _ => Verdict::Unknown,
    }
}

fn event(item: TimelineItem) -> Option<Event> {
    let (
        kind,
        Happening {
            created_at,
            actor: by,
        },
    ) = match item {
        TimelineItem::ReadyForReviewEvent(what) => (EventKind::ReadyForReview, what),
        TimelineItem::ConvertToDraftEvent(what) => (EventKind::ConvertedToDraft, what),
        TimelineItem::ReviewRequestedEvent(what) => (EventKind::ReviewRequested, what),
        TimelineItem::ReviewDismissedEvent(dismissed) => {
            let kind = EventKind::ReviewDismissed {
                review: dismissed
                    .review
                    .map(|review| number_or(review.full_database_id, review.id)),
                was: verdict(&dismissed.previous_review_state),
            };
            (kind, dismissed.what)
        }
        TimelineItem::HeadRefForcePushedEvent(pushed) => {
            let kind = EventKind::ForcePushed {
                before: pushed.before_commit.map(|commit| commit.oid),
                after: pushed.after_commit.map(|commit| commit.oid),
            };
            (kind, pushed.what)
        }
        TimelineItem::BaseRefChangedEvent(changed) => {
            let kind = EventKind::BaseChanged {
                from: changed.previous_ref_name.0,
                to: changed.current_ref_name.0,
            };
            (kind, changed.what)
        }
        TimelineItem::ClosedEvent(what) => (EventKind::Closed, what),
        TimelineItem::ReopenedEvent(what) => (EventKind::Reopened, what),
        TimelineItem::MergedEvent(what) => (EventKind::Merged, what),
        TimelineItem::AddedToMergeQueueEvent(what) => (EventKind::Queued, what),
        TimelineItem::RemovedFromMergeQueueEvent(left) => {
            let reason = left.reason.map(|reason| reason.0);
            (EventKind::Dequeued { reason }, left.what)
        }
        TimelineItem::AutoMergeEnabledEvent(what) => (EventKind::AutoMergeEnabled, what),
        TimelineItem::Other => return None,
    };
    Some(Event {
        kind,
        at: created_at.0,
        actor: actor(by),
    })
}
