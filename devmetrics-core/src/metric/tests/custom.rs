use proptest::prelude::*;

use super::laws::{changes, instant, instants};
use super::*;
use crate::model::{FailureRule, Pause, Rework};

/// The metric `m` of these lines.
fn metric(lines: &str) -> Catalog {
    let text = format!("id = 'm'\nbetter = 'lower'\n{lines}");
    let spec: MetricSpec = toml::from_str(&text).unwrap_or_else(|error| panic!("{lines}: {error}"));
    Catalog::with(vec![CustomMetric::new(spec).unwrap()]).unwrap()
}

/// April's answer of the metric of these lines.
fn april(lines: &str, facts: &Facts) -> Answer {
    let asked = query(&["m"], "2026-04-01", "2026-05-01");
    let mut answers = metric(lines).answer(&asked, facts, now()).unwrap();
    answers.remove(0)
}

/// `docs/custom-metrics.md#what-is-left-out-and-what-is-not-there`.
#[test]
fn example_security_turnaround() {
    let security = |sample: PullRequestSample, opened: &str| PullRequestSample {
        opened_at: Some(at(opened)),
        labels: vec!["security".into()],
        ..sample
    };
    let first = security(
        shipped("a", "2026-03-30", "2026-04-02", "2026-04-03"),
        "2026-04-01",
    );
    let second = security(
        shipped("b", "2026-03-30", "2026-04-03", "2026-04-08"),
        "2026-04-02",
    );
    let bot = PullRequestSample {
        bot: true,
        ..security(
            shipped("c", "2026-03-30", "2026-04-02", "2026-04-03"),
            "2026-04-01",
        )
    };
    let waiting = security(change("d", "2026-04-09"), "2026-04-08");
    let other = shipped("e", "2026-03-30", "2026-04-02", "2026-04-03");
    let facts = facts(vec![first, second, bot, waiting, other], vec![]);
    let lines = "source = 'pull_requests'\nwhere.labels.any = ['security', 'cve']\nmeasure = 'duration'\n\
                 from = 'opened'\nto = 'deployed'\nstatistic = 'p75'";
    let total = april(lines, &facts).total;
    close(total.value, 5.0 * 86_400.0);
    assert_eq!((total.n, total.censored.pending), (2, 1));
    assert_eq!(total.excluded, [(Reason::Bot, 1)].into());
    assert!(total.provisional);
    let asked = query(&["m"], "2026-04-01", "2026-05-01");
    let evidence = metric(lines).explain(&asked, "m", &facts, now()).unwrap();
    assert_eq!(evidence.len(), 4, "what the filter leaves out is no evidence");
}

/// Of a repository each, with labels, sizes and reviews.
fn pull_requests() -> Vec<PullRequestSample> {
    let sized = |id: &str, lines: Option<i64>, rounds: Option<i64>, labels: &[&str]| PullRequestSample {
        repository: Id::new(format!("github:repo:{id}")),
        opened_at: Some(at("2026-04-08")),
        first_review_at: rounds.filter(|rounds| *rounds > 0).map(|_| at("2026-04-09")),
        additions: lines,
        deletions: lines.map(|_| 0),
        review_rounds: rounds,
        comments: rounds.map(|rounds| 2 * rounds),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        ..change(id, "2026-04-10")
    };
    let open = PullRequestSample {
        merged_at: None,
        closed_at: None,
        landing: None,
        on_base_branch: false,
        ..sized("open", Some(5), Some(1), &["api"])
    };
    let given_up = PullRequestSample {
        closed_at: Some(at("2026-04-12")),
        // After the end nothing happens to it any more.
        approved_at: Some(at("2026-04-20")),
        ..PullRequestSample {
            id: Id::new("given up"),
            ..open.clone()
        }
    };
    let elsewhere = PullRequestSample {
        on_base_branch: false,
        base_branch: "release/1.2".into(),
        ..sized("elsewhere", Some(1), Some(0), &[])
    };
    let bot = PullRequestSample {
        bot: true,
        ..sized("bot", Some(3), Some(1), &["api"])
    };
    let draft = PullRequestSample {
        id: Id::new("draft"),
        first_review_at: None,
        review_rounds: Some(0),
        pauses: vec![Pause {
            from: at("2026-04-08"),
            to: None,
        }],
        ..open.clone()
    };
    let mut all = vec![
        sized("a", Some(500), Some(0), &["api", "big"]),
        sized("b", Some(900), Some(2), &["big"]),
        sized("c", Some(20), Some(1), &["api"]),
        sized("d", None, None, &[]),
        open,
        given_up,
        elsewhere,
        bot,
        draft,
    ];
    all[2].self_merged = Some(true);
    all[1].reverted_at = Some(at("2026-04-11"));
    all
}

