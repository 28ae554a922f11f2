//! How a custom metric judges samples.
//!
//! What its filters leave out is none of its samples, as if it were of another window: it is no evidence, and is not among
//! the excluded. These are what it is about and cannot count, or leaves out as every metric does (bots, other branches).

use chrono::{DateTime, Utc};

use super::CustomMetric;
use super::filter::{Beside, Filter, is_redeploy, is_rollback};
use super::milestone::{milestone, place};
use super::spec::{Amount, Measure, Milestone, Presence, Source, State};
use crate::metric::finding::{SKEW_SECONDS, elapsed, passed_over, seconds};
use crate::metric::{
    DeploymentSample, Facts, Finding, IncidentSample, Note, Outcome, Policy, PullRequestSample, Reason, Terms,
};
use crate::model::{DeploymentMatch, DeploymentStatus};

fn counted(value: f64) -> Outcome {
    Outcome::Counted {
        value,
        skew_clamped: false,
    }
}

fn excluded(reason: Reason) -> Outcome {
    Outcome::Excluded { reason }
}

/// How long something has lasted that began at `at` and is not over.
fn age(at: DateTime<Utc>, terms: &Terms<'_>) -> Option<i64> {
    terms.collected_to.map(|to| seconds(at, to).max(0))
}

fn not_of_this_team(primary: bool, terms: &Terms<'_>) -> Option<Reason> {
    (terms.policy == Policy::Primary && !primary).then_some(Reason::OtherPrimaryTeam)
}

