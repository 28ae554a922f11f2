use devmetrics_core::engine::MatchCoverage;

/// How the changes of these repositories were matched to deployments, in a line; nothing where there are none.
pub(crate) fn matched(coverage: &[MatchCoverage], days: i64) {
    let sum = |count: fn(&MatchCoverage) -> u64| coverage.iter().map(count).sum::<u64>();
    let merged = sum(MatchCoverage::merged);
    if merged == 0 {
        return;
    }
    let parts = [
        (sum(|c| c.ancestry), "shipped by ancestry"),
        (sum(|c| c.declared), "by a deployment's list"),
        (sum(|c| c.time), "by time (a guess)"),
        (sum(|c| c.baseline), "with or before the first known deployment"),
        (sum(|c| c.untracked), "in repositories without deployments"),
        (sum(|c| c.pending), "not deployed yet"),
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, how)| format!("{count} {how}"))
        .collect();
    println!(
        "Of {merged} changes merged in the last {days} days: {}.",
        parts.join(", ")
    );
}
