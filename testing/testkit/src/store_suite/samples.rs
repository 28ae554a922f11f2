//! Laws of what metrics read.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::Id;
use devmetrics_core::attribution::{Attribution, Share};
use devmetrics_core::metric::{DeploymentSample, Extent, PlaceRange, PullRequestSample, SampleQuery};
use devmetrics_core::model::{DeploymentMatch, DeploymentStatus, Landing, Milestones, Pause, Window};
use devmetrics_core::store::MetricsStore;

use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

fn query(extent: Extent, from: u32, to: u32) -> SampleQuery {
    SampleQuery {
        extent,
        window: days(from, to),
        open: false,
        places: Vec::new(),
    }
}

fn team(id: &str) -> Extent {
    Extent::Team(Id::new(id))
}

async fn sampled(store: &Store, query: SampleQuery) -> Vec<String> {
    let samples = store.pull_request_samples(&query).await.unwrap();
    samples.into_iter().map(|sample| sample.id.to_string()).collect()
}

fn ids(numbers: &[u32]) -> Vec<String> {
    numbers.iter().map(|n| pull_request_id(*n).to_string()).collect()
}

/// Half-open, by merge or by deployment, each once.
pub async fn a_window_holds_what_was_merged_or_deployed_in_it(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = (1..=6).map(pull_request).collect();
    page.pull_requests[5].milestones.merged_at = None;
    page.attributions = (1..=6).map(|n| attributed(n, vec![share("web")])).collect();
    store.commit(page).await.unwrap();
    ship(&*store, &repository().id, vec![shipment(0, 2, 4)]).await;
    for scope in [
        Extent::All,
        team("web"),
        Extent::Repositories(vec![repository().id]),
    ] {
        assert_eq!(
            sampled(&store, query(scope.clone(), 2, 4)).await,
            ids(&[2, 3]),
            "{scope:?}"
        );
        // 1 and 2 were merged before, and deployed on day 4.
        assert_eq!(
            sampled(&store, query(scope.clone(), 4, 5)).await,
            ids(&[1, 2, 4]),
            "{scope:?}"
        );
        assert_eq!(
            sampled(&store, query(scope.clone(), 0, 50)).await,
            ids(&[1, 2, 3, 4, 5]),
            "{scope:?}"
        );
        let window = Window {
            from: day(3),
            to: day(5),
        };
        assert_eq!(
            sampled(
                &store,
                SampleQuery {
                    extent: scope,
                    window,
                    open: false,
                    places: Vec::new(),
                }
            )
            .await,
            ids(&[1, 2, 3, 4])
        );
    }
}

/// Where the query says so: opened before its end, and not closed before its begin.
pub async fn open_pull_requests_are_asked_for_apart(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = (1..=4).map(pull_request).collect();
    for (place, (opened, closed)) in [(1, Some(3)), (2, Some(9)), (2, None), (8, None)]
        .into_iter()
        .enumerate()
    {
        let at = &mut page.pull_requests[place].milestones;
        at.opened_at = Some(day(opened));
        at.closed_at = closed.map(day);
        at.merged_at = None;
    }
    page.attributions = (1..=4).map(|n| attributed(n, vec![share("web")])).collect();
    store.commit(page).await.unwrap();
    for extent in [
        Extent::All,
        team("web"),
        Extent::Repositories(vec![repository().id]),
    ] {
        let open = async |from, to| {
            let query = SampleQuery {
                open: true,
                ..query(extent.clone(), from, to)
            };
            sampled(&store, query).await
        };
        assert_eq!(open(4, 5).await, ids(&[2, 3]), "{extent:?}");
        assert_eq!(open(0, 2).await, ids(&[1]), "{extent:?}");
        assert_eq!(open(9, 10).await, ids(&[2, 3, 4]), "{extent:?}");
        assert_eq!(
            sampled(&store, query(extent.clone(), 0, 50)).await,
            ids(&[]),
            "{extent:?}"
        );
    }
}

/// Where the query names them: after one place, up to the other, and of the extent.
pub async fn places_are_asked_for_apart(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = (1..=6).map(pull_request).collect();
    page.pull_requests[3].repository = named_repository("acme/api").id;
    page.pull_requests[4].position = None;
    page.attributions = (1..=3).map(|n| attributed(n, vec![share("web")])).collect();
    store.commit(page).await.unwrap();
    let range = |name: &str, after, through| PlaceRange {
        repository: named_repository(name).id,
        after,
        through,
    };
    let at = async |extent, places| {
        let query = SampleQuery {
            places,
            ..query(extent, 40, 50)
        };
        sampled(&store, query).await
    };
    let places = || vec![range("acme/web", 1, 4), range("acme/web", 5, i64::MAX)];
    assert_eq!(at(Extent::All, places()).await, ids(&[2, 3, 6]));
    assert_eq!(at(team("web"), places()).await, ids(&[2, 3]));
    let both = vec![range("acme/web", 2, 3), range("acme/api", -1, 4)];
    assert_eq!(at(Extent::All, both.clone()).await, ids(&[3, 4]));
    let repository = Extent::Repositories(vec![named_repository("acme/api").id]);
    assert_eq!(at(repository, both).await, ids(&[4]));
    assert_eq!(at(Extent::All, vec![range("acme/web", 3, 3)]).await, ids(&[]));

    // Merged within the window and at such a place: once.
    let query = SampleQuery {
        places: places(),
        ..query(team("web"), 2, 3)
    };
    assert_eq!(sampled(&store, query).await, ids(&[2, 3]));
}

