use std::fmt;

use serde::{Deserialize, Serialize};

/// Kinds of what can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// What comes later has an earlier time: the clocks of two machines differ.
    SkewedClock,
    /// A pull request of which the commits, or the reviews, are not known.
    MissingCommits,
    /// A human in no team.
    UnmappedAuthor,
    /// A merge that no deployment shipped for a month.
    UnmatchedMerge,
    /// A deployment of which it is not known what it contains.
    DeploymentWithoutCommit,
    /// A repository that was not read for a week, or in which open work is forgotten.
    StaleRepository,
    /// Somebody who counts as a human and looks like a bot.
    SuspiciousBot,
}

/// What a finding does to metrics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The metrics' ids.
    pub metrics: Vec<String>,
    /// How they suffer.
    pub how: String,
}

impl FindingKind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::SkewedClock,
        Self::MissingCommits,
        Self::UnmappedAuthor,
        Self::UnmatchedMerge,
        Self::DeploymentWithoutCommit,
        Self::StaleRepository,
        Self::SuspiciousBot,
    ];

    /// The printed name; serde writes the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SkewedClock => "skewed_clock",
            Self::MissingCommits => "missing_commits",
            Self::UnmappedAuthor => "unmapped_author",
            Self::UnmatchedMerge => "unmatched_merge",
            Self::DeploymentWithoutCommit => "deployment_without_commit",
            Self::StaleRepository => "stale_repository",
            Self::SuspiciousBot => "suspicious_bot",
        }
    }

    /// What to do.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::SkewedClock => {
                "set the clocks of the machines that commit, deploy or report by a time server"
            }
            Self::MissingCommits => {
                "read them again with `devmetrics resync`; what stays has no commits at the source any more"
            }
            Self::UnmappedAuthor => {
                "add them to the roster, with their other addresses: `devmetrics teams check` lists all of them"
            }
            Self::UnmatchedMerge => {
                "see whether deployments of the repository stopped being reported, and import those that are missing"
            }
            Self::DeploymentWithoutCommit => {
                "have the pipeline report the commit that it deploys, one that is on the base branch"
            }
            Self::StaleRepository => {
                "run `devmetrics sync` and see `devmetrics status`; close what nobody will merge, or archive the repository"
            }
            Self::SuspiciousBot => {
                "list it in the roster under `bots.accounts`, or under `bots.humans` if it is none"
            }
        }
    }

    /// Which metrics suffer, and how.
    pub fn affects(self) -> Vec<Effect> {
        let effects: &[(&[&str], &str)] = match self {
            Self::SkewedClock => &[(
                &[
                    "cycle_time",
                    "coding_time",
                    "pickup_time",
                    "review_time",
                    "merge_time",
                    "change_lead_time",
                    "time_to_restore",
                ],
                "up to 60 s count as 0 (`skew_clamped`), more is left out (`negative_duration`)",
            )],
            Self::MissingCommits => &[
                (
                    &["cycle_time", "coding_time", "change_lead_time"],
                    "without commits they begin with the opening, and are too short",
                ),
                (
                    &[
                        "review_coverage",
                        "approved_before_merge",
                        "review_rounds",
                        "time_to_first_review",
                    ],
                    "without reviews the change is left out (`unknown_milestone`)",
                ),
            ],
            Self::UnmappedAuthor => &[(
                &["velocity", "cycle_time", "change_lead_time"],
                "their changes count for `unassigned`, and are missing from their team",
            )],
            Self::UnmatchedMerge => &[(
                &["change_lead_time", "deploy_time"],
                "the changes stay `pending`, so that the times are of the others alone and too short",
            )],
            Self::DeploymentWithoutCommit => &[
                (
                    &["change_lead_time", "deploy_time"],
                    "it ships nothing: its changes are matched to a later deployment, or stay `pending`",
                ),
                (
                    &[
                        "change_fail_rate",
                        "failed_deployment_recovery_time",
                        "deployment_rework_rate",
                    ],
                    "no revert and no rollback can be charged to it",
                ),
            ],
            Self::StaleRepository => &[
                (
                    &["velocity", "deployment_frequency", "change_lead_time"],
                    "what happened since the last run is missing, and everything is provisional",
                ),
                (
                    &["work_in_progress", "age_of_open_work"],
                    "forgotten pull requests make them grow day by day",
                ),
            ],
            Self::SuspiciousBot => &[(
                &[
                    "velocity",
                    "cycle_time",
                    "change_lead_time",
                    "pickup_time",
                    "review_coverage",
                ],
                "its changes and reviews count as a human's",
            )],
        };
        effects
            .iter()
            .map(|(metrics, how)| Effect {
                metrics: metrics.iter().map(|id| (*id).to_owned()).collect(),
                how: (*how).to_owned(),
            })
            .collect()
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
