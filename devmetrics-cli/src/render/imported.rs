use devmetrics_core::engine::ImportReport;

/// Says in a few lines what an import did, or would do.
pub(crate) fn imported(report: &ImportReport, noun: &str) {
    let applied = report.applied;
    println!(
        "{} {noun} read: {} new, {} changed, {} unchanged, {} removed.",
        report.records, applied.inserted, applied.updated, applied.unchanged, applied.removed
    );
    if !report.created_repositories.is_empty() {
        println!("New repositories: {}.", report.created_repositories.join(", "));
    }
    if report.settled.rematched > 0 {
        println!(
            "{} changes were matched to deployments anew.",
            report.settled.rematched
        );
    }
    if report.dry_run {
        println!("Nothing was written: this is what an import without `--dry-run` would do.");
    }
}
