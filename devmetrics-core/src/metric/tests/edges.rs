use super::*;
use crate::ErrorKind;

#[test]
fn few_deployments_are_not_rounded_to_zero() {
    let deployments = |n: usize| {
        (0..n)
            .map(|index| {
                let day = at("2026-04-01") + Duration::days(index as i64);
                DeploymentSample {
                    finished_at: day,
                    ..deployment(&format!("d{index}"), "2026-04-01", &format!("c{index}"), None)
                }
            })
            .collect()
    };
    let asked = query(&["deploys"], "2026-04-01", "2026-05-01");
    close(
        one(&asked, &facts(vec![], deployments(29))).total.value,
        29.0 / 30.0,
    );
    close(
        one(&asked, &facts(vec![], deployments(9))).total.value,
        9.0 / 30.0,
    );
}

#[test]
fn the_median_of_two_lies_between_them() {
    let changes = vec![
        PullRequestSample {
            first_commit_at: Some(at("2026-04-02") - Duration::seconds(60)),
            ..change("a", "2026-04-02")
        },
        PullRequestSample {
            first_commit_at: Some(at("2026-04-02") - Duration::seconds(10_000)),
            ..change("b", "2026-04-02")
        },
    ];
    let answer = one(
        &query(&["cycle_time"], "2026-04-01", "2026-04-08"),
        &facts(changes, vec![]),
    );
    assert_eq!(answer.total.value, Some(5030.0));
}

#[test]
fn a_month_without_data_is_unknown_and_not_zero_hours() {
    let facts = facts(
        vec![shipped("a", "2026-04-01", "2026-04-02", "2026-04-03")],
        vec![],
    );
    let mut asked = query(&["lead_time", "cycle_time"], "2026-04-01", "2026-06-01");
    asked.bucket = Some(Bucket::Month);
    for answer in answer(&asked, &facts, now()).unwrap() {
        let may = &answer.buckets[1];
        assert_eq!(
            (may.label.as_str(), may.value.value, may.value.n),
            ("2026-05", None, 0)
        );
        assert_eq!(may.value.quantiles, None);
        assert!(may.value.low_sample);
    }
}

#[test]
fn the_time_before_a_team_or_the_collection_is_missing() {
    let mut facts = facts(
        vec![change("a", "2026-02-20")],
        vec![deployment("d", "2026-02-20", "c", None)],
    );
    facts.coverage.from = Some(at("2026-02-04"));
    facts.coverage.team_from = Some(at("2026-02-11"));
    let mut asked = query(&["velocity", "deploys"], "2026-02-02", "2026-03-02");
    asked.bucket = Some(Bucket::Week);
    let answers = answer(&asked, &facts, now()).unwrap();
    let weeks: Vec<_> = answers[0]
        .buckets
        .iter()
        .map(|week| (week.label.as_str(), week.value.value, week.partial))
        .collect();
    assert_eq!(
        weeks,
        [
            ("2026-W07", Some(0.0), true),
            ("2026-W08", Some(1.0), false),
            ("2026-W09", Some(0.0), false)
        ]
    );
    close(answers[1].total.value, 1.0 / 19.0);

    asked.window = window("2026-01-05", "2026-02-02");
    for answer in answer(&asked, &facts, now()).unwrap() {
        assert_eq!(
            answer.total.value, None,
            "{} of a time that nobody saw",
            answer.metric
        );
        assert!(answer.buckets.is_empty());
    }
}

#[test]
fn what_was_found_outside_the_observed_time_is_shown_all_the_same() {
    let mut facts = facts(vec![change("a", "2026-01-20")], vec![]);
    facts.coverage.from = Some(at("2026-02-04"));
    let mut asked = query(&["velocity"], "2026-01-12", "2026-01-26");
    asked.bucket = Some(Bucket::Week);
    let answer = one(&asked, &facts);
    assert_eq!(answer.total.value, Some(1.0));
    let weeks: Vec<_> = answer
        .buckets
        .iter()
        .map(|week| (week.label.as_str(), week.value.value))
        .collect();
    assert_eq!(
        weeks,
        [("2026-W04", Some(1.0))],
        "the week before it stays missing"
    );
}

#[test]
fn the_observed_time_ends_at_the_present() {
    let mut coverage = facts(vec![], vec![]).coverage;
    coverage.to = Some(at("2027-01-01"));
    assert_eq!(
        coverage.observed(now()),
        Some(Window {
            from: at("2026-01-01"),
            to: now()
        })
    );
    coverage.to = None;
    assert_eq!(coverage.observed(now()).map(|window| window.to), Some(now()));
    assert_eq!(coverage.observed(at("2025-01-01")), None);
    assert_eq!(Coverage::default().observed(now()), None);
}

