//! Laws of what happened on a pull request, and of the milestones that are told from it.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::attribution::{Attribution, Subject};
use devmetrics_core::model::{Activity, Actor, Event, EventKind, Milestones, Pause, PullRequest, Verdict};
use devmetrics_core::store::MetricsStore;

use super::commit::applied;
use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

async fn stored(store: &Store, n: u32) -> PullRequest {
    let stored = store.pull_requests(&[pull_request_id(n)]).await.unwrap();
    stored.into_iter().next().unwrap().pull_request
}

/// Pull request `n`, which Bob has approved.
fn reviewed(n: u32) -> PullRequest {
    PullRequest {
        activity: Some(activity(n, "bob", Verdict::Approved)),
        ..pull_request(n)
    }
}

/// Every kind of event, people without a name, and none at all.
pub async fn activity_comes_back(store: Store) {
    let text = || Some("\"x\" 🦀".to_owned());
    let kinds = [
        EventKind::ReadyForReview,
        EventKind::ConvertedToDraft,
        EventKind::ReviewRequested,
        EventKind::ReviewDismissed {
            review: text(),
            was: Verdict::Approved,
        },
        EventKind::ForcePushed {
            before: None,
            after: text(),
        },
        EventKind::BaseChanged {
            from: "main".into(),
            to: "next".into(),
        },
        EventKind::Closed,
        EventKind::Reopened,
        EventKind::Merged,
        EventKind::Queued,
        EventKind::Dequeued { reason: text() },
        EventKind::AutoMergeEnabled,
    ];
    let mut full = reviewed(1);
    let known = full.activity.get_or_insert_default();
    known.reviews[0].submitted_at = None;
    known.reviews[0].author = Actor::default();
    known.events = kinds
        .into_iter()
        .map(|kind| Event {
            kind,
            at: day(1),
            actor: person("eve"),
        })
        .collect();
    let mut quiet = pull_request(2);
    quiet.activity = Some(Activity::default());
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![full.clone(), quiet.clone(), pull_request(3)];
    assert_eq!(store.commit(page).await.unwrap(), applied(4, 0, 0, 0));
    assert_eq!(stored(&store, 1).await, full);
    assert_eq!(stored(&store, 2).await, quiet);
    assert_eq!(stored(&store, 3).await, pull_request(3));
}

/// A host's instants are whole seconds: a review of the same second makes no newer version.
pub async fn other_activity_alone_is_a_change(store: Store) {
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![reviewed(1), reviewed(2), pull_request(3)];
    store.commit(page).await.unwrap();
    ship(&*store, &repository().id, Vec::new()).await.unwrap();
    let revision = store.repositories().await.unwrap()[0].revision;

    let mut dismissed = reviewed(1);
    dismissed.activity = Some(activity(1, "bob", Verdict::Dismissed));
    let mut page = batch(feed("pull_requests"), Some("a"), "b");
    page.pull_requests = vec![dismissed.clone(), pull_request(2), reviewed(3), reviewed(4)];
    assert_eq!(store.commit(page).await.unwrap(), applied(1, 3, 1, 0));
    assert_eq!(stored(&store, 1).await, dismissed);
    // The version that is kept says that nothing is known.
    assert_eq!(stored(&store, 2).await, pull_request(2));
    assert_eq!(stored(&store, 3).await, reviewed(3));
    assert_eq!(stored(&store, 4).await, reviewed(4));
    let state = store.repositories().await.unwrap().remove(0);
    assert!(state.unmatched && state.revision > revision);

    let mut moved = reviewed(4);
    moved.title = "moved".into();
    moved.activity = Some(activity(4, "eve", Verdict::Commented));
    let mut page = batch(feed("pull_requests"), Some("b"), "c");
    page.pull_requests = vec![moved.clone()];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 1, 1, 0));
    assert_eq!(stored(&store, 4).await, moved);
}

/// Repeats cost nothing.
pub async fn the_same_activity_again_changes_nothing(store: Store) {
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![reviewed(1), pull_request(2)];
    store.commit(page.clone()).await.unwrap();
    ship(&*store, &repository().id, Vec::new()).await.unwrap();
    page.expected = Some(page.next.clone());
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 3, 0));
    assert!(!store.repositories().await.unwrap()[0].unmatched);
    assert_eq!(stored(&store, 1).await, reviewed(1));
}

/// Pages may come in any order.
pub async fn an_older_version_brings_no_activity(store: Store) {
    let mut newer = reviewed(1);
    newer.updated_at += TimeDelta::seconds(1);
    let mut bare = pull_request(2);
    bare.updated_at += TimeDelta::seconds(1);
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![newer.clone(), bare.clone()];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("pull_requests"), Some("a"), "b");
    page.pull_requests = vec![pull_request(1), reviewed(2)];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 3, 0));
    assert_eq!(stored(&store, 1).await, newer);
    assert_eq!(stored(&store, 2).await, bare);
}

