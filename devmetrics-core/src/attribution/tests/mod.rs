//! A roster to ask about. The tests lie beside: of the files that rosters come from, of who gets which share, and laws that
//! every attribution keeps.

mod files;
mod forgotten;
mod join;
mod laws;
mod milestones;
mod observe;
mod shares;

use chrono::{DateTime, Utc};

use super::*;
use crate::Id;
use crate::model::{Actor, Milestones, Roster};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn by_email(email: &str) -> Actor {
    Actor {
        email: Some(email.into()),
        ..Actor::default()
    }
}

fn opened(actor: Actor, instant: &str) -> Subject {
    Subject::PullRequest {
        id: Id::new("pr"),
        actor,
        milestones: Milestones {
            opened_at: Some(at(instant)),
            merged_at: Some(at("2026-06-01T00:00:00Z")),
            ..Milestones::default()
        },
        activity: None,
    }
}

fn attributor(roster: &Roster) -> Attributor {
    Attributor::new(roster, AttributionRules::default(), at("2026-11-22T12:00:00Z"))
}

/// `team weight flags`, flags being `p`rimary and `d`irect.
fn brief(attribution: &Attribution) -> Vec<String> {
    let flag = |on, text| if on { text } else { "-" };
    attribution
        .shares
        .iter()
        .map(|share| {
            format!(
                "{} {} {}{}",
                share.team,
                share.weight,
                flag(share.primary, "p"),
                flag(share.direct, "d")
            )
        })
        .collect()
}

const TEAMS: &str = r#"
[[team]]
id = "engineering"

[[team]]
id = "payments"
name = "Payments"
zone = "Europe/Berlin"
parent = "engineering"

[[team.member]]
email = ["ada@example.com", "Ada@home.example"]
handle = "@Ada"
name = "Ada Lovelace"
until = 2025-07-01

[[team]]
id = "platform"
parents = [{ team = "engineering", from = 2024-01-01, until = 2026-01-01 }]

[[team.member]]
email = "ada@example.com"
from = 2025-01-01
primary = true

[[team.member]]
name = "Grace Hopper"
from = 2024-01-01T09:00:00+01:00

[bots]
accounts = ["robot"]
humans = ["abbot[bot]"]
"#;
