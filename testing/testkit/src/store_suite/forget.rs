//! Laws of forgetting people.

use std::sync::Arc;

use devmetrics_core::Id;
use devmetrics_core::attribution::roster_from_toml;
use devmetrics_core::metric::{Extent, PullRequestSample, SampleQuery};
use devmetrics_core::model::{Actor, Checkpoint, Deployment, Person, RawRecord, Roster, Verdict};
use devmetrics_core::store::{Batch, Deed, Erased, MetricsStore, Quarantined};

use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// By all that [`person`] calls them.
fn all_names(name: &str) -> Person {
    Person {
        emails: vec![format!("{name}@example.com")],
        handles: vec![name.to_owned()],
        names: vec![name.to_uppercase()],
    }
}

/// Ada in every place where somebody may be named, beside Eve in some.
fn page() -> Batch {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2), pull_request(3)];
    page.pull_requests[0].activity = Some(activity(1, "eve", Verdict::Approved));
    page.pull_requests[1].author = person("eve");
    page.pull_requests[1].co_authors = vec![person("bob"), person("ada")];
    page.pull_requests[2].author = person("eve");
    page.pull_requests[2].activity = Some(activity(3, "ada", Verdict::Commented));
    page.deployments = vec![deployment(1)];
    page.incidents = vec![incident(1)];
    page.attributions = vec![attributed(1, vec![share("web")])];
    page.observed = Some(
        roster_from_toml(
            "teams.toml",
            "[[team]]\nid = 'api'\nmember = [{ handle = 'Ada' }]",
        )
        .unwrap(),
    );
    page.quarantined = vec![set_aside("1", "pushed by @Ada"), set_aside("2", "adamant")];
    page
}

fn set_aside(id: &str, text: &str) -> Quarantined {
    Quarantined {
        feed: feed("changes"),
        record: RawRecord {
            id: id.into(),
            payload: serde_json::json!({ "by": { "text": text } }),
        },
        error: "no such field".into(),
        at: day(1),
    }
}

fn roster() -> Roster {
    const TEAMS: &str = "[[team]]
        id = 'web'
        member = [{ email = 'ADA@example.com', name = 'Ada' }, { handle = 'eve' }]
        [bots]
        humans = ['ada']";
    roster_from_toml("teams.toml", TEAMS).unwrap()
}

async fn with_everybody(store: &Store) {
    store.commit(page()).await.unwrap();
    store.set_roster(&roster(), day(1)).await.unwrap();
}

async fn samples(store: &Store) -> Vec<PullRequestSample> {
    let query = SampleQuery {
        extent: Extent::All,
        open: true,
        places: Vec::new(),
        window: days(0, 30),
    };
    store.pull_request_page(&query, None).await.unwrap().samples
}

/// Everything that is stored and may name somebody, as text.
async fn stored(store: &Store) -> String {
    let ids = [1, 2, 3].map(pull_request_id);
    let repository = repository().id;
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        store.pull_requests(&ids).await.unwrap(),
        store.deployments(&repository, None).await.unwrap(),
        store.incidents(&repository).await.unwrap(),
        store.roster().await.unwrap(),
        store.observed_rosters().await.unwrap(),
        store.quarantine(9).await.unwrap(),
        samples(store).await,
    )
}

fn names_ada(text: &str) -> bool {
    let text = text.to_lowercase().replace("adamant", "");
    // What stands in for a name may have these letters among its digits.
    let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
    words.any(|word| word.contains("ada") && !word.starts_with("forgotten-"))
}

/// Each as what, by the names that are stored, and how often; nobody is not among them.
pub async fn everybody_who_is_named_is_told(store: Store) {
    let mut page = page();
    page.deployments.push(Deployment {
        creator: Actor::default(),
        ..deployment(2)
    });
    store.commit(page).await.unwrap();
    let mentions = store.mentions().await.unwrap();
    let told: Vec<_> = mentions
        .iter()
        .map(|mention| {
            (
                mention.deed,
                mention.actor.handle.as_deref().unwrap(),
                mention.count,
            )
        })
        .collect();
    let expected = [
        (Deed::PullRequest, "ada", 1),
        (Deed::PullRequest, "eve", 2),
        (Deed::CoAuthored, "ada", 1),
        (Deed::CoAuthored, "bob", 1),
        (Deed::Commit, "ada", 2),
        (Deed::Review, "ada", 1),
        (Deed::Review, "eve", 1),
        (Deed::Event, "ada", 2),
        (Deed::Deployment, "ada", 1),
        (Deed::Incident, "ada", 1),
    ];
    assert_eq!(told, expected);
    assert_eq!(mentions[0].actor, person("ada"));
}