#[test]
fn a_week_begins_with_its_first_instant_and_five_samples_are_enough() {
    let changes = (0..5)
        .map(|index| change(&format!("c{index}"), "2026-04-06"))
        .collect();
    let mut asked = query(&["velocity"], "2026-03-30", "2026-04-13");
    asked.bucket = Some(Bucket::Week);
    let answer = one(&asked, &facts(changes, vec![]));
    let weeks: Vec<_> = answer
        .buckets
        .iter()
        .map(|week| (week.label.as_str(), week.value.value, week.value.low_sample))
        .collect();
    assert_eq!(
        weeks,
        [("2026-W14", Some(0.0), true), ("2026-W15", Some(5.0), false)]
    );
}

#[test]
fn a_window_beyond_what_was_collected_is_provisional() {
    let mut facts = facts(vec![change("a", "2026-11-10")], vec![]);
    facts.coverage.to = Some(at("2026-11-12"));
    let mut asked = query(&["velocity"], "2026-11-02", "2026-11-30");
    asked.bucket = Some(Bucket::Week);
    let answer = one(&asked, &facts);
    assert!(answer.total.provisional);
    let weeks: Vec<_> = answer
        .buckets
        .iter()
        .map(|week| {
            (
                week.label.as_str(),
                week.value.value,
                week.partial,
                week.value.provisional,
            )
        })
        .collect();
    assert_eq!(
        weeks,
        [
            ("2026-W45", Some(0.0), false, false),
            ("2026-W46", Some(1.0), true, true)
        ],
        "weeks that nobody collected yet are missing"
    );
    facts.coverage.to = None;
    assert!(
        one(&asked, &facts).total.provisional,
        "a feed that was not read to its end"
    );
}

#[test]
fn without_deployment_tracking_the_frequency_is_unknown() {
    let changes = vec![PullRequestSample {
        matched: Some(DeploymentMatch::Untracked),
        ..change("a", "2026-04-02")
    }];
    let mut facts = facts(changes, vec![]);
    let asked = query(&["deploys", "lead_time"], "2026-04-01", "2026-04-08");
    let answers = answer(&asked, &facts, now()).unwrap();
    assert_eq!((answers[0].total.value, answers[1].total.value), (None, None));
    assert_eq!(answers[0].beside["per_week"], None);
    facts.coverage.deployments_from = facts.coverage.from;
    assert_eq!(answer(&asked, &facts, now()).unwrap()[0].total.value, Some(0.0));
}

#[test]
fn a_fact_of_several_teams_counts_by_the_policy() {
    let shared = PullRequestSample {
        weight: 0.5,
        primary: false,
        ..change("b", "2026-04-02")
    };
    let facts = facts(vec![change("a", "2026-04-02"), shared], vec![]);
    let mut asked = query(&["velocity", "cycle_time"], "2026-04-01", "2026-04-08");
    for (policy, velocity, changes) in [
        (Policy::Full, 2.0, 2),
        (Policy::Fractional, 1.5, 2),
        (Policy::Primary, 1.0, 1),
    ] {
        asked.policy = policy;
        let answers = answer(&asked, &facts, now()).unwrap();
        assert_eq!(
            (answers[0].total.value, answers[1].total.n),
            (Some(velocity), changes),
            "{policy}"
        );
        let other = answers[0].total.excluded.get(&Reason::OtherPrimaryTeam).copied();
        assert_eq!(other, (policy == Policy::Primary).then_some(1));
    }
}

#[test]
fn clocks_may_differ_by_a_minute_and_no_more() {
    let merged = at("2026-04-02");
    let skewed = |id: &str, seconds: i64| PullRequestSample {
        first_commit_at: Some(merged + Duration::seconds(seconds)),
        ..change(id, "2026-04-02")
    };
    let facts = facts(vec![skewed("a", 60), skewed("b", 61)], vec![]);
    let total = one(&query(&["cycle_time"], "2026-04-01", "2026-04-08"), &facts).total;
    assert_eq!((total.value, total.n, total.skew_clamped), (Some(0.0), 1, 1));
    assert_eq!(total.excluded[&Reason::NegativeDuration], 1);

    let reviewed = |id: &str, seconds: i64| PullRequestSample {
        opened_at: Some(at("2026-04-01")),
        first_review_at: Some(at("2026-04-01T10:00")),
        approved_at: Some(at("2026-04-01T10:00") - Duration::seconds(seconds)),
        ..change(id, "2026-04-02")
    };
    let facts = Facts {
        pull_requests: vec![reviewed("a", 60), reviewed("b", 61)],
        ..facts
    };
    let total = one(&query(&["review"], "2026-04-01", "2026-04-08"), &facts).total;
    assert_eq!((total.value, total.n, total.skew_clamped), (Some(0.0), 1, 1));
    assert_eq!(total.excluded[&Reason::NegativeDuration], 1);
}