#[test]
fn filters_and_measures_of_pull_requests() {
    let names = [("github:repo:a", "acme/shop-web"), ("github:repo:b", "acme/shop")];
    let facts = Facts {
        names: names.map(|(id, name)| (Id::new(id), name.to_owned())).into(),
        ..facts(pull_requests(), vec![])
    };
    let usual = &[(Reason::Bot, 1), (Reason::OtherBranch, 1)][..];
    let unknown = (Reason::UnknownMilestone, 1);
    for (lines, value, n, excluded) in [
        ("measure = 'count'", Some(4.0), 4, usual),
        (
            "measure = 'count'\nwhere.labels.any = ['api']",
            Some(2.0),
            2,
            &[(Reason::Bot, 1)],
        ),
        (
            "measure = 'count'\nwhere.labels.all = ['api', 'big']",
            Some(1.0),
            1,
            &[],
        ),
        (
            "measure = 'count'\nwhere.labels.none = ['big']",
            Some(2.0),
            2,
            usual,
        ),
        (
            "measure = 'count'\nwhere.repositories = ['acme/*']",
            Some(2.0),
            2,
            &[],
        ),
        (
            "measure = 'count'\nwhere.repositories = ['github:repo:d']",
            Some(1.0),
            1,
            &[],
        ),
        ("measure = 'count'\nwhere.bots = 'only'", Some(1.0), 1, &[]),
        (
            "measure = 'count'\nwhere.bots = 'include'",
            Some(5.0),
            5,
            &[(Reason::OtherBranch, 1)],
        ),
        (
            "measure = 'count'\nwhere.base_branch = ['release/*']",
            Some(1.0),
            1,
            &[],
        ),
        (
            "measure = 'count'\nwhere.lines = { min = 400 }",
            Some(2.0),
            2,
            &[unknown],
        ),
        (
            "measure = 'count'\nwhere.lines = { min = 400, max = 500 }\nwhere.reviewed = false",
            Some(1.0),
            1,
            &[unknown],
        ),
        (
            "measure = 'count'\nwhere.self_merged = true",
            Some(1.0),
            1,
            &[
                (Reason::Bot, 1),
                (Reason::OtherBranch, 1),
                (Reason::UnknownMilestone, 3),
            ],
        ),
        ("measure = 'count'\nwhere.reverted = true", Some(1.0), 1, &[]),
        ("measure = 'count'\nper = 'day'", Some(4.0 / 30.0), 4, usual),
        (
            "measure = 'sum'\nof = 'lines'",
            Some(1420.0),
            3,
            &[(Reason::Bot, 1), (Reason::OtherBranch, 1), unknown],
        ),
        (
            "measure = 'sum'\nof = 'comments'\nwhere.labels.any = ['api']",
            Some(2.0),
            2,
            &[(Reason::Bot, 1)],
        ),
        (
            "measure = 'rate'\nnumerator.labels.any = ['big']",
            Some(0.5),
            4,
            usual,
        ),
        (
            "measure = 'rate'\nnumerator.approved = true",
            Some(0.0),
            3,
            &[(Reason::Bot, 1), (Reason::OtherBranch, 1), unknown],
        ),
        (
            "measure = 'duration'\nfrom = 'opened'\nto = 'first_review'",
            Some(86_400.0),
            4,
            &[(Reason::Bot, 1)],
        ),
        (
            "measure = 'duration'\nfrom = 'opened'\nto = 'first_review'\nat = 'merged'",
            Some(86_400.0),
            2,
            &[
                (Reason::Bot, 1),
                (Reason::OtherBranch, 1),
                (Reason::UnknownMilestone, 2),
            ],
        ),
        ("measure = 'count'\nat = 'approved'", Some(0.0), 0, &[]),
        ("measure = 'count'\nat = 'ready'", Some(6.0), 6, usual),
        (
            "measure = 'count'\nat = 'opened'\nwhere.state = ['open']",
            Some(2.0),
            2,
            &[],
        ),
        (
            "measure = 'count'\nat = 'closed'\nwhere.state = ['closed']",
            Some(1.0),
            1,
            &[],
        ),
    ] {
        let answer = april(&format!("source = 'pull_requests'\n{lines}"), &facts);
        let total = answer.total;
        let told: Vec<_> = total.excluded.into_iter().collect();
        assert_eq!(
            (total.value, total.n, told.as_slice()),
            (value, n, excluded),
            "{lines}"
        );
    }
}

