use chrono::{DateTime, Utc};
use std::borrow::Cow;

use super::change_lead_time::shipped_within;
use super::cycle_time::{merged_within, work_begin};
use super::finding::{SKEW_SECONDS, elapsed, seconds};
use super::{
    Better, Coverage, Definition, Facts, Finding, Metric, Note, Outcome, PullRequestSample, Reason, Tally,
    Terms, Unit, Value, summary,
};
use crate::model::{Milestones, Window};

/// A merged change's time, cut at its milestones. The parts that are there follow each other without a gap and without an
/// overlap, from the begin of [`whole`](Self::whole) to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phases {
    /// C→R: first commit to ready for review.
    pub coding: Option<Window>,
    /// From C on, where it is not known when the change was ready: coding and pickup in one (C→V), or all of C→M.
    pub undivided: Option<Window>,
    /// R→V: ready to first review.
    pub pickup: Option<Window>,
    /// R→M of a change that nobody reviewed: not a pickup of any length, and not a review of 0 s.
    pub unreviewed_wait: Option<Window>,
    /// V→A: first review to the approval that held; V→M where none did.
    pub review: Option<Window>,
    /// A→M: approval to merge.
    pub merge: Option<Window>,
    /// M→D: merge to deployment; empty for a change deployed before it was merged.
    pub deploy: Option<Window>,
    /// C→D, or C→M while it is not deployed.
    pub whole: Window,
    /// By how many seconds milestones contradicted their order and were moved, at most; 0 for sound data.
    pub skew: i64,
}

impl Phases {
    /// The parts, in order of time.
    pub fn parts(&self) -> [Option<Window>; 7] {
        [
            self.coding,
            self.undivided,
            self.pickup,
            self.unreviewed_wait,
            self.review,
            self.merge,
            self.deploy,
        ]
    }
}

/// Cuts the time from the first commit to the deployment; `None` while a change is not merged, or if nothing before the
/// merge is known.
///
/// Where a milestone is missing its neighbours merge, as the fields say. C is the opening where that came first, or
/// where there are no commits. R is the readiness before the first review; a change made ready only after one was ready
/// for it when opened. A review after the merge is none.
pub fn phases(milestones: &Milestones, deployed_at: Option<DateTime<Utc>>) -> Option<Phases> {
    let merged = milestones.merged_at?;
    let before_merge = |at: &DateTime<Utc>| *at <= merged;
    let reviewed = milestones.first_review_at.filter(before_merge);
    let approved = milestones.approved_at.filter(before_merge);
    let ready = ready_for_review(milestones.ready_at, milestones.opened_at, reviewed);
    let begin = [milestones.first_commit_at, milestones.opened_at]
        .into_iter()
        .flatten()
        .min();
    let first = begin.or(ready)?;

    let mut chain = Chain {
        last: first.min(merged),
        merged,
        skew: seconds(merged, first).max(0),
    };
    let from = chain.last;
    let coding = ready.filter(|_| begin.is_some()).map(|ready| chain.step(ready));
    let undivided = ready.is_none().then(|| chain.step(reviewed.unwrap_or(merged)));
    let pickup = ready.and(reviewed).map(|review| chain.step(review));
    let unreviewed_wait = (ready.is_some() && reviewed.is_none()).then(|| chain.step(merged));
    let review = reviewed.map(|_| chain.step(approved.unwrap_or(merged)));
    let merge = reviewed.and(approved).map(|_| chain.step(merged));
    let deploy = deployed_at.map(|deployed| Window {
        from: merged,
        to: deployed.max(merged),
    });
    Some(Phases {
        coding,
        undivided,
        pickup,
        unreviewed_wait,
        review,
        merge,
        deploy,
        whole: Window {
            from,
            to: deploy.map_or(merged, |deploy| deploy.to),
        },
        skew: chain.skew,
    })
}

/// R: the readiness before the first review, else the opening. A change made ready only after it was ready when opened.
pub(super) fn ready_for_review(
    ready_at: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
    reviewed_at: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    ready_at
        .filter(|ready| reviewed_at.is_none_or(|review| *ready <= review))
        .or(opened_at)
}

/// Walks from milestone to milestone, never back and never beyond the merge.
struct Chain {
    last: DateTime<Utc>,
    merged: DateTime<Utc>,
    skew: i64,
}

