use super::*;

/// An instant of a collector's schedule, with what was to be read at it and how that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The instant: what the schedule says, not when the run began.
    pub at: DateTime<Utc>,
    /// Who planned it.
    pub run: String,
    /// When it was planned.
    pub planned_at: DateTime<Utc>,
    /// What was to be read; a group's number is its place.
    pub groups: Vec<SlotGroup>,
}

/// Scopes that one worker reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotGroup {
    /// Which ([`Feed::scope`]).
    pub scopes: Vec<String>,
    /// How often a worker handed it on.
    pub attempt: u32,
    /// How it ended; `None`: not yet.
    pub end: Option<GroupEnd>,
}

/// How a group of a slot ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupEnd {
    /// When.
    pub at: DateTime<Utc>,
    /// How.
    pub outcome: GroupOutcome,
}

/// How a group of a slot may end. What it left is the next slot's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GroupOutcome {
    /// Everything was read.
    Complete,
    /// Some feed could not be read to its end.
    Degraded,
    /// The time was up.
    Deadline,
    /// A source's limit was used up.
    RateLimited,
    /// A newer slot was planned meanwhile, and reads what was left.
    Superseded,
}

impl GroupOutcome {
    /// The outcome's stable name in `snake_case`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Degraded => "degraded",
            Self::Deadline => "deadline",
            Self::RateLimited => "rate_limited",
            Self::Superseded => "superseded",
        }
    }
}
