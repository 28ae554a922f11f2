//! Answers are as new as the data, and are not computed twice.

use chrono::TimeDelta;
use devmetrics_testkit::builders::*;

use crate::world::World;

on_both_databases! {
    who_has_the_answer_is_not_sent_it_again,
    what_cannot_be_answered_is_never_the_same,
    what_is_asked_at_the_same_time_is_computed_once,
    a_change_of_the_data_is_a_new_answer,
    only_what_depends_on_the_present_grows_old,
    another_form_caller_or_question_is_another_answer,
    the_same_question_is_computed_once,
}

/// A time that is over, and one that ends now.
const OVER: &str = "/metrics/team/web/velocity?from=2026-01-05&to=2026-03-02";
const UP_TO_NOW: &str = "/metrics/team/web/velocity";

async fn change(world: &World) {
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![pull_request(200)];
    world.store.commit(page).await.unwrap();
}

async fn who_has_the_answer_is_not_sent_it_again(world: World) {
    for path in [OVER, UP_TO_NOW, "/teams", "/catalog", "/status", "/pull-requests"] {
        let first = world.get("reader", path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        assert_eq!(first.header("cache-control"), "private, no-cache");
        for known in [
            tag.as_str(),
            tag.trim_start_matches("W/"),
            "*",
            &format!("\"x\", {tag}"),
        ] {
            let again = world.get_with("reader", path, "if-none-match", known).await;
            assert_eq!(again.status, 304, "{path}: {known}");
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), tag);
        }
        let other = world.get_with("reader", path, "if-none-match", "\"x\"").await;
        assert_eq!((other.status.as_u16(), other.body), (200, first.body), "{path}");
    }
}

async fn what_cannot_be_answered_is_never_the_same(world: World) {
    for (path, status) in [
        ("/metrics/team/nobody/velocity", 404),
        ("/metrics/team/web/velocity?from=yesterday", 400),
        ("/metrics/compare?metric=velocity&id=web&id=nobody", 404),
    ] {
        let got = world.get_with("reader", path, "if-none-match", "*").await;
        assert_eq!(got.status, status, "{path}");
    }
}

/// Who asks at the same time what nobody asked before is told what one of them computes.
async fn what_is_asked_at_the_same_time_is_computed_once(world: World) {
    let asked = futures::future::join_all((0..20).map(|_| world.get("reader", OVER))).await;
    let text = String::from_utf8(world.get("admin", "/metrics").await.body).unwrap();
    let spared: u64 = text
        .lines()
        .filter_map(|line| line.strip_prefix("devmetrics_http_answers_spared_total{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(spared, 19, "{text}");
    assert!(asked.iter().all(|got| got.ok() == asked[0].ok()));
}

async fn a_change_of_the_data_is_a_new_answer(world: World) {
    let path = "/metrics/all/velocity?from=2026-01-01&to=2026-12-31";
    let first = world.get("reader", path).await;
    let tag = first.header("etag").to_owned();
    change(&world).await;
    let second = world.get_with("reader", path, "if-none-match", &tag).await;
    assert_ne!(second.ok()["total"]["n"], first.ok()["total"]["n"]);
    assert_ne!(second.header("etag"), tag);
}

async fn only_what_depends_on_the_present_grows_old(world: World) {
    let tag = async |path: &str| world.get("reader", path).await.header("etag").to_owned();
    let (over, up_to_now) = (tag(OVER).await, tag(UP_TO_NOW).await);
    world.clock.advance(TimeDelta::minutes(5));
    assert_eq!(tag(OVER).await, over);
    assert_ne!(tag(UP_TO_NOW).await, up_to_now);
}

async fn another_form_caller_or_question_is_another_answer(world: World) {
    let mut tags = std::collections::BTreeSet::new();
    let asked = [
        ("reader", "/teams"),
        ("web", "/teams"),
        ("reader", "/teams?format=csv"),
        ("reader", "/teams?limit=1"),
        ("reader", "/catalog"),
    ];
    for (caller, path) in asked {
        tags.insert(world.get(caller, path).await.header("etag").to_owned());
    }
    assert_eq!(tags.len(), asked.len());
    // Nor does the cache give a team's key what another one asked for.
    let of_team = world.get("web", "/teams").await.ok();
    assert_eq!(of_team["items"].as_array().unwrap().len(), 1);
}

/// A question that was answered before costs no metric query, also for who does not have the answer.
async fn the_same_question_is_computed_once(world: World) {
    let spared = async |how: &str| {
        let text = String::from_utf8(world.get("admin", "/metrics").await.body).unwrap();
        let name = format!("devmetrics_http_answers_spared_total{{how=\"{how}\"}} ");
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(&name).map(str::to_owned));
        line.map_or(0, |count| count.parse::<u64>().unwrap())
    };
    let first = world.get("reader", OVER).await;
    assert_eq!(spared("cached").await, 0);
    let second = world.get("reader", OVER).await;
    assert_eq!((spared("cached").await, second.body), (1, first.body.clone()));
    let tag = first.header("etag").to_owned();
    world.get_with("reader", OVER, "if-none-match", &tag).await;
    assert_eq!((spared("cached").await, spared("not_modified").await), (1, 1));
    change(&world).await;
    world.get("reader", OVER).await.ok();
    assert_eq!(spared("cached").await, 1);
}
