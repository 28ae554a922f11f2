//! Judgements over answers: what is judged of them, what is left out, and what is not known.

mod examples;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::*;
use crate::metric::{
    Answer, Bucket, BucketValue, Catalog, ClockKind, Coverage, Policy, Quantiles, Scope, Value, garwood,
};
use crate::model::Window;

fn monday() -> DateTime<Utc> {
    "2026-01-05T00:00:00Z".parse().unwrap()
}

fn weeks(weeks: usize) -> DateTime<Utc> {
    monday() + TimeDelta::weeks(weeks as i64)
}

/// An answer in weeks, of these values with these numbers of samples.
fn answer(metric: &str, values: &[(f64, u64)]) -> Answer {
    let catalog = Catalog::builtin();
    let definition = catalog.find(metric).unwrap().definition();
    let value = |value: f64, n: u64| Value {
        value: Some(value),
        n,
        low_sample: n < 5,
        ..Value::default()
    };
    let bucket = |(week, (number, n)): (usize, &(f64, u64))| BucketValue {
        label: format!("W{:02}", week + 1),
        window: Window {
            from: weeks(week),
            to: weeks(week + 1),
        },
        partial: false,
        value: value(*number, *n),
    };
    let window = Window {
        from: monday(),
        to: weeks(values.len()),
    };
    Answer {
        metric: definition.id.to_string(),
        definition: definition.stamp(),
        unit: definition.unit,
        better: definition.better,
        scope: Scope::All,
        window,
        coverage: Coverage {
            from: Some(monday()),
            to: Some(window.to),
            ..Coverage::default()
        },
        zone: Tz::UTC,
        policy: Policy::Full,
        clock: ClockKind::Wall,
        total: value(0.0, values.iter().map(|(_, n)| n).sum()),
        bucket: Some(Bucket::Week),
        buckets: values.iter().enumerate().map(bucket).collect(),
        beside: [].into(),
    }
}

fn velocity(counts: &[u64]) -> Answer {
    let values: Vec<(f64, u64)> = counts.iter().map(|count| (*count as f64, *count)).collect();
    answer("velocity", &values)
}

fn cycle_time(hours: &[u32]) -> Answer {
    let values: Vec<(f64, u64)> = hours
        .iter()
        .map(|hours| (f64::from(*hours) * 3600.0, 9))
        .collect();
    answer("cycle_time", &values)
}

const STEADY: [u64; 12] = [10, 12, 9, 11, 10, 13, 8, 11, 10, 12, 9, 11];

#[test]
fn only_what_is_complete_and_known_is_judged_and_the_rest_is_counted() {
    let mut asked = velocity(&STEADY);
    asked.buckets[1].partial = true;
    asked.buckets[2].value.provisional = true;
    asked.buckets[3].value.value = None;
    asked.buckets.remove(0);
    let series = Series::of(&asked).unwrap();
    assert_eq!(series.points.len(), 8);
    assert_eq!(
        (series.points[0].position, series.points[0].label.as_str()),
        (4, "W05")
    );
    let left_out: Vec<_> = series
        .left_out
        .iter()
        .map(|(reason, n)| (reason.as_str(), *n))
        .collect();
    assert_eq!(
        left_out,
        [("missing", 1), ("partial", 1), ("provisional", 1), ("unknown", 1)]
    );
}

#[test]
fn an_uncut_answer_says_how_to_ask() {
    let uncut = Answer {
        bucket: None,
        buckets: vec![],
        ..velocity(&STEADY)
    };
    let error = trend(&uncut).unwrap_err();
    assert!(
        error.to_string().contains("velocity") && error.to_string().contains("`week`"),
        "{error}"
    );
    let days = Answer {
        bucket: Some(Bucket::Day),
        window: Window {
            from: monday(),
            to: weeks(400),
        },
        ..velocity(&STEADY)
    };
    assert!(trend(&days).unwrap_err().to_string().contains("longer bucket"));
}

