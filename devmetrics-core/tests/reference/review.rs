//! "Review".

use devmetrics_core::model::{PullRequest, Window};

use super::{Case, Figure, Sample};

pub(super) fn figure(case: Case<'_>, metric: &str, window: &Window) -> Figure {
    let mut samples = Vec::new();
    for (_, one, weight) in case.merged(window) {
        if let Some(value) = measure(one, metric) {
            samples.push(Sample::new(value, weight));
        }
    }
    match metric {
        "review_coverage" | "approved_before_merge" | "self_merged" => Figure::rate(&samples),
        _ => Figure::distribution(&samples),
    }
}

fn measure(one: &PullRequest, metric: &str) -> Option<f64> {
    let at = &one.milestones;
    let flag = |whether: bool| f64::from(u8::from(whether));
    let lines = || Some(one.additions? + one.deletions?);
    match metric {
        "review_coverage" => at.review_rounds.map(|_| flag(at.first_review_at.is_some())),
        "approved_before_merge" => at.review_rounds.map(|_| flag(at.approved_at.is_some())),
        "self_merged" => at.self_merged.map(flag),
        "review_rounds" => at
            .review_rounds
            .filter(|rounds| *rounds > 0)
            .map(|rounds| rounds as f64),
        "comments_per_100_lines" => {
            let lines = lines().filter(|lines| *lines > 0)? as f64;
            Some(one.comments? as f64 / lines * 100.0)
        }
        "pull_request_size" => lines().map(|lines| lines as f64),
        other => panic!("no reference for `{other}`"),
    }
}

pub(super) fn size_beside(case: Case<'_>, window: &Window) -> Vec<(&'static str, Option<f64>)> {
    let sizes: Vec<f64> = case
        .merged(window)
        .iter()
        .filter_map(|(_, one, _)| measure(one, "pull_request_size"))
        .collect();
    let count = |from: f64, below: f64| {
        let of_class = sizes.iter().filter(|size| from <= **size && **size < below);
        (!sizes.is_empty()).then(|| of_class.count() as f64)
    };
    vec![
        ("size_xs", count(0.0, 10.0)),
        ("size_s", count(10.0, 50.0)),
        ("size_m", count(50.0, 250.0)),
        ("size_l", count(250.0, 1000.0)),
        ("size_xl", count(1000.0, f64::INFINITY)),
    ]
}
