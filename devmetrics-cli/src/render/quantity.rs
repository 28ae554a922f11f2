//! Numbers for people: enough digits to act on, no more.

use devmetrics_core::metric::{Interval, Unit};

/// What stands where a value is not known.
pub(crate) const UNKNOWN: &str = "–";

/// A value in its unit: `3.2 d`, `412`, `0.41 /day`.
pub(crate) fn value(value: Option<f64>, unit: Unit) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| known(value, unit))
}

/// An interval in its unit: `2.9 d – 3.4 d`.
pub(crate) fn interval(interval: Option<Interval>, unit: Unit) -> String {
    interval.map_or_else(String::new, |Interval { low, high }| {
        format!("{} … {}", known(low, unit), known(high, unit))
    })
}

/// A change in a unit, with its sign: `+1.2 h`.
pub(crate) fn change(value: f64, unit: Unit) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, known(value, unit))
}

/// A probability: small ones by their bound.
pub(crate) fn probability(p: f64) -> String {
    if p < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}

/// A number for programs; empty where it is not known.
pub(crate) fn plain(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn known(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds => duration(value),
        Unit::DeploymentsPerDay | Unit::PerDay => format!("{} /day", number(value)),
        Unit::Ratio => format!("{} %", number(100.0 * value)),
        _ => number(value),
    }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        return format!("{value:.0}");
    }
    match value.abs() {
        size if size < 1.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Seconds in the largest unit of which there is one: `45 s`, `12 min`, `3.2 h`, `8.1 d`.
pub(crate) fn duration(seconds: f64) -> String {
    let (minute, hour, day) = (60.0, 3_600.0, 86_400.0);
    match seconds.abs() {
        size if size < minute => format!("{seconds:.0} s"),
        size if size < hour => format!("{:.0} min", seconds / minute),
        size if size < 2.0 * day => format!("{:.1} h", seconds / hour),
        _ => format!("{:.1} d", seconds / day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_value_is_never_a_zero() {
        assert_eq!(value(None, Unit::Seconds), "–");
        assert_eq!(value(Some(0.0), Unit::PullRequests), "0");
    }

    #[test]
    fn a_part_is_shown_in_percent() {
        assert_eq!(value(Some(0.125), Unit::Ratio), "12.5 %");
        assert_eq!(value(Some(0.0), Unit::Ratio), "0 %");
    }

    #[test]
    fn a_rare_rate_keeps_its_digits() {
        assert_eq!(value(Some(0.0333), Unit::DeploymentsPerDay), "0.03 /day");
        assert_eq!(value(Some(29.0 / 30.0), Unit::DeploymentsPerDay), "0.97 /day");
    }

    #[test]
    fn a_change_has_its_sign_and_a_probability_its_bound() {
        assert_eq!(change(5_400.0, Unit::Seconds), "+1.5 h");
        assert_eq!(change(-0.5, Unit::PullRequests), "-0.50");
        assert_eq!(
            (probability(0.0004), probability(0.0414)),
            ("< 0.001".into(), "0.041".into())
        );
    }

    #[test]
    fn durations_take_the_unit_that_fits() {
        let texts: Vec<String> = [45.0, 720.0, 11_520.0, 100_000.0, 700_000.0]
            .into_iter()
            .map(duration)
            .collect();
        assert_eq!(texts, ["45 s", "12 min", "3.2 h", "27.8 h", "8.1 d"]);
    }
}
