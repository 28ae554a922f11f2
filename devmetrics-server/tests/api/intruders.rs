//! Nobody gets in who may not, and nothing comes out that should not.

use axum::http::Method;
use chrono::TimeDelta;
use devmetrics_testkit::builders::{attributed, batch, day, deployment, feed, incident, pull_request, share};

use crate::world::World;

on_both_databases! {
    malformed_keys_are_refused_alike,
    sql_is_text_in_every_parameter,
    nothing_private_is_told,
}

const VELOCITY: &str = "/metrics/team/web/velocity";

async fn malformed_keys_are_refused_alike(world: World) {
    let good = world.key("reader").unwrap().to_owned();
    let wrong = format!("{}0{}", &good[..20], &good[21..]);
    let wrong = if wrong == good {
        format!("{}1{}", &good[..20], &good[21..])
    } else {
        wrong
    };
    for header in [
        "Bearer ".to_owned(),
        "Bearer x".to_owned(),
        "Bearer null".to_owned(),
        format!("Basic {good}"),
        good.clone(),
        format!("Bearer {wrong}"),
        format!("Bearer {good}x"),
        format!("Bearer {}", good.to_uppercase()),
        format!("Bearer {}", &good[..15]),
        format!("Bearer {}", "a".repeat(10_000)),
        "Bearer ' OR 1=1 --".to_owned(),
        "Bearer dm_' OR 1=1 --".to_owned(),
    ] {
        let got = world
            .get_with("anonymous", VELOCITY, "authorization", &header)
            .await;
        got.problem(401, "unauthenticated");
        assert_eq!(got.header("www-authenticate"), "Bearer realm=\"devmetrics\"");
        assert!(
            !String::from_utf8_lossy(&got.body).contains(&good[..15]),
            "a key is told"
        );
    }
    let mut twice = world.request("reader", Method::GET, VELOCITY);
    twice.headers_mut().insert("x-api-key", good.parse().unwrap());
    world.send(twice).await.problem(401, "unauthenticated");
    world
        .get_with("anonymous", VELOCITY, "x-api-key", &good)
        .await
        .ok();
    // Nor does a key in the URL let anybody in, where logs would keep it.
    world
        .get("anonymous", &format!("{VELOCITY}?key={good}"))
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn who_guesses_is_made_to_wait() {
    let world = World::new().await;
    let guess = format!("Bearer dm_0123456789ab_{}", "0".repeat(64));
    for _ in 0..10 {
        world
            .get_with("anonymous", VELOCITY, "authorization", &guess)
            .await
            .problem(401, "unauthenticated");
    }
    let got = world
        .get_with("anonymous", VELOCITY, "authorization", &guess)
        .await;
    got.problem(429, "too-many-attempts");
    assert_eq!(got.header("retry-after"), "60");
    // Others at the same address are let in, and so is everybody after a minute.
    world.get("reader", VELOCITY).await.ok();
    world.clock.advance(TimeDelta::minutes(1));
    world
        .get_with("anonymous", VELOCITY, "authorization", &guess)
        .await
        .problem(401, "unauthenticated");
}

/// A statement in every parameter is a text there, and finds nothing.
async fn sql_is_text_in_every_parameter(world: World) {
    let facts = async || {
        world
            .get("reader", "/pull-requests?from=2026-01-01&limit=500")
            .await
            .ok()
    };
    let before = facts().await;
    for sql in [
        "'%20OR%201=1--",
        "'%3B%20DROP%20TABLE%20pull_requests%3B--",
        "%22)%20OR%201=1--",
        "%5C'",
        "%25",
        "_eb",
        "$1",
        "%7B%7D",
    ] {
        for path in [
            format!("/metrics/team/{sql}/velocity"),
            format!("/metrics/repository/{sql}/velocity"),
            format!("/metrics/organization/{sql}/velocity"),
            format!("/metrics/service/{sql}/velocity"),
            format!("/metrics/team/web/{sql}"),
            format!("/teams/{sql}/members"),
            format!("/pull-requests?team={sql}"),
            format!("/pull-requests?repository={sql}"),
            format!("/pull-requests?organization={sql}"),
            format!("/metrics/compare?metric=velocity&id={sql}&id=web"),
        ] {
            let got = world.get("reader", &path).await;
            assert!(got.status == 404 || got.status == 400, "{path}: {}", got.status);
        }
        for path in [
            format!("{VELOCITY}?from={sql}"),
            format!("{VELOCITY}?bucket={sql}"),
            format!("{VELOCITY}?zone={sql}"),
            format!("{VELOCITY}?{sql}=1"),
            format!("/pull-requests?limit={sql}"),
        ] {
            world.get("reader", &path).await.problem(400, "invalid-input");
        }
        let found = world
            .get(
                "reader",
                &format!("/deployments?environment={sql}&from=2026-01-01"),
            )
            .await
            .ok();
        assert_eq!(found["items"], serde_json::json!([]), "{sql}");
        let page = world
            .get(
                "reader",
                &format!("/pull-requests?from=2026-01-01&cursor=1775000000~{sql}"),
            )
            .await;
        assert_eq!(page.status, 200, "{sql}");
        let body = serde_json::json!({"id": sql, "repository": sql, "title": sql, "started_at": "2026-04-05T10:00:00Z"});
        world
            .post("writer", "/incidents", &body.to_string())
            .await
            .problem(400, "invalid-input");
    }
    assert_eq!(facts().await, before);
}

#[tokio::test]
async fn tricks_with_paths_lead_nowhere() {
    let world = World::new().await;
    for path in [
        "/metrics/team/../../etc/passwd",
        "/metrics/team/..%2F..%2Fetc%2Fpasswd/velocity",
        "/metrics/team/%2e%2e/velocity",
        "//metrics/team/web/velocity",
        "/metrics//team/web/velocity",
        "/METRICS/team/web/velocity",
        "/metrics/team/web/velocity%00",
        "/metrics/team/web%2Fvelocity",
        "/docs/../status",
        "/.git/config",
    ] {
        let got = world.get("reader", path).await;
        assert!(got.status == 404 || got.status == 400, "{path}: {}", got.status);
        assert_eq!(got.header("content-type"), "application/problem+json", "{path}");
    }
    // A team's key does not reach another team by another way of writing it.
    for path in [
        "/metrics/team/web%2F..%2Fapi/velocity",
        "/metrics/team/%61pi/velocity",
        "/metrics/team/api%20/velocity",
    ] {
        world.get("web", path).await.problem(403, "permission-denied");
    }
    world.get("web", "/metrics/team/%77eb/velocity").await.ok();
}

#[tokio::test]
async fn other_methods_are_refused() {
    let world = World::new().await;
    for method in [
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::TRACE,
        Method::CONNECT,
    ] {
        let got = world.send(world.request("admin", method.clone(), VELOCITY)).await;
        got.problem(405, "method-not-allowed");
        assert_eq!(got.header("allow"), "GET,HEAD");
    }
    let head = world.send(world.request("reader", Method::HEAD, VELOCITY)).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}

/// What a client sends comes back in no header but as an id of plain letters.
#[tokio::test]
async fn nothing_is_injected_into_headers() {
    let world = World::new().await;
    for id in ["a b", "a\u{e9}", "<script>", &"a".repeat(65), "a;b", ""] {
        let mut request = world.request("reader", Method::GET, VELOCITY);
        let value = axum::http::HeaderValue::from_bytes(id.as_bytes()).unwrap();
        request.headers_mut().insert("x-request-id", value);
        let given = world.send(request).await.header("x-request-id").to_owned();
        assert_eq!(given.len(), 32, "{id}: {given}");
    }
    assert_eq!(
        world
            .get_with("reader", VELOCITY, "x-request-id", "run-4.7_1")
            .await
            .header("x-request-id"),
        "run-4.7_1"
    );
    let got = world
        .get("reader", "/metrics/team/x%0d%0aSet-Cookie:%20a=b/velocity")
        .await;
    got.problem(400, "invalid-input");
    assert!(got.headers.get("set-cookie").is_none());
    let got = world
        .get(
            "reader",
            "/pull-requests?from=2026-01-01&format=csv&cursor=1775000000~%0d%0aSet-Cookie:a=b",
        )
        .await;
    assert!(got.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn a_body_has_a_length() {
    let world = World::new().await;
    let long = format!("[{}]", " ".repeat(1024 * 1024));
    let problem = world
        .post("writer", "/deployments", &long)
        .await
        .problem(413, "too-large");
    assert!(
        problem["detail"].as_str().unwrap().contains("1048576"),
        "{problem}"
    );
    // Who may not write sends it for nothing.
    world
        .post("reader", "/deployments", &long)
        .await
        .problem(403, "permission-denied");
    let deep = "[".repeat(100_000);
    world
        .post("writer", "/deployments", &deep)
        .await
        .problem(400, "invalid-input");
}

/// E-mail addresses stay in the store, and the server's own business in its log.
async fn nothing_private_is_told(world: World) {
    // Some people's names and handles are addresses, too.
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = (96..99)
        .map(|n| {
            let mut merged = pull_request(n);
            merged.author.email = Some(format!("{n}@example.com"));
            merged.author.name = Some(format!("Number {n} <{n}@example.com>"));
            merged.author.handle = (n > 96).then(|| format!("{n}@example.com"));
            merged
        })
        .collect();
    page.attributions = (96..99)
        .map(|n| attributed(n, vec![share("unassigned")]))
        .collect();
    page.deployments = vec![devmetrics_core::model::Deployment {
        creator: page.pull_requests[0].author.clone(),
        ..deployment(97)
    }];
    page.incidents = vec![devmetrics_core::model::Incident {
        author: page.pull_requests[0].author.clone(),
        ..incident(97)
    }];
    world.store.commit(page).await.unwrap();
    let mut roster = world.store.roster().await.unwrap().unwrap();
    roster.memberships[0].person.handles = vec!["ada@example.com".into()];
    roster.memberships[0].person.names = vec!["Ada <ada@example.com>".into()];
    world.store.set_roster(&roster, day(99)).await.unwrap();
    let quality = world.get("admin", "/quality?from=2026-01-01").await.ok();
    let findings = quality["findings"].as_array().unwrap();
    let unmapped = findings
        .iter()
        .find(|finding| finding["kind"] == "unmapped_author")
        .unwrap();
    let ids: Vec<_> = unmapped["examples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|example| example["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids.iter().filter(|id| id.starts_with("person:")).count(),
        3,
        "{unmapped}"
    );
    for path in [
        "/pull-requests?limit=500&from=2026-01-01",
        "/pull-requests?limit=500&from=2026-01-01&format=csv",
        "/metrics/all/velocity/evidence?limit=500&from=2026-01-01",
        "/deployments?from=2026-01-01",
        "/incidents?from=2026-01-01",
        "/teams/web/members",
        "/quality?from=2026-01-01",
        "/status",
    ] {
        let got = world.get("admin", path).await;
        assert_eq!(got.status, 200, "{path}");
        let body = String::from_utf8(got.body).unwrap();
        assert!(!body.contains("@example.com"), "{path}: {body}");
        assert!(!body.contains("api.sqlite"), "{path}");
    }
}

/// What the configuration names wrongly is the server's business, and no key's.
#[tokio::test]
async fn a_wrong_goal_tells_nobody_about_teams() {
    let world = World::new().await;
    let settings = devmetrics_core::Settings {
        goals: vec![crate::world::goal("wbe")],
        ..Default::default()
    };
    let engine = devmetrics_core::Engine::new(world.store.clone(), world.clock.clone(), settings);
    let state = devmetrics_server::ServerState::new(engine, Default::default()).unwrap();
    let world = World {
        router: devmetrics_server::router(state),
        ..world
    };
    let problem = world.get("web", "/goals").await.problem(500, "internal");
    assert!(!problem.to_string().contains("wbe"), "{problem}");
}
