//! The files that define metrics.

use ::toml::Table;
use figment::error::Kind;
use figment::{Error as Fault, Figment};
use serde::Deserialize;

use super::{Config, read, toml, unlike};
use crate::metric::{Catalog, CustomMetric, MetricSpec};
use crate::{Error, ErrorKind, Result};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "metric")]
    metrics: Vec<MetricSpec>,
}

impl Config {
    /// The metrics that there are: the built-in ones, and those of the files.
    ///
    /// # Errors
    /// `NotFound` and `InvalidInput` naming the file, the metric, the field, its value and what is allowed.
    pub fn catalog(&self) -> Result<Catalog> {
        let mut custom = Vec::new();
        for file in &self.metrics {
            let text = read(file, "write one (docs/custom-metrics.md), or correct `metrics`")?;
            custom.extend(metrics_from_toml(&file.display().to_string(), &text)?);
        }
        Catalog::with(custom)
    }
}

/// Reads metrics from the text of a file in TOML; `name` is the file's, for messages.
///
/// ```
/// # fn main() -> devmetrics_core::Result<()> {
/// let metrics = devmetrics_core::metrics_from_toml("metrics.toml", r#"
///     [[metric]]
///     id = "security_turnaround"
///     source = "pull_requests"
///     where.labels.any = ["security"]
///     measure = "duration"
///     from = "opened"
///     to = "merged"
///     better = "lower"
/// "#)?;
/// let catalog = devmetrics_core::metric::Catalog::with(metrics)?;
/// assert_eq!(catalog.find("security-turnaround")?.definition().stamp(), "security_turnaround@1");
/// # Ok(()) }
/// ```
///
/// # Errors
/// `InvalidInput` naming the file, the metric, the field, its value and what is allowed.
pub fn metrics_from_toml(name: &str, text: &str) -> Result<Vec<CustomMetric>> {
    let file: File = Figment::from(toml(name, text)?).extract().map_err(|fault| {
        let mut error = told(&fault);
        let mut path = fault.path.iter().map(String::as_str);
        if let (Some("metric"), Some(index)) = (path.next(), path.next()) {
            error = error.with("metric", called(text, index));
        }
        let field: Vec<&str> = path.collect();
        if !field.is_empty() {
            error = error.with("field", field.join("."));
        }
        error.with("file", name)
    })?;
    let metrics = file.metrics.into_iter().map(CustomMetric::new);
    let metrics: Vec<CustomMetric> = metrics
        .collect::<Result<_>>()
        .map_err(|error| error.with("file", name))?;
    // What two of them share is told with the file's name as long as it is known.
    Catalog::with(metrics.clone()).map_err(|error| error.with("file", name))?;
    Ok(metrics)
}

/// The id of the metric at this place of a file, or how many come up to it.
fn called(text: &str, index: &str) -> String {
    let Ok(index) = index.parse::<usize>() else {
        return index.to_owned();
    };
    let file: Option<Table> = text.parse().ok();
    let id = file
        .as_ref()
        .and_then(|file| file.get("metric")?.get(index)?.get("id")?.as_str());
    id.map_or_else(|| format!("number {}", index + 1), str::to_owned)
}

