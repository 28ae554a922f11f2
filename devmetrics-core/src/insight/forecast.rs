//! When so much is done, and how much is done by then, if the coming weeks are like those behind.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::measure::done_in;
use super::{LeftOut, Measure, Series, Subject, UnknownBecause};
use crate::metric::{Answer, Bucket};
use crate::{Error, ErrorKind, Result};

/// With fewer weeks nothing is said.
const LEAST_WEEKS: usize = 12;

const DRAWS: usize = 10_000;

/// Ten years: nobody plans further, and what takes longer is told as unknown.
const MOST_WEEKS: u32 = 520;

/// The confidences that are told, in percent.
const CONFIDENCES: [u8; 3] = [50, 85, 95];

const WEEK: i64 = 7 * 86_400;

/// Sums of parts (shared changes) miss a whole number by no more than this.
const ROUNDING: f64 = 1e-6;

/// What is asked of the future.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Outlook {
    /// By when so many are done.
    Items {
        /// How many.
        items: u32,
    },
    /// How many are done by then.
    By {
        /// The first instant that no longer counts.
        by: DateTime<Utc>,
    },
}

/// What is likely, drawn from the weeks behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Of what.
    #[serde(flatten)]
    pub subject: Subject,
    /// What was asked.
    #[serde(flatten)]
    pub outlook: Outlook,
    /// From when on it is counted: now.
    pub from: DateTime<Utc>,
    /// How many complete weeks were drawn from.
    pub weeks: u64,
    /// How many buckets were left out, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
    /// How often the future was drawn.
    pub draws: u64,
    /// What is reached with 50, 85 and 95 %; `None` of fewer than 12 complete weeks, and where nothing was done in any.
    pub likely: Option<[Likely; 3]>,
    /// Why nothing is said; `None` where something is.
    pub unknown_because: Option<UnknownBecause>,
}

/// What is reached with some confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Likely {
    /// The confidence, in percent.
    pub confidence: u8,
    /// The instant by which all are done: so many whole weeks from now. `None` where it was not asked for, or is more than
    /// ten years away.
    pub at: Option<DateTime<Utc>>,
    /// How many are done at least; `None` where it was not asked for.
    pub items: Option<f64>,
}

/// Draws futures from the complete weeks of an answer: each coming week is one of those behind, whichever. The same answer,
/// question and seed give the same forecast.
///
/// # Errors
/// `InvalidInput` where the answer is not cut into weeks or is of nothing that is done in some number, and where the
/// question is of nothing, of the past or of more than ten years.
pub fn forecast(answer: &Answer, outlook: Outlook, now: DateTime<Utc>, seed: u64) -> Result<Forecast> {
    let series = Series::of(answer)?;
    if series.bucket != Bucket::Week || series.measure() != Measure::Count {
        let message = format!(
            "{} by {} is no number of things done a week: ask for `velocity` by `week`",
            answer.metric, series.bucket
        );
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    check(outlook, now)?;
    let history: Vec<f64> = series
        .points
        .iter()
        .map(|point| done_in(answer.unit, point.value, &point.window))
        .collect();
    let unknown_because = if history.len() < LEAST_WEEKS {
        Some(UnknownBecause::TooFewBuckets)
    } else {
        let nothing_done = history.iter().all(|done| *done <= 0.0);
        nothing_done.then_some(UnknownBecause::NothingDone)
    };
    let mut future = Future {
        history: &history,
        random: fastrand::Rng::with_seed(seed),
    };
    let likely = unknown_because.is_none().then(|| match outlook {
        Outlook::Items { items } => future.instants(f64::from(items), now),
        Outlook::By { by } => future.items((by - now).num_seconds()),
    });
    Ok(Forecast {
        subject: series.subject,
        outlook,
        from: now,
        weeks: history.len() as u64,
        left_out: series.left_out,
        draws: DRAWS as u64,
        likely,
        unknown_because,
    })
}

fn check(outlook: Outlook, now: DateTime<Utc>) -> Result<()> {
    let wrong = match outlook {
        Outlook::Items { items: 0 } => "nothing is done at once: ask for 1 item or more".to_owned(),
        Outlook::By { by } if by <= now => {
            format!("{} is past: ask for a later day", by.format("%FT%TZ"))
        }
        Outlook::By { by } if (by - now).num_seconds() > i64::from(MOST_WEEKS) * WEEK => {
            format!(
                "{} is more than ten years away: ask for an earlier day",
                by.format("%FT%TZ")
            )
        }
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::InvalidInput, wrong))
}

/// Weeks to come, drawn from those behind.
struct Future<'h> {
    history: &'h [f64],
    random: fastrand::Rng,
}

