use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::Id;

/// Who belongs to which team from when to when. Validated: see [`crate::attribution`] for reading one from a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// The teams, in the order of the file.
    pub teams: Vec<Team>,
    /// The memberships, in the order of the file.
    pub memberships: Vec<Membership>,
    /// Who is a bot.
    #[serde(default)]
    pub bots: BotRules,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// The id that people type: `platform`.
    pub id: Id<Team>,
    /// The name that people read: `Platform`.
    pub name: String,
    /// The zone that its weeks are cut in; `None` takes the query's.
    pub zone: Option<Tz>,
    /// The teams that it is part of, each for a time.
    pub parents: Vec<Parent>,
}

/// A team's place below another for a time: `[valid_from, valid_to)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The team above.
    pub team: Id<Team>,
    /// The first instant; `None` since ever.
    pub valid_from: Option<DateTime<Utc>>,
    /// The first instant after it; `None` still.
    pub valid_to: Option<DateTime<Utc>>,
}

/// A person's place in a team for a time: `[valid_from, valid_to)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The team.
    pub team: Id<Team>,
    /// The member.
    pub person: Person,
    /// The first instant; `None` since ever.
    pub valid_from: Option<DateTime<Utc>>,
    /// The first instant after it; `None` still.
    pub valid_to: Option<DateTime<Utc>>,
    /// Whether this is the member's main team, for the policy `primary`.
    pub primary: bool,
}

/// Everything by which a person is recognised; compared without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// E-mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// Account names at the host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handles: Vec<String>,
    /// Full names, used only when neither e-mail nor handle decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// Which accounts are bots where the usual signs (type Bot or App, a `[bot]` suffix, a well-known name) are wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BotRules {
    /// Handles, e-mails or names that are bots.
    pub accounts: Vec<String>,
    /// Handles, e-mails or names that are people although they look like bots. Wins over everything else.
    pub humans: Vec<String>,
}
