use chrono::{DateTime, Utc};

use super::{Because, Evidence, FailureSample, Note, Outcome, PullRequestSample, Reason, Terms};
use crate::model::{DeploymentMatch, Landing};

/// Clocks of different machines differ by up to this many seconds; a duration that is negative by no more counts as 0.
pub(super) const SKEW_SECONDS: i64 = 60;

/// A sample as a metric judged it: the borrowed form of [`Evidence`].
///
/// Values are summed up from findings and `explain` lists the same findings, so that the two never differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding<'a> {
    /// The id of the pull request or deployment.
    pub item: &'a str,
    /// Its place among the samples.
    pub sample: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// The instant that places it in a window or bucket.
    pub at: DateTime<Utc>,
    /// The begin that was used.
    pub begin: Option<DateTime<Utc>>,
    /// The end that was used.
    pub end: Option<DateTime<Utc>>,
    /// How a change was matched to its deployment, where that matters.
    pub matched: Option<DeploymentMatch>,
    /// What to know about the value.
    pub note: Option<Note>,
    /// What it counts among the others in a rate.
    pub weight: f64,
    /// Why a deployment counts as failed.
    pub because: Option<&'a FailureSample>,
}

impl<'a> Finding<'a> {
    /// A finding without span, match or note.
    pub fn new(item: &'a str, sample: usize, at: DateTime<Utc>, outcome: Outcome) -> Self {
        Self {
            item,
            sample,
            outcome,
            at,
            begin: None,
            end: None,
            matched: None,
            note: None,
            weight: 1.0,
            because: None,
        }
    }

    /// The value, if it counts.
    pub fn counted(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Counted { value, .. } => Some(value),
            _ => None,
        }
    }
}

impl From<&Finding<'_>> for Evidence {
    fn from(finding: &Finding<'_>) -> Self {
        Self {
            item: finding.item.to_owned(),
            outcome: finding.outcome,
            at: finding.at,
            begin: finding.begin,
            end: finding.end,
            matched: finding.matched,
            note: finding.note,
            because: finding.because.map(|failure| Because {
                rule: failure.rule,
                cause: failure.cause.clone(),
                remedy: failure.remedy.clone(),
            }),
        }
    }
}

/// From one instant to another. Instants are whole seconds, and their difference in integers is several times as fast as
/// one of calendar times.
pub(super) fn seconds(begin: DateTime<Utc>, end: DateTime<Utc>) -> i64 {
    end.timestamp() - begin.timestamp()
}

/// The outcome of a span of time: its seconds by the clock of the query; 0 where it is negative by no more than clocks differ;
/// left out beyond.
pub(super) fn elapsed(begin: DateTime<Utc>, end: DateTime<Utc>, terms: &Terms<'_>) -> Outcome {
    let passed = seconds(begin, end);
    if passed < -SKEW_SECONDS {
        return Outcome::Excluded {
            reason: Reason::NegativeDuration,
        };
    }
    Outcome::Counted {
        value: terms.seconds(begin, end).max(0) as f64,
        skew_clamped: passed < 0,
    }
}

/// Why a pull request is no change that counts under these terms; `None` if it is one.
pub(super) fn left_out(sample: &PullRequestSample, terms: &Terms<'_>) -> Option<Reason> {
    if sample.bot {
        Some(Reason::Bot)
    } else if !sample.on_base_branch {
        Some(Reason::OtherBranch)
    } else {
        passed_over(sample, terms)
    }
}

/// The same of a pull request whose author and branch count.
pub(super) fn passed_over(sample: &PullRequestSample, terms: &Terms<'_>) -> Option<Reason> {
    if sample.paths_unknown {
        Some(Reason::UnknownPaths)
    } else if sample.landing == Some(Landing::DirectPush) && !terms.direct_pushes {
        Some(Reason::DirectPush)
    } else {
        (terms.policy == super::Policy::Primary && !sample.primary).then_some(Reason::OtherPrimaryTeam)
    }
}