impl Future<'_> {
    fn week(&mut self) -> f64 {
        self.history[self.random.usize(..self.history.len())]
    }

    /// The instants by which so many are done.
    fn instants(&mut self, items: f64, now: DateTime<Utc>) -> [Likely; 3] {
        let mut weeks: Vec<u32> = (0..DRAWS).map(|_| self.weeks_until(items)).collect();
        weeks.sort_unstable();
        CONFIDENCES.map(|confidence| {
            let needed = weeks[reached_by(confidence) - 1];
            let within = (needed <= MOST_WEEKS).then(|| TimeDelta::seconds(i64::from(needed) * WEEK));
            Likely {
                confidence,
                at: within.and_then(|within| now.checked_add_signed(within)),
                items: None,
            }
        })
    }

    /// How many weeks it takes; more than [`MOST_WEEKS`] where they are not enough.
    fn weeks_until(&mut self, items: f64) -> u32 {
        let mut done = 0.0;
        for week in 1..=MOST_WEEKS {
            done += self.week();
            if done >= items - ROUNDING {
                return week;
            }
        }
        MOST_WEEKS + 1
    }

    /// How many are done in so many seconds: of a week that is cut, its part.
    fn items(&mut self, seconds: i64) -> [Likely; 3] {
        let (whole, rest) = (seconds / WEEK, (seconds % WEEK) as f64 / WEEK as f64);
        let mut totals: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let done: f64 = (0..whole).map(|_| self.week()).sum();
                (done + self.week() * rest + ROUNDING).floor()
            })
            .collect();
        totals.sort_unstable_by(|one, other| other.total_cmp(one));
        CONFIDENCES.map(|confidence| Likely {
            confidence,
            at: None,
            items: Some(totals[reached_by(confidence) - 1]),
        })
    }
}

/// How many of the draws make up a confidence.
fn reached_by(confidence: u8) -> usize {
    (DRAWS * usize::from(confidence)).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-06-01T00:00:00Z".parse().unwrap()
    }

    fn future(history: &[f64]) -> Future<'_> {
        Future {
            history,
            random: fastrand::Rng::with_seed(0),
        }
    }

    fn weeks(likely: [Likely; 3]) -> [Option<i64>; 3] {
        likely.map(|likely| likely.at.map(|at| (at - now()).num_weeks()))
    }

    const HISTORY: [f64; 12] = [3.0, 5.0, 0.0, 4.0, 7.0, 2.0, 6.0, 4.0, 1.0, 5.0, 3.0, 8.0];

    /// Exact, by adding up distributions: with `w = bincount(history)/12`, `t[k]` is `w` convolved with itself `k` times
    /// (`numpy.convolve`); the least `k` with `t[k][items:].sum() >= c`, and the greatest `n` with `t[8][n:].sum() >= c`;
    /// NumPy 2.4.6.
    #[test]
    fn what_is_drawn_is_what_the_distributions_say() {
        assert_eq!(
            weeks(future(&HISTORY).instants(60.0, now())),
            [Some(15), Some(18), Some(19)]
        );
        assert_eq!(
            weeks(future(&HISTORY).instants(1.0, now())),
            [Some(1), Some(1), Some(2)]
        );
        let items = future(&HISTORY)
            .items(8 * WEEK)
            .map(|likely| likely.items.unwrap());
        for (found, exact) in items.into_iter().zip([32.0, 25.0, 21.0]) {
            assert!((found - exact).abs() <= 1.0, "{items:?}");
        }
    }

    #[test]
    fn a_cut_week_gives_its_part() {
        let items = future(&[10.0; 12])
            .items(3 * WEEK + WEEK / 2)
            .map(|likely| likely.items);
        assert_eq!(items, [Some(35.0); 3]);
        assert_eq!(
            future(&[10.0; 12]).items(WEEK / 20).map(|likely| likely.items),
            [Some(0.0); 3]
        );
    }

    #[test]
    fn what_takes_more_than_ten_years_has_no_date() {
        assert_eq!(weeks(future(&[1.0; 12]).instants(520.0, now())), [Some(520); 3]);
        assert_eq!(weeks(future(&[1.0; 12]).instants(521.0, now())), [None; 3]);
    }

    #[test]
    fn the_past_nothing_and_the_far_future_are_refused() {
        let far = Outlook::By {
            by: "2037-01-01T00:00:00Z".parse().unwrap(),
        };
        for outlook in [Outlook::Items { items: 0 }, Outlook::By { by: now() }, far] {
            assert_eq!(check(outlook, now()).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
}
