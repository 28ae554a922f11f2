use super::*;

const DAY: f64 = 86_400.0;

/// `docs/metrics.md#velocity`.
#[test]
fn example_velocity() {
    let bot = PullRequestSample {
        bot: true,
        ..change("d", "2026-04-02")
    };
    let push = PullRequestSample {
        landing: Some(Landing::DirectPush),
        ..change("e", "2026-04-02")
    };
    let second = PullRequestSample {
        author: Some("grace".into()),
        additions: Some(30),
        deletions: Some(5),
        reverted_at: Some(at("2026-04-02T23:00")),
        ..change("b", "2026-04-02")
    };
    let first = PullRequestSample {
        additions: Some(12),
        ..change("a", "2026-03-31T10:00")
    };
    let late = change("c", "2026-04-14");
    let mut facts = facts(vec![first, second, late, bot, push], vec![]);
    facts.coverage.pull_requests_from = None; // a git history
    let mut query = query(&["velocity"], "2026-03-30", "2026-04-20");
    query.bucket = Some(Bucket::Week);
    let answer = one(&query, &facts);

    assert_eq!(answer.definition, "velocity@1");
    assert_eq!(answer.total.value, Some(3.0));
    assert_eq!(answer.total.n, 3);
    assert_eq!(
        answer
            .total
            .excluded
            .iter()
            .map(|(reason, n)| (*reason, *n))
            .collect::<Vec<_>>(),
        [(Reason::Bot, 1), (Reason::DirectPush, 1)]
    );
    let interval = answer.total.interval.unwrap();
    assert!((interval.low - 0.618_672).abs() < 1e-6 && (interval.high - 8.767_273).abs() < 1e-6);
    assert!(answer.total.low_sample && !answer.total.provisional);
    let weeks: Vec<_> = answer
        .buckets
        .iter()
        .map(|week| (week.label.as_str(), week.value.value, week.partial))
        .collect();
    assert_eq!(
        weeks,
        [
            ("2026-W14", Some(2.0), false),
            ("2026-W15", Some(0.0), false),
            ("2026-W16", Some(1.0), false)
        ],
        "a quiet week is a true 0"
    );
    let beside: Vec<_> = answer
        .beside
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    assert_eq!(
        beside,
        [
            ("additions", Some(42.0)),
            ("closed_unmerged", None),
            ("deletions", Some(5.0)),
            ("distinct_authors", Some(2.0)),
            ("median_last_8_weeks", Some(0.0)),
            ("opened", None),
            ("reverted_within_24h", Some(1.0)),
        ]
    );
}

/// `docs/metrics.md#cycle-time-and-its-phases`.
#[test]
fn example_cycle_time_and_phases() {
    let reviewed = PullRequestSample {
        first_commit_at: Some(at("2026-04-01T09:00")),
        opened_at: Some(at("2026-04-01T15:00")),
        first_review_at: Some(at("2026-04-02T09:00")),
        approved_at: Some(at("2026-04-02T11:00")),
        ..shipped("a", "2026-04-01T09:00", "2026-04-02T12:00", "2026-04-03T12:00")
    };
    let unreviewed = PullRequestSample {
        opened_at: Some(at("2026-04-01T15:00")),
        ..shipped("b", "2026-04-01T14:00", "2026-04-01T20:00", "2026-04-03T12:00")
    };
    let facts = facts(vec![reviewed, unreviewed], vec![]);
    let metrics = [
        "cycle_time",
        "coding",
        "pickup",
        "review",
        "merge",
        "deploy",
        "lead_time",
    ];
    let answers = answer(&query(&metrics, "2026-04-01", "2026-04-08"), &facts, now()).unwrap();
    let hours: Vec<_> = answers
        .iter()
        .map(|answer| {
            (
                answer.metric.as_str(),
                answer.total.value.map(|seconds| seconds / 3600.0),
                answer.total.n,
            )
        })
        .collect();
    assert_eq!(
        hours,
        [
            ("cycle_time", Some(16.5), 2),
            ("coding_time", Some(3.5), 2),
            ("pickup_time", Some(18.0), 1),
            ("review_time", Some(2.0), 1),
            ("merge_time", Some(1.0), 1),
            ("deploy_time", Some(32.0), 2),
            ("change_lead_time", Some(48.5), 2),
        ],
        "a change without review lowers no review time"
    );
    assert_eq!(answers[3].total.excluded[&Reason::UnknownMilestone], 1);
}

