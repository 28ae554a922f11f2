use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::read;
use crate::model::{Fact, ObservedTeam, TeamSnapshot};
use crate::{Id, Result};

/// The teams of an organization at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TeamsRecord {
    pub(crate) taken_at: DateTime<Utc>,
    /// Whether these are all teams.
    pub(crate) complete: bool,
    pub(crate) teams: Vec<TeamRecord>,
}

/// A team at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct TeamRecord {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) parent: Option<String>,
    /// Account names, sorted; `None` where they could not be read whole.
    pub(crate) members: Option<Vec<String>>,
}

pub(super) fn normalize(payload: &Value) -> Result<Vec<Fact>> {
    let record: TeamsRecord = read(payload)?;
    let team = |team: TeamRecord| ObservedTeam {
        id: Id::new(team.slug),
        name: team.name,
        parent: team.parent.map(Id::new),
        members: team.members,
    };
    Ok(vec![Fact::Teams(TeamSnapshot {
        taken_at: record.taken_at,
        teams: record.teams.into_iter().map(team).collect(),
        complete: record.complete,
    })])
}
