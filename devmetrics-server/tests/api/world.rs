//! A store with two teams' work of a hundred days, keys of every kind, and a router over it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use chrono::TimeDelta;
use chrono_tz::Tz;
use devmetrics_core::engine::NewKey;
use devmetrics_core::insight::Goal;
use devmetrics_core::metric::{ClockKind, Policy, Scope};
use devmetrics_core::model::{KeyScope, Membership, Milestones, Parent, Person, Roster, Team};
use devmetrics_core::store::{MetricsStore, PostgresStore, SqliteStore};
use devmetrics_core::{Engine, Id, ManualClock, Settings};
use devmetrics_server::{Limits, Options, ServerState, router};
use devmetrics_testkit::builders::*;
use http_body_util::BodyExt;
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tower::ServiceExt;

/// Who asks.
pub(crate) const CALLERS: [&str; 7] = [
    "anonymous",
    "reader",
    "web",
    "writer",
    "admin",
    "expired",
    "revoked",
];

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) state: ServerState,
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn MetricsStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keys: BTreeMap<&'static str, String>,
    pub(crate) _folder: Option<TempDir>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Got {
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{error}: {} {}", self.status, String::from_utf8_lossy(&self.body)),
        }
    }

    /// The JSON of an answer that is none of a problem.
    #[track_caller]
    pub(crate) fn ok(&self) -> serde_json::Value {
        assert_eq!(
            self.status,
            StatusCode::OK,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self.json()
    }

    /// The problem of this status and type.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, slug: &str) -> serde_json::Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(
            problem["type"],
            format!("urn:devmetrics:problem:{slug}"),
            "{problem}"
        );
        assert_eq!(problem["status"], status);
        problem
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        match self.headers.get(name) {
            Some(value) => value.to_str().unwrap(),
            None => panic!("no {name} in {:?}", self.headers),
        }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub(crate) async fn with_limits(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("api.sqlite"), "default")
            .await
            .unwrap();
        let options = Options {
            limits,
            cors: vec!["https://dashboard.example.com".into()],
            ..Options::default()
        };
        Self::over(Arc::new(store), options, Some(folder)).await
    }

    /// The same on PostgreSQL; `None` where its tests are left out.
    pub(crate) async fn on_postgres() -> Option<Self> {
        let url = devmetrics_testbed::postgres::database().await?;
        let store = PostgresStore::connect(&url, "default").await.unwrap();
        Some(Self::over(Arc::new(store), Options::default(), None).await)
    }

    pub(crate) async fn over(
        store: Arc<dyn MetricsStore>,
        options: Options,
        folder: Option<TempDir>,
    ) -> Self {
        store.migrate().await.unwrap();
        fill(&*store).await;
        let clock = Arc::new(ManualClock::new(day(100)));
        let settings = Settings {
            goals: vec![goal("web"), goal("api")],
            ..Settings::default()
        };
        let engine = Engine::new(Arc::clone(&store), clock.clone(), settings);
        let state = ServerState::new(engine.clone(), options).unwrap();
        let mut world = Self {
            router: router(state.clone()),
            state,
            engine,
            store,
            clock,
            keys: BTreeMap::new(),
            _folder: folder,
        };
        for (name, scope, team) in [
            ("reader", KeyScope::Read, None),
            ("web", KeyScope::Read, Some("web")),
            ("writer", KeyScope::Write, None),
            ("admin", KeyScope::Admin, None),
            ("expired", KeyScope::Admin, None),
            ("revoked", KeyScope::Admin, None),
        ] {
            let new = NewKey {
                name: name.into(),
                scope,
                team: team.map(str::to_owned),
                expires_at: (name == "expired").then(|| day(100) + TimeDelta::minutes(30)),
            };
            let (key, text) = world.engine.create_key(new).await.unwrap();
            if name == "revoked" {
                world.engine.revoke_key(key.id.as_str()).await.unwrap();
            }
            world.keys.insert(name, text.expose_secret().to_owned());
        }
        world.clock.advance(TimeDelta::hours(1));
        world
    }

    /// The key of a caller; `None` for `anonymous`.
    pub(crate) fn key(&self, caller: &str) -> Option<&str> {
        self.keys.get(caller).map(String::as_str)
    }

    /// A request of a caller, from some address of the network.
    pub(crate) fn request(&self, caller: &str, method: Method, path: &str) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = self.key(caller) {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut request = request.body(Body::empty()).unwrap();
        let address: SocketAddr = "192.0.2.7:4711".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        request
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Got {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }

    pub(crate) async fn get(&self, caller: &str, path: &str) -> Got {
        self.send(self.request(caller, Method::GET, path)).await
    }

    /// The same with one more header.
    pub(crate) async fn get_with(&self, caller: &str, path: &str, name: &'static str, value: &str) -> Got {
        let mut request = self.request(caller, Method::GET, path);
        request.headers_mut().insert(name, value.parse().unwrap());
        self.send(request).await
    }

    pub(crate) async fn post(&self, caller: &str, path: &str, body: &str) -> Got {
        let mut request = self.request(caller, Method::POST, path);
        request
            .headers_mut()
            .insert("content-type", "application/json".parse().unwrap());
        *request.body_mut() = Body::from(body.to_owned());
        self.send(request).await
    }
}