/// Nowhere, and of a record that was not understood nothing is left; all else stays.
pub async fn who_is_forgotten_is_named_nowhere(store: Store) {
    with_everybody(&store).await;
    assert!(names_ada(&stored(&store).await));
    let erased = store.forget(&all_names("ada"), day(9)).await.unwrap();
    let expected = Erased {
        pull_requests: 3,
        deployments: 1,
        incidents: 1,
        rosters: 2,
        quarantined: 1,
    };
    assert_eq!(erased, expected);
    let after = stored(&store).await;
    assert!(!names_ada(&after), "{after}");
    let there = store
        .pull_requests(&[pull_request_id(2)])
        .await
        .unwrap()
        .remove(0)
        .pull_request;
    assert_eq!(
        (there.author, &there.co_authors[0]),
        (person("eve"), &person("bob"))
    );
    let stand_in = &there.co_authors[1];
    let first = store
        .pull_requests(&[pull_request_id(1)])
        .await
        .unwrap()
        .remove(0);
    assert_eq!(&first.pull_request.author, stand_in, "one person stays one");
    assert_eq!(first.shares, [share("web")]);
    assert!(stand_in.handle.as_ref().unwrap().starts_with("forgotten-"));
    let roster = store.roster().await.unwrap().unwrap();
    assert_eq!(Some(&roster.bots.humans[0]), stand_in.handle.as_ref());
    assert_eq!(
        Some(&roster.memberships[0].person.emails[0]),
        stand_in.email.as_ref()
    );
    assert_eq!(roster.memberships[1].person.handles, ["eve"]);
    let quarantine = store.quarantine(9).await.unwrap();
    assert_eq!(quarantine[0].record.payload, serde_json::Value::Null);
    assert_eq!(quarantine[1], set_aside("2", "adamant"));
    let marks: Vec<String> = store
        .forgotten()
        .await
        .unwrap()
        .marks()
        .map(str::to_owned)
        .collect();
    assert_eq!(marks.len(), 3);
}

/// In whatever comes, whichever way it comes and however it is written; what is the same but for the names is no change.
pub async fn who_is_forgotten_does_not_come_back(store: Store) {
    with_everybody(&store).await;
    store.forget(&all_names("ada"), day(9)).await.unwrap();
    let before = stored(&store).await;
    let mut again = page();
    (again.expected, again.next) = (Some(again.next.clone()), Checkpoint("b".into()));
    again.pull_requests[0].author.handle = Some("ADA".into());
    let applied = store.commit(again).await.unwrap();
    assert_eq!((applied.unchanged, applied.changed()), (6, false), "{applied:?}");
    store.set_roster(&roster(), day(2)).await.unwrap();
    assert_eq!(stored(&store).await, before);
    let mut new = batch(feed("deployments"), None, "a");
    new.deployments = vec![deployment(4)];
    new.deployments[0].creator = Actor {
        name: Some("Ada".into()),
        ..Actor::default()
    };
    new.pull_requests = vec![pull_request(4)];
    new.pull_requests[0].author.email = Some("new@ada.example".into());
    store.commit(new).await.unwrap();
    let after =
        stored(&store).await + &format!("{:?}", store.pull_requests(&[pull_request_id(4)]).await.unwrap());
    assert!(!names_ada(&after), "{after}");
}

/// The samples say what they said, of another name; also once they are packed.
pub async fn forgetting_changes_names_alone(store: Store) {
    with_everybody(&store).await;
    store.pack().await.unwrap();
    let mut expected = samples(&store).await;
    store.forget(&all_names("ada"), day(9)).await.unwrap();
    let stand_in = store
        .mentions()
        .await
        .unwrap()
        .into_iter()
        .find(|mention| mention.deed == Deed::Deployment);
    let stand_in = stand_in.unwrap().actor.key().unwrap();
    for sample in expected
        .iter_mut()
        .filter(|sample| sample.author.as_deref() == Some("ada"))
    {
        sample.author = Some(stand_in.as_str().into());
    }
    let sorted = |mut samples: Vec<PullRequestSample>| {
        samples.sort_by(|one, other| one.id.cmp(&other.id));
        samples
    };
    let expected = sorted(expected);
    assert_eq!(sorted(samples(&store).await), expected);
    store.pack().await.unwrap();
    assert_eq!(sorted(samples(&store).await), expected);
    let team = SampleQuery {
        extent: Extent::Team(Id::new("web")),
        open: false,
        places: Vec::new(),
        window: days(0, 30),
    };
    assert_eq!(
        store.pull_request_samples(&team).await.unwrap()[0]
            .author
            .as_deref(),
        Some(stand_in.as_str())
    );
}

/// Nothing is left to be rewritten, and the names that stand in stay.
pub async fn forgetting_again_changes_nothing(store: Store) {
    with_everybody(&store).await;
    let version = store.version().await.unwrap();
    store.forget(&all_names("ada"), day(9)).await.unwrap();
    assert!(store.version().await.unwrap() > version);
    let (before, forgotten) = (stored(&store).await, store.forgotten().await.unwrap());
    assert_eq!(
        store.forget(&all_names("ADA"), day(10)).await.unwrap(),
        Erased::default()
    );
    assert_eq!(store.forgotten().await.unwrap(), forgotten);
    let nobody = store.forget(&Person::default(), day(10)).await.unwrap();
    assert_eq!(nobody, Erased::default());
    assert_eq!(stored(&store).await, before);
}

/// Two of one person, while a collector brings them again and again: one gets the work, and nobody is named in the end.
pub async fn forgetting_at_once_is_forgetting_once(store: Store) {
    with_everybody(&store).await;
    let forget = |store: &Store| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.forget(&all_names("ada"), day(9)).await.unwrap() })
    };
    let collector = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for n in 10..40 {
                let mut page = batch(feed("deployments"), None, "a");
                page.feed.scope = format!("feed {n}");
                page.deployments = vec![deployment(n)];
                store.commit(page).await.unwrap();
            }
        })
    };
    let (one, other) = (forget(&store), forget(&store));
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    collector.await.unwrap();
    assert_eq!(one.pull_requests + other.pull_requests, 3);
    let after = stored(&store).await;
    assert!(!names_ada(&after), "{after}");
    assert_eq!(store.forgotten().await.unwrap().marks().count(), 3);
}
