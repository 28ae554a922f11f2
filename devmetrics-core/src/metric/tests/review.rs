use super::*;
use crate::model::Pause;

fn april(metric: &str) -> MetricQuery {
    query(&[metric], "2026-04-01", "2026-05-01")
}

/// Merged on the 10th after so many rounds of review.
fn reviewed(id: &str, rounds: Option<i64>) -> PullRequestSample {
    PullRequestSample {
        review_rounds: rounds,
        ..change(id, "2026-04-10")
    }
}

fn value(metric: &str, changes: &[PullRequestSample]) -> (Option<f64>, u64, BTreeMap<Reason, u64>) {
    let total = one(&april(metric), &facts(changes.to_vec(), vec![])).total;
    (total.value, total.n, total.excluded)
}

#[test]
fn what_nobody_reviewed_is_no_review_of_zero_rounds() {
    let changes = [
        reviewed("a", Some(0)),
        reviewed("b", Some(1)),
        reviewed("c", Some(4)),
        reviewed("git", None),
    ];
    assert_eq!(
        value("review_coverage", &changes),
        (Some(2.0 / 3.0), 3, [(Reason::UnknownMilestone, 1)].into())
    );
    assert_eq!(
        value("review_rounds", &changes),
        (
            Some(2.5),
            2,
            [(Reason::UnknownMilestone, 1), (Reason::Unreviewed, 1)].into()
        )
    );
}

#[test]
fn approvals_and_self_merges_are_parts_of_what_is_known() {
    let mut changes = [
        reviewed("a", Some(1)),
        reviewed("b", Some(1)),
        reviewed("git", None),
    ];
    changes[0].approved_at = Some(at("2026-04-09"));
    changes[1].self_merged = Some(true);
    assert_eq!(value("approved_before_merge", &changes).0, Some(0.5));
    assert_eq!(value("self_merged", &changes).0, Some(1.0));
    assert_eq!(value("self_merged", &changes).1, 1);
}

#[test]
fn comments_are_weighed_by_lines() {
    let sized = |id: &str, comments, lines: i64| PullRequestSample {
        comments,
        additions: Some(lines),
        deletions: Some(0),
        ..change(id, "2026-04-10")
    };
    let changes = [
        sized("a", Some(3), 50),
        sized("b", Some(0), 900),
        sized("c", Some(1), 0),
        sized("d", None, 5),
    ];
    assert_eq!(
        value("comments_per_100_lines", &changes),
        (
            Some(3.0),
            2,
            [(Reason::UnknownMilestone, 1), (Reason::NoLines, 1)].into()
        )
    );
    let answer = one(&april("size"), &facts(changes.to_vec(), vec![]));
    assert_eq!(answer.total.value, Some(27.5));
    let classes = ["size_xs", "size_s", "size_m", "size_l", "size_xl"].map(|class| answer.beside[class]);
    assert_eq!(classes, [Some(2.0), Some(0.0), Some(1.0), Some(1.0), Some(0.0)]);
}

/// Not merged; opened and closed, with pauses.
fn open(id: &str, opened: &str, closed: Option<&str>, pauses: &[(&str, Option<&str>)]) -> PullRequestSample {
    let pauses = pauses.iter().map(|(from, to)| Pause {
        from: at(from),
        to: to.map(at),
    });
    PullRequestSample {
        opened_at: Some(at(opened)),
        merged_at: None,
        closed_at: closed.map(at),
        pauses: pauses.collect(),
        ..change(id, "2026-04-10")
    }
}

#[test]
fn work_in_progress_is_a_mean_over_time_without_drafts() {
    let changes = vec![
        open("whole", "2026-03-01", None, &[]),
        open("half", "2026-04-16", Some("2026-06-01"), &[]),
        open(
            "was a draft",
            "2026-03-01",
            Some("2026-04-07"),
            &[("2026-03-01", Some("2026-04-04"))],
        ),
        open("is a draft", "2026-03-01", None, &[("2026-04-01", None)]),
        open(
            "closed and opened again",
            "2026-03-01",
            None,
            &[("2026-04-01", Some("2026-04-28"))],
        ),
        open("of before", "2026-02-01", Some("2026-03-01"), &[]),
        PullRequestSample {
            bot: true,
            ..open("a bot's", "2026-03-01", None, &[])
        },
    ];
    let facts = facts(changes, vec![]);
    let total = one(&april("wip"), &facts).total;
    // 30 + 15 + 3 + 0 + 3 days of 30
    close(total.value, 51.0 / 30.0);
    assert_eq!((total.n, total.excluded[&Reason::Bot]), (4, 1));
    let mut by_week = april("wip");
    by_week.bucket = Some(Bucket::Week);
    let answer = one(&by_week, &facts);
    close(answer.buckets[1].value.value, (7.0 + 1.0) / 7.0);
    assert_eq!(answer.buckets[1].label, "2026-W15");
    assert!(needed(&by_week, now()).unwrap().1.open);
}

