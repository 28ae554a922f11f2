use super::*;

/// The right to write what a scope of a source has, for a time. Its fence is higher than that of every lease of the scope
/// before it, so that a writer who lost it is recognised however late it comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The kind of source: `git`, `github`.
    pub source: String,
    /// What it is about.
    pub scope: String,
    /// The number of this lease.
    pub fence: i64,
    /// Until when it holds; a commit under it extends it to here.
    pub until: DateTime<Utc>,
}

/// Dated memberships as they follow from what a source showed of a scope over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedRoster {
    /// The kind of source.
    pub source: String,
    /// What was observed: an organization.
    pub scope: String,
    /// The teams and their memberships.
    pub roster: Roster,
}