/// Teams by share, repositories by their facts.
pub async fn a_scope_holds_its_own(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2), pull_request(3)];
    page.pull_requests[2].repository = named_repository("acme/api").id;
    page.deployments = vec![deployment(1), deployment(2)];
    page.deployments[1].repository = named_repository("acme/api").id;
    let part = Share {
        weight: 0.25,
        primary: false,
        ..share("web")
    };
    page.attributions = vec![
        attributed(1, vec![share("all"), part.clone()]),
        attributed(2, vec![share("unassigned")]),
        attributed(3, vec![share("all")]),
        attributed_deployment(1, vec![part]),
        attributed_deployment(2, vec![share("unassigned")]),
    ];
    store.commit(page).await.unwrap();
    let of = async |scope| sampled(&store, query(scope, 0, 50)).await;
    assert_eq!(of(Extent::All).await, ids(&[1, 2, 3]));
    assert_eq!(of(team("all")).await, ids(&[1, 3]));
    assert_eq!(of(team("web")).await, ids(&[1]));
    assert_eq!(of(team("unassigned")).await, ids(&[2]));
    assert_eq!(of(team("none")).await, ids(&[]));
    assert_eq!(
        of(Extent::Repositories(vec![repository().id])).await,
        ids(&[1, 2])
    );
    let samples = store
        .pull_request_samples(&query(team("web"), 0, 50))
        .await
        .unwrap();
    assert_eq!((samples[0].weight, samples[0].primary), (0.25, false));
    let samples = store
        .pull_request_samples(&query(Extent::All, 0, 50))
        .await
        .unwrap();
    assert!(
        samples
            .iter()
            .all(|sample| sample.weight == 1.0 && sample.primary)
    );

    let deployed = async |scope| -> Vec<_> {
        let samples = store.deployment_samples(&query(scope, 0, 50)).await.unwrap();
        samples
            .into_iter()
            .map(|sample| (sample.id, sample.weight, sample.primary))
            .collect()
    };
    let (one, two) = (deployment_id(1), deployment_id(2));
    assert_eq!(
        deployed(Extent::All).await,
        [(one.clone(), 1.0, true), (two.clone(), 1.0, true)]
    );
    assert_eq!(deployed(team("web")).await, [(one.clone(), 0.25, false)]);
    assert_eq!(deployed(team("unassigned")).await, [(two.clone(), 1.0, true)]);
    assert_eq!(
        deployed(Extent::Repositories(vec![repository().id])).await,
        [(one, 1.0, true)]
    );
    assert_eq!(
        store
            .deployment_samples(&query(Extent::All, 2, 3))
            .await
            .unwrap()
            .len(),
        1
    );
}

