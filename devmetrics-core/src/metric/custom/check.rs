//! Whether what a file says of a custom metric makes one.

use std::fmt::Display;

use super::spec::{Amount, FilterSpec, Measure, MetricSpec, Milestone, Source, State};
use crate::suggest::did_you_mean;
use crate::{Error, ErrorKind, Result};

/// The conditions that can be said of what a source gives.
fn conditions(source: Source) -> &'static [&'static str] {
    match source {
        Source::PullRequests | Source::Reviews => &[
            "repositories",
            "labels",
            "bots",
            "state",
            "base_branch",
            "lines",
            "reviewed",
            "approved",
            "self_merged",
            "reverted",
        ],
        Source::Deployments => &[
            "repositories",
            "bots",
            "environment",
            "status",
            "rework",
            "failed_by",
            "redeploys",
            "rollbacks",
        ],
        Source::Incidents => &["repositories", "labels", "bots", "state"],
    }
}

/// The milestones of what a source gives, in the order in which they are reached.
fn milestones(source: Source) -> &'static [Milestone] {
    match source {
        Source::PullRequests | Source::Reviews => &[
            Milestone::FirstCommit,
            Milestone::Opened,
            Milestone::Ready,
            Milestone::FirstReview,
            Milestone::Approved,
            Milestone::Merged,
            Milestone::Closed,
            Milestone::Deployed,
        ],
        Source::Deployments => &[Milestone::Finished],
        Source::Incidents => &[Milestone::Started, Milestone::Resolved],
    }
}

fn states(source: Source) -> &'static [State] {
    match source {
        Source::PullRequests | Source::Reviews => &[State::Open, State::Merged, State::Closed],
        Source::Deployments => &[],
        Source::Incidents => &[State::Open, State::Resolved],
    }
}

fn wrong(field: &str, value: impl Display, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
        .with("field", field)
        .with("value", value)
}

fn list<T: Display>(all: &[T]) -> String {
    let texts: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
    texts.join(", ")
}

/// That `spec` makes a metric; gives the milestone that places its samples.
///
/// # Errors
/// `InvalidInput` naming the field, its value, and what is allowed.
pub(super) fn check(spec: &MetricSpec) -> Result<Milestone> {
    check_id(&spec.id)?;
    if spec.version == 0 {
        return Err(wrong("version", 0, "versions are counted from 1"));
    }
    let texts = [
        ("name", &spec.name),
        ("summary", &spec.summary),
        ("example", &spec.example),
        ("unit", &spec.unit),
    ];
    for (field, text) in texts {
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Err(wrong(
                field,
                "",
                format!("`{field}` is empty: say something, or leave it out"),
            ));
        }
    }
    check_filter(spec.source, "where", &spec.filter)?;
    check_fields(spec)?;
    match spec.measure {
        Measure::Count => {}
        Measure::Rate => match &spec.numerator {
            Some(numerator) if !numerator.is_empty() => check_filter(spec.source, "numerator", numerator)?,
            _ => {
                let message = "a rate needs a `numerator`: the conditions of those that are counted";
                return Err(wrong("numerator", "nothing", message));
            }
        },
        Measure::Duration => check_span(spec)?,
        Measure::Sum => check_sum(spec)?,
    }
    place(spec)
}

fn check_id(id: &str) -> Result<()> {
    let begins = id.chars().next().is_some_and(|first| first.is_ascii_lowercase());
    let goes_on = id
        .chars()
        .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_');
    if begins && goes_on && id.len() <= 64 {
        return Ok(());
    }
    let message =
        "an id begins with a small letter, and has small letters, digits and `_`, at most 64: `hotfix_share`";
    Err(wrong("id", id, message))
}

/// That no field is said that means nothing for the measure.
fn check_fields(spec: &MetricSpec) -> Result<()> {
    let fields = [
        ("numerator", spec.numerator.is_some(), Measure::Rate),
        ("from", spec.from.is_some(), Measure::Duration),
        ("to", spec.to.is_some(), Measure::Duration),
        ("statistic", spec.statistic.is_some(), Measure::Duration),
        ("of", spec.of.is_some(), Measure::Sum),
        ("per", spec.per.is_some(), Measure::Count),
    ];
    for (field, said, measure) in fields {
        if said && spec.measure != measure {
            let message = format!(
                "`{field}` belongs to a {measure}, and this is a {}: leave it out",
                spec.measure
            );
            return Err(wrong(field, "something", message));
        }
    }
    Ok(())
}

