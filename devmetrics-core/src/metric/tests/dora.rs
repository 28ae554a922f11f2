use super::*;
use crate::model::{FailureRule, Rework};

/// A reason why a deployment failed.
fn failure(
    deployment: &str,
    failed: &str,
    rule: FailureRule,
    cause: &str,
    ended: Option<&str>,
) -> FailureSample {
    FailureSample {
        deployment: Id::new(deployment),
        repository: Id::new("r"),
        rule,
        cause: cause.into(),
        failed_at: at(failed),
        ended_at: ended.map(at),
        // Incidents end by themselves, the others by a deployment.
        remedy: ended
            .filter(|_| matches!(rule, FailureRule::Rollback | FailureRule::Fix))
            .map(|_| Id::new(cause)),
        weight: 1.0,
        primary: true,
    }
}

/// One deployment a day from the 1st of April on, each of another commit: d1, d2, …
fn daily(days: u32) -> Vec<DeploymentSample> {
    (1..=days)
        .map(|day| {
            let finished = format!("2026-04-{day:02}T12:00");
            deployment(&format!("d{day}"), &finished, &format!("c{day}"), None)
        })
        .collect()
}

fn april(metric: &str) -> MetricQuery {
    query(&[metric], "2026-04-01", "2026-05-01")
}

fn with(failures: Vec<FailureSample>, deployments: Vec<DeploymentSample>) -> Facts {
    Facts {
        failures,
        ..facts(vec![], deployments)
    }
}

#[test]
fn two_incidents_on_one_deployment_count_once() {
    let facts = with(
        vec![
            failure(
                "d3",
                "2026-04-03T12:00",
                FailureRule::Explicit,
                "i1",
                Some("2026-04-03T14:00"),
            ),
            failure(
                "d3",
                "2026-04-03T12:00",
                FailureRule::Time,
                "i2",
                Some("2026-04-03T18:00"),
            ),
        ],
        daily(10),
    );
    let answer = one(&april("change_fail_rate"), &facts);
    close(answer.total.value, 0.1);
    assert_eq!(answer.total.n, 10);
    let evidence = explain(&april("cfr"), "cfr", &facts, now()).unwrap();
    let failed: Vec<_> = evidence.iter().filter(|item| item.because.is_some()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].because.as_ref().unwrap().rule, FailureRule::Explicit);
    // It was over when the last of them was.
    let recovery = one(&april("recovery_time"), &facts);
    assert_eq!((recovery.total.n, recovery.total.value), (1, Some(6.0 * 3600.0)));
}

#[test]
fn the_strict_reading_takes_no_guess() {
    let facts = with(
        vec![
            failure("d3", "2026-04-03T12:00", FailureRule::Time, "i1", None),
            failure(
                "d5",
                "2026-04-05T12:00",
                FailureRule::Fix,
                "pr9",
                Some("2026-04-06T12:00"),
            ),
        ],
        daily(10),
    );
    close(one(&april("cfr"), &facts).total.value, 0.2);
    close(one(&april("strict_cfr"), &facts).total.value, 0.1);
}

/// Wilson's interval of 2 in 10, from `binomtest(2, 10).proportion_ci(method='wilson')`, SciPy 1.17.1.
#[test]
fn a_fail_rate_has_wilsons_interval() {
    let failed = |n: u32| {
        let finished = format!("2026-04-{n:02}T12:00");
        failure(&format!("d{n}"), &finished, FailureRule::Explicit, "i", None)
    };
    let facts = with(vec![failed(2), failed(7)], daily(10));
    let interval = one(&april("cfr"), &facts).total.interval.unwrap();
    close(Some(interval.low), 0.056_682_151_454_375_26);
    close(Some(interval.high), 0.509_837_528_463_665_9);
}

/// Neither redeploys, rollbacks, failures to deploy nor other environments can raise the rate above 100 %.
#[test]
fn only_what_can_fail_is_counted() {
    let mut deployments = daily(5);
    deployments[1].status = DeploymentStatus::Failure;
    deployments[2].environment = "staging".into();
    deployments[3].deployed_before = true;
    deployments[4].previous_commit = Some("c5".into());
    let reasons = (1..=5)
        .map(|n| {
            let finished = format!("2026-04-{n:02}T12:00");
            failure(&format!("d{n}"), &finished, FailureRule::Explicit, "i", None)
        })
        .collect();
    let answer = one(&april("cfr"), &with(reasons, deployments));
    assert_eq!((answer.total.n, answer.total.value), (1, Some(1.0)));
    assert_eq!(answer.total.excluded.values().sum::<u64>(), 4);
}

