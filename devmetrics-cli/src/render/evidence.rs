use devmetrics_core::Result;
use devmetrics_core::engine::EvidenceItem;
use devmetrics_core::metric::{Evidence, Note, Outcome, Unit};
use devmetrics_core::model::DeploymentMatch;

use super::{csv_failed, json, quantity, table};
use crate::arguments::Format;

/// Prints what a value is made of.
pub(crate) fn evidence(items: &[EvidenceItem], unit: Unit, format: Format) -> Result<()> {
    match format {
        Format::Json => json(items),
        Format::Csv => as_csv(items),
        Format::Table => {
            let rows = items.iter().map(|item| {
                let [name, title, author, outcome, at, begin, end, rule] =
                    cells(item, |seconds| quantity::value(Some(seconds), unit));
                [name, outcome, at, begin, end, rule, author, title]
            });
            let header = ["item", "outcome", "at", "begin", "end", "rule", "author", "title"];
            println!("{}", table(header, &[], rows));
            Ok(())
        }
    }
}

fn as_csv(items: &[EvidenceItem]) -> Result<()> {
    let mut writer = csv::Writer::from_writer(std::io::stdout());
    writer
        .write_record([
            "item", "title", "author", "outcome", "at", "begin", "end", "rule", "id",
        ])
        .map_err(csv_failed)?;
    for item in items {
        let cells = cells(item, |value| value.to_string());
        writer
            .write_record(cells.iter().chain([&item.evidence.item]))
            .map_err(csv_failed)?;
    }
    writer.flush().map_err(csv_failed)
}

fn cells(item: &EvidenceItem, value: impl Fn(f64) -> String) -> [String; 8] {
    let evidence = &item.evidence;
    let pull_request = item.pull_request.as_ref();
    let number = pull_request
        .and_then(|pull_request| pull_request.number)
        .map(|number| format!("#{number}"));
    let commit = pull_request.and_then(|pull_request| pull_request.landing_commit.as_deref());
    let short = commit.map(|commit| commit.chars().take(10).collect());
    let outcome = match evidence.outcome {
        Outcome::Counted {
            value: counted,
            skew_clamped,
        } => {
            format!("{}{}", value(counted), if skew_clamped { " (skew)" } else { "" })
        }
        Outcome::Excluded { reason } => format!("left out: {}", reason.as_str()),
        Outcome::Pending { .. } => "pending".to_owned(),
        Outcome::CensoredLeft => "censored_left".to_owned(),
        Outcome::Open { .. } => "open".to_owned(),
        other => format!("{other:?}"),
    };
    let instant = |instant: Option<chrono::DateTime<chrono::Utc>>| {
        instant
            .map(|instant| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string())
            .unwrap_or_default()
    };
    let author = pull_request.and_then(|pull_request| pull_request.author.display());
    [
        number
            .or(short)
            .unwrap_or_else(|| evidence.item.rsplit(':').next().unwrap_or_default().to_owned()),
        pull_request
            .map(|pull_request| pull_request.title.clone())
            .unwrap_or_default(),
        author.unwrap_or_default().to_owned(),
        outcome,
        instant(Some(evidence.at)),
        instant(evidence.begin),
        instant(evidence.end),
        rule(evidence),
    ]
}

/// How the sample was matched, and what to know about its value.
fn rule(evidence: &Evidence) -> String {
    let matched = evidence.matched.map(DeploymentMatch::as_str);
    let note = evidence.note.map(Note::as_str);
    let because = evidence
        .because
        .as_ref()
        .map(|because| format!("{}: {}", because.rule.as_str(), because.cause));
    let known = matched.into_iter().chain(note).map(str::to_owned);
    known.chain(because).collect::<Vec<_>>().join(", ")
}
