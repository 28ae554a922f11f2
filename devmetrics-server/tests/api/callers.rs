//! Every route, asked by everybody.

use std::collections::BTreeSet;

use axum::http::Method;

use crate::world::{CALLERS, World};

on_both_databases! {
    everybody_gets_what_they_may,
    a_key_for_a_team_sees_that_team_alone,
    the_last_use_of_a_key_is_known_to_the_minute,
}

/// A route as the document names it, a path of it, and what each of [`CALLERS`] gets.
type Line = (&'static str, &'static str, [u16; 7]);

const PUBLIC: [u16; 7] = [200, 200, 200, 200, 200, 200, 200];
const WHOEVER_SEES_THE_TEAM: [u16; 7] = [401, 200, 200, 200, 200, 401, 401];
const WHOEVER_SEES_ALL: [u16; 7] = [401, 200, 403, 200, 200, 401, 401];
const ADMINS: [u16; 7] = [401, 403, 403, 403, 200, 401, 401];

const READS: [Line; 24] = [
    (
        "/metrics/team/{team_id}/velocity",
        "/metrics/team/web/velocity",
        WHOEVER_SEES_THE_TEAM,
    ),
    (
        "/metrics/team/{team_id}/velocity",
        "/metrics/team/api/velocity",
        WHOEVER_SEES_ALL,
    ),
    (
        "/metrics/team/{team_id}/lead-time",
        "/metrics/team/web/lead-time",
        WHOEVER_SEES_THE_TEAM,
    ),
    (
        "/metrics/team/{team_id}/lead-time",
        "/metrics/team/product/lead-time",
        WHOEVER_SEES_ALL,
    ),
    (
        "/metrics/{scope}/{id}/{metric}",
        "/metrics/team/web/cycle_time",
        WHOEVER_SEES_THE_TEAM,
    ),
    (
        "/metrics/{scope}/{id}/{metric}",
        "/metrics/repository/acme%2Fweb/velocity",
        WHOEVER_SEES_ALL,
    ),
    (
        "/metrics/{scope}/{id}/{metric}",
        "/metrics/organization/acme/velocity",
        WHOEVER_SEES_ALL,
    ),
    ("/metrics/all/{metric}", "/metrics/all/velocity", WHOEVER_SEES_ALL),
    (
        "/metrics/{scope}/{id}/{metric}/evidence",
        "/metrics/team/web/velocity/evidence",
        WHOEVER_SEES_THE_TEAM,
    ),
    (
        "/metrics/{scope}/{id}/{metric}/evidence",
        "/metrics/team/api/velocity/evidence",
        WHOEVER_SEES_ALL,
    ),
    (
        "/metrics/all/{metric}/evidence",
        "/metrics/all/velocity/evidence",
        WHOEVER_SEES_ALL,
    ),
    (
        "/metrics/compare",
        "/metrics/compare?metric=velocity&id=web&id=api",
        WHOEVER_SEES_ALL,
    ),
    ("/catalog", "/catalog", WHOEVER_SEES_THE_TEAM),
    ("/teams", "/teams", WHOEVER_SEES_THE_TEAM),
    (
        "/teams/{team_id}/members",
        "/teams/web/members",
        WHOEVER_SEES_THE_TEAM,
    ),
    ("/repositories", "/repositories", WHOEVER_SEES_ALL),
    ("/pull-requests", "/pull-requests", WHOEVER_SEES_THE_TEAM),
    (
        "/deployments",
        "/deployments?repository=acme/web",
        WHOEVER_SEES_ALL,
    ),
    ("/incidents", "/incidents?team=web", WHOEVER_SEES_THE_TEAM),
    ("/goals", "/goals", WHOEVER_SEES_THE_TEAM),
    ("/quality", "/quality", WHOEVER_SEES_ALL),
    ("/status", "/status", WHOEVER_SEES_ALL),
    ("/metrics", "/metrics", ADMINS),
    ("/healthz", "/healthz", PUBLIC),
];
const WRITES: [Line; 2] = [
    (
        "/deployments",
        "/deployments",
        [401, 403, 403, 200, 200, 401, 401],
    ),
    ("/incidents", "/incidents", [401, 403, 403, 200, 200, 401, 401]),
];

async fn everybody_gets_what_they_may(world: World) {
    for (_, path, expected) in READS {
        // Keys that are not good are asked with once a minute, not to be made to wait.
        world.clock.advance(chrono::TimeDelta::minutes(1));
        for (caller, expected) in CALLERS.into_iter().zip(expected) {
            let got = world.get(caller, path).await;
            assert_eq!(
                got.status,
                expected,
                "{caller} at {path}: {}",
                String::from_utf8_lossy(&got.body)
            );
        }
    }
    for (_, path, expected) in WRITES {
        world.clock.advance(chrono::TimeDelta::minutes(1));
        for (caller, expected) in CALLERS.into_iter().zip(expected) {
            let got = world.post(caller, path, "[]").await;
            assert_eq!(
                got.status,
                expected,
                "{caller} at {path}: {}",
                String::from_utf8_lossy(&got.body)
            );
        }
    }
}