#[test]
fn what_is_open_is_undecided() {
    let facts = facts(pull_requests(), vec![]);
    let merged = april(
        "source = 'pull_requests'\nmeasure = 'rate'\nat = 'opened'\nnumerator.state = ['merged']",
        &facts,
    );
    assert_eq!((merged.total.value, merged.total.n), (Some(0.8), 5));
    assert_eq!(merged.total.censored.open, 2);
    assert!(merged.total.provisional);
    let lasts = april(
        "source = 'pull_requests'\nmeasure = 'duration'\nfrom = 'opened'\nto = 'merged'\nat = 'opened'",
        &facts,
    );
    assert_eq!((lasts.total.n, lasts.total.censored.open), (4, 2));
    assert_eq!(
        lasts.total.excluded[&Reason::UnknownMilestone],
        1,
        "it was given up"
    );
}

#[test]
fn reviews_are_of_what_was_reviewed() {
    let facts = facts(pull_requests(), vec![]);
    let rounds = april(
        "source = 'reviews'\nmeasure = 'sum'\nof = 'review_rounds'",
        &facts,
    );
    assert_eq!(
        (rounds.total.value, rounds.total.n, rounds.unit),
        (Some(3.0), 2, Unit::Sum)
    );
    assert_eq!(rounds.total.excluded[&Reason::Unreviewed], 1);
    assert_eq!(rounds.total.excluded[&Reason::UnknownMilestone], 1);
}

#[test]
fn the_headline_is_the_figure_that_was_asked_for() {
    let days = [1, 2, 3, 6].map(|days| {
        let opened = at("2026-04-10") - Duration::days(days);
        PullRequestSample {
            opened_at: Some(opened),
            ..change(&days.to_string(), "2026-04-10")
        }
    });
    let facts = facts(days.to_vec(), vec![]);
    for (statistic, expected) in [
        ("p50", 2.5),
        ("p75", 3.75),
        ("p90", 5.1),
        ("p95", 5.55),
        ("mean", 3.0),
    ] {
        let lines = format!(
            "source = 'pull_requests'\nmeasure = 'duration'\nfrom = 'opened'\nto = 'merged'\nstatistic = '{statistic}'"
        );
        close(
            april(&lines, &facts).total.value.map(|value| value / 86_400.0),
            expected,
        );
    }
}

