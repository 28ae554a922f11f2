use chrono::TimeDelta;

use super::super::envelope::RateLimit;
use super::super::governor::{Governor, Refused};
use super::*;

fn governor() -> Governor {
    Governor::new(GovernorSettings::default())
}

fn after(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

/// What a GraphQL answer says, which took `seconds`.
fn points(cost: u64, remaining: u64, seconds: u64) -> (HttpResponse, RateLimit) {
    let mut reply = response(200, &[], "");
    reply.elapsed = Duration::from_secs(seconds);
    let limit = RateLimit {
        cost: Some(cost),
        limit: Some(5000),
        remaining: Some(remaining),
        reset_at: Some(after(3600)),
    };
    (reply, limit)
}

fn record(governor: &Governor, cost: u64, remaining: u64, seconds: u64, now: DateTime<Utc>) {
    let (reply, limit) = points(cost, remaining, seconds);
    governor.record(
        Face::Graphql,
        "Page",
        &reply,
        Some(&limit),
        now,
        TimeDelta::zero(),
    );
}

fn refused(seconds: i64, secondary: bool) -> Result<(), Refused> {
    Err(Refused {
        until: after(seconds),
        secondary,
    })
}

#[test]
fn the_reserve_is_never_touched_and_whole_again_at_the_reset() {
    let governor = governor();
    assert_eq!(governor.admit(Face::Graphql, "Page", noon()), Ok(()));
    record(&governor, 10, 511, 1, noon());
    assert_eq!(
        governor.admit(Face::Graphql, "Page", noon()),
        Ok(()),
        "10 of the 11 over the reserve"
    );
    record(&governor, 10, 509, 1, noon());
    assert_eq!(
        governor.admit(Face::Graphql, "Page", noon()),
        refused(3600, false)
    );
    assert_eq!(
        governor.admit(Face::Graphql, "Small", noon()),
        Ok(()),
        "an operation of one point still fits"
    );
    assert_eq!(
        governor.admit(Face::Rest, "/rate_limit", noon()),
        Ok(()),
        "the other interface has a budget of its own"
    );
    assert_eq!(governor.admit(Face::Graphql, "Page", after(3600)), Ok(()));
}

#[test]
fn of_header_and_body_the_lower_counts_and_a_small_limit_keeps_half() {
    let governor = governor();
    let (mut reply, limit) = points(1, 4000, 1);
    reply
        .headers
        .insert("x-ratelimit-remaining".to_owned(), "500".to_owned());
    governor.record(
        Face::Graphql,
        "Page",
        &reply,
        Some(&limit),
        noon(),
        TimeDelta::zero(),
    );
    assert_eq!(governor.usage().points_left, Some(500));
    assert_eq!(
        governor.admit(Face::Graphql, "Page", noon()),
        refused(3600, false)
    );

    let small = [
        ("x-ratelimit-limit", "60"),
        ("x-ratelimit-remaining", "40"),
        ("x-ratelimit-reset", "1793624400"),
    ];
    governor.record(
        Face::Rest,
        "/",
        &response(200, &small, ""),
        None,
        noon(),
        TimeDelta::zero(),
    );
    assert_eq!(governor.admit(Face::Rest, "/", noon()), Ok(()));
}

#[test]
fn work_of_more_than_45_s_in_a_minute_waits_until_enough_of_it_is_old() {
    let governor = governor();
    for second in [0, 10, 20, 30] {
        record(&governor, 1, 4000, 12, after(second));
    }
    assert_eq!(
        governor.admit(Face::Graphql, "Page", after(31)),
        refused(60, true),
        "48 s of work"
    );
    assert_eq!(
        governor.admit(Face::Graphql, "Children", after(31)),
        Ok(()),
        "the page that it completes would have to be read again"
    );
    assert_eq!(governor.admit(Face::Graphql, "Page", after(60)), Ok(()));
}

#[test]
fn what_was_given_up_counts_as_ten_seconds_of_work() {
    let governor = governor();
    for second in 0..5 {
        governor.timed_out(after(second));
    }
    assert_eq!(governor.admit(Face::Graphql, "Page", after(5)), refused(60, true));
}

#[test]
fn without_limits_only_the_work_is_counted() {
    let governor = governor();
    governor.record(
        Face::Graphql,
        "Page",
        &response(200, &[], ""),
        None,
        noon(),
        TimeDelta::zero(),
    );
    assert_eq!(governor.admit(Face::Graphql, "Page", noon()), Ok(()));
    assert_eq!(governor.usage().points_limit, None);
}

#[test]
fn secondary_limits_wait_longer_each_time_then_the_token_rests() {
    let governor = governor();
    let mut now = noon();
    for wait in [60, 120, 240, 3600] {
        let until = governor.limited(None, true, now);
        assert_eq!(until, now + TimeDelta::seconds(wait));
        let before = until - TimeDelta::seconds(1);
        assert_eq!(
            governor.admit(Face::Rest, "/", before),
            Err(Refused {
                until,
                secondary: true
            })
        );
        assert_eq!(governor.admit(Face::Rest, "/", until), Ok(()));
        now = until;
    }
    governor.succeeded();
    assert_eq!(
        governor.limited(None, true, now),
        now + TimeDelta::seconds(60),
        "an answer ends the row"
    );
}

#[test]
fn an_instant_that_github_names_wins_over_ours() {
    let governor = governor();
    assert_eq!(governor.limited(Some(after(7)), true, noon()), after(7));
    assert_eq!(
        governor.limited(Some(after(3)), false, noon()),
        after(7),
        "a shorter block does not end a longer one"
    );
}

#[tokio::test]
async fn secondary_limits_halve_what_is_asked_at_once_down_to_one() {
    let governor = governor();
    for left in [2, 1, 1] {
        let refused = governor.enter(Face::Rest).await;
        governor.limited(None, true, noon());
        drop(refused);
        // Places that are too many go as they are left.
        for _ in 0..4 {
            drop(governor.enter(Face::Rest).await);
        }
        let mut held = Vec::new();
        for _ in 0..left {
            held.push(governor.enter(Face::Rest).await);
        }
        let next = tokio::time::timeout(Duration::from_millis(20), governor.enter(Face::Rest)).await;
        assert!(next.is_err(), "{left}");
    }
}

#[tokio::test]
async fn one_query_is_in_flight_and_four_reads() {
    let governor = governor();
    let query = governor.enter(Face::Graphql).await;
    let second = tokio::time::timeout(Duration::from_millis(20), governor.enter(Face::Graphql)).await;
    assert!(second.is_err());
    drop(query);
    drop(governor.enter(Face::Graphql).await);
    let mut reads = Vec::new();
    for _ in 0..4 {
        reads.push(governor.enter(Face::Rest).await);
    }
    let fifth = tokio::time::timeout(Duration::from_millis(20), governor.enter(Face::Rest)).await;
    assert!(fifth.is_err());
}

#[test]
fn ten_reads_a_second() {
    let governor = governor();
    let turns: Vec<_> = (0..21).map(|_| governor.turn(noon())).collect();
    assert_eq!(turns[9], noon());
    assert_eq!(turns[10], after(1));
    assert_eq!(turns[19], after(1));
    assert_eq!(turns[20], after(2));
    assert_eq!(governor.turn(after(60)), after(60));
}

#[test]
fn somebody_else_on_the_token_is_noticed() {
    let governor = governor();
    record(&governor, 1, 4000, 1, noon());
    record(&governor, 1, 3999, 1, after(1));
    record(&governor, 1, 3990, 1, after(2));
    assert!(
        !governor.usage().shared_token,
        "8 points may be GitHub's charge for a time-out"
    );
    record(&governor, 1, 3900, 1, after(3));
    assert!(governor.usage().shared_token);
}

#[test]
fn a_query_that_grows_dearer_is_counted() {
    let governor = governor();
    record(&governor, 1, 4000, 1, noon());
    record(&governor, 1, 3999, 1, noon());
    assert_eq!(governor.usage().cost_drift, 0);
    record(&governor, 3, 3996, 1, noon());
    assert_eq!((governor.usage().cost_drift, governor.usage().points), (1, 5));
}

#[test]
fn more_than_a_tenth_of_repeats_is_insisting() {
    let governor = governor();
    for _ in 0..10 {
        governor.repeated();
    }
    assert!(!governor.insists(), "a few repeats say nothing");
    governor.repeated();
    assert!(governor.insists());
    for _ in 0..100 {
        record(&governor, 1, 4000, 0, noon());
    }
    assert!(!governor.insists(), "11 of 111");
}
