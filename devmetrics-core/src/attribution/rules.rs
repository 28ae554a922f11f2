use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Subject;
use crate::model::Milestones;

/// How facts are attributed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttributionRules {
    /// The instant at which the author's membership counts.
    pub instant: AttributionInstant,
}

/// The instant at which the membership of a pull request's author counts. Deployments count
/// at their finish and incidents at their start, or now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributionInstant {
    /// When it was opened; if that is not known, when its first commit was made, else when it was merged.
    #[default]
    Opened,
    /// When it was merged; as `opened` while it is not.
    Merged,
    /// Today: the past is shown by the teams of the present.
    Current,
}

impl AttributionInstant {
    /// The instant for a subject, whose milestones are those `told` by its activity, else its own; `None` where no instant
    /// of it is known.
    pub(super) fn of(
        self,
        subject: &Subject,
        told: Option<&Milestones>,
        today: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        if self == Self::Current {
            return Some(today);
        }
        match subject {
            Subject::PullRequest { milestones, .. } => {
                let milestones = told.unwrap_or(milestones);
                let opened = milestones
                    .opened_at
                    .or(milestones.first_commit_at)
                    .or(milestones.merged_at);
                match self {
                    Self::Merged => milestones.merged_at.or(opened),
                    Self::Opened | Self::Current => opened,
                }
            }
            Subject::Deployment { finished_at, .. } => Some(*finished_at),
            Subject::Incident { started_at, .. } => Some(*started_at),
        }
    }
}
