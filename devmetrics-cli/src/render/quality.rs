use devmetrics_core::Result;
use devmetrics_core::quality::{QualityFinding, QualityReport};

use super::{csv_rows, json};
use crate::arguments::Format;

/// Prints what is wrong or doubtful in what was collected.
pub(crate) fn quality(report: &QualityReport, format: Format) -> Result<()> {
    match format {
        Format::Json => json(report),
        Format::Csv => as_csv(report),
        Format::Table => {
            for_people(report);
            Ok(())
        }
    }
}

fn for_people(report: &QualityReport) {
    if report.findings.is_empty() {
        println!("Nothing doubtful was found.");
    }
    for finding in &report.findings {
        println!("{}", told(finding));
    }
}

fn told(finding: &QualityFinding) -> String {
    let mut text = format!(
        "{}: {} of {}\n",
        finding.kind.as_str().replace('_', " "),
        finding.count,
        finding.out_of
    );
    for example in &finding.examples {
        let name = example.name.as_deref().unwrap_or(&example.id);
        text.push_str(&format!("    {name}: {}\n", example.detail));
    }
    let shown = finding.examples.len() as u64;
    if finding.count > shown {
        text.push_str(&format!("    and {} more\n", finding.count - shown));
    }
    for effect in &finding.affects {
        text.push_str(&format!("  {}: {}\n", effect.metrics.join(", "), effect.how));
    }
    text.push_str(&format!("  What to do: {}\n", finding.remedy));
    text
}

/// One row an example.
fn as_csv(report: &QualityReport) -> Result<()> {
    let header = [
        "finding", "count", "out_of", "id", "name", "detail", "affects", "remedy",
    ];
    let rows = report.findings.iter().flat_map(|finding| {
        let affects: Vec<&str> = finding
            .affects
            .iter()
            .flat_map(|effect| effect.metrics.iter().map(String::as_str))
            .collect();
        let affects = affects.join(" ");
        finding.examples.iter().map(move |example| {
            [
                finding.kind.to_string(),
                finding.count.to_string(),
                finding.out_of.to_string(),
                example.id.clone(),
                example.name.clone().unwrap_or_default(),
                example.detail.clone(),
                affects.clone(),
                finding.remedy.clone(),
            ]
        })
    });
    csv_rows(header, rows)
}