#[test]
fn what_is_known_about_a_value_is_noted() {
    let squash = PullRequestSample {
        first_commit_estimated: true,
        ..change("squash", "2026-04-02")
    };
    let stale = PullRequestSample {
        first_commit_at: Some(at("2025-01-01")),
        opened_at: Some(at("2026-04-01")),
        ..change("stale", "2026-04-03")
    };
    let rebased = PullRequestSample {
        opened_at: Some(at("2026-04-01")),
        ..change("rebased", "2026-04-04")
    };
    let hotfix = shipped("hotfix", "2026-04-04", "2026-04-05T12:00", "2026-04-05T06:00");
    let facts = facts(vec![hotfix, squash, stale, rebased], vec![]);
    let asked = query(&[], "2026-04-01", "2026-04-08");
    let notes = |metric| -> Vec<_> {
        explain(&asked, metric, &facts, now())
            .unwrap()
            .into_iter()
            .map(|evidence| (evidence.item, evidence.note, evidence.begin))
            .collect()
    };
    assert_eq!(
        notes("cycle-time"),
        [
            (
                "squash".into(),
                Some(Note::FirstCommitEstimated),
                Some(at("2026-04-01"))
            ),
            (
                "stale".into(),
                Some(Note::StaleFirstCommit),
                Some(at("2025-01-01"))
            ),
            (
                "rebased".into(),
                Some(Note::BeginIsOpening),
                Some(at("2026-04-01"))
            ),
            ("hotfix".into(), None, Some(at("2026-04-04"))),
        ]
    );
    let deploy = &explain(&asked, "deploy", &facts, now()).unwrap()[3];
    assert_eq!(deploy.note, Some(Note::DeployedBeforeMerge));
    assert_eq!(
        deploy.outcome,
        Outcome::Counted {
            value: 0.0,
            skew_clamped: false
        }
    );
    assert_eq!(deploy.matched, Some(DeploymentMatch::Ancestry));
}

#[test]
fn a_deployment_matched_by_time_is_an_estimated_end() {
    let by_time = PullRequestSample {
        matched: Some(DeploymentMatch::Time),
        ..shipped("a", "2026-04-01", "2026-04-02", "2026-04-03")
    };
    let also_squashed = PullRequestSample {
        id: Id::new("b"),
        first_commit_estimated: true,
        ..by_time.clone()
    };
    let exact = shipped("c", "2026-04-01", "2026-04-02", "2026-04-04");
    let facts = facts(vec![by_time, also_squashed, exact], vec![]);
    let asked = query(&["lead_time", "deploy", "cycle"], "2026-04-01", "2026-04-08");
    let estimated: Vec<_> = answer(&asked, &facts, now())
        .unwrap()
        .iter()
        .map(|answer| (answer.total.n, answer.total.estimated))
        .collect();
    assert_eq!(estimated, [(3, 2), (3, 2), (3, 1)], "the merge is exact");
    let matched: Vec<_> = explain(&asked, "lead_time", &facts, now())
        .unwrap()
        .iter()
        .map(|evidence| evidence.matched.map(DeploymentMatch::as_str))
        .collect();
    assert_eq!(matched, [Some("time"), Some("time"), Some("ancestry")]);
}

#[test]
fn a_first_commit_at_the_opening_is_the_opening() {
    let opened = PullRequestSample {
        opened_at: Some(at("2026-04-01")),
        first_commit_at: Some(at("2026-04-01")),
        ..change("a", "2026-04-02")
    };
    let facts = facts(vec![opened], vec![]);
    let asked = query(&["cycle"], "2026-04-01", "2026-04-08");
    let evidence = explain(&asked, "cycle", &facts, now()).unwrap();
    assert_eq!(evidence[0].note, Some(Note::BeginIsOpening));
    assert_eq!(evidence[0].begin, Some(at("2026-04-01")));
}

#[test]
fn the_median_of_weeks_looks_back_beyond_the_window() {
    let asked = query(&["velocity"], "2026-04-13", "2026-04-22");
    let (wider, _) = needed(&asked, now()).unwrap();
    assert_eq!(
        wider,
        window("2026-02-23", "2026-04-22"),
        "eight whole weeks before the 20th"
    );
    assert_eq!(
        needed(&query(&["lead_time"], "2026-04-13", "2026-04-22"), now())
            .unwrap()
            .0,
        asked.window
    );
    // 0 … 7 changes in the eight weeks, and many in the cut one after them.
    let mut changes = Vec::new();
    for week in 0..8 {
        for number in 0..week {
            changes.push(PullRequestSample {
                merged_at: Some(at("2026-02-23") + Duration::days(7 * week + 1)),
                ..change(&format!("{week}-{number}"), "2026-02-24")
            });
        }
    }
    changes.extend((0..20).map(|number| change(&format!("late{number}"), "2026-04-21")));
    let mut facts = facts(changes, vec![]);
    let answer = one(&asked, &facts);
    assert_eq!(answer.total.value, Some(27.0));
    assert_eq!(answer.beside["median_last_8_weeks"], Some(3.5));
    facts.coverage.team_from = Some(at("2026-04-01"));
    assert_eq!(
        one(&asked, &facts).beside["median_last_8_weeks"],
        Some(6.5),
        "only weeks that the team was there for"
    );
    facts.coverage.team_from = Some(at("2026-04-15"));
    assert_eq!(one(&asked, &facts).beside["median_last_8_weeks"], None);
}