#[test]
fn a_trend_is_improving_by_the_metrics_own_measure() {
    let up: Vec<u32> = (1..=10).collect();
    let rising = trend(&cycle_time(&up)).unwrap();
    assert_eq!(rising.direction, Direction::Worsening);
    assert_eq!(
        rising.slope.map(|slope| (slope.per_bucket, slope.at_first)),
        Some((3600.0, 3600.0))
    );
    let up: Vec<u64> = (1..=10).collect();
    assert_eq!(trend(&velocity(&up)).unwrap().direction, Direction::Improving);
    assert_eq!(
        trend(&velocity(&STEADY)).unwrap().direction,
        Direction::NoEvidence
    );
}

#[test]
fn a_gap_makes_a_slope_no_steeper() {
    let mut with_gap = cycle_time(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    with_gap.buckets.drain(4..8);
    assert_eq!(trend(&with_gap).unwrap().slope.unwrap().per_bucket, 3600.0);
}

#[test]
fn of_seven_weeks_no_trend_is_told() {
    let few = trend(&cycle_time(&[1, 2, 3, 4, 5, 6, 7])).unwrap();
    assert_eq!(
        (few.direction, few.slope, few.p, few.buckets),
        (Direction::Unknown, None, None, 7)
    );
}

#[test]
fn a_duration_far_off_is_an_anomaly_and_one_of_few_samples_is_none() {
    let hours = [10, 12, 11, 13, 9, 10, 12, 11, 14, 40];
    let found = anomalies(&[cycle_time(&hours)]).unwrap();
    assert_eq!(found.tested, 10);
    let [far] = found.found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (far.label.as_str(), far.side, far.direction),
        ("W10", Side::High, Direction::Worsening)
    );
    assert_eq!(far.usual, 11.0 * 3600.0);
    let z = far.z.unwrap();
    assert!((z - 0.674_489_750_196_081_7 * 29.0).abs() < 1e-9, "{z}");

    let mut few = cycle_time(&hours);
    few.buckets[9].value.n = 4;
    let found = anomalies(&[few]).unwrap();
    assert!(found.found.is_empty());
    assert_eq!(found.series[0].unjudged, [(Unjudged::LowSample, 1)].into());
}

#[test]
fn a_cut_or_changing_bucket_is_never_an_anomaly() {
    let of = |spoil: fn(&mut BucketValue)| {
        let mut asked = cycle_time(&[10, 12, 11, 13, 9, 10, 12, 11, 14, 40]);
        spoil(&mut asked.buckets[9]);
        anomalies(&[asked]).unwrap().found.len()
    };
    assert_eq!(of(|_| ()), 1);
    assert_eq!(of(|bucket| bucket.partial = true), 0);
    assert_eq!(of(|bucket| bucket.value.provisional = true), 0);
    assert_eq!(of(|bucket| bucket.value.value = None), 0);
}

#[test]
fn where_nothing_varies_nothing_is_known_to_be_far_off() {
    let found = anomalies(&[cycle_time(&[5; 12])]).unwrap();
    assert_eq!((found.tested, found.found.len()), (0, 0));
    assert_eq!(found.series[0].unjudged, [(Unjudged::NoSpread, 12)].into());
    // One is off: seen from it the others do not vary at all; seen from them it is the only one that does.
    let mut hours = [5; 12];
    hours[7] = 6;
    let found = anomalies(&[cycle_time(&hours)]).unwrap();
    assert_eq!((found.tested, found.found.len()), (11, 0));
}

/// The exact probability is `2*min(binom.cdf(k, n, p), binom.sf(k - 1, n, p))` with `k = 30`, `n = 143`, `p = 1/12`; SciPy 1.17.1.
#[test]
fn a_count_far_off_is_an_anomaly_by_its_exact_tail() {
    let mut counts = STEADY;
    counts[5] = 30;
    let found = anomalies(&[velocity(&counts)]).unwrap();
    let [far] = found.found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (far.label.as_str(), far.value, far.usual, far.z),
        ("W06", 30.0, 10.0, None)
    );
    assert_eq!((far.side, far.direction), (Side::High, Direction::Improving));
    assert!((far.p / 4.366_694_106_215_201e-6 - 1.0).abs() < 1e-9, "{}", far.p);
    assert!(
        (far.adjusted_p - 12.0 * far.p).abs() < 1e-12,
        "the least of twelve"
    );
    assert!(anomalies(&[velocity(&STEADY)]).unwrap().found.is_empty());
}