#[test]
fn the_age_of_open_work_is_of_the_end_of_each_bucket() {
    let changes = vec![
        open("old", "2026-03-01", None, &[]),
        open("closed", "2026-04-10", Some("2026-04-20"), &[]),
        open("draft", "2026-04-01", None, &[("2026-04-02", None)]),
    ];
    let mut asked = query(&["age_of_open_work"], "2026-04-06", "2026-05-04");
    asked.bucket = Some(Bucket::Week);
    let answer = one(&asked, &facts(changes, vec![]));
    let days = |value: &Value| value.value.map(|seconds| seconds / 86_400.0);
    let by_week: Vec<_> = answer.buckets.iter().map(|bucket| days(&bucket.value)).collect();
    // On the 13th the ages are 43 and 3 days, on the 20th 50 and 10: closed at the very end of the week, it was open in it.
    assert_eq!(by_week, [Some(23.0), Some(30.0), Some(57.0), Some(64.0)]);
    assert_eq!(answer.total.excluded, [(Reason::Draft, 1)].into());
}

/// A service is asked for by its files, and the host did not tell those of one change.
#[test]
fn a_change_of_unknown_files_is_left_out_while_it_is_open_too() {
    let changes = vec![
        open("the service's", "2026-03-01", None, &[]),
        PullRequestSample {
            paths_unknown: true,
            ..open("of unknown files", "2026-03-01", None, &[])
        },
    ];
    let facts = facts(changes, vec![]);
    for metric in ["wip", "age_of_open_work"] {
        let total = one(&april(metric), &facts).total;
        assert_eq!(
            (total.n, &total.excluded),
            (1, &[(Reason::UnknownPaths, 1)].into()),
            "{metric}"
        );
    }
}

#[test]
fn of_a_git_history_what_is_open_is_unknown() {
    let mut git = facts(vec![change("a", "2026-04-10")], vec![]);
    git.coverage.pull_requests_from = None;
    assert_eq!(one(&april("wip"), &git).total.value, None);
    let velocity = one(&april("velocity"), &git);
    assert_eq!(
        (velocity.beside["opened"], velocity.beside["closed_unmerged"]),
        (None, None)
    );
    let quiet = facts(vec![], vec![]);
    assert_eq!(one(&april("wip"), &quiet).total.value, Some(0.0));
    assert_eq!(one(&april("velocity"), &quiet).beside["opened"], Some(0.0));
}

#[test]
fn velocity_tells_what_was_opened_and_closed_unmerged() {
    let changes = vec![
        open("a", "2026-04-02", Some("2026-04-03"), &[]),
        open("b", "2026-04-02", None, &[]),
        open("c", "2026-03-02", Some("2026-04-03"), &[]),
        PullRequestSample {
            opened_at: Some(at("2026-04-09")),
            ..change("merged", "2026-04-10")
        },
        PullRequestSample {
            bot: true,
            ..open("bot", "2026-04-02", Some("2026-04-03"), &[])
        },
    ];
    let velocity = one(&april("velocity"), &facts(changes, vec![]));
    assert_eq!(velocity.beside["opened"], Some(3.0));
    assert_eq!(velocity.beside["closed_unmerged"], Some(2.0));
    assert_eq!(velocity.total.value, Some(1.0));
}

#[test]
fn a_merge_to_another_branch_is_none_that_counts() {
    let elsewhere = PullRequestSample {
        on_base_branch: false,
        ..change("a", "2026-04-10")
    };
    let (value, n, excluded) = value("velocity", &[elsewhere, change("b", "2026-04-10")]);
    assert_eq!(
        (value, n, excluded),
        (Some(1.0), 1, [(Reason::OtherBranch, 1)].into())
    );
}

#[test]
fn what_still_waits_for_its_first_review_slows_the_median() {
    let waits = |id: &str, ready: &str, reviewed: Option<&str>, closed: Option<&str>| PullRequestSample {
        ready_at: Some(at(ready)),
        first_review_at: reviewed.map(at),
        review_rounds: Some(i64::from(reviewed.is_some())),
        ..open(id, ready, closed, &[])
    };
    let changes = vec![
        waits("a", "2026-04-01", Some("2026-04-01T02:00"), Some("2026-04-02")),
        waits("b", "2026-04-02", Some("2026-04-02T04:00"), None),
        waits("c", "2026-04-03", None, None),
        waits("d", "2026-04-04", None, None),
        // Given up after an hour.
        waits("e", "2026-04-05", None, Some("2026-04-05T01:00")),
    ];
    let facts = facts(changes, vec![]);
    let answer = one(&april("ttfr"), &facts);
    // Of five, four are at risk at 2 h and three at 4 h: 3/4, then 1/2.
    assert_eq!(answer.total.value, Some(4.0 * 3600.0));
    assert_eq!((answer.total.n, answer.total.censored.open), (2, 3));
    assert_eq!(answer.beside["p75_seconds"], None, "nobody knows yet");
    assert!(answer.total.provisional);
    // The median of those alone that were reviewed would be 3 hours.
    let git = PullRequestSample {
        review_rounds: None,
        ..facts.pull_requests[0].clone()
    };
    let of_git = super::facts(vec![git], vec![]);
    assert_eq!(one(&april("ttfr"), &of_git).total.value, None);
}