fn check_filter(source: Source, part: &str, filter: &FilterSpec) -> Result<()> {
    let known = conditions(source);
    for key in filter.keys() {
        if !known.contains(&key) {
            let message = format!(
                "`{key}` says nothing of {source}{}; there are: {}",
                did_you_mean(key, known.iter().copied()),
                list(known)
            );
            return Err(wrong(&format!("{part}.{key}"), key, message));
        }
    }
    for (key, empty) in [
        ("repositories", filter.repositories.as_ref().map(Vec::is_empty)),
        ("state", filter.state.as_ref().map(Vec::is_empty)),
        ("base_branch", filter.base_branch.as_ref().map(Vec::is_empty)),
        ("environment", filter.environment.as_ref().map(Vec::is_empty)),
        ("status", filter.status.as_ref().map(Vec::is_empty)),
        ("rework", filter.rework.as_ref().map(Vec::is_empty)),
        ("failed_by", filter.failed_by.as_ref().map(Vec::is_empty)),
        (
            "labels",
            filter
                .labels
                .as_ref()
                .map(|labels| labels.any.is_empty() && labels.all.is_empty() && labels.none.is_empty()),
        ),
        (
            "lines",
            filter
                .lines
                .map(|lines| lines.min.is_none() && lines.max.is_none()),
        ),
    ] {
        if empty == Some(true) {
            let message =
                format!("`{key}` is empty, and so is what it leaves: say something, or leave it out");
            return Err(wrong(&format!("{part}.{key}"), "nothing", message));
        }
    }
    for state in filter.state.iter().flatten() {
        if !states(source).contains(state) {
            let message = format!(
                "none of {source} is `{state}`; they are: {}",
                list(states(source))
            );
            return Err(wrong(&format!("{part}.state"), state, message));
        }
    }
    check_lines(part, filter)
}

fn check_lines(part: &str, filter: &FilterSpec) -> Result<()> {
    let Some(lines) = filter.lines else {
        return Ok(());
    };
    for (key, bound) in [("min", lines.min), ("max", lines.max)] {
        if let Some(bound) = bound.filter(|bound| *bound < 0) {
            return Err(wrong(
                &format!("{part}.lines.{key}"),
                bound,
                "no change has fewer than 0 lines",
            ));
        }
    }
    match (lines.min, lines.max) {
        (Some(min), Some(max)) if min > max => Err(wrong(
            &format!("{part}.lines"),
            format!("{min} to {max}"),
            "`min` is more than `max`: no change has so many lines",
        )),
        _ => Ok(()),
    }
}

fn check_span(spec: &MetricSpec) -> Result<()> {
    let known = milestones(spec.source);
    if known.len() < 2 {
        let message = format!(
            "{} have one milestone, and so no duration: take a `count` or a `rate`",
            spec.source
        );
        return Err(wrong("measure", spec.measure, message));
    }
    let place = |field: &str, milestone: Option<Milestone>| -> Result<usize> {
        let Some(milestone) = milestone else {
            let message = format!("a duration needs `{field}`: one of {}", list(known));
            return Err(wrong(field, "nothing", message));
        };
        let found = known.iter().position(|one| *one == milestone);
        found.ok_or_else(|| of_none(field, milestone, spec.source, known))
    };
    let (from, to) = (place("from", spec.from)?, place("to", spec.to)?);
    if from >= to {
        let message = format!("`to` comes after `from` in this order: {}", list(known));
        return Err(wrong("to", known[to], message));
    }
    Ok(())
}

fn of_none(field: &str, milestone: Milestone, source: Source, known: &[Milestone]) -> Error {
    let message = format!("{source} have no `{milestone}`; there are: {}", list(known));
    wrong(field, milestone, message)
}

fn check_sum(spec: &MetricSpec) -> Result<()> {
    if !matches!(spec.source, Source::PullRequests | Source::Reviews) {
        let message = format!(
            "{} have no amounts to add up: take a `count` or a `rate`",
            spec.source
        );
        return Err(wrong("measure", spec.measure, message));
    }
    if spec.of.is_none() {
        let message = format!("a sum needs `of`: one of {}", list(Amount::ALL));
        return Err(wrong("of", "nothing", message));
    }
    Ok(())
}

/// The milestone that places a sample: the end of a duration; where something is counted, when it was done.
fn place(spec: &MetricSpec) -> Result<Milestone> {
    let Some(at) = spec.at else {
        return Ok(spec.to.unwrap_or(match spec.source {
            Source::PullRequests | Source::Reviews => Milestone::Merged,
            Source::Deployments => Milestone::Finished,
            Source::Incidents => Milestone::Started,
        }));
    };
    // Work may begin long before anybody sees it, so that nothing is ever done with counting what began in a week.
    let places: Vec<Milestone> = milestones(spec.source)
        .iter()
        .copied()
        .filter(|one| *one != Milestone::FirstCommit)
        .collect();
    if places.contains(&at) {
        return Ok(at);
    }
    if at == Milestone::FirstCommit && spec.source != Source::Deployments && spec.source != Source::Incidents
    {
        let message = format!(
            "a first commit shows only when it is pushed, so that it places nothing; take one of {}",
            list(&places)
        );
        return Err(wrong("at", at, message));
    }
    Err(of_none("at", at, spec.source, &places))
}
