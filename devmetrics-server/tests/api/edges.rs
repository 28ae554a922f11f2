//! Questions at the edge of what can be asked.

use devmetrics_server::Limits;
use serde_json::json;

use crate::world::World;

on_both_databases! {
    a_value_is_the_engine_s,
    every_metric_of_the_catalog_answers_for_every_scope,
    what_does_not_exist_is_named_with_what_does,
    what_cannot_be_taken_is_refused_with_its_field,
    more_than_is_given_at_once_is_refused_politely,
    times_without_data_are_answered,
    days_are_those_of_the_zone,
    sides_are_compared_with_the_first,
    pages_hold_everything_once,
}

async fn a_value_is_the_engine_s(world: World) {
    let path = "/metrics/team/web/velocity?from=2026-01-02&to=2026-03-02&bucket=week&zone=UTC";
    let got = world.get("reader", path).await.ok();
    let window = devmetrics_testkit::builders::days(1, 60);
    let query = devmetrics_core::metric::MetricQuery::new(["velocity"], window)
        .scope(devmetrics_core::metric::Scope::Team(devmetrics_core::Id::new(
            "web",
        )))
        .bucket(devmetrics_core::metric::Bucket::Week);
    let answer = world.engine.report(&query).await.unwrap().remove(0);
    assert_eq!(got, serde_json::to_value(&answer).unwrap());
    assert_eq!(got["total"]["n"], 40);
    let lead = world.get("reader", "/metrics/team/web/lead-time").await.ok();
    assert_eq!(
        (&lead["metric"], &lead["unit"]),
        (&json!("change_lead_time"), &json!("seconds"))
    );
    for alias in ["change_lead_time", "lead-time", "Lead-Time"] {
        let same = world
            .get("reader", &format!("/metrics/team/web/{alias}"))
            .await
            .ok();
        assert_eq!(same, lead, "{alias}");
    }
}

