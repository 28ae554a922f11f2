use proptest::prelude::*;

use super::*;
use crate::metric::Answering;

/// An instant within eight weeks of the spring of 2026.
pub(super) fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    let from = at("2026-03-02").timestamp();
    (from..from + 56 * 86_400).prop_map(|at| DateTime::from_timestamp(at, 0).unwrap())
}

/// One, or none.
pub(super) fn instants(known: f64) -> impl Strategy<Value = Option<DateTime<Utc>>> {
    prop::option::weighted(known, instant())
}

pub(super) fn changes() -> impl Strategy<Value = Vec<PullRequestSample>> {
    let one = (
        (
            instants(0.9),
            instants(0.7),
            instants(0.3),
            instants(0.6),
            instants(0.6),
            instants(0.95),
        ),
        (instants(0.6), 0..4u8, any::<bool>(), any::<bool>(), any::<bool>()),
    );
    let one = one.prop_map(
        |((first, opened, ready, review, approved, merged), (deployed, matched, bot, push, primary))| {
            PullRequestSample {
                first_commit_at: first,
                opened_at: opened,
                ready_at: ready,
                first_review_at: review,
                approved_at: approved,
                merged_at: merged,
                deployed_at: deployed.filter(|_| matched == 0),
                matched: match matched {
                    0 if deployed.is_some() => Some(DeploymentMatch::Ancestry),
                    1 => Some(DeploymentMatch::Baseline),
                    2 => Some(DeploymentMatch::Untracked),
                    _ => None,
                },
                bot,
                landing: Some(if push {
                    Landing::DirectPush
                } else {
                    Landing::Squash
                }),
                primary,
                weight: if primary { 1.0 } else { 0.5 },
                ..change("", "2026-04-01")
            }
        },
    );
    prop::collection::vec(one, 0..40).prop_map(|mut samples| {
        for (index, sample) in samples.iter_mut().enumerate() {
            sample.id = Id::new(format!("pr{index:02}"));
        }
        samples
    })
}

proptest! {
    #[test]
    fn buckets_share_out_the_whole_window_and_explain_lists_it(
        samples in changes(),
        bucket in prop::sample::select(vec![Bucket::Day, Bucket::Week, Bucket::Month, Bucket::Quarter]),
        policy in prop::sample::select(vec![Policy::Full, Policy::Fractional, Policy::Primary]),
    ) {
        let facts = facts(samples, vec![]);
        let mut asked = query(&[], "2026-03-10", "2026-04-20");
        asked.bucket = Some(bucket);
        asked.zone = Tz::America__New_York;
        asked.policy = policy;
        for answer in answer(&asked, &facts, now()).unwrap() {
            let evidence = explain(&asked, &answer.metric, &facts, now()).unwrap();
            let lasts = Catalog::builtin().find(&answer.metric).unwrap().lasting().is_some();
            // Its median is that of Kaplan and Meier.
            let survival = answer.metric == "time_to_first_review";
            let counted: Vec<f64> = evidence
                .iter()
                .filter_map(|evidence| match evidence.outcome {
                    Outcome::Counted { value, .. } => Some(value),
                    _ => None,
                })
                .collect();
            let total = &answer.total;
            prop_assert_eq!(total.n, counted.len() as u64);
            let of = |value: &Value| -> u64 {
                {
                    let Censored { pending, censored_left, open, .. } = value.censored;
                    value.n + value.excluded.values().sum::<u64>() + pending + censored_left + open
                }
            };
            prop_assert_eq!(of(total), evidence.len() as u64);
            match answer.unit {
                Unit::PullRequests => {
                    let sum: f64 = counted.iter().sum();
                    prop_assert!((total.value.unwrap() - sum).abs() < 1e-9);
                    let buckets: f64 = answer.buckets.iter().filter_map(|bucket| bucket.value.value).sum();
                    prop_assert!((buckets - sum).abs() < 1e-9);
                }
                Unit::DeploymentsPerDay => prop_assert_eq!(total.value, None),
                Unit::Ratio => {
                    prop_assert_eq!(total.value.is_some(), !counted.is_empty());
                    prop_assert!(total.value.is_none_or(|rate| (0.0..=1.0).contains(&rate)));
                }
                Unit::OpenPullRequests => {
                    let mean = counted.iter().sum::<f64>() / answer.window.seconds() as f64;
                    prop_assert!((total.value.unwrap() - mean).abs() < 1e-9);
                }
                _ if survival => prop_assert_eq!(total.quantiles, None),
                _ => {
                    let mut sorted = counted;
                    sorted.sort_by(f64::total_cmp);
                    prop_assert_eq!(total.value, quantile(&sorted, 0.5));
                }
            }
            if lasts {
                continue;
            }
            prop_assert_eq!(answer.buckets.iter().map(|bucket| of(&bucket.value)).sum::<u64>(), of(total));
            for bucket in &answer.buckets {
                let inside = evidence.iter().filter(|evidence| bucket.window.contains(evidence.at)).count();
                prop_assert_eq!(of(&bucket.value), inside as u64);
            }
        }
    }

    #[test]
    fn phases_telescope_to_the_second(samples in changes()) {
        for sample in samples {
            let milestones = crate::model::Milestones {
                first_commit_at: sample.first_commit_at,
                opened_at: sample.opened_at,
                ready_at: sample.ready_at,
                first_review_at: sample.first_review_at,
                approved_at: sample.approved_at,
                merged_at: sample.merged_at,
                ..Default::default()
            };
            let Some(cut) = phases(&milestones, sample.deployed_at) else {
                let nothing_before = sample.first_commit_at.or(sample.opened_at).or(sample.ready_at).is_none();
                let ready_too_late = sample.first_commit_at.or(sample.opened_at).is_none()
                    && sample.ready_at > sample.first_review_at;
                prop_assert!(sample.merged_at.is_none() || nothing_before || ready_too_late);
                continue;
            };
            let parts: Vec<Window> = cut.parts().into_iter().flatten().collect();
            prop_assert_eq!(parts.first().map(|part| part.from), Some(cut.whole.from));
            prop_assert_eq!(parts.last().map(|part| part.to), Some(cut.whole.to));
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
            }
            prop_assert!(parts.iter().all(|part| part.seconds() >= 0));
            prop_assert_eq!(parts.iter().map(Window::seconds).sum::<i64>(), cut.whole.seconds());
        }
    }
}

proptest! {
    /// Whatever the pages in which samples come.
    #[test]
    fn pages_share_out_the_samples(samples in changes(), places in prop::collection::vec(0usize..40, 0..4)) {
        let mut asked = query(&[], "2026-03-10", "2026-04-20");
        asked.bucket = Some(Bucket::Week);
        let whole = facts(samples, vec![]);
        let expected = answer(&asked, &whole, now()).unwrap();
        let catalog = Catalog::builtin();
        let mut answering = Answering::begin(&catalog, &asked, now()).unwrap();
        let mut page = whole.clone();
        let mut rest = std::mem::take(&mut page.pull_requests);
        for place in places {
            page.pull_requests = rest.split_off(place.min(rest.len()));
            answering.add(&page);
            page.forget_samples();
        }
        page.pull_requests = rest;
        answering.add(&page);
        prop_assert_eq!(answering.end(&page), expected);
    }
}
