use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Measure;
use crate::metric::{Answer, Better, Bucket, BucketValue, ClockKind, Scope, Unit, periods};
use crate::model::Window;
use crate::{Error, ErrorKind, Result};

/// More than six years of days. Slopes are taken between all pairs, and nobody reads the trend of more.
const MOST_POINTS: usize = 2_500;

/// What a judgement is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The metric's id.
    pub metric: String,
    /// Its definition and version.
    pub definition: String,
    /// What the values are in.
    pub unit: Unit,
    /// Which way is an improvement.
    pub better: Better,
    /// What durations are measured by.
    pub clock: ClockKind,
    /// Whose.
    #[serde(flatten)]
    pub scope: Scope,
}

impl Subject {
    /// That of an answer.
    pub fn of(answer: &Answer) -> Self {
        Self {
            metric: answer.metric.clone(),
            definition: answer.definition.clone(),
            unit: answer.unit,
            better: answer.better,
            clock: answer.clock,
            scope: answer.scope.clone(),
        }
    }
}

/// The buckets of an answer that can be judged: they are over, lie wholly in the observed time, cannot change any more, and
/// have a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Of what.
    #[serde(flatten)]
    pub subject: Subject,
    /// Of when.
    pub window: Window,
    /// The length of a bucket.
    pub bucket: Bucket,
    /// The zone of the buckets.
    pub zone: Tz,
    /// In order of time.
    pub points: Vec<Point>,
    /// How many buckets of the window were left out, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
}

/// One bucket that can be judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The bucket's name: `2026-W14`.
    pub label: String,
    /// Its span.
    pub window: Window,
    /// Its place among all buckets of the window, those left out included.
    pub position: u64,
    /// Its value.
    pub value: f64,
    /// The number of samples.
    pub n: u64,
}

/// Why a bucket cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// It was not observed at all.
    Missing,
    /// The window, the present or the begin of observation cuts it.
    Partial,
    /// It can still change.
    Provisional,
    /// Its value is not known.
    Unknown,
}

impl LeftOut {
    /// The printed name; serde writes the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Partial => "partial",
            Self::Provisional => "provisional",
            Self::Unknown => "unknown",
        }
    }

    /// Why `bucket` cannot be judged; `None` if it can.
    fn of(bucket: &BucketValue) -> Option<Self> {
        if bucket.partial {
            Some(Self::Partial)
        } else if bucket.value.provisional {
            Some(Self::Provisional)
        } else {
            bucket.value.value.is_none().then_some(Self::Unknown)
        }
    }
}

impl Series {
    /// The buckets of `answer` that can be judged by their headline.
    ///
    /// # Errors
    /// `InvalidInput` where the answer is not cut into buckets, or into more than 2,500.
    pub fn of(answer: &Answer) -> Result<Self> {
        Self::by(answer, |bucket| bucket.value.value)
    }

    /// The buckets of `answer` that can be judged by the figure that `pick` takes.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn by(answer: &Answer, pick: impl Fn(&BucketValue) -> Option<f64>) -> Result<Self> {
        let wrong = |message: String| Error::new(ErrorKind::InvalidInput, message);
        let bucket = answer.bucket.ok_or_else(|| {
            wrong(format!(
                "{} is not cut into buckets: ask for it by `week`",
                answer.metric
            ))
        })?;
        // Whether a bucket is over, the answer says: here only its place is asked for.
        let places = periods(answer.window, bucket, answer.zone, DateTime::<Utc>::MAX_UTC)?;
        if places.len() > MOST_POINTS {
            return Err(wrong(format!(
                "{} {bucket}s are more than {MOST_POINTS}: take a longer bucket or a shorter window",
                places.len()
            )));
        }
        let mut found: BTreeMap<DateTime<Utc>, &BucketValue> = answer
            .buckets
            .iter()
            .map(|bucket| (bucket.window.from, bucket))
            .collect();
        let mut points = Vec::new();
        let mut left_out = BTreeMap::new();
        for (position, place) in (0..).zip(&places) {
            let judged = match found.remove(&place.window.from) {
                None => Err(LeftOut::Missing),
                Some(bucket) => match (LeftOut::of(bucket), pick(bucket)) {
                    (Some(reason), _) => Err(reason),
                    (None, None) => Err(LeftOut::Unknown),
                    (None, Some(value)) => Ok(Point {
                        label: bucket.label.clone(),
                        window: bucket.window,
                        position,
                        value,
                        n: bucket.value.n,
                    }),
                },
            };
            match judged {
                Ok(point) => points.push(point),
                Err(reason) => *left_out.entry(reason).or_default() += 1,
            }
        }
        Ok(Self {
            subject: Subject::of(answer),
            window: answer.window,
            bucket,
            zone: answer.zone,
            points,
            left_out,
        })
    }

    /// How the values are judged.
    pub fn measure(&self) -> Measure {
        Measure::of(self.subject.unit)
    }

    /// The values, in order of time.
    pub fn values(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.value).collect()
    }
}