/// What was wrong, and what is allowed there. Nothing in such a file is a secret, so that values are shown.
fn told(fault: &Fault) -> Error {
    let what = match &fault.kind {
        Kind::UnknownField(name, known) => format!("unknown key {}", unlike(name, known)),
        Kind::UnknownVariant(name, known) => format!("unknown {}", unlike(name, known)),
        Kind::MissingField(field) => format!("`{field}` is missing"),
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("found {found}, and it must be {expected}")
        }
        other => other.to_string(),
    };
    Error::new(ErrorKind::InvalidInput, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[metric]]\nid = 'm'\nbetter = 'lower'\n";

    fn error(lines: &str) -> String {
        let error = metrics_from_toml("metrics.toml", &format!("{GOOD}{lines}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.to_string()
    }

    #[test]
    fn a_mistake_names_file_metric_field_value_and_what_is_allowed() {
        let count = "source = 'pull_requests'\nmeasure = 'count'";
        let time = "source = 'pull_requests'\nmeasure = 'duration'";
        for (lines, words) in [
            (
                "source = 'pull_request'\nmeasure = 'count'".to_owned(),
                &["field: source", "did you mean `pull_requests`?"][..],
            ),
            (
                "source = 'incidents'\nmeasure = 'conut'".to_owned(),
                &["field: measure", "did you mean `count`?"],
            ),
            (
                format!("{count}\nwhere.labls.any = ['x']"),
                &["field: where", "did you mean `labels`?"],
            ),
            (
                format!("{count}\nwhere.labels.some = ['x']"),
                &["field: where.labels", "any, all, none"],
            ),
            (
                format!("{count}\nwhere.labels.any = 'x'"),
                &["field: where.labels.any", "\"x\"", "sequence"],
            ),
            (
                format!("{count}\nwhere.status = ['success']"),
                &["field: where.status", "`labels`", "pull_requests"],
            ),
            (
                format!("{count}\nwhere.state = ['resolved']"),
                &["field: where.state", "value: resolved", "`merged`"],
            ),
            (
                format!("{count}\nwhere.state = []"),
                &["field: where.state", "empty"],
            ),
            (
                format!("{count}\nwhere.labels = {{}}"),
                &["field: where.labels", "empty"],
            ),
            (
                format!("{count}\nwhere.lines = {{ min = -1 }}"),
                &["field: where.lines.min", "value: -1"],
            ),
            (
                format!("{count}\nwhere.lines = {{ min = 9, max = 3 }}"),
                &["field: where.lines", "value: 9 to 3"],
            ),
            (
                format!("{count}\nwhere.repositories = ['a[']"),
                &["field: repositories", "`a[` is no pattern"],
            ),
            (
                format!("{count}\nfrom = 'opened'"),
                &["field: from", "belongs to a duration"],
            ),
            (format!("{count}\nper = 'week'"), &["field: per", "week", "day"]),
            (
                format!("{count}\nat = 'started'"),
                &["field: at", "value: started", "`merged`"],
            ),
            (
                format!("{count}\nat = 'first_commit'"),
                &["field: at", "value: first_commit", "`opened`"],
            ),
            (format!("{count}\nversion = 0"), &["field: version", "value: 0"]),
            (format!("{count}\nunit = ' '"), &["field: unit", "empty"]),
            (
                format!("{count}\nsql = 'select 1'"),
                &["unknown key `sql`", "known are"],
            ),
            (time.to_owned(), &["field: from", "`first_commit`"]),
            (format!("{time}\nfrom = 'opened'"), &["field: to"]),
            (
                format!("{time}\nfrom = 'merged'\nto = 'opened'"),
                &["field: to", "value: opened", "order"],
            ),
            (
                format!("{time}\nfrom = 'merged'\nto = 'merged'"),
                &["field: to", "value: merged"],
            ),
            (
                format!("{time}\nfrom = 'started'\nto = 'merged'"),
                &["field: from", "value: started", "no `started`"],
            ),
            (
                format!("{time}\nfrom = 'opened'\nto = 'merged'\nstatistic = 'p57'"),
                &["field: statistic", "p57", "p75"],
            ),
            (
                "source = 'deployments'\nmeasure = 'duration'".to_owned(),
                &["field: measure", "one milestone"],
            ),
            (
                "source = 'incidents'\nmeasure = 'sum'\nof = 'lines'".to_owned(),
                &["field: measure", "no amounts"],
            ),
            (
                "source = 'reviews'\nmeasure = 'sum'".to_owned(),
                &["field: of", "`comments`"],
            ),
            (
                "source = 'reviews'\nmeasure = 'rate'".to_owned(),
                &["field: numerator"],
            ),
            (
                "source = 'reviews'\nmeasure = 'rate'\nnumerator.rework = ['hotfix']".to_owned(),
                &["field: numerator.rework"],
            ),
            ("measure = 'count'".to_owned(), &["`source` is missing"]),
        ] {
            let told = error(&lines);
            for word in words.iter().chain(&["metric: m", "file: metrics.toml"]) {
                assert!(told.contains(word), "`{word}` is not in: {told}\n{lines}");
            }
        }
    }

    #[test]
    fn an_id_is_one_word_of_no_other_metric() {
        for (id, word) in [
            ("Fast", "small letter"),
            ("", "small letter"),
            ("2fast", "small letter"),
            ("velocity", "built-in"),
            ("mttr", "`time_to_restore`"),
        ] {
            let text =
                format!("[[metric]]\nid = '{id}'\nsource = 'incidents'\nmeasure = 'count'\nbetter = 'lower'");
            let error = metrics_from_toml("x.toml", &text).unwrap_err().to_string();
            assert!(
                error.contains(word) && error.contains("field: id") && error.contains("x.toml"),
                "{error}"
            );
        }
    }

    const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/custom-metrics.md"));

    #[test]
    fn every_key_is_documented() {
        let mut keys = 0;
        for (lines, part) in [
            ("x = 1", ""),
            ("where.x = 1", ""),
            ("where.labels.x = 1", "labels."),
            ("where.lines.x = 1", "lines."),
        ] {
            let told = error(&format!("source = 'incidents'\nmeasure = 'count'\n{lines}"));
            let known = told.split("known are: ").nth(1).unwrap();
            let known = known.split(" (").next().unwrap();
            for key in known.split(", ").filter(|key| !["labels", "lines"].contains(key)) {
                let key = format!("`{part}{key}`");
                assert!(DOCUMENT.contains(&key), "{key} is not in docs/custom-metrics.md");
                keys += 1;
            }
        }
        assert!(keys >= 34, "{keys}");
    }

    #[test]
    fn the_metrics_of_the_documentation_can_be_read() {
        let examples: Vec<&str> = DOCUMENT
            .split("```toml\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .filter(|example| example.contains("[[metric]]"))
            .collect();
        let metrics = metrics_from_toml("docs", &examples.concat()).unwrap();
        assert_eq!(metrics.len(), 8);
    }
}