#[test]
fn filters_of_deployments_and_what_is_unknown() {
    let staging = DeploymentSample {
        environment: "test-eu".into(),
        bot: true,
        ..deployment("s", "2026-04-05", "c4", None)
    };
    let failed = DeploymentSample {
        status: DeploymentStatus::Failure,
        ..deployment("f", "2026-04-05", "c2", Some("c2"))
    };
    let rollback = DeploymentSample {
        deployed_before: true,
        rework: Some(Rework::Rollback),
        ..deployment("b", "2026-04-10", "c1", Some("c2"))
    };
    let mut facts = facts(
        vec![],
        vec![
            deployment("1", "2026-04-02", "c1", None),
            deployment("2", "2026-04-03", "c2", Some("c1")),
            deployment("again", "2026-04-04", "c2", Some("c2")),
            staging,
            failed,
            rollback,
        ],
    );
    for (lines, value, n, excluded) in [
        (
            "measure = 'count'",
            Some(2.0),
            2,
            &[
                (Reason::NotSuccessful, 1),
                (Reason::OtherEnvironment, 1),
                (Reason::Redeploy, 1),
                (Reason::Rollback, 1),
            ][..],
        ),
        (
            "measure = 'count'\nwhere.environment = ['test-*']",
            Some(1.0),
            1,
            &[],
        ),
        (
            "measure = 'count'\nwhere.environment = ['test-*']\nwhere.bots = 'exclude'",
            Some(0.0),
            0,
            &[(Reason::Bot, 1)],
        ),
        ("measure = 'count'\nwhere.status = ['failure']", Some(1.0), 1, &[]),
        ("measure = 'count'\nwhere.redeploys = 'only'", Some(1.0), 1, &[]),
        ("measure = 'count'\nwhere.rollbacks = 'only'", Some(1.0), 1, &[]),
        (
            "measure = 'count'\nwhere.rework = ['rollback']\nwhere.rollbacks = 'include'",
            Some(1.0),
            1,
            &[],
        ),
        ("measure = 'count'\nwhere.failed_by = ['fix']", Some(0.0), 0, &[]),
    ] {
        let total = april(&format!("source = 'deployments'\n{lines}"), &facts).total;
        let told: Vec<_> = total.excluded.into_iter().collect();
        assert_eq!(
            (total.value, total.n, told.as_slice()),
            (value, n, excluded),
            "{lines}"
        );
    }
    facts.coverage.incidents_from = None;
    let failures = "source = 'deployments'\nmeasure = 'rate'\nnumerator.failed_by = ['explicit']";
    assert_eq!(
        april(failures, &facts).total.value,
        None,
        "nobody tells of incidents"
    );
    assert_eq!(
        april("source = 'incidents'\nmeasure = 'count'", &facts)
            .total
            .value,
        None
    );
    facts.coverage.deployments_from = None;
    facts.deployments.clear();
    assert_eq!(
        april("source = 'deployments'\nmeasure = 'count'", &facts)
            .total
            .value,
        None
    );
}

fn incident(id: &str, started: &str, resolved: Option<&str>, labels: &[&str]) -> IncidentSample {
    IncidentSample {
        id: Id::new(id),
        repository: Id::new("r"),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        started_at: at(started),
        resolved_at: resolved.map(at),
        bot: id == "bot",
        weight: 1.0,
        primary: true,
    }
}

#[test]
fn filters_of_incidents() {
    let facts = Facts {
        incidents: vec![
            incident("a", "2026-04-01", Some("2026-04-02"), &["sev1"]),
            incident("b", "2026-04-02", None, &["sev1"]),
            incident("bot", "2026-03-30", Some("2026-04-03"), &["drill"]),
        ],
        ..facts(vec![], vec![])
    };
    let restore = "measure = 'duration'\nfrom = 'started'\nto = 'resolved'\nwhere.labels.none = ['drill']";
    for (lines, value, n, open) in [
        ("measure = 'count'", Some(2.0), 2, 0),
        ("measure = 'count'\nat = 'resolved'", Some(2.0), 2, 0),
        (
            "measure = 'count'\nat = 'resolved'\nwhere.bots = 'exclude'",
            Some(1.0),
            1,
            0,
        ),
        ("measure = 'count'\nwhere.state = ['open']", Some(1.0), 1, 0),
        (restore, Some(86_400.0), 1, 1),
        (
            "measure = 'rate'\nnumerator.labels.any = ['sev1']",
            Some(1.0),
            2,
            0,
        ),
        (
            "measure = 'rate'\nnumerator.state = ['resolved']",
            Some(1.0),
            1,
            1,
        ),
    ] {
        let total = april(&format!("source = 'incidents'\n{lines}"), &facts).total;
        assert_eq!(
            (total.value, total.n, total.censored.open),
            (value, n, open),
            "{lines}"
        );
    }
}

