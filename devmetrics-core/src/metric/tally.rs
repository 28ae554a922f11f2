//! What findings come to, for as long as their value is summed up.

use std::collections::BTreeMap;

use super::{Censored, Finding, Note, Outcome, Reason};
use crate::model::DeploymentMatch;

/// Findings by what of them makes a value: some bytes each, and nothing of their samples. A report over years holds these, and
/// the samples of a page at a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub(super) values: Vec<f64>,
    pub(super) open: Vec<f64>,
    pub(super) hits: f64,
    pub(super) whole: f64,
    pub(super) excluded: BTreeMap<Reason, u64>,
    pub(super) censored: Censored,
    pub(super) skew_clamped: u64,
    pub(super) estimated: u64,
}

impl Tally {
    /// The findings' own.
    pub fn of<'f, 'a: 'f>(findings: impl IntoIterator<Item = &'f Finding<'a>>) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            tally.add(finding);
        }
        tally
    }

    /// Takes one more finding in.
    pub fn add(&mut self, finding: &Finding<'_>) {
        match finding.outcome {
            Outcome::Counted { value, skew_clamped } => {
                self.values.push(value);
                self.hits += value * finding.weight;
                self.whole += finding.weight;
                self.skew_clamped += u64::from(skew_clamped);
                self.estimated += u64::from(
                    finding.note == Some(Note::FirstCommitEstimated)
                        || finding.matched == Some(DeploymentMatch::Time),
                );
            }
            Outcome::Excluded { reason } => *self.excluded.entry(reason).or_default() += 1,
            Outcome::Pending { age_seconds } => {
                let Censored {
                    pending,
                    oldest_pending_seconds,
                    ..
                } = &mut self.censored;
                *pending += 1;
                *oldest_pending_seconds = (*oldest_pending_seconds).max(age_seconds);
            }
            Outcome::CensoredLeft => self.censored.censored_left += 1,
            Outcome::Open { age_seconds } => {
                let Censored {
                    open,
                    oldest_open_seconds,
                    ..
                } = &mut self.censored;
                *open += 1;
                *oldest_open_seconds = (*oldest_open_seconds).max(age_seconds);
                self.open.extend(age_seconds.map(|age| age as f64));
            }
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        let Censored {
            pending,
            open,
            censored_left,
            ..
        } = self.censored;
        self.values.is_empty() && self.excluded.is_empty() && pending + open + censored_left == 0
    }

    /// The values that count.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How long what is open has lasted, in seconds, where that is known.
    pub fn open(&self) -> &[f64] {
        &self.open
    }
}