#[test]
fn no_failure_found_where_nobody_tells_of_incidents_is_unknown() {
    let mut none = with(vec![], daily(10));
    assert_eq!(one(&april("cfr"), &none).total.value, Some(0.0));
    none.coverage.incidents_from = None;
    let answer = one(&april("cfr"), &none);
    assert_eq!((answer.total.value, answer.total.n), (None, 10));
    let mut some = none.clone();
    let rolled_back = failure(
        "d2",
        "2026-04-02T12:00",
        FailureRule::Rollback,
        "d3",
        Some("2026-04-03T12:00"),
    );
    some.failures = vec![rolled_back];
    close(one(&april("cfr"), &some).total.value, 0.1);
}

#[test]
fn the_last_day_of_a_fail_rate_is_provisional() {
    let mut facts = with(vec![], daily(10));
    facts.coverage.to = Some(at("2026-05-01T10:00"));
    assert!(one(&april("cfr"), &facts).total.provisional);
    facts.coverage.to = Some(at("2026-05-02"));
    assert!(!one(&april("cfr"), &facts).total.provisional);
}

#[test]
fn recovery_is_placed_by_its_end_and_what_is_open_is_counted() {
    let facts = with(
        vec![
            // Failed in March, mended in April by a rollback long before its incident was closed.
            failure(
                "a",
                "2026-03-31T12:00",
                FailureRule::Explicit,
                "i1",
                Some("2026-04-20"),
            ),
            failure(
                "a",
                "2026-03-31T12:00",
                FailureRule::Rollback,
                "d1",
                Some("2026-04-01T12:00"),
            ),
            failure(
                "b",
                "2026-04-02T12:00",
                FailureRule::Fix,
                "d3",
                Some("2026-04-02T16:00"),
            ),
            // One of two incidents is still open.
            failure("c", "2026-04-10T12:00", FailureRule::Time, "i2", None),
            failure(
                "c",
                "2026-04-10T12:00",
                FailureRule::Time,
                "i3",
                Some("2026-04-11"),
            ),
        ],
        vec![],
    );
    let total = one(&april("fdrt"), &facts).total;
    assert_eq!((total.n, total.value), (2, Some(14.0 * 3600.0)));
    assert_eq!(total.censored.open, 1);
    let age = (now() - at("2026-04-10T12:00")).num_seconds();
    assert_eq!(total.censored.oldest_open_seconds, Some(age));
    assert!(total.provisional);
}

#[test]
fn rework_counts_rollbacks_among_all_deployments() {
    let mut deployments = daily(10);
    deployments[3].deployed_before = true;
    deployments[3].rework = Some(Rework::Rollback);
    deployments[5].rework = Some(Rework::Hotfix);
    deployments[7].previous_commit = Some("c8".into());
    let earlier = DeploymentSample {
        rework: Some(Rework::Revert),
        ..deployment("early", "2026-02-01", "c0", None)
    };
    deployments.insert(0, earlier);
    let answer = one(&april("rework_rate"), &facts(vec![], deployments));
    assert_eq!(answer.total.n, 9);
    close(answer.total.value, 2.0 / 9.0);
    close(answer.beside["trailing_180_days"], 3.0 / 10.0);
    assert_eq!(answer.beside["rollbacks"], Some(1.0));
    assert_eq!(answer.beside["reverts"], Some(0.0));
    let (wider, _) = needed(&april("rework_rate"), now()).unwrap();
    assert_eq!(wider.from, at("2026-05-01") - Duration::days(180));
}

fn incident(id: &str, started: &str, resolved: Option<&str>) -> IncidentSample {
    IncidentSample {
        id: Id::new(id),
        repository: Id::new("r"),
        labels: vec![],
        started_at: at(started),
        resolved_at: resolved.map(at),
        bot: true,
        weight: 1.0,
        primary: true,
    }
}

#[test]
fn time_to_restore_is_of_all_incidents() {
    let facts = Facts {
        incidents: vec![
            incident("a", "2026-03-31", Some("2026-04-01T06:00")),
            incident("b", "2026-04-02", Some("2026-04-02T02:00")),
            incident("c", "2026-04-30", Some("2026-05-03")),
            incident("d", "2026-04-04", None),
        ],
        ..facts(vec![], vec![])
    };
    let answer = one(&april("mttr"), &facts);
    assert_eq!((answer.total.n, answer.total.censored.open), (2, 1));
    close(answer.total.value, 16.0 * 3600.0);
    close(answer.beside["mean_seconds"], 16.0 * 3600.0);
    assert_eq!(answer.beside["incidents_started"], Some(3.0));
}