/// What comes back comes back as it is then.
pub async fn removed_pull_requests_leave_no_activity(store: Store) {
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![reviewed(1)];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("pull_requests"), Some("a"), "b");
    page.restart = true;
    page.complete = true;
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 1, 1));
    let mut page = batch(feed("pull_requests"), Some("b"), "c");
    page.pull_requests = vec![pull_request(1)];
    assert_eq!(store.commit(page).await.unwrap(), applied(1, 0, 1, 0));
    assert_eq!(stored(&store, 1).await, pull_request(1));
}

/// Who is a bot decides which review is the first.
pub async fn unattributed_gives_the_activity(store: Store) {
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![reviewed(1), pull_request(2)];
    store.commit(page).await.unwrap();
    assert_eq!(
        store.unattributed("r1", 10).await.unwrap(),
        [Subject::from(&reviewed(1)), Subject::from(&pull_request(2))]
    );
    let attributions = vec![
        attributed(1, vec![share("web")]),
        attributed(2, vec![share("web")]),
    ];
    store.attribute(attributions, "r2").await.unwrap();
    assert_eq!(
        store.unattributed("r1", 10).await.unwrap(),
        [Subject::from(&reviewed(1)), Subject::from(&pull_request(2))]
    );
}

/// Each milestone, the windows that follow from them, and only where they are told.
pub async fn attributions_move_milestones(store: Store) {
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![reviewed(1), pull_request(2)];
    page.attributions = vec![
        attributed(1, vec![share("web")]),
        attributed(2, vec![share("web")]),
    ];
    store.commit(page).await.unwrap();
    let told = Milestones {
        first_commit_at: Some(day(31)),
        opened_at: Some(day(32)),
        ready_at: Some(day(33)),
        first_review_at: Some(day(34)),
        approved_at: None,
        merged_at: Some(day(35)),
        closed_at: Some(day(36)),
        pauses: vec![
            Pause {
                from: day(2),
                to: Some(day(3)),
            },
            Pause {
                from: day(5),
                to: None,
            },
        ],
        review_rounds: Some(2),
        self_merged: Some(true),
    };
    let moved = Attribution {
        milestones: Some(told.clone()),
        ..attributed(1, vec![share("web")])
    };
    let both = vec![moved, attributed(2, vec![share("web")])];
    assert_eq!(store.attribute(both.clone(), "r2").await.unwrap(), 1);
    assert_eq!(store.attribute(both, "r3").await.unwrap(), 0);
    assert_eq!(stored(&store, 1).await.milestones, told);
    assert_eq!(stored(&store, 2).await, pull_request(2));
    let scope = devmetrics_core::metric::Extent::Team(devmetrics_core::Id::new("web"));
    let query = devmetrics_core::metric::SampleQuery {
        extent: scope,
        window: days(30, 40),
        open: false,
        places: Vec::new(),
    };
    let samples = store.pull_request_samples(&query).await.unwrap();
    assert_eq!(samples.len(), 1);
    assert_eq!(samples[0].first_review_at, Some(day(34)));
    let back = Attribution {
        milestones: Some(Milestones {
            approved_at: Some(day(34)),
            ..told.clone()
        }),
        ..attributed(1, vec![share("web")])
    };
    assert_eq!(store.attribute(vec![back], "r4").await.unwrap(), 1);
    assert_eq!(stored(&store, 1).await.milestones.approved_at, Some(day(34)));
}

/// A page says what its source knows, and its attributions what follows from that: the latter is kept.
pub async fn milestones_of_a_page_are_written_once(store: Store) {
    let told = Milestones {
        first_review_at: Some(day(1)),
        ..pull_request(1).milestones
    };
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![reviewed(1)];
    page.attributions = vec![Attribution {
        milestones: Some(told.clone()),
        ..attributed(1, vec![share("web")])
    }];
    assert_eq!(store.commit(page.clone()).await.unwrap(), applied(2, 0, 0, 0));
    assert_eq!(stored(&store, 1).await.milestones, told);
    page.expected = Some(page.next.clone());
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 2, 0));

    // Of a version that is not kept, nothing is.
    let mut older = batch(feed("pull_requests"), Some("a"), "b");
    older.pull_requests = vec![reviewed(1)];
    older.pull_requests[0].updated_at -= TimeDelta::seconds(1);
    older.attributions = vec![Attribution {
        milestones: Some(Milestones::default()),
        ..attributed(1, vec![share("web")])
    }];
    assert_eq!(store.commit(older).await.unwrap(), applied(0, 0, 2, 0));
    assert_eq!(stored(&store, 1).await.milestones, told);

    // Of a pull request that is not in the page.
    let later = Milestones {
        first_review_at: Some(day(2)),
        ..told.clone()
    };
    let mut page = batch(feed("pull_requests"), Some("b"), "c");
    page.attributions = vec![Attribution {
        milestones: Some(later.clone()),
        ..attributed(1, vec![share("web")])
    }];
    store.commit(page).await.unwrap();
    assert_eq!(stored(&store, 1).await.milestones, later);
}
