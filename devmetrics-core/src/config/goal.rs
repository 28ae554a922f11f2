use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use super::{Config, Day};
use crate::insight::{Goal, Measure, Statistic};
use crate::metric::{Catalog, ClockKind, Scope, Unit};
use crate::{Error, ErrorKind, Id, Result};

/// Over how many days a goal is measured where it does not say.
const USUAL_DAYS: u32 = 90;

const SECONDS_A_DAY: u64 = 86_400;

/// `[[goal]]`: what some metric should be by some day.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalConfig {
    /// The id of the team whose goal it is.
    pub team: Option<String>,
    /// The name or id of the repository whose goal it is; with neither it is everybody's.
    pub repository: Option<String>,
    /// The metric's id or alias.
    pub metric: String,
    /// Which figure of it.
    #[serde(default)]
    pub statistic: Statistic,
    /// What it should be.
    pub target: Target,
    /// The last day on which it should be reached.
    pub by: Day,
    /// What durations are measured by.
    #[serde(default)]
    pub clock: ClockKind,
    /// Over which time up to now it is measured: `90d`.
    pub window: Option<String>,
}

/// A target as it is written: `20`, `"2d"`, `"10%"`.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A number.
    Number(f64),
    /// A duration or a percentage.
    Text(String),
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl Visitor<'_> for Written {
            type Value = Target;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a duration such as \"36h\" or a percentage such as \"10%\"")
            }

            fn visit_f64<E>(self, number: f64) -> Result<Target, E> {
                Ok(Target::Number(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Target, E> {
                Ok(Target::Number(number as f64))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Target, E> {
                Ok(Target::Number(number as f64))
            }

            fn visit_str<E>(self, text: &str) -> Result<Target, E> {
                Ok(Target::Text(text.to_owned()))
            }
        }

        deserializer.deserialize_any(Written)
    }
}

impl Config {
    /// The goals, checked.
    ///
    /// # Errors
    /// `InvalidInput` and `NotFound` that name the goal and its field.
    pub fn goals(&self) -> Result<Vec<Goal>> {
        let catalog = self.catalog()?;
        let goals = self.goals.iter().enumerate();
        goals
            .map(|(index, goal)| {
                goal.read(self, &catalog)
                    .map_err(|error| error.with("goal", index + 1))
            })
            .collect()
    }
}

impl GoalConfig {
    fn read(&self, config: &Config, catalog: &Catalog) -> Result<Goal> {
        let scope = match (&self.team, &self.repository) {
            (Some(_), Some(_)) => {
                let message = "a goal is of a `team` or of a `repository`: take one of the two away";
                return Err(Error::new(ErrorKind::InvalidInput, message));
            }
            (Some(team), None) => Scope::Team(Id::new(team)),
            (None, Some(repository)) => Scope::Repository(Id::new(repository)),
            (None, None) => Scope::All,
        };
        let definition = catalog
            .find(&self.metric)
            .map_err(|error| error.with("field", "metric"))?
            .definition();
        if self.statistic != Statistic::Value && Measure::of(definition.unit) != Measure::Distribution {
            let message = format!(
                "`statistic` is `{}`, and {} is no duration: leave it out",
                self.statistic, definition.id
            );
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(Goal {
            scope,
            metric: definition.id.to_string(),
            statistic: self.statistic,
            target: self.target.read(&definition.id, definition.unit)?,
            by: self.by.0,
            days: self.days()?,
            zone: config.zone,
            policy: config.policy,
            clock: self.clock,
        })
    }

    fn days(&self) -> Result<u32> {
        let Some(text) = &self.window else {
            return Ok(USUAL_DAYS);
        };
        let seconds = humantime::parse_duration(text).map_or(0, |span| span.as_secs());
        let whole = seconds.is_multiple_of(SECONDS_A_DAY) && (1..=3_650).contains(&(seconds / SECONDS_A_DAY));
        u32::try_from(seconds / SECONDS_A_DAY).ok().filter(|_| whole).ok_or_else(|| {
            let message = format!("`window` is `{text}`: write some days or weeks, at most ten years, such as `90d` or `13w`");
            Error::new(ErrorKind::InvalidInput, message)
        })
    }
}

impl Target {
    /// The target in the metric's unit.
    fn read(&self, metric: &str, unit: Unit) -> Result<f64> {
        let (read, write) = match Measure::of(unit) {
            _ if unit == Unit::Seconds => (
                self.seconds(),
                "a duration with its unit, such as \"2d\" or \"36h\"",
            ),
            Measure::Share => (
                self.share(),
                "a part from 0 to 1, or a percentage such as \"10%\"",
            ),
            Measure::Count | Measure::Distribution | Measure::Level => (self.number(), "a number"),
        };
        read.ok_or_else(|| {
            let message = format!("`target` of {metric} must be {write}, and not {self}");
            Error::new(ErrorKind::InvalidInput, message)
        })
    }

    fn seconds(&self) -> Option<f64> {
        match self {
            Self::Text(text) => humantime::parse_duration(text)
                .ok()
                .map(|span| span.as_secs() as f64),
            Self::Number(_) => None,
        }
    }

    fn share(&self) -> Option<f64> {
        let part = match self {
            Self::Text(text) => text.strip_suffix('%')?.trim().parse::<f64>().ok()? / 100.0,
            Self::Number(part) => *part,
        };
        (0.0..=1.0).contains(&part).then_some(part)
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) if *number >= 0.0 && number.is_finite() => Some(*number),
            _ => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(fields: &str) -> Result<Goal> {
        let text = format!("[[goal]]\nby = 2026-12-31\n{fields}");
        let goals = Config::from_toml("devmetrics.toml", &text).and_then(|config| config.goals());
        goals.map(|mut goals| goals.remove(0))
    }

    #[test]
    fn a_goal_is_read_in_the_unit_of_its_metric() {
        let lead = goal("team = 'platform'\nmetric = 'lead-time'\nstatistic = 'p75'\ntarget = '2d'").unwrap();
        assert_eq!(lead.scope, Scope::Team(Id::new("platform")));
        assert_eq!(
            (lead.metric.as_str(), lead.statistic, lead.target),
            ("change_lead_time", Statistic::P75, 172_800.0)
        );
        assert_eq!((lead.by, lead.days), ("2026-12-31".parse().unwrap(), 90));
        let velocity = goal("metric = 'velocity'\ntarget = 20\nwindow = '26w'").unwrap();
        assert_eq!(
            (velocity.scope, velocity.target, velocity.days),
            (Scope::All, 20.0, 182)
        );
        let quoted = "[[goal]]\nby = '2026-12-31'\nmetric = 'deploys'\ntarget = 0.5\nrepository = 'app'";
        let config = Config::from_toml("devmetrics.toml", quoted).unwrap();
        assert_eq!(
            config.goals().unwrap()[0].scope,
            Scope::Repository(Id::new("app"))
        );
    }

    #[test]
    fn a_share_is_a_part_or_a_percentage() {
        let text = |text: &str| Target::Text(text.to_owned()).share();
        assert_eq!(
            (text("10%"), text("0.5 %"), Target::Number(0.1).share()),
            (Some(0.1), Some(0.005), Some(0.1))
        );
        assert_eq!(
            (text("101%"), text("10"), text("%"), Target::Number(1.5).share()),
            (None, None, None, None)
        );
    }

    #[test]
    fn a_mistake_names_its_goal_and_its_field() {
        for (fields, words) in [
            (
                "metric = 'lead_tme'\ntarget = '2d'",
                &["did you mean `lead_time`?", "field: metric", "goal: 1"][..],
            ),
            (
                "metric = 'lead_time'\ntarget = 2",
                &["`target`", "\"2d\"", "not 2"],
            ),
            ("metric = 'lead_time'\ntarget = 'soon'", &["`target`", "\"soon\""]),
            (
                "metric = 'velocity'\ntarget = '2d'",
                &["`target` of velocity must be a number"],
            ),
            ("metric = 'velocity'\ntarget = -1", &["`target`", "-1"]),
            ("metric = 'velocity'\ntarget = nan", &["`target`"]),
            (
                "metric = 'velocity'\ntarget = true",
                &["target", "must be a number"],
            ),
            (
                "metric = 'velocity'\ntarget = 1\nstatistic = 'p75'",
                &["`statistic`", "velocity is no duration"],
            ),
            (
                "metric = 'lead_time'\ntarget = '2d'\nstatistic = 'p57'",
                &["p57", "p75"],
            ),
            (
                "metric = 'velocity'\ntarget = 1\nteam = 'a'\nrepository = 'b'",
                &["`team`", "`repository`"],
            ),
            (
                "metric = 'velocity'\ntarget = 1\nwindow = '36h'",
                &["`window`", "90d"],
            ),
            ("metric = 'velocity'\ntarget = 1\nwindow = '11y'", &["`window`"]),
            ("metric = 'velocity'\ntraget = 1", &["did you mean `target`?"]),
            ("metric = 'velocity'", &["target"]),
            ("target = 1", &["metric"]),
        ] {
            let error = goal(fields).unwrap_err();
            for word in words {
                assert!(error.to_string().contains(word), "`{word}` is not in: {error}");
            }
        }
        let day =
            Config::from_toml("x", "[[goal]]\nmetric = 'velocity'\ntarget = 1\nby = 'soon'").unwrap_err();
        assert!(
            day.to_string().contains("by") && day.to_string().contains("2026-12-31"),
            "{day}"
        );
    }
}
