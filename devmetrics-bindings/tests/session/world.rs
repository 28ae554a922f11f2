//! A team's work of ninety days.

use std::sync::Arc;

use chrono_tz::Tz;
use devmetrics_bindings::Session;
use devmetrics_core::metric::Policy;
use devmetrics_core::model::{Membership, Milestones, Person, Roster, Team};
use devmetrics_core::store::{MemoryStore, MetricsStore};
use devmetrics_core::{Engine, Id, ManualClock, Settings};
use devmetrics_testkit::builders::*;

/// A session on day 100, and its engine.
pub(crate) async fn world() -> (Session, Engine) {
    let store = Arc::new(MemoryStore::new());
    fill(&*store).await;
    let engine = Engine::new(store, Arc::new(ManualClock::new(day(100))), Settings::default());
    (Session::over(engine.clone(), Tz::UTC, Policy::default()), engine)
}

/// A change was merged on each of the days 1 to 89; every third by Grace of `api`, the others by Ada of `web`. One is open.
async fn fill(store: &dyn MetricsStore) {
    let team = |id: &str, zone| Team {
        id: Id::new(id),
        name: id.to_uppercase(),
        zone,
        parents: Vec::new(),
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
    let roster = Roster {
        teams: vec![team("web", Some(Tz::Europe__Berlin)), team("api", None)],
        memberships: vec![member("web", "ada"), member("api", "grace")],
        ..Roster::default()
    };
    store.set_roster(&roster, day(0)).await.unwrap();
    let mut page = batch(feed("changes"), None, "a");
    page.complete = true;
    page.covered_from = Some(day(0));
    let author = |n: u32| if n.is_multiple_of(3) { "grace" } else { "ada" };
    page.pull_requests = (1..90)
        .map(|n| {
            let mut merged = pull_request(n);
            merged.author = person(author(n));
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
        .map(|n| attributed(n, vec![share(if n.is_multiple_of(3) { "api" } else { "web" })]))
        .collect();
    store.commit(page).await.unwrap();
    let mut page = batch(feed("deployments"), None, "a");
    page.complete = true;
    page.covered_from = Some(day(0));
    page.deployments = (1..=9).map(|n| deployment(n * 10)).collect();
    store.commit(page).await.unwrap();
}