#[test]
fn metrics_are_found_by_id_alias_and_in_any_spelling() {
    for (name, id) in [
        ("velocity", "velocity"),
        ("Lead-Time", "change_lead_time"),
        ("lead_time", "change_lead_time"),
        ("deploys", "deployment_frequency"),
        ("pickup", "pickup_time"),
        (" cycle time ", "cycle_time"),
    ] {
        assert_eq!(Catalog::builtin().find(name).unwrap().definition().id, id);
    }
    let error = Catalog::builtin().find("velocty").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.message().contains("did you mean `velocity`?"), "{error}");
    assert!(
        error.message().contains("change_lead_time, deployment_frequency"),
        "{error}"
    );

    let catalog = Catalog::builtin();
    let mut names: Vec<&str> = Vec::new();
    for metric in catalog.iter() {
        let definition = metric.definition();
        names.push(&*definition.id);
        names.extend(definition.aliases);
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "no name means two metrics");
}

#[test]
fn a_query_names_each_metric_once_or_means_all() {
    let facts = facts(vec![], vec![]);
    let ids = |metrics: &[&str]| -> Vec<String> {
        let asked = query(metrics, "2026-04-01", "2026-04-08");
        answer(&asked, &facts, now())
            .unwrap()
            .into_iter()
            .map(|answer| answer.metric)
            .collect()
    };
    assert_eq!(
        ids(&["lead_time", "velocity", "change-lead-time"]),
        ["change_lead_time", "velocity"]
    );
    assert_eq!(ids(&[]).len(), Catalog::builtin().iter().count());
}

#[test]
fn a_window_that_ends_before_it_begins_is_told() {
    let facts = facts(vec![], vec![]);
    for (from, to) in [("2026-04-08", "2026-04-01"), ("2026-04-01", "2026-04-01")] {
        let asked = query(&["velocity"], from, to);
        for error in [
            answer(&asked, &facts, now()).unwrap_err(),
            needed(&asked, now()).unwrap_err(),
            explain(&asked, "velocity", &facts, now()).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(
                error.message().contains(from) && error.message().contains(to),
                "{error}"
            );
        }
    }
}

#[test]
fn years_beyond_the_calendar_are_told() {
    let mut asked = query(&[], "2026-04-01", "2026-04-08");
    asked.bucket = Some(Bucket::Quarter);
    asked.zone = Tz::America__New_York;
    let whole = Window {
        from: DateTime::<Utc>::MIN_UTC,
        to: DateTime::<Utc>::MAX_UTC,
    };
    for window in [
        whole,
        Window {
            from: at("2026-04-01"),
            ..whole
        },
    ] {
        asked.window = window;
        let error = answer(&asked, &facts(vec![], vec![]), now()).unwrap_err();
        assert!(error.message().contains("from 1 to 9999"), "{error}");
    }
    asked.window = window("0001-01-01", "0001-02-01");
    assert_eq!(
        answer(&asked, &facts(vec![], vec![]), now()).unwrap().len(),
        Catalog::builtin().iter().count()
    );
}

#[test]
fn an_answer_reads_back_from_its_json() {
    let facts = facts(
        vec![shipped("a", "2026-04-01", "2026-04-02", "2026-04-03")],
        vec![],
    );
    let mut asked = query(&[], "2026-04-01", "2026-04-08");
    asked.bucket = Some(Bucket::Day);
    let answers = answer(&asked, &facts, now()).unwrap();
    let text = serde_json::to_string(&answers).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Answer>>(&text).unwrap(), answers);
    let evidence = explain(&asked, "lead_time", &facts, now()).unwrap();
    assert_eq!(
        serde_json::to_value(&evidence).unwrap(),
        serde_json::json!([{
            "item": "a",
            "outcome": "counted",
            "value": 172_800.0,
            "skew_clamped": false,
            "at": "2026-04-03T00:00:00Z",
            "begin": "2026-04-01T00:00:00Z",
            "end": "2026-04-03T00:00:00Z",
            "matched": "ancestry",
            "note": null,
            "because": null,
        }])
    );
}