impl CustomMetric {
    pub(super) fn pull_requests<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        let beside = Beside::of(facts);
        let mut findings = Vec::new();
        for (index, sample) in facts.pull_requests.iter().enumerate() {
            let Some(at) = self.place(sample, terms) else {
                continue;
            };
            let selected = self.filter.pull_request(sample, &beside);
            if selected == Some(false) {
                continue;
            }
            let mut finding = Finding::new(sample.id.as_str(), index, at, excluded(Reason::UnknownMilestone));
            let to_deployment = self.spec.to == Some(Milestone::Deployed);
            finding.matched = sample.matched.filter(|_| to_deployment);
            if let Some(reason) = self.left_out(sample, terms) {
                finding.outcome = excluded(reason);
            } else if selected.is_some() {
                finding.outcome = self.judge(sample, &beside, terms, &mut finding);
            }
            findings.push(finding);
        }
        findings
    }

    /// Where a pull request is placed. A merged one that waits for its deployment is placed by its merge, where deployment is
    /// what its time ends with.
    fn place(&self, sample: &PullRequestSample, terms: &Terms<'_>) -> Option<DateTime<Utc>> {
        let waits = self.at == Milestone::Deployed
            && self.spec.measure == Measure::Duration
            && sample.deployed_at.is_none();
        let at = if waits { Milestone::Merged } else { self.at };
        place(sample, at, &terms.window)
    }

    /// Why a pull request that the filters take does not count.
    fn left_out(&self, sample: &PullRequestSample, terms: &Terms<'_>) -> Option<Reason> {
        let filter = self.filter.spec();
        if sample.bot && filter.bots.is_none_or(|bots| bots == Presence::Exclude) {
            return Some(Reason::Bot);
        }
        // Branches that the filter names stand in for those whose merges usually count; and what has not landed may yet.
        let landed = sample.merged_at.is_some() || sample.deployed_at.is_some();
        if landed && filter.base_branch.is_none() && !sample.on_base_branch {
            return Some(Reason::OtherBranch);
        }
        let unknown = match (self.spec.source, sample.review_rounds) {
            (Source::Reviews, None) => Some(Reason::UnknownMilestone),
            (Source::Reviews, Some(0)) => Some(Reason::Unreviewed),
            _ => None,
        };
        passed_over(sample, terms).or(unknown)
    }

    fn judge(
        &self,
        sample: &PullRequestSample,
        beside: &Beside<'_>,
        terms: &Terms<'_>,
        finding: &mut Finding<'_>,
    ) -> Outcome {
        let weight = terms.weight(sample.weight);
        match self.spec.measure {
            Measure::Count => {
                finding.end = Some(finding.at);
                counted(weight)
            }
            Measure::Rate => {
                finding.end = Some(finding.at);
                finding.weight = weight;
                self.part(sample, beside, terms, finding.at)
            }
            Measure::Duration => self.span(sample, terms, finding),
            Measure::Sum => {
                finding.end = Some(finding.at);
                let amount = self.spec.of.and_then(|of| amount(sample, of));
                match amount {
                    Some(amount) => counted(amount as f64 * weight),
                    None => excluded(Reason::UnknownMilestone),
                }
            }
        }
    }

    /// Whether a pull request is of the numerator. How it ends is not decided while it is open.
    fn part(
        &self,
        sample: &PullRequestSample,
        beside: &Beside<'_>,
        terms: &Terms<'_>,
        at: DateTime<Utc>,
    ) -> Outcome {
        let Some(numerator) = &self.numerator else {
            return excluded(Reason::UnknownMilestone);
        };
        if asks_for_the_end(numerator) && is_open(sample) {
            return Outcome::Open {
                age_seconds: age(at, terms),
            };
        }
        match numerator.pull_request(sample, beside) {
            Some(whether) => counted(f64::from(u8::from(whether))),
            None => excluded(Reason::UnknownMilestone),
        }
    }

    /// The time between two milestones of a pull request.
    fn span(&self, sample: &PullRequestSample, terms: &Terms<'_>, finding: &mut Finding<'_>) -> Outcome {
        let (Some(from), Some(to)) = (self.spec.from, self.spec.to) else {
            return excluded(Reason::UnknownMilestone);
        };
        let begin = milestone(sample, from);
        finding.begin = begin.map(|(begin, _)| begin);
        finding.note = begin.and_then(|(_, note)| note);
        let Some((end, _)) = milestone(sample, to) else {
            return not_reached(sample, to, finding, terms);
        };
        finding.end = Some(end);
        let Some((begin, _)) = begin else {
            return excluded(Reason::UnknownMilestone);
        };
        if (from, to) == (Milestone::Merged, Milestone::Deployed) && end < begin {
            // A hotfix that was deployed from its branch: it waited for nothing.
            finding.note = Some(Note::DeployedBeforeMerge);
            return Outcome::Counted {
                value: 0.0,
                skew_clamped: seconds(end, begin) <= SKEW_SECONDS,
            };
        }
        elapsed(begin, end, terms)
    }

    pub(super) fn deployments<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        let beside = Beside::of(facts);
        let mut findings = Vec::new();
        for (index, sample) in facts.deployments.iter().enumerate() {
            let at = sample.finished_at;
            if !terms.window.contains(at) || !self.filter.deployment(sample, &beside) {
                continue;
            }
            let weight = terms.weight(sample.weight);
            let mut because = self.filter.failure(sample, &beside);
            let outcome = match (exclusion(&self.filter, sample, terms), &self.numerator) {
                (Some(reason), _) => excluded(reason),
                (None, None) => counted(weight),
                (None, Some(numerator)) => {
                    because = because.or(numerator.failure(sample, &beside));
                    counted(f64::from(u8::from(numerator.deployment(sample, &beside))))
                }
            };
            findings.push(Finding {
                end: Some(at),
                weight,
                because,
                ..Finding::new(sample.id.as_str(), index, at, outcome)
            });
        }
        findings
    }

    pub(super) fn incidents<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        let beside = Beside::of(facts);
        let mut findings = Vec::new();
        for (index, sample) in facts.incidents.iter().enumerate() {
            let Some(at) = self.place_incident(sample) else {
                continue;
            };
            if !terms.window.contains(at) || !self.filter.incident(sample, &beside) {
                continue;
            }
            let weight = terms.weight(sample.weight);
            let outcome = if let Some(reason) = exclusion_of_incident(&self.filter, sample, terms) {
                excluded(reason)
            } else if self.spec.measure == Measure::Duration {
                match sample.resolved_at {
                    Some(end) => elapsed(sample.started_at, end, terms),
                    None => Outcome::Open {
                        age_seconds: age(sample.started_at, terms),
                    },
                }
            } else {
                match &self.numerator {
                    None => counted(weight),
                    Some(numerator) if asks_for_the_end(numerator) && sample.resolved_at.is_none() => {
                        Outcome::Open {
                            age_seconds: age(sample.started_at, terms),
                        }
                    }
                    Some(numerator) => counted(f64::from(u8::from(numerator.incident(sample, &beside)))),
                }
            };
            findings.push(Finding {
                begin: Some(sample.started_at),
                end: sample.resolved_at,
                weight,
                ..Finding::new(sample.id.as_str(), index, at, outcome)
            });
        }
        findings
    }

    /// What is not over is placed by its begin, where its end is what it lasts to.
    fn place_incident(&self, sample: &IncidentSample) -> Option<DateTime<Utc>> {
        match (self.at, self.spec.measure) {
            (Milestone::Resolved, Measure::Duration) => Some(sample.resolved_at.unwrap_or(sample.started_at)),
            (Milestone::Resolved, _) => sample.resolved_at,
            _ => Some(sample.started_at),
        }
    }
}