/// Every field of a sample is that of its fact.
pub async fn a_sample_carries_the_fact(store: Store) {
    let mut fact = pull_request(7);
    fact.milestones = Milestones {
        first_commit_at: Some(day(1)),
        opened_at: Some(day(2)),
        ready_at: Some(day(3)),
        first_review_at: Some(day(4)),
        approved_at: Some(day(5)),
        merged_at: Some(day(6)),
        closed_at: Some(day(7)),
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
    fact.landing = Some(Landing::Squash);
    fact.base_branch = "release/1".into();
    fact.labels = vec!["big".into(), "\"q\"".into()];
    fact.comments = Some(3);
    fact.first_commit_estimated = true;
    fact.author.handle = Some("ADA".into());
    fact.additions = Some(11);
    fact.deletions = None;
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![fact];
    page.attributions = vec![attributed(7, vec![share("web")])];
    page.attributions[0].bot = true;
    store.commit(page).await.unwrap();
    ship(&*store, &repository().id, vec![shipment(-1, 9, 9)]).await;
    let expected = PullRequestSample {
        id: pull_request_id(7),
        repository: repository().id,
        author: Some("ada".into()),
        first_commit_at: Some(day(1)),
        opened_at: Some(day(2)),
        ready_at: Some(day(3)),
        first_review_at: Some(day(4)),
        approved_at: Some(day(5)),
        merged_at: Some(day(6)),
        closed_at: Some(day(7)),
        deployed_at: Some(deployment(9).finished_at),
        matched: Some(DeploymentMatch::Ancestry),
        reverted_at: None,
        landing: Some(Landing::Squash),
        first_commit_estimated: true,
        base_branch: "release/1".into(),
        position: Some(7),
        on_base_branch: true,
        paths_unknown: false,
        labels: vec!["big".into(), "\"q\"".into()],
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
        comments: Some(3),
        bot: true,
        additions: Some(11),
        deletions: None,
        weight: 1.0,
        primary: true,
    };
    assert_eq!(
        store
            .pull_request_samples(&query(team("web"), 0, 50))
            .await
            .unwrap(),
        [expected]
    );
}

/// The earliest later change of the same repository that names its landing commit.
pub async fn a_revert_is_seen_on_what_it_reverts(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = (1..=6).map(pull_request).collect();
    page.pull_requests[0].reverts = vec![landing_commit(2)]; // earlier than what it names
    page.pull_requests[2].reverts = vec!["deadbeef".into(), landing_commit(2)];
    page.pull_requests[3].reverts = vec![landing_commit(2), landing_commit(4)]; // itself: no
    page.pull_requests[4].reverts = vec![landing_commit(4)];
    page.pull_requests[4].repository = named_repository("fork/web").id;
    page.pull_requests[5].reverts = vec![landing_commit(1)];
    page.pull_requests[5].milestones.merged_at = None;
    store.commit(page).await.unwrap();
    let reverted = async || -> Vec<_> {
        let samples = store
            .pull_request_samples(&query(Extent::All, 0, 50))
            .await
            .unwrap();
        samples.into_iter().map(|sample| sample.reverted_at).collect()
    };
    assert_eq!(reverted().await, [None, Some(day(3)), None, None, None]);

    // It says something else now.
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![pull_request(3)];
    store.commit(page).await.unwrap();
    assert_eq!(reverted().await, [None, Some(day(4)), None, None, None]);
}

/// The success before it in the same repository and environment.
pub async fn deployments_know_what_ran_before(store: Store) {
    let mut page = batch(feed("deployments"), None, "a");
    page.deployments = (1..=8).map(deployment).collect();
    page.deployments[1].status = DeploymentStatus::Failure;
    page.deployments[2].environment = "staging".into();
    page.deployments[3].repository = named_repository("acme/api").id;
    page.deployments[5].commit = landing_commit(1); // 6: a rollback to 1
    page.deployments[6].finished_at = page.deployments[7].finished_at; // 7 and 8 at one instant: by id
    store.commit(page).await.unwrap();
    let commit = |n| Some(landing_commit(n));
    let expected = [
        (deployment_id(1), None, false),
        (deployment_id(2), commit(1), false),
        (deployment_id(3), None, false),
        (deployment_id(4), None, false),
        (deployment_id(5), commit(1), false),
        (deployment_id(6), commit(5), true),
        (deployment_id(7), commit(1), false),
        (deployment_id(8), commit(7), false),
    ];
    let both = Extent::Repositories(vec![repository().id, named_repository("acme/api").id]);
    // A store may find it another way where the window is long.
    for (extent, end) in [(Extent::All, 50), (Extent::All, 800), (both, 800)] {
        let samples = store.deployment_samples(&query(extent, 0, end)).await.unwrap();
        let before = |sample: &DeploymentSample| {
            (
                sample.id.clone(),
                sample.previous_commit.clone(),
                sample.deployed_before,
            )
        };
        assert_eq!(samples.iter().map(before).collect::<Vec<_>>(), expected);
        assert_eq!(samples[1].status, DeploymentStatus::Failure);
        assert_eq!(samples[2].environment, "staging");
    }
    // What ran before is known although it lies before the window, or is another team's.
    for end in [7, 800] {
        let later = store
            .deployment_samples(&query(Extent::All, 6, end))
            .await
            .unwrap();
        assert_eq!(later[0].id, deployment_id(6));
        assert_eq!(later[0].previous_commit, commit(5));
        assert!(later[0].deployed_before);
    }
    let other = Extent::Repositories(vec![named_repository("acme/api").id]);
    for end in [50, 800] {
        let others = store
            .deployment_samples(&query(other.clone(), 0, end))
            .await
            .unwrap();
        assert_eq!(
            others.iter().map(|sample| &sample.id).collect::<Vec<_>>(),
            [&deployment_id(4)]
        );
    }
}

/// The teams' windows follow the fact, also when the page brings no attribution.
pub async fn a_changed_fact_moves_with_its_window(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1)];
    page.deployments = vec![deployment(1)];
    page.attributions = vec![
        attributed(1, vec![share("web")]),
        attributed_deployment(1, vec![share("web")]),
    ];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![pull_request(1)];
    page.pull_requests[0].milestones.merged_at = Some(day(20));
    page.deployments = vec![deployment(1)];
    page.deployments[0].finished_at += TimeDelta::days(20);
    store.commit(page).await.unwrap();
    assert_eq!(sampled(&store, query(team("web"), 0, 10)).await, ids(&[]));
    assert_eq!(sampled(&store, query(team("web"), 20, 21)).await, ids(&[1]));
    assert_eq!(
        store
            .deployment_samples(&query(team("web"), 0, 10))
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        store
            .deployment_samples(&query(team("web"), 21, 22))
            .await
            .unwrap()
            .len(),
        1
    );
}

