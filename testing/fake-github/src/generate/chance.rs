//! Random numbers as they occur in an office.

use chrono::{Datelike as _, TimeDelta, Timelike as _, Weekday};
use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::world::Timestamp;

/// When most people begin and stop working, in hours of UTC.
const BEGIN: u32 = 7;
const END: u32 = 17;

/// A source of chance.
#[derive(Debug)]
pub(super) struct Chance<'a>(pub(super) &'a mut StdRng);

impl Chance<'_> {
    /// Below `limit`, which is not zero.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0.random_range(0..limit.max(1))
    }

    /// Whether something of that percentage happens.
    pub(super) fn percent(&mut self, percent: f64) -> bool {
        self.0.random_bool((percent / 100.0).clamp(0.0, 1.0))
    }

    pub(super) fn pick<'t, T>(&mut self, items: &'t [T]) -> Option<&'t T> {
        items.get(self.below(items.len() as u64) as usize)
    }

    /// Log-normal, as the times and sizes of human work are.
    pub(super) fn log_normal(&mut self, median: f64, spread: f64) -> f64 {
        // Box and Muller.
        let (u, v) = (
            self.0.random_range(f64::EPSILON..1.0),
            self.0.random_range(0.0..1.0),
        );
        let normal = (-2.0 * f64::ln(u)).sqrt() * (std::f64::consts::TAU * v).cos();
        median * (spread * normal).exp()
    }

    /// A delay of so many minutes at the median.
    pub(super) fn minutes(&mut self, median: f64) -> TimeDelta {
        let minutes = self.log_normal(median, 1.0).min(60.0 * 24.0 * 90.0);
        TimeDelta::seconds((minutes * 60.0) as i64 + 1)
    }

    /// How many events happen when `mean` are expected.
    pub(super) fn poisson(&mut self, mean: f64) -> u64 {
        let (mut count, mut left) = (0, mean);
        loop {
            left += f64::ln(self.0.random_range(f64::EPSILON..1.0));
            if left < 0.0 {
                return count;
            }
            count += 1;
        }
    }

    /// The first instant from `at` on when people work; a few work at any time.
    pub(super) fn working_time(&mut self, at: Timestamp) -> Timestamp {
        if self.percent(4.0) {
            return at;
        }
        let mut at = at;
        if at.hour() >= END {
            at = morning(at + TimeDelta::days(1));
        } else if at.hour() < BEGIN {
            at = morning(at);
        }
        while matches!(at.weekday(), Weekday::Sat | Weekday::Sun) {
            at = morning(at + TimeDelta::days(1));
        }
        if at.hour() == BEGIN && at.minute() == 0 {
            at += TimeDelta::seconds(self.below(3 * 3_600) as i64);
        }
        at
    }
}

fn morning(at: Timestamp) -> Timestamp {
    let begin = i64::from(BEGIN) * 3_600;
    at + TimeDelta::seconds(begin - i64::from(at.num_seconds_from_midnight()))
}