/// Of a service by its files, as the built-in metrics; what a filter leaves out is not there all the same.
#[test]
fn what_may_touch_other_files_is_left_out() {
    let mut changes = pull_requests();
    changes[0].paths_unknown = true;
    let facts = facts(changes, vec![]);
    let count = "source = 'pull_requests'\nmeasure = 'count'\nwhere.labels.any = ['api']";
    let total = april(count, &facts).total;
    assert_eq!(
        (total.value, total.excluded[&Reason::UnknownPaths]),
        (Some(1.0), 1)
    );
    let other = "source = 'pull_requests'\nmeasure = 'count'\nwhere.labels.none = ['api']";
    assert_eq!(
        april(other, &facts).total.excluded.get(&Reason::UnknownPaths),
        None
    );
    let spans = "source = 'pull_requests'\nmeasure = 'duration'\nfrom = 'opened'\nto = 'merged'";
    assert_eq!(april(spans, &facts).total.excluded[&Reason::UnknownPaths], 1);
}

#[test]
fn only_what_is_asked_about_is_read() {
    let asked = query(&["m"], "2026-04-01", "2026-05-01");
    let needs = |lines: &str| metric(lines).needed(&asked, now()).unwrap().1;
    let count = "measure = 'count'";
    assert_eq!(
        needs(&format!("source = 'pull_requests'\n{count}")),
        Needs::PULL_REQUESTS
    );
    assert!(needs(&format!("source = 'pull_requests'\n{count}\nat = 'opened'")).open);
    assert!(needs(&format!("source = 'incidents'\n{count}")).incidents);
    assert!(
        needs(&format!(
            "source = 'deployments'\n{count}\nwhere.failed_by = ['fix']"
        ))
        .failures
    );
    assert!(
        needs(&format!(
            "source = 'deployments'\n{count}\nwhere.repositories = ['x']"
        ))
        .names
    );
}

fn deployments() -> impl Strategy<Value = (Vec<DeploymentSample>, Vec<FailureSample>)> {
    let one = (instant(), 0..5u8, 0..5u8, any::<[bool; 5]>(), 0..6u8);
    prop::collection::vec(one, 0..30).prop_map(|rows| {
        let mut failures = Vec::new();
        let mut samples = Vec::new();
        for (index, (finished_at, commit, before, [prod, good, deployed_before, primary, bot], failed)) in
            rows.into_iter().enumerate()
        {
            let id = Id::new(format!("d{index:02}"));
            let rules = [
                FailureRule::Explicit,
                FailureRule::Rollback,
                FailureRule::Fix,
                FailureRule::Time,
            ];
            let kinds = [Rework::Rollback, Rework::Revert, Rework::Incident, Rework::Hotfix];
            if let Some(rule) = rules.get(usize::from(failed)) {
                failures.push(FailureSample {
                    deployment: id.clone(),
                    repository: Id::new("r"),
                    rule: *rule,
                    cause: "c".into(),
                    failed_at: finished_at,
                    ended_at: None,
                    remedy: None,
                    weight: 1.0,
                    primary: true,
                });
            }
            samples.push(DeploymentSample {
                id,
                environment: if prod { "production" } else { "staging" }.into(),
                status: if good {
                    DeploymentStatus::Success
                } else {
                    DeploymentStatus::Failure
                },
                finished_at,
                deployed_before,
                rework: kinds.get(usize::from(failed)).copied(),
                primary,
                bot,
                weight: if primary { 1.0 } else { 0.5 },
                ..deployment("", "2026-04-01", &commit.to_string(), Some(&before.to_string()))
            });
        }
        samples.sort_by_key(|sample| sample.finished_at);
        (samples, failures)
    })
}