impl Chain {
    /// The part from the last milestone to this one.
    fn step(&mut self, milestone: DateTime<Utc>) -> Window {
        let sound = milestone.clamp(self.last, self.merged);
        self.skew = self.skew.max(seconds(milestone, sound).abs());
        let part = Window {
            from: self.last,
            to: sound,
        };
        self.last = sound;
        part
    }
}

/// One of the four phases before the merge, windowed by the merge.
#[derive(Debug)]
pub(super) struct Phase {
    definition: Definition,
    part: fn(&Phases) -> Option<Window>,
}

const fn definition(
    id: &'static str,
    name: &'static str,
    aliases: &'static [&'static str],
    summary: &'static str,
    example: &'static str,
) -> Definition {
    Definition {
        id: Cow::Borrowed(id),
        name: Cow::Borrowed(name),
        aliases,
        unit: Unit::Seconds,
        unit_label: None,
        better: Better::Lower,
        version: 1,
        summary: Cow::Borrowed(summary),
        example: Some(Cow::Borrowed(example)),
        source: Cow::Borrowed("docs/metrics.md#cycle-time-and-its-phases"),
    }
}

pub(super) static CODING_TIME: Phase = Phase {
    definition: definition(
        "coding_time",
        "Coding time",
        &["coding"],
        "From the first commit to ready for review",
        "First commits at 9:00 and 14:00, ready at 15:00: 6 hours and 1, median 3.5 hours.",
    ),
    part: |phases| phases.coding,
};

pub(super) static PICKUP_TIME: Phase = Phase {
    definition: definition(
        "pickup_time",
        "Pickup time",
        &["pickup"],
        "From ready for review to the first review",
        "Ready at 15:00, reviewed the next day at 9:00: 18 hours. A change that nobody reviewed is left out.",
    ),
    part: |phases| phases.pickup,
};

pub(super) static REVIEW_TIME: Phase = Phase {
    definition: definition(
        "review_time",
        "Review time",
        &["review"],
        "From the first review to the approval that held, or to the merge without one",
        "Reviewed at 9:00, approved at 11:00: 2 hours.",
    ),
    part: |phases| phases.review,
};

pub(super) static MERGE_TIME: Phase = Phase {
    definition: definition(
        "merge_time",
        "Merge time",
        &["merge"],
        "From the approval that held to the merge",
        "Approved at 11:00, merged at 12:00: 1 hour.",
    ),
    part: |phases| phases.merge,
};

impl Metric for Phase {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        merged_within(facts, terms, |sample, _, finding| {
            let excluded = |reason| Outcome::Excluded { reason };
            let Some(cut) = phases(&milestones(sample), None) else {
                return excluded(Reason::UnknownMilestone);
            };
            let Some(part) = (self.part)(&cut) else {
                return excluded(Reason::UnknownMilestone);
            };
            finding.begin = Some(part.from);
            finding.end = Some(part.to);
            if cut.coding == Some(part) {
                finding.note = work_begin(sample).and_then(|(_, note)| note);
            }
            if cut.skew > SKEW_SECONDS {
                return excluded(Reason::NegativeDuration);
            }
            Outcome::Counted {
                value: terms.seconds(part.from, part.to) as f64,
                skew_clamped: cut.skew > 0,
            }
        })
    }

    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::distribution(tally)
    }
}

fn milestones(sample: &PullRequestSample) -> Milestones {
    Milestones {
        first_commit_at: sample.first_commit_at,
        opened_at: sample.opened_at,
        ready_at: sample.ready_at,
        first_review_at: sample.first_review_at,
        approved_at: sample.approved_at,
        merged_at: sample.merged_at,
        ..Milestones::default()
    }
}

/// From the merge to the deployment that first shipped it, windowed by the deployment.
#[derive(Debug)]
pub(super) struct DeployTime;

static DEPLOY_TIME: Definition = definition(
    "deploy_time",
    "Deploy time",
    &["deploy"],
    "From the merge to the deployment that first shipped it",
    "Merged 24 and 40 hours before their deployment: median 32 hours.",
);