#[test]
fn no_route_is_missing_from_the_table() {
    let api = serde_json::to_value(devmetrics_server::openapi()).unwrap();
    let told: BTreeSet<(String, String)> = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| (method.clone(), path.clone()))
        })
        .collect();
    let line = |method: &str, (route, ..): &Line| (method.to_owned(), (*route).to_owned());
    let mut tested: BTreeSet<_> = READS.iter().map(|read| line("get", read)).collect();
    tested.extend(WRITES.iter().map(|write| line("post", write)));
    // Whether the server can answer depends on its database, and not on who asks.
    tested.insert(("get".into(), "/readyz".into()));
    assert_eq!(told, tested);
}

/// What a team's key gets has nothing of other teams in it.
async fn a_key_for_a_team_sees_that_team_alone(world: World) {
    let teams = world.get("web", "/teams").await.ok();
    assert_eq!(
        teams["items"],
        serde_json::json!([{"id": "web", "name": "Web", "zone": "Europe/Berlin", "parents": []}])
    );
    let goals = world.get("web", "/goals").await.ok();
    assert_eq!(goals["items"].as_array().unwrap().len(), 1);
    let listed = world
        .get("web", "/pull-requests?limit=500&from=2026-01-01")
        .await
        .ok();
    let listed = listed["items"].as_array().unwrap();
    assert_eq!(listed.len(), 60);
    assert!(
        listed
            .iter()
            .all(|item| item["teams"] == serde_json::json!(["web"]))
    );
    for path in [
        "/metrics/team/api/velocity",
        "/metrics/team/nobody/velocity",
        "/metrics/team/unassigned/velocity",
        "/metrics/team/WEB/velocity",
        "/teams/api/members",
        "/pull-requests?team=api",
        "/pull-requests?repository=acme/web",
        "/deployments?organization=acme",
        "/incidents?team=product",
        "/metrics/compare?metric=velocity&id=web&id=api",
        "/metrics/service/web/velocity",
    ] {
        let problem = world.get("web", path).await.problem(403, "permission-denied");
        // The same words whether the team exists or not.
        assert_eq!(
            problem["detail"], "this key sees the team `web` and those below it, and nothing else",
            "{path}"
        );
    }
}

/// Of the keys that are asked with, the last use is written down, and not more often than once a minute.
async fn the_last_use_of_a_key_is_known_to_the_minute(world: World) {
    let used = async || {
        for _ in 0..100 {
            tokio::task::yield_now().await;
            tokio::time::timeout(std::time::Duration::from_millis(5), std::future::pending::<()>())
                .await
                .unwrap_err();
            let keys = world.engine.keys().await.unwrap();
            let key = keys.into_iter().find(|key| key.name == "reader").unwrap();
            if key.last_used_at.is_some() {
                return key.last_used_at;
            }
        }
        None
    };
    world.get("reader", "/teams").await.ok();
    let first = world.engine.now();
    assert_eq!(used().await, Some(first));
    world.clock.advance(chrono::TimeDelta::seconds(59));
    world.get("reader", "/teams").await.ok();
    tokio::time::timeout(std::time::Duration::from_millis(50), std::future::pending::<()>())
        .await
        .unwrap_err();
    assert_eq!(used().await, Some(first));
}

/// As long as there are no keys, the machine's own user needs none, and nobody else gets in.
#[tokio::test]
async fn without_any_key_only_this_machine_gets_in() {
    use axum::extract::ConnectInfo;
    use std::net::SocketAddr;

    let world = World::new().await;
    let store = std::sync::Arc::new(devmetrics_core::store::MemoryStore::new());
    let engine = devmetrics_core::Engine::new(store, world.clock.clone(), Default::default());
    let state = devmetrics_server::ServerState::new(engine.clone(), Default::default()).unwrap();
    let open = World {
        router: devmetrics_server::router(state),
        ..world
    };
    let from = async |address: &str, header: Option<(&'static str, &str)>| {
        let mut request = open.request("anonymous", Method::GET, "/status");
        let address: SocketAddr = address.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        if let Some((name, value)) = header {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        open.send(request).await.status.as_u16()
    };
    assert_eq!(from("127.0.0.1:5", None).await, 200);
    assert_eq!(from("[::1]:5", Some(("host", "localhost:8080"))).await, 200);
    assert_eq!(from("192.0.2.7:5", None).await, 401);
    // A page of somebody else's whose name was made to point here, and a proxy on this machine.
    assert_eq!(from("127.0.0.1:5", Some(("host", "evil.example"))).await, 401);
    assert_eq!(
        from("127.0.0.1:5", Some(("x-forwarded-for", "192.0.2.7"))).await,
        401
    );
    let mut unknown = open.request("anonymous", Method::GET, "/status");
    unknown.extensions_mut().clear();
    assert_eq!(open.send(unknown).await.status, 401);

    let new = devmetrics_core::engine::NewKey {
        name: "first".into(),
        scope: devmetrics_core::model::KeyScope::Read,
        team: None,
        expires_at: None,
    };
    engine.create_key(new).await.unwrap();
    assert_eq!(from("127.0.0.1:5", None).await, 401);
}
