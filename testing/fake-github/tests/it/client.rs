//! A small organization, and a client that asks for it.

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use chrono::{DateTime, Utc};
use fake_github::FakeGithub;
use fake_github::world::{ActorId, OrganizationId, RepositoryId, World};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    /// The type of the first GraphQL error.
    pub(crate) fn error_type(&self) -> String {
        self.json()["errors"][0]["type"].as_str().unwrap().to_owned()
    }
}

/// An organization `acme` with the repository `acme/api`.
pub(crate) struct Acme {
    pub(crate) github: FakeGithub,
    pub(crate) organization: OrganizationId,
    pub(crate) alice: ActorId,
    pub(crate) bob: ActorId,
    pub(crate) api: RepositoryId,
    pub(crate) token: String,
}

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

impl Acme {
    pub(crate) fn new() -> Self {
        let mut world = World::new(start());
        let organization = world.add_organization("acme");
        let alice = world.add_user("alice");
        let bob = world.add_user("bob");
        let api = world.add_repository(organization, "api");
        let github = FakeGithub::new(world);
        let token = github.add_token("alice", alice);
        Self {
            github,
            organization,
            alice,
            bob,
            api,
            token,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.github.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.into()).unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn ask_with(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = Request::post("/graphql").header("authorization", format!("bearer {}", self.token));
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn ask(&self, query: &str) -> Answer {
        self.ask_with(query, json!({})).await
    }
}
