use std::fmt;
use std::str::FromStr;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::metric::Scope;
use crate::model::Window;
use crate::{Error, ErrorKind};

/// What is asked of the metrics: whose, of when, cut how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricQuery {
    /// Ids or aliases of the metrics, in the order wanted; none for all of them.
    pub metrics: Vec<String>,
    /// Whose.
    pub scope: Scope,
    /// Of when.
    pub window: Window,
    /// Cut into what; `None` for the whole window only.
    pub bucket: Option<Bucket>,
    /// The IANA zone that buckets are cut in.
    pub zone: Tz,
    /// How a fact of several teams is shared.
    pub policy: Policy,
    /// Whether commits pushed without a pull request count as changes.
    pub direct_pushes: bool,
}

/// The length of a bucket, by the calendar of a zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// From midnight to midnight: 23, 24 or 25 hours.
    Day,
    /// The ISO week, from Monday.
    #[default]
    Week,
    /// The calendar month.
    Month,
    /// The calendar quarter.
    Quarter,
}

/// How a fact counts whose author is in several teams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// In full for each team.
    #[default]
    Full,
    /// In equal parts that sum to 1.
    Fractional,
    /// For the main team only.
    Primary,
}

macro_rules! names {
    ($type:ty, $what:literal, $($variant:ident = $name:literal),+) => {
        impl $type {
            /// The printed name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                match text.to_lowercase().as_str() {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(Error::new(
                        ErrorKind::InvalidInput,
                        format!(concat!("no ", $what, " `{}`; there are: {}"), text, [$($name),+].join(", ")),
                    )),
                }
            }
        }
    };
}

names!(
    Bucket,
    "bucket",
    Day = "day",
    Week = "week",
    Month = "month",
    Quarter = "quarter"
);
names!(
    Policy,
    "policy",
    Full = "full",
    Fractional = "fractional",
    Primary = "primary"
);