#[test]
fn a_share_is_held_against_the_others_by_fishers_test_and_a_level_by_its_z() {
    let mut shares = vec![(0.1, 40); 11];
    shares.push((0.6, 40));
    let found = anomalies(&[answer("change_fail_rate", &shares)]).unwrap();
    let [far] = found.found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (far.label.as_str(), far.direction, far.z),
        ("W12", Direction::Worsening, None)
    );
    assert!((far.p / fisher((44, 440), (24, 40)) - 1.0).abs() < 1e-9);

    let levels: Vec<(f64, u64)> = [3.0, 3.5, 2.5, 3.0, 4.0, 3.2, 2.8, 3.1, 12.0]
        .map(|mean| (mean, 2))
        .into();
    let found = anomalies(&[answer("work_in_progress", &levels)]).unwrap();
    assert_eq!(found.found.len(), 1, "of few pull requests too: {found:?}");
}

#[test]
fn the_more_series_are_tested_the_less_one_bucket_says() {
    let mut counts = STEADY;
    counts[5] = 22;
    let alone = anomalies(&[velocity(&counts)]).unwrap();
    assert_eq!(alone.found.len(), 1);
    let mut many = vec![velocity(&STEADY); 40];
    many.push(velocity(&counts));
    let found = anomalies(&many).unwrap();
    assert_eq!((found.tested, found.found.len()), (41 * 12, 0));
}

#[test]
fn of_seven_buckets_none_is_unusual() {
    let found = anomalies(&[velocity(&[1, 1, 1, 1, 1, 1, 90])]).unwrap();
    assert_eq!(found.series[0].unjudged, [(Unjudged::TooFewBuckets, 7)].into());
    assert_eq!(found.found, []);
}

/// Exact, as in `forecast.rs`: 40 are done in 4 weeks with 81 %, and in 5 for sure.
#[test]
fn a_forecast_is_drawn_from_complete_weeks_and_is_the_same_again() {
    let mut asked = velocity(&[STEADY.as_slice(), &[500]].concat());
    asked.buckets[12].partial = true;
    let now = weeks(13);
    let found = forecast(&asked, Outlook::Items { items: 40 }, now, 1).unwrap();
    assert_eq!(
        (found.weeks, found.left_out[&LeftOut::Partial], found.draws),
        (12, 1, 10_000)
    );
    let within = found
        .likely
        .unwrap()
        .map(|likely| likely.at.map(|at| (at - now).num_weeks()));
    assert_eq!(within, [Some(4), Some(5), Some(5)]);
    assert_eq!(
        forecast(&asked, Outlook::Items { items: 40 }, now, 1).unwrap(),
        found
    );
    let by = forecast(&asked, Outlook::By { by: weeks(17) }, now, 1)
        .unwrap()
        .likely
        .unwrap();
    let items = by.map(|likely| likely.items.unwrap());
    for (found, exact) in items.into_iter().zip([42.0, 39.0, 37.0]) {
        assert!((found - exact).abs() <= 1.0, "{items:?}");
    }
}

#[test]
fn what_is_not_known_says_why() {
    let forecast = |counts: &[u64]| {
        let outlook = Outlook::Items { items: 1 };
        forecast(&velocity(counts), outlook, weeks(20), 0)
            .unwrap()
            .unknown_because
    };
    assert_eq!(forecast(&STEADY[..11]), Some(UnknownBecause::TooFewBuckets));
    assert_eq!(forecast(&[0; 12]), Some(UnknownBecause::NothingDone));
    assert_eq!(forecast(&STEADY), None);
    let trend = |counts: &[u64]| trend(&velocity(counts)).unwrap().unknown_because;
    assert_eq!(
        (trend(&STEADY[..7]), trend(&STEADY[..8])),
        (Some(UnknownBecause::TooFewBuckets), None)
    );
    let mut asked = cycle_time(&[10; 12]);
    let goal = |asked: &Answer| {
        evaluate(&goal("cycle_time", 1.0), asked, weeks(12))
            .unwrap()
            .unknown_because
    };
    assert_eq!(goal(&asked), None);
    asked.total.low_sample = true;
    assert_eq!(goal(&asked), Some(UnknownBecause::LowSample));
    asked.total = Value::default();
    assert_eq!(goal(&asked), Some(UnknownBecause::NoSamples));
}