/// The pages of a query hold the samples that it gives at once.
async fn in_pages(store: &Store, query: &SampleQuery) {
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = store.pull_request_page(query, after).await.unwrap();
        paged.extend(page.samples);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    paged.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(
        paged,
        store.pull_request_samples(query).await.unwrap(),
        "{query:?}"
    );
}

async fn every_page(store: &Store) {
    let other = named_repository("acme/api").id;
    for extent in [
        Extent::All,
        team("web"),
        Extent::Repositories(vec![repository().id]),
        Extent::Repositories(vec![other.clone()]),
        Extent::Repositories(vec![other, repository().id]),
        Extent::Repositories(Vec::new()),
    ] {
        for (from, to) in [(0, 50), (2, 4), (9, 10)] {
            for open in [false, true] {
                let query = SampleQuery {
                    open,
                    ..query(extent.clone(), from, to)
                };
                in_pages(store, &query).await;
            }
        }
    }
}

/// Whether what the store keeps beside the facts is of today, of yesterday, or not there.
pub async fn pages_hold_the_same_samples(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.repositories.push(named_repository("acme/api"));
    page.pull_requests = (1..=8).map(pull_request).collect();
    for n in [2, 3] {
        let open = &mut page.pull_requests[n];
        open.milestones = Milestones {
            opened_at: Some(day(n as u32)),
            closed_at: (n == 2).then(|| day(30)),
            pauses: vec![Pause {
                from: day(n as u32),
                to: (n == 2).then(|| day(9)),
            }],
            ..Milestones::default()
        };
        open.position = None;
        open.labels = vec!["bug".to_owned(), "feature".to_owned()];
    }
    page.pull_requests[5].repository = named_repository("acme/api").id;
    page.pull_requests[6].author.handle = None;
    page.attributions = (1..=8).map(|n| attributed(n, vec![share("web")])).collect();
    store.commit(page).await.unwrap();
    every_page(&store).await;
    store.pack().await.unwrap();
    every_page(&store).await;

    // Each way in which a sample becomes another.
    let mut page = batch(feed("changes"), Some("a"), "b");
    let mut reverting = pull_request(9);
    reverting.reverts = vec![landing_commit(1)];
    let mut changed = pull_request(5);
    changed.labels = vec!["late".to_owned()];
    changed.updated_at = day(60);
    page.pull_requests = vec![reverting, changed];
    store.commit(page).await.unwrap();
    every_page(&store).await;
    store.pack().await.unwrap();
    every_page(&store).await;

    ship(&*store, &repository().id, vec![shipment(0, 5, 6)]).await;
    every_page(&store).await;
    store.pack().await.unwrap();
    every_page(&store).await;

    let bot = Attribution {
        bot: true,
        ..attributed(1, vec![share("web")])
    };
    let moved = Attribution {
        milestones: Some(Milestones {
            merged_at: Some(day(3)),
            first_review_at: Some(day(2)),
            review_rounds: Some(2),
            ..Milestones::default()
        }),
        ..attributed(6, vec![share("api")])
    };
    store.attribute(vec![bot, moved], "second").await.unwrap();
    every_page(&store).await;
    store.pack().await.unwrap();
    every_page(&store).await;

    let mut page = batch(feed("changes"), Some("b"), "c");
    page.restart = true;
    page.complete = true;
    page.pull_requests = vec![pull_request(1)];
    store.commit(page).await.unwrap();
    every_page(&store).await;
    store.pack().await.unwrap();
    every_page(&store).await;
}

/// More than are kept, or read, together.
pub async fn thousands_of_samples_come_in_pages(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = (1..=4_500).map(pull_request).collect();
    for open in page.pull_requests.iter_mut().step_by(2) {
        open.position = None;
        open.milestones.merged_at = None;
        open.milestones.opened_at = open.milestones.closed_at;
    }
    store.commit(page).await.unwrap();
    store.pack().await.unwrap();
    for (from, to) in [(0, 5_000), (100, 110), (4_400, 4_401)] {
        let query = SampleQuery {
            open: true,
            ..query(Extent::All, from, to)
        };
        in_pages(&store, &query).await;
    }
}