/// Whether a filter cannot be held against something as long as it is open.
fn asks_for_the_end(filter: &Filter) -> bool {
    let states = filter.spec().state.as_ref();
    states.is_some_and(|states| !states.contains(&State::Open))
}

fn is_open(sample: &PullRequestSample) -> bool {
    sample.merged_at.is_none() && sample.closed_at.is_none()
}

/// The outcome of a time whose end is not known: it may be to come.
fn not_reached(
    sample: &PullRequestSample,
    to: Milestone,
    finding: &Finding<'_>,
    terms: &Terms<'_>,
) -> Outcome {
    if to != Milestone::Deployed || sample.merged_at.is_none() {
        return match is_open(sample) {
            true => Outcome::Open {
                age_seconds: age(finding.begin.unwrap_or(finding.at), terms),
            },
            false => excluded(Reason::UnknownMilestone),
        };
    }
    match sample.matched {
        Some(DeploymentMatch::Baseline) => Outcome::CensoredLeft,
        Some(DeploymentMatch::Untracked) => excluded(Reason::NoDeployments),
        _ => Outcome::Pending {
            age_seconds: age(sample.merged_at.unwrap_or(finding.at), terms),
        },
    }
}

fn amount(sample: &PullRequestSample, of: Amount) -> Option<i64> {
    match of {
        Amount::Additions => sample.additions,
        Amount::Deletions => sample.deletions,
        Amount::Lines => Some(sample.additions? + sample.deletions?),
        Amount::Comments => sample.comments,
        Amount::ReviewRounds => sample.review_rounds,
    }
}

/// Why a deployment that the filters take does not count: as of every metric, unless the filter says something of it.
fn exclusion(filter: &Filter, sample: &DeploymentSample, terms: &Terms<'_>) -> Option<Reason> {
    let spec = filter.spec();
    let left_out = |presence: Option<Presence>| presence.is_none_or(|one| one == Presence::Exclude);
    if spec.environment.is_none() && sample.environment != terms.environment {
        Some(Reason::OtherEnvironment)
    } else if spec.status.is_none() && sample.status != DeploymentStatus::Success {
        Some(Reason::NotSuccessful)
    } else if left_out(spec.redeploys) && is_redeploy(sample) {
        Some(Reason::Redeploy)
    } else if left_out(spec.rollbacks) && is_rollback(sample) {
        Some(Reason::Rollback)
    } else if spec.bots == Some(Presence::Exclude) && sample.bot {
        Some(Reason::Bot)
    } else {
        not_of_this_team(sample.primary, terms)
    }
}

fn exclusion_of_incident(filter: &Filter, sample: &IncidentSample, terms: &Terms<'_>) -> Option<Reason> {
    if filter.spec().bots == Some(Presence::Exclude) && sample.bot {
        return Some(Reason::Bot);
    }
    not_of_this_team(sample.primary, terms)
}