#[test]
fn nothing_is_forecast_of_little_or_of_nothing() {
    let of = |counts: &[u64]| {
        forecast(&velocity(counts), Outlook::Items { items: 1 }, weeks(20), 0)
            .unwrap()
            .likely
    };
    assert_eq!(of(&STEADY[..11]), None);
    assert_eq!(
        of(&[0; 20]),
        None,
        "a history of zeros says nothing, and not never"
    );
    assert!(of(&STEADY).is_some());
    for of_no_number in [cycle_time(&[1; 12]), cycle_time(&[])] {
        let error = forecast(&of_no_number, Outlook::Items { items: 1 }, weeks(20), 0).unwrap_err();
        assert!(error.to_string().contains("velocity"), "{error}");
    }
    let daily = answer("deployment_frequency", &[(0.5, 4); 12]);
    let found = forecast(&daily, Outlook::Items { items: 7 }, weeks(20), 0)
        .unwrap()
        .likely
        .unwrap();
    assert_eq!(
        found.map(|likely| likely.at),
        [Some(weeks(22)); 3],
        "half a day are three and a half a week"
    );
}

fn goal(metric: &str, target: f64) -> Goal {
    Goal {
        scope: Scope::All,
        metric: metric.to_owned(),
        statistic: Statistic::Value,
        target,
        by: "2026-06-28".parse().unwrap(),
        days: 84,
        zone: Tz::UTC,
        policy: Policy::Full,
        clock: ClockKind::Wall,
    }
}

fn interval(low: f64, high: f64) -> Option<crate::metric::Interval> {
    Some(crate::metric::Interval { low, high })
}

#[test]
fn a_goal_is_met_by_its_interval_and_on_track_by_its_value() {
    let mut asked = cycle_time(&[10, 12, 11, 13, 9, 10, 12, 11, 10, 12]);
    asked.total = Value {
        value: Some(11.0 * 3600.0),
        interval: interval(9.0 * 3600.0, 13.0 * 3600.0),
        n: 90,
        ..Value::default()
    };
    let state = |target: f64, asked: &Answer| {
        evaluate(&goal("cycle_time", target * 3600.0), asked, weeks(10))
            .unwrap()
            .state
    };
    assert_eq!(state(13.0, &asked), GoalState::Met);
    assert_eq!(state(12.0, &asked), GoalState::OnTrack);
    assert_eq!(state(11.0, &asked), GoalState::OnTrack);
    assert_eq!(state(10.0, &asked), GoalState::AtRisk, "nothing goes there");
    asked.total.interval = None;
    assert_eq!(
        state(13.0, &asked),
        GoalState::OnTrack,
        "without an interval nobody is sure"
    );
    asked.total.low_sample = true;
    assert_eq!(state(13.0, &asked), GoalState::Unknown);
    asked.total = Value::default();
    assert_eq!(state(13.0, &asked), GoalState::Unknown);
}

#[test]
fn a_trend_that_reaches_the_target_in_time_is_on_track() {
    // An hour less every week, from 40: 29 in the last of twelve, 16 in the week that ends on the 28th of June.
    let falling: Vec<u32> = (0..12).map(|week| 40 - week).collect();
    let mut asked = cycle_time(&falling);
    asked.total = Value {
        value: Some(34.0 * 3600.0),
        interval: interval(30.0 * 3600.0, 38.0 * 3600.0),
        n: 108,
        ..Value::default()
    };
    let of = |target: f64, now: DateTime<Utc>| {
        evaluate(&goal("cycle_time", target * 3600.0), &asked, now).unwrap()
    };
    let reached = of(16.0, weeks(12));
    assert_eq!(
        (reached.state, reached.direction),
        (GoalState::OnTrack, Direction::Improving)
    );
    assert_eq!(reached.expected, Some(16.0 * 3600.0));
    assert_eq!(of(15.0, weeks(12)).state, GoalState::AtRisk);
    let late = of(16.0, weeks(30));
    assert_eq!(
        (late.state, late.expected),
        (GoalState::AtRisk, None),
        "the day is over"
    );
}

