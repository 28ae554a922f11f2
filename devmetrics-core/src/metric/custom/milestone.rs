//! When what a custom metric names happened to a pull request.

use chrono::{DateTime, Utc};

use super::spec::Milestone;
use crate::metric::cycle_time::work_begin;
use crate::metric::phases::ready_for_review;
use crate::metric::{Note, PullRequestSample};
use crate::model::Window;

/// The instant of a milestone, and what to know about it; `None` where it is not known, or was not reached.
///
/// After a pull request was closed or merged nothing happens to it but its deployment.
pub(super) fn milestone(
    sample: &PullRequestSample,
    which: Milestone,
) -> Option<(DateTime<Utc>, Option<Note>)> {
    let end = sample.merged_at.or(sample.closed_at);
    let before_end = |at: Option<DateTime<Utc>>| at.filter(|at| end.is_none_or(|end| *at <= end));
    let reviewed = before_end(sample.first_review_at);
    let at = match which {
        Milestone::FirstCommit => return work_begin(sample),
        Milestone::Opened => sample.opened_at,
        Milestone::Ready => before_end(ready(sample, reviewed)),
        Milestone::FirstReview => reviewed,
        Milestone::Approved => before_end(sample.approved_at),
        Milestone::Merged => sample.merged_at,
        Milestone::Closed => sample.closed_at.or(sample.merged_at),
        Milestone::Deployed => sample.deployed_at,
        Milestone::Started | Milestone::Resolved | Milestone::Finished => None,
    };
    at.map(|at| (at, None))
}

/// R: the readiness before the first review, else the opening; none of what is still a draft.
fn ready(sample: &PullRequestSample, reviewed: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let draft = sample.pauses.last().is_some_and(|pause| pause.to.is_none());
    if draft && reviewed.is_none() {
        return None;
    }
    ready_for_review(sample.ready_at, sample.opened_at, reviewed)
}

/// The instant that places a pull request in a window: of a milestone between its opening and its end only while it was
/// open, so that it does not depend on how wide the window is whether it is found.
pub(super) fn place(sample: &PullRequestSample, at: Milestone, window: &Window) -> Option<DateTime<Utc>> {
    let (instant, _) = milestone(sample, at)?;
    let found = match at {
        Milestone::Merged | Milestone::Deployed => true,
        _ => sample.opened_at.is_some_and(|opened| opened <= instant),
    };
    (found && window.contains(instant)).then_some(instant)
}