async fn every_metric_of_the_catalog_answers_for_every_scope(world: World) {
    let catalog = world.get("reader", "/catalog").await.ok();
    let metrics: Vec<&str> = catalog["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert!(metrics.len() >= 23, "{metrics:?}");
    for metric in metrics {
        for of in [
            "all",
            "team/web",
            "team/unassigned",
            "repository/acme%2Fweb",
            "organization/acme",
        ] {
            for path in [
                format!("/metrics/{of}/{metric}"),
                format!("/metrics/{of}/{metric}/evidence?limit=2"),
            ] {
                world.get("reader", &path).await.ok();
            }
        }
    }
}

async fn what_does_not_exist_is_named_with_what_does(world: World) {
    for (path, words, near) in [
        (
            "/metrics/team/wbe/velocity",
            "did you mean `web`?",
            json!(["web"]),
        ),
        ("/metrics/team/zebra/velocity", "no team `zebra`", json!(null)),
        (
            "/metrics/compare?metric=velocity&id=web&id=aip",
            "did you mean `api`?",
            json!(["api"]),
        ),
        ("/teams/wbe/members", "did you mean `web`?", json!(["web"])),
        ("/pull-requests?team=wbe", "did you mean `web`?", json!(["web"])),
        (
            "/metrics/repository/acme%2Fwep/velocity",
            "did you mean `acme/web`?",
            json!(["acme/web"]),
        ),
        (
            "/metrics/organization/acne/velocity",
            "did you mean `acme`?",
            json!(["acme"]),
        ),
        ("/metrics/service/web/velocity", "web", json!(null)),
        (
            "/metrics/team/web/velocty",
            "did you mean `velocity`?",
            json!(["velocity"]),
        ),
        (
            "/metrics/team/web/deployment_frequenzy/evidence",
            "did you mean `deployment_frequency`?",
            json!(["deployment_frequency", "deploy_frequency"]),
        ),
        ("/metrics/planet/earth/velocity", "/openapi.json", json!(null)),
        ("/nothing", "/openapi.json", json!(null)),
        ("/metrics/team/web/velocity/", "/openapi.json", json!(null)),
    ] {
        let problem = world.get("reader", path).await.problem(404, "not-found");
        assert!(
            problem["detail"].as_str().unwrap().contains(words),
            "{path}: {problem}"
        );
        assert_eq!(problem["near"], near, "{path}");
    }
    // Whoever may not see other teams learns no name of them.
    let problem = world
        .get("web", "/metrics/team/aip/velocity")
        .await
        .problem(403, "permission-denied");
    assert!(problem.get("near").is_none(), "{problem}");
}

async fn what_cannot_be_taken_is_refused_with_its_field(world: World) {
    let velocity = "/metrics/team/web/velocity";
    for (path, field) in [
        (format!("{velocity}?form=2026-01-01"), json!("form")),
        (format!("{velocity}?from=yesterday"), json!("from")),
        (format!("{velocity}?from=2026-02-30"), json!("from")),
        (format!("{velocity}?from=0000-01-01"), json!("from")),
        (format!("{velocity}?from=99999-01-01"), json!("from")),
        (format!("{velocity}?from=2026-03-01&to=2026-02-01"), json!("from")),
        (format!("{velocity}?from=2026-03-01&to=2026-03-01"), json!("from")),
        (
            format!("{velocity}?from=2026-01-01&from=2026-01-02"),
            json!("from"),
        ),
        (format!("{velocity}?bucket=year"), json!("bucket")),
        (format!("{velocity}?zone=Mars/Olympus"), json!("zone")),
        (format!("{velocity}?policy=all"), json!("policy")),
        (format!("{velocity}?clock=sun"), json!("clock")),
        (format!("{velocity}?direct_pushes=1"), json!("direct_pushes")),
        (format!("{velocity}?format=xml"), json!("format")),
        (format!("/metrics/team/{}/velocity", "a".repeat(301)), json!("id")),
        ("/metrics/team//velocity".into(), json!("id")),
        ("/metrics/team/a%00b/velocity".into(), json!("id")),
        ("/metrics/team/a%0Ab/velocity".into(), json!("id")),
        ("/pull-requests?limit=0".into(), json!("limit")),
        ("/repositories?limit=&cursor=&format=csv".into(), json!("limit")),
        ("/teams?cursor".into(), json!("cursor")),
        ("/pull-requests?limit=-1".into(), json!("limit")),
        ("/pull-requests?cursor=x".into(), json!("cursor")),
        ("/pull-requests?state=lost".into(), json!("state")),
        (
            "/pull-requests?team=web&repository=acme/web".into(),
            json!("team"),
        ),
        ("/teams?limit=x".into(), json!("limit")),
        ("/teams/web/members?at=then".into(), json!("at")),
        ("/catalog?x=1".into(), json!("x")),
        ("/metrics/compare?metric=velocity&id=web".into(), json!("id")),
        (
            "/metrics/compare?metric=velocity&id=web&id=web".into(),
            json!("id"),
        ),
        ("/metrics/compare?id=web&id=api".into(), json!("metric")),
    ] {
        let problem = world.get("reader", &path).await.problem(400, "invalid-input");
        let found = &problem["field"];
        let named = *found == field
            || problem["detail"]
                .as_str()
                .unwrap()
                .contains(field.as_str().unwrap());
        assert!(named, "{path}: {problem}");
    }
}

async fn more_than_is_given_at_once_is_refused_politely(world: World) {
    let huge = world
        .get(
            "reader",
            "/metrics/team/web/velocity?from=1900-01-01&to=2026-01-01",
        )
        .await;
    let problem = huge.problem(400, "too-much");
    assert!(
        problem["detail"].as_str().unwrap().contains("3660 days"),
        "{problem}"
    );
    let problem = world
        .get("reader", "/pull-requests?limit=501")
        .await
        .problem(400, "too-much");
    assert_eq!(problem["field"], "limit");
    // Ten thousand of them, and the length of the line is no trouble.
    let ids = "&id=t".repeat(10_000);
    let problem = world
        .get("reader", &format!("/metrics/compare?metric=velocity{ids}"))
        .await
        .problem(400, "too-much");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("10000 sides are more than the 20"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_request_has_its_time() {
    let limits = Limits {
        time: std::time::Duration::ZERO,
        ..Limits::default()
    };
    let world = World::with_limits(limits).await;
    let got = world.get("reader", "/metrics/team/web/velocity").await;
    let problem = got.problem(503, "unavailable");
    assert!(
        problem["detail"].as_str().unwrap().contains("longer than 0 s"),
        "{problem}"
    );
    assert_eq!(got.header("retry-after"), "5");
}

async fn times_without_data_are_answered(world: World) {
    let velocity = async |team: &str, query: &str| {
        let got = world
            .get("reader", &format!("/metrics/team/{team}/velocity?{query}"))
            .await
            .ok();
        (
            got["total"]["value"].clone(),
            got["total"]["n"].clone(),
            got["buckets"].as_array().unwrap().len(),
        )
    };
    let before = velocity("web", "from=2020-01-01&to=2020-06-01&bucket=month").await;
    assert_eq!(
        before,
        (json!(null), json!(0), 0),
        "before anything was collected"
    );
    let future = velocity("web", "from=2027-01-01&to=2027-02-01&bucket=week").await;
    assert_eq!(future, (json!(null), json!(0), 0), "the future");
    let empty = velocity("empty", "from=2026-01-05&to=2026-02-02").await;
    assert_eq!(empty.1, json!(0), "a team without anybody");
    let got = world.get("reader", "/metrics/team/empty/lead-time").await.ok();
    assert_eq!(got["total"]["value"], json!(null));
    assert_eq!(
        world.get("reader", "/teams/empty/members").await.ok(),
        json!({"items": []})
    );
    let nothing = world
        .get("reader", "/pull-requests?from=2020-01-01&to=2020-06-01")
        .await
        .ok();
    assert_eq!(nothing, json!({"items": [], "next": null}));
}

/// In Berlin the clocks went forward on 2026-03-29: the day has 23 hours, and weeks begin at the team's midnight.
async fn days_are_those_of_the_zone(world: World) {
    let path = "/metrics/team/web/velocity?from=2026-03-28&to=2026-03-31&bucket=day";
    let got = world.get("reader", path).await.ok();
    assert_eq!(got["zone"], "Europe/Berlin");
    assert_eq!(
        got["window"],
        json!({"from": "2026-03-27T23:00:00Z", "to": "2026-03-30T22:00:00Z"})
    );
    let spans: Vec<_> = got["buckets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bucket| bucket["window"].clone())
        .collect();
    assert_eq!(
        spans[1],
        json!({"from": "2026-03-28T23:00:00Z", "to": "2026-03-29T22:00:00Z"})
    );
    let utc = world.get("reader", &format!("{path}&zone=UTC")).await.ok();
    assert_eq!(utc["window"]["from"], "2026-03-28T00:00:00Z");
}

async fn sides_are_compared_with_the_first(world: World) {
    let got = world
        .get(
            "reader",
            "/metrics/compare?metric=velocity&id=api&id=web&id=product&from=2026-01-05&to=2026-03-30",
        )
        .await
        .ok();
    let comparisons = got["comparisons"].as_array().unwrap();
    assert_eq!(comparisons.len(), 2);
    assert_eq!(
        (&comparisons[0]["first"]["id"], &comparisons[0]["second"]["id"]),
        (&json!("api"), &json!("web"))
    );
    assert_eq!(comparisons[0]["effect"]["kind"], "ratio");
    let path = "/metrics/compare?metric=cycle-time&id=web&from=2026-03-01&to=2026-04-01&before_from=2026-01-01&before_to=2026-02-01";
    let got = world.get("reader", path).await.ok();
    let first = &got["comparisons"][0]["first"]["window"];
    assert!(first["to"].as_str().unwrap() < "2026-02-02", "{got}");
}

/// Whichever way one walks, every item comes once, newest first.
async fn pages_hold_everything_once(world: World) {
    for (list, count) in [
        ("/pull-requests?from=2026-01-01", 89),
        ("/pull-requests?from=2026-01-01&team=web", 60),
        ("/pull-requests?from=2026-01-01&repository=acme/web", 89),
        ("/pull-requests?from=2026-01-01&state=open", 1),
        ("/deployments?from=2026-01-01", 9),
        ("/incidents?from=2026-01-01&organization=acme", 2),
        ("/teams?format=json", 4),
        ("/repositories?format=json", 1),
        ("/metrics/all/velocity/evidence?from=2026-01-01", 89),
    ] {
        let whole = world.get("reader", &format!("{list}&limit=500")).await.ok();
        assert_eq!(whole["items"].as_array().unwrap().len(), count, "{list}");
        let (mut walked, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.get("reader", &format!("{list}&limit=7{cursor}")).await.ok();
            walked.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={}", next.replace('+', "%2B").replace('/', "%2F")),
                None => break,
            }
        }
        assert_eq!(json!(walked), whole["items"], "{list}");
    }
}