/// `product` has `web` below it, `api` stands alone, and `empty` has nobody. Ada is in `web`, Grace in `api`.
fn roster() -> Roster {
    let team = |id: &str, name: &str, parent: Option<&str>, zone| Team {
        id: Id::new(id),
        name: name.into(),
        zone,
        parents: parent
            .map(|parent| Parent {
                team: Id::new(parent),
                valid_from: None,
                valid_to: None,
            })
            .into_iter()
            .collect(),
    };
    let member = |team: &str, handle: &str| Membership {
        team: Id::new(team),
        person: Person {
            handles: vec![handle.into()],
            emails: vec![format!("{handle}@example.com")],
            names: Vec::new(),
        },
        valid_from: Some(day(0)),
        valid_to: None,
        primary: true,
    };
    Roster {
        teams: vec![
            team("product", "Product", None, None),
            team("web", "Web", Some("product"), Some(Tz::Europe__Berlin)),
            team("api", "API", None, None),
            team("empty", "Empty", None, None),
        ],
        memberships: vec![member("web", "ada"), member("api", "grace")],
        ..Roster::default()
    }
}

pub(crate) fn goal(team: &str) -> Goal {
    Goal {
        scope: Scope::Team(Id::new(team)),
        metric: "velocity".into(),
        statistic: Default::default(),
        target: 2.0,
        by: day(200).date_naive(),
        days: 90,
        zone: Tz::UTC,
        policy: Policy::Full,
        clock: ClockKind::Wall,
    }
}

async fn fill(store: &dyn MetricsStore) {
    store.set_roster(&roster(), day(0)).await.unwrap();
    let mut page = batch(feed("changes"), None, "a");
    page.complete = true;
    page.covered_from = Some(day(0));
    page.pull_requests = (1..90)
        .map(|n| {
            let mut merged = pull_request(n);
            merged.title = format!("Change {n}, of \"all\"");
            if n % 3 == 0 {
                merged.author = person("grace");
            }
            merged
        })
        .collect();
    let mut open = pull_request(95);
    open.milestones = Milestones {
        opened_at: Some(day(95)),
        ..Milestones::default()
    };
    (open.landing, open.position, open.landing_commit) = (None, None, None);
    page.pull_requests.push(open);
    page.attributions = (1..90)
        .map(|n| {
            let teams = if n % 3 == 0 {
                &["api"][..]
            } else {
                &["product", "web"]
            };
            let shares = teams.iter().map(|team| devmetrics_core::attribution::Share {
                direct: *team != "product",
                ..share(team)
            });
            attributed(n, shares.collect())
        })
        .collect();
    store.commit(page).await.unwrap();
    let mut page = batch(feed("deployments"), None, "a");
    page.complete = true;
    page.covered_from = Some(day(0));
    page.deployments = (1..=9).map(|n| deployment(n * 10)).collect();
    page.attributions = (1..=9)
        .map(|n| attributed_deployment(n * 10, vec![share("web")]))
        .collect();
    store.commit(page).await.unwrap();
    let mut page = batch(feed("issues"), None, "a");
    page.complete = true;
    page.covered_from = Some(day(0));
    page.incidents = vec![incident(20), incident(40)];
    store.commit(page).await.unwrap();
    let shipments = (1..=9)
        .map(|n| shipment(i64::from(n - 1) * 10, i64::from(n) * 10, n * 10))
        .collect();
    ship(store, &repository().id, shipments).await.unwrap();
}