impl Metric for DeployTime {
    fn definition(&self) -> &Definition {
        &DEPLOY_TIME
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        shipped_within(facts, terms, |sample, deployed_at, finding| {
            let Some(merged_at) = sample.merged_at else {
                return Outcome::Excluded {
                    reason: Reason::UnknownMilestone,
                };
            };
            finding.begin = Some(merged_at);
            if deployed_at < merged_at {
                // A hotfix that was deployed from its branch: it waited for nothing.
                finding.note = Some(Note::DeployedBeforeMerge);
                return Outcome::Counted {
                    value: 0.0,
                    skew_clamped: seconds(deployed_at, merged_at) <= SKEW_SECONDS,
                };
            }
            elapsed(merged_at, deployed_at, terms)
        })
    }

    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        summary::distribution(tally)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hour: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(hour * 3600, 0)
    }

    /// The hours of coding, undivided, pickup, unreviewed wait, review, merge and deploy.
    fn hours(milestones: &Milestones, deployed: Option<i64>) -> [Option<i64>; 7] {
        let deployed_at = deployed.and_then(hour);
        let cut = phases(milestones, deployed_at).unwrap();
        assert_eq!(cut.skew, 0);
        cut.parts().map(|part| part.map(|part| part.seconds() / 3600))
    }

    #[test]
    fn where_a_milestone_is_missing_its_neighbours_merge() {
        let all = Milestones {
            first_commit_at: hour(0),
            opened_at: hour(1),
            ready_at: hour(3),
            first_review_at: hour(6),
            approved_at: hour(10),
            merged_at: hour(15),
            ..Milestones::default()
        };
        assert_eq!(
            hours(&all, Some(21)),
            [Some(3), None, Some(3), None, Some(4), Some(5), Some(6)]
        );
        assert_eq!(
            hours(&all, None),
            [Some(3), None, Some(3), None, Some(4), Some(5), None]
        );
        let never_draft = Milestones {
            ready_at: None,
            ..all.clone()
        };
        assert_eq!(
            hours(&never_draft, None),
            [Some(1), None, Some(5), None, Some(4), Some(5), None]
        );
        let no_approval = Milestones {
            approved_at: None,
            ..all.clone()
        };
        assert_eq!(
            hours(&no_approval, None),
            [Some(3), None, Some(3), None, Some(9), None, None]
        );
        let no_review = Milestones {
            first_review_at: None,
            ..all.clone()
        };
        assert_eq!(
            hours(&no_review, None),
            [Some(3), None, None, Some(12), None, None, None]
        );
        let reviewed_after_merge = Milestones {
            first_review_at: hour(16),
            ..all.clone()
        };
        assert_eq!(hours(&reviewed_after_merge, None), hours(&no_review, None));
        let no_commits = Milestones {
            first_commit_at: None,
            ..all.clone()
        };
        assert_eq!(
            hours(&no_commits, None),
            [Some(2), None, Some(3), None, Some(4), Some(5), None]
        );
        let ready_after_review = Milestones {
            ready_at: hour(7),
            ..all.clone()
        };
        assert_eq!(hours(&ready_after_review, None), hours(&never_draft, None));
    }

    #[test]
    fn what_git_alone_knows_is_one_undivided_part() {
        let git = Milestones {
            first_commit_at: hour(0),
            merged_at: hour(15),
            ..Milestones::default()
        };
        assert_eq!(
            hours(&git, Some(20)),
            [None, Some(15), None, None, None, None, Some(5)]
        );
        let with_review = Milestones {
            first_review_at: hour(5),
            ..git.clone()
        };
        assert_eq!(
            hours(&with_review, None),
            [None, Some(5), None, None, Some(10), None, None]
        );
        assert_eq!(hours(&git, Some(12))[6], Some(0), "deployed before it was merged");
        assert_eq!(
            phases(
                &Milestones {
                    merged_at: None,
                    ..git.clone()
                },
                None
            ),
            None
        );
        assert_eq!(
            phases(
                &Milestones {
                    first_commit_at: None,
                    ..git.clone()
                },
                None
            ),
            None
        );
    }

    #[test]
    fn milestones_out_of_order_are_moved_and_told() {
        let milestones = Milestones {
            first_commit_at: hour(0),
            opened_at: hour(1),
            first_review_at: hour(5),
            approved_at: hour(4),
            merged_at: hour(6),
            ..Milestones::default()
        };
        let cut = phases(&milestones, None).unwrap();
        assert_eq!(cut.skew, 3600);
        assert_eq!(cut.review.map(|review| review.seconds()), Some(0));
        assert_eq!(cut.whole.seconds(), 6 * 3600);
    }
}