#[test]
fn what_is_counted_is_measured_a_week() {
    let progress = evaluate(&goal("velocity", 8.0), &velocity(&STEADY), weeks(12)).unwrap();
    assert_eq!((progress.value, progress.state), (Some(10.5), GoalState::Met));
    let exact = garwood(126).unwrap();
    let found = progress.interval.unwrap();
    assert!((found.low - exact.low / 12.0).abs() < 1e-9 && (found.high - exact.high / 12.0).abs() < 1e-9);
    assert_eq!(
        evaluate(&goal("velocity", 10.0), &velocity(&STEADY), weeks(12))
            .unwrap()
            .state,
        GoalState::OnTrack
    );
    assert_eq!(
        evaluate(&goal("velocity", 13.0), &velocity(&STEADY), weeks(12))
            .unwrap()
            .state,
        GoalState::AtRisk
    );
    let quiet = evaluate(&goal("velocity", 1.0), &velocity(&[0; 12]), weeks(12)).unwrap();
    assert_eq!(
        (quiet.value, quiet.state),
        (Some(0.0), GoalState::AtRisk),
        "a quiet quarter is a true 0"
    );
    let unknown = evaluate(&goal("velocity", 1.0), &velocity(&[]), weeks(12)).unwrap();
    assert_eq!(
        (unknown.value, unknown.state),
        (None, GoalState::Unknown),
        "no week was observed"
    );
}

#[test]
fn a_goal_may_be_of_a_quantile() {
    let mut asked = cycle_time(&[10; 12]);
    asked.total.quantiles = Some(Quantiles {
        p50: 10.0,
        p75: 20.0,
        p90: 30.0,
        p95: 40.0,
        mean: 12.0,
        p50_interval: interval(9.0, 11.0),
        p75_interval: interval(18.0, 22.0),
        p90_interval: None,
        p95_interval: None,
    });
    let state = |statistic, target| {
        let goal = Goal {
            statistic,
            ..goal("cycle_time", target)
        };
        evaluate(&goal, &asked, weeks(12)).unwrap().state
    };
    assert_eq!(state(Statistic::P50, 11.0), GoalState::Met);
    assert_eq!(state(Statistic::P75, 22.0), GoalState::Met);
    assert_eq!(state(Statistic::P75, 21.0), GoalState::OnTrack);
    assert_eq!(state(Statistic::P90, 31.0), GoalState::OnTrack);
    assert_eq!(state(Statistic::P95, 39.0), GoalState::AtRisk);
}

#[test]
fn printed_names_are_the_serialized_ones() {
    let same =
        |name: &str, written: serde_json::Result<serde_json::Value>| assert_eq!(written.unwrap(), name);
    for one in [
        LeftOut::Missing,
        LeftOut::Partial,
        LeftOut::Provisional,
        LeftOut::Unknown,
    ] {
        same(one.as_str(), serde_json::to_value(one));
    }
    for one in [
        Direction::Improving,
        Direction::Worsening,
        Direction::NoEvidence,
        Direction::Unknown,
    ] {
        same(one.as_str(), serde_json::to_value(one));
    }
    for one in [Unjudged::TooFewBuckets, Unjudged::LowSample, Unjudged::NoSpread] {
        same(one.as_str(), serde_json::to_value(one));
    }
    for one in [
        GoalState::Met,
        GoalState::OnTrack,
        GoalState::AtRisk,
        GoalState::Unknown,
    ] {
        same(one.as_str(), serde_json::to_value(one));
    }
    for one in [
        UnknownBecause::TooFewBuckets,
        UnknownBecause::NothingDone,
        UnknownBecause::NoSamples,
        UnknownBecause::LowSample,
    ] {
        same(one.as_str(), serde_json::to_value(one));
    }
    for one in Statistic::ALL {
        same(one.as_str(), serde_json::to_value(one));
        assert_eq!(one.as_str().parse::<Statistic>().unwrap(), *one);
    }
    assert!(
        "median"
            .parse::<Statistic>()
            .unwrap_err()
            .to_string()
            .contains("p75")
    );
}