/// `docs/metrics.md#change-lead-time`.
#[test]
fn example_change_lead_time() {
    let baseline = PullRequestSample {
        matched: Some(DeploymentMatch::Baseline),
        first_commit_at: Some(at("2025-09-01")),
        ..change("a", "2026-04-01")
    };
    let untracked = PullRequestSample {
        matched: Some(DeploymentMatch::Untracked),
        ..change("u", "2026-04-02")
    };
    let facts = facts(
        vec![
            baseline,
            untracked,
            shipped("b", "2026-04-01", "2026-04-02", "2026-04-03"),
            shipped("c", "2026-04-01", "2026-04-03", "2026-04-05"),
            shipped("d", "2026-03-01", "2026-03-28", "2026-04-05"),
            // Deployed after the window: it belongs to the next one.
            shipped("e", "2026-04-05", "2026-04-06", "2026-04-09"),
            change("p", "2026-04-07"),
        ],
        vec![],
    );
    let answer = one(&query(&["lead-time"], "2026-04-01", "2026-04-08"), &facts);
    let total = &answer.total;
    assert_eq!(answer.metric, "change_lead_time");
    close(total.value, 4.0 * DAY);
    let quantiles = total.quantiles.unwrap();
    close(Some(quantiles.p75), 19.5 * DAY);
    close(Some(quantiles.p90), 28.8 * DAY);
    close(Some(quantiles.mean), 41.0 / 3.0 * DAY);
    assert_eq!(
        quantiles.p50_interval, None,
        "three changes are too few for an interval"
    );
    assert_eq!(total.n, 3);
    assert_eq!((total.censored.pending, total.censored.censored_left), (1, 1));
    let age = now() - at("2026-04-07");
    assert_eq!(total.censored.oldest_pending_seconds, Some(age.num_seconds()));
    assert_eq!(total.excluded[&Reason::NoDeployments], 1);
    assert!(total.provisional, "the pending one will add to it");
}

/// `docs/metrics.md#deployment-frequency`.
#[test]
fn example_deployment_frequency() {
    let failed = DeploymentSample {
        status: DeploymentStatus::Failure,
        ..deployment("f", "2026-04-05", "c4", Some("c3"))
    };
    let staging = DeploymentSample {
        environment: "staging".into(),
        ..deployment("s", "2026-04-05", "c4", None)
    };
    let rollback = DeploymentSample {
        deployed_before: true,
        ..deployment("b", "2026-04-10", "c2", Some("c3"))
    };
    let facts = facts(
        vec![],
        vec![
            deployment("1", "2026-04-02T09:00", "c1", None),
            deployment("2", "2026-04-02T15:00", "c2", Some("c1")),
            deployment("2again", "2026-04-03", "c2", Some("c2")),
            deployment("3", "2026-04-04T15:00", "c3", Some("c2")),
            failed,
            staging,
            rollback,
        ],
    );
    let answer = one(&query(&["deploys"], "2026-04-01", "2026-04-15"), &facts);
    close(answer.total.value, 3.0 / 14.0);
    let interval = answer.total.interval.unwrap();
    close(Some(interval.low * 14.0), garwood(3).unwrap().low);
    close(Some(interval.high * 14.0), garwood(3).unwrap().high);
    assert_eq!(answer.total.n, 3);
    let excluded: Vec<_> = answer
        .total
        .excluded
        .iter()
        .map(|(reason, n)| (*reason, *n))
        .collect();
    assert_eq!(
        excluded,
        [
            (Reason::NotSuccessful, 1),
            (Reason::OtherEnvironment, 1),
            (Reason::Redeploy, 1),
            (Reason::Rollback, 1)
        ]
    );
    close(answer.beside["per_week"], 1.5);
    close(answer.beside["deploy_days_per_week"], 1.0);
    close(answer.beside["median_seconds_between"], 27.0 * 3600.0);
}
