use serde::{Deserialize, Serialize};

use crate::metric::Unit;
use crate::model::Window;

/// What kind of number a metric's value is, which decides how it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// The median of what each sample has of its own, such as a time.
    Distribution,
    /// How often something happened, or how often in a time.
    Count,
    /// The part of some that something is true of, from 0 to 1.
    Share,
    /// How much there is of something: how many at once, as a mean over time, or a sum of amounts.
    Level,
}

impl Measure {
    /// That of values in this unit.
    pub fn of(unit: Unit) -> Self {
        match unit {
            Unit::Seconds | Unit::Rounds | Unit::Lines | Unit::CommentsPer100Lines => Self::Distribution,
            Unit::PullRequests | Unit::DeploymentsPerDay | Unit::Count | Unit::PerDay => Self::Count,
            Unit::Ratio => Self::Share,
            Unit::OpenPullRequests | Unit::Sum => Self::Level,
        }
    }
}

/// How many things were done in a window in which the count of this unit was found: a rate a day is one of its days.
pub(super) fn done_in(unit: Unit, value: f64, window: &Window) -> f64 {
    match unit {
        Unit::DeploymentsPerDay | Unit::PerDay => value * window.seconds() as f64 / 86_400.0,
        _ => value,
    }
}
