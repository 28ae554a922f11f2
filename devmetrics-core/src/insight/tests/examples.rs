//! The worked examples of `docs/metrics.md`.

use super::*;

/// The figure as the page shows it, with so many decimals.
fn shown(figure: f64, decimals: usize) -> String {
    format!("{figure:.decimals$}")
}

/// `docs/metrics.md#trend`.
#[test]
fn example_trend() {
    let found = trend(&velocity(&[5, 7, 6, 9, 8, 11, 10, 13, 12, 15])).unwrap();
    let slope = found.slope.unwrap();
    assert_eq!(slope.per_bucket, 1.0);
    assert_eq!(
        (shown(slope.interval.low, 2), shown(slope.interval.high, 2)),
        ("0.75".into(), "1.29".into())
    );
    assert_eq!(
        (shown(found.p.unwrap(), 3), found.direction),
        ("0.001".into(), Direction::Improving)
    );
}

/// `docs/metrics.md#anomalies`.
#[test]
fn example_anomalies() {
    let found = anomalies(&[cycle_time(&[10, 12, 11, 13, 9, 10, 12, 11, 14, 40])]).unwrap();
    let [far] = found.found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (shown(far.z.unwrap(), 1), far.side, far.direction),
        ("19.6".into(), Side::High, Direction::Worsening)
    );
    let found = anomalies(&[velocity(&[10, 12, 9, 11, 10, 30, 8, 11, 10, 12, 9, 11])]).unwrap();
    let [far] = found.found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (shown(far.p * 1e6, 1), shown(far.adjusted_p * 1e5, 1)),
        ("4.4".into(), "5.2".into())
    );
}

/// `docs/metrics.md#comparison`.
#[test]
fn example_comparison() {
    let compared = |metric: &str, first: Samples, second: Samples| {
        let side = |samples| Compared {
            scope: Scope::All,
            window: Window {
                from: monday(),
                to: weeks(13),
            },
            samples,
        };
        compare(
            Catalog::builtin().find(metric).unwrap().definition(),
            ClockKind::Wall,
            &side(first),
            &side(second),
        )
    };
    let count = |count| Samples::Count { count, days: 90.0 };
    let merged = compared("velocity", count(40), count(25));
    let effect = merged.effect.unwrap();
    assert_eq!(
        (effect.estimate, shown(effect.p, 3)),
        (Some(0.625), "0.082".into())
    );
    assert_eq!(effect.interval.low.map(|low| shown(low, 2)), Some("0.36".into()));
    assert_eq!(
        effect.interval.high.map(|high| shown(high, 2)),
        Some("1.06".into())
    );
    assert_eq!(merged.direction, Direction::NoEvidence);

    let hours = |hours: &[u32]| Samples::Distribution {
        values: hours.iter().map(|hours| f64::from(*hours) * 3600.0).collect(),
    };
    let longer = compared(
        "cycle_time",
        hours(&[10, 20, 30, 40, 50, 60]),
        hours(&[35, 45, 55, 65, 75, 85, 95]),
    );
    let effect = longer.effect.unwrap();
    let in_hours =
        [effect.estimate, effect.interval.low, effect.interval.high].map(|end| end.map(|end| end / 3600.0));
    assert_eq!(in_hours, [Some(30.0), Some(5.0), Some(55.0)]);
    assert_eq!(
        (shown(effect.p, 3), longer.direction),
        ("0.038".into(), Direction::Worsening)
    );
}

/// `docs/metrics.md#forecast`; what the exact distributions say, see `forecast.rs`.
#[test]
fn example_forecast() {
    let asked = velocity(&[3, 5, 0, 4, 7, 2, 6, 4, 1, 5, 3, 8]);
    let now = weeks(12);
    let of = |outlook| forecast(&asked, outlook, now, 0).unwrap().likely.unwrap();
    let done = of(Outlook::Items { items: 60 }).map(|likely| (likely.at.unwrap() - now).num_weeks());
    assert_eq!(done, [15, 18, 19]);
    let items = of(Outlook::By { by: weeks(20) }).map(|likely| likely.items);
    assert_eq!(items, [Some(32.0), Some(25.0), Some(21.0)]);
}

/// `docs/metrics.md#goals`.
#[test]
fn example_goals() {
    let falling: Vec<u32> = (0..12).map(|week| 40 - week).collect();
    let mut asked = cycle_time(&falling);
    asked.total = Value {
        value: Some(34.5 * 3600.0),
        n: 108,
        ..Value::default()
    };
    let state = |hours: f64| {
        evaluate(&goal("cycle_time", hours * 3600.0), &asked, weeks(12))
            .unwrap()
            .state
    };
    assert_eq!(
        (state(16.0), state(15.0)),
        (GoalState::OnTrack, GoalState::AtRisk)
    );
}