fn incidents() -> impl Strategy<Value = Vec<IncidentSample>> {
    let one = (instant(), instants(0.7), any::<bool>());
    prop::collection::vec(one, 0..20).prop_map(|rows| {
        let incident =
            |(index, (started_at, resolved_at, primary)): (usize, (_, Option<_>, bool))| IncidentSample {
                started_at,
                resolved_at,
                primary,
                weight: if primary { 1.0 } else { 0.5 },
                ..incident(&format!("i{index:02}"), "2026-04-01", None, &[])
            };
        rows.into_iter().enumerate().map(incident).collect()
    })
}

/// Built-in metrics, said in a file.
const SAME: [(&str, &str); 12] = [
    ("velocity", "source = 'pull_requests'\nmeasure = 'count'"),
    (
        "cycle_time",
        "source = 'pull_requests'\nmeasure = 'duration'\nfrom = 'first_commit'\nto = 'merged'",
    ),
    (
        "change_lead_time",
        "source = 'pull_requests'\nmeasure = 'duration'\nfrom = 'first_commit'\nto = 'deployed'",
    ),
    (
        "deploy_time",
        "source = 'pull_requests'\nmeasure = 'duration'\nfrom = 'merged'\nto = 'deployed'",
    ),
    (
        "review_coverage",
        "source = 'pull_requests'\nmeasure = 'rate'\nnumerator.reviewed = true",
    ),
    (
        "approved_before_merge",
        "source = 'pull_requests'\nmeasure = 'rate'\nnumerator.approved = true",
    ),
    (
        "self_merged",
        "source = 'pull_requests'\nmeasure = 'rate'\nnumerator.self_merged = true",
    ),
    (
        "deployment_frequency",
        "source = 'deployments'\nmeasure = 'count'\nper = 'day'",
    ),
    (
        "change_fail_rate",
        "source = 'deployments'\nmeasure = 'rate'\nnumerator.failed_by = ['explicit', 'rollback', 'fix', 'time']",
    ),
    (
        "strict_change_fail_rate",
        "source = 'deployments'\nmeasure = 'rate'\nnumerator.failed_by = ['explicit', 'rollback', 'fix']",
    ),
    (
        "deployment_rework_rate",
        "source = 'deployments'\nwhere.rollbacks = 'include'\nmeasure = 'rate'\n\
         numerator.rework = ['rollback', 'revert', 'incident', 'hotfix']",
    ),
    (
        "time_to_restore",
        "source = 'incidents'\nmeasure = 'duration'\nfrom = 'started'\nto = 'resolved'",
    ),
];

proptest! {
    #[test]
    fn what_says_the_same_gives_the_same(
        mut changes in changes(),
        rounds in prop::collection::vec((prop::option::of(0..3i64), prop::option::of(any::<bool>())), 40),
        (deployments, failures) in deployments(),
        incidents in incidents(),
        policy in prop::sample::select(Policy::ALL.to_vec()),
        clock in prop::sample::select(ClockKind::ALL.to_vec()),
        (direct_pushes, told) in any::<(bool, bool)>(),
    ) {
        for (sample, (rounds, own)) in changes.iter_mut().zip(rounds) {
            sample.review_rounds = rounds;
            sample.self_merged = own;
        }
        let mut facts = Facts { failures, incidents, ..facts(changes, deployments) };
        facts.coverage.incidents_from = facts.coverage.incidents_from.filter(|_| told);
        for (built_in, lines) in SAME {
            let asked = query(&[built_in, "m"], "2026-03-10", "2026-04-20")
                .bucket(Bucket::Week)
                .policy(policy)
                .clock(clock)
                .direct_pushes(direct_pushes);
            let answers = metric(lines).answer(&asked, &facts, now()).unwrap();
            prop_assert_eq!(&answers[0].total, &answers[1].total, "{}", built_in);
            prop_assert_eq!(&answers[0].buckets, &answers[1].buckets, "{}", built_in);
        }
    }
}
