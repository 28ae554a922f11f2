use proptest::prelude::*;

use super::*;
use crate::model::{Actor, DeploymentStatus};

fn deployment(id: u32, at: i64, contains_to: Option<i64>) -> Deployment {
    let finished_at = DateTime::from_timestamp(at, 0).unwrap();
    Deployment {
        id: Id::new(format!("d{id:03}")),
        repository: Id::new("r"),
        environment: "production".into(),
        status: DeploymentStatus::Success,
        finished_at,
        reference: format!("v{id}"),
        commit: format!("c{id}"),
        committed_at: None,
        contains_to,
        declares: Vec::new(),
        creator: Actor::default(),
        url: None,
        updated_at: finished_at,
    }
}

/// The ranges of deployments whose containment their source knows.
fn shipped(deployments: &[Deployment]) -> Vec<Shipment> {
    shipments(
        &place(deployments, &BTreeMap::new(), Places::Counted),
        "production",
    )
}

fn brief(ranges: &[Shipment]) -> Vec<(i64, i64, Option<&str>, Option<DeploymentMatch>)> {
    ranges
        .iter()
        .map(|range| {
            (
                range.after,
                range.through,
                range.deployment.as_ref().map(Id::as_str),
                range.matched,
            )
        })
        .collect()
}

#[test]
fn without_any_deployment_the_repository_is_untracked() {
    let mut staging = deployment(1, 10, Some(5));
    staging.environment = "staging".into();
    for deployments in [vec![], vec![staging]] {
        assert_eq!(
            brief(&shipped(&deployments)),
            [(-1, i64::MAX, None, Some(DeploymentMatch::Untracked))]
        );
    }
}

/// The example of `docs/metrics.md#change-lead-time`.
#[test]
fn the_first_success_is_a_baseline_and_swallows_nobody() {
    let mut failed = deployment(0, 5, Some(3));
    failed.status = DeploymentStatus::Failure;
    assert_eq!(
        brief(&shipped(std::slice::from_ref(&failed))),
        [(-1, i64::MAX, None, None)]
    );

    let deployments = [
        deployment(2, 20, Some(12)),
        failed,
        deployment(1, 10, Some(9)),
        deployment(3, 30, Some(9)),
    ];
    assert_eq!(
        brief(&shipped(&deployments)),
        [
            (-1, 9, None, Some(DeploymentMatch::Baseline)),
            (9, 12, Some("d002"), Some(DeploymentMatch::Ancestry)),
            (12, i64::MAX, None, None),
        ]
    );
}

#[test]
fn a_first_deployment_of_unknown_containment_is_no_baseline() {
    let deployments = [
        deployment(1, 10, None),
        deployment(2, 20, Some(3)),
        deployment(3, 30, Some(5)),
    ];
    assert_eq!(
        brief(&shipped(&deployments)),
        [
            (-1, 3, None, Some(DeploymentMatch::Baseline)),
            (3, 5, Some("d003"), Some(DeploymentMatch::Ancestry)),
            (5, i64::MAX, None, None)
        ]
    );
}

fn second(at: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at, 0)
}

#[test]
fn a_deployment_is_placed_by_its_source_then_its_commit_then_its_time() {
    use DeploymentMatch::{Ancestry, Time};
    use Places::{Counted, Seconds};
    let landings = BTreeMap::from([("c1".to_owned(), 70)]);
    // The deployment finishes at 100.
    for (story, commit, contains_to, committed_at, places, expected) in [
        (
            "its source knows",
            "c1",
            Some(60),
            second(80),
            Seconds,
            (Some(60), Ancestry),
        ),
        (
            "a change landed by it",
            "c1",
            None,
            second(80),
            Seconds,
            (Some(70), Ancestry),
        ),
        (
            "the same of a git clone",
            "c1",
            None,
            second(80),
            Counted,
            (Some(70), Ancestry),
        ),
        (
            "a commit between changes",
            "c2",
            None,
            second(80),
            Seconds,
            (Some(80), Time),
        ),
        (
            "made by a clock that is ahead",
            "c2",
            None,
            second(999),
            Seconds,
            (Some(100), Time),
        ),
        (
            "seconds are no count",
            "c2",
            None,
            second(80),
            Counted,
            (None, Ancestry),
        ),
        ("nothing is known", "c2", None, None, Seconds, (None, Ancestry)),
    ] {
        let made = Deployment {
            commit: commit.into(),
            committed_at,
            ..deployment(1, 100, contains_to)
        };
        let placed = place(std::slice::from_ref(&made), &landings, places);
        assert_eq!((placed[0].contains_to, placed[0].tier), expected, "{story}");
    }
}

#[test]
fn a_git_clone_counts_its_places() {
    assert_eq!(
        Places::of(&Id::new("git:repo:github.com/acme/web")),
        Places::Counted
    );
    assert_eq!(Places::of(&Id::new("github:repo:2362920014")), Places::Seconds);
}

/// Changes landed at 10, 20, 30 and 40. A patch of an old line, deployed last, takes nothing from whoever shipped first.
#[test]
fn each_range_says_how_it_was_matched() {
    let by_time = |id, at, committed_at| Deployment {
        committed_at: second(committed_at),
        ..deployment(id, at, None)
    };
    let deployments = [
        by_time(1, 15, 12),
        by_time(2, 25, 24),
        Deployment {
            commit: "landed".into(),
            ..by_time(3, 35, 33)
        },
        by_time(4, 45, 22),
    ];
    let landings = BTreeMap::from([("landed".to_owned(), 30)]);
    let placed = place(&deployments, &landings, Places::Seconds);
    assert_eq!(
        brief(&shipments(&placed, "production")),
        [
            (-1, 12, None, Some(DeploymentMatch::Baseline)),
            (12, 24, Some("d002"), Some(DeploymentMatch::Time)),
            (24, 30, Some("d003"), Some(DeploymentMatch::Ancestry)),
            (30, i64::MAX, None, None),
        ]
    );
}

/// Declares changes by their ids, `p` and the place.
fn declaring(deployment: Deployment, places: &[i64]) -> Deployment {
    Deployment {
        declares: places.iter().map(|place| format!("p{place}")).collect(),
        ..deployment
    }
}

/// The ids of changes at the places from 0 to 39.
fn changes() -> BTreeMap<String, i64> {
    (0..40).map(|place| (format!("p{place}"), place)).collect()
}

/// The example of `docs/metrics.md#change-lead-time`.
#[test]
fn a_list_ships_what_it_lists_and_no_prefix() {
    use DeploymentMatch::{Ancestry, Baseline, Declared};
    let deployments = [
        deployment(1, 10, Some(9)),
        declaring(deployment(2, 20, None), &[12, 14, 15, 3]),
        // Lists what was shipped before, and what nobody knows.
        declaring(deployment(3, 30, None), &[15, 16, 99]),
        // Contains all of it, and is said to ship what it does not contain (a change picked onto it).
        declaring(deployment(4, 40, Some(14)), &[13, 18]),
        deployment(5, 50, Some(18)),
    ];
    let placed = place(&deployments, &changes(), Places::Counted);
    assert_eq!(placed[1].declared, [3, 12, 14, 15]);
    assert_eq!(
        brief(&shipments(&placed, "production")),
        [
            (-1, 9, None, Some(Baseline)),
            (9, 11, Some("d004"), Some(Ancestry)),
            (11, 12, Some("d002"), Some(Declared)),
            (12, 13, Some("d004"), Some(Ancestry)),
            (13, 15, Some("d002"), Some(Declared)),
            (15, 16, Some("d003"), Some(Declared)),
            (16, 17, Some("d005"), Some(Ancestry)),
            (17, 18, Some("d004"), Some(Declared)),
            (18, i64::MAX, None, None),
        ]
    );
}

/// It may be the list of everything since the beginning, and its predecessors are not known.
#[test]
fn a_first_deployment_with_a_list_is_a_baseline_up_to_the_last_of_it() {
    let deployments = [
        declaring(deployment(1, 10, None), &[99]),
        declaring(deployment(2, 20, None), &[4, 7]),
        declaring(deployment(3, 30, None), &[5, 8]),
    ];
    let placed = place(&deployments, &changes(), Places::Counted);
    assert_eq!(
        brief(&shipments(&placed, "production")),
        [
            (-1, 7, None, Some(DeploymentMatch::Baseline)),
            (7, 8, Some("d003"), Some(DeploymentMatch::Declared)),
            (8, i64::MAX, None, None),
        ]
    );
}

#[test]
fn where_there_is_a_list_time_is_not_asked() {
    let listed = Deployment {
        committed_at: second(80),
        ..declaring(deployment(1, 100, None), &[99])
    };
    let placed = place(std::slice::from_ref(&listed), &changes(), Places::Seconds);
    assert_eq!((placed[0].contains_to, placed[0].declared.len()), (None, 0));
}

/// The definition, one change at a time: the first success that contains it or is said to ship it, unless that is the
/// very first of which anything is known, or lies behind what that one ships.
fn brute(deployments: &[Deployment], position: i64) -> (Option<Id<Deployment>>, Option<DeploymentMatch>) {
    let mut order: Vec<&Deployment> = deployments
        .iter()
        .filter(|d| d.environment == "production")
        .collect();
    if order.is_empty() {
        return (None, Some(DeploymentMatch::Untracked));
    }
    let listed = |d: &Deployment| -> Vec<i64> {
        let known = changes();
        d.declares
            .iter()
            .filter_map(|name| known.get(name).copied())
            .collect()
    };
    let last = |d: &Deployment| listed(d).into_iter().chain(d.contains_to).max();
    order.retain(|d| d.status == DeploymentStatus::Success && last(d).is_some());
    order.sort_by_key(|d| (d.finished_at, d.id.clone()));
    let Some((first, later)) = order.split_first() else {
        return (None, None);
    };
    if last(first).is_some_and(|last| position <= last) {
        return (None, Some(DeploymentMatch::Baseline));
    }
    for d in later {
        let matched = if d.contains_to.is_some_and(|to| position <= to) {
            DeploymentMatch::Ancestry
        } else if listed(d).contains(&position) {
            DeploymentMatch::Declared
        } else {
            continue;
        };
        return (Some(d.id.clone()), Some(matched));
    }
    (None, None)
}

proptest! {
    #[test]
    fn every_change_is_matched_as_the_definition_says(
        parts in prop::collection::vec(
            (
                0i64..8,
                prop::option::weighted(0.6, 0i64..20),
                prop::collection::vec(0i64..24, 0..4),
                prop::bool::weighted(0.2),
                prop::bool::weighted(0.2),
            ),
            0..12,
        )
    ) {
        let deployments: Vec<Deployment> = parts
            .iter()
            .enumerate()
            .map(|(index, (at, contains_to, listed, failed, staging))| {
                let mut made = declaring(deployment(u32::try_from(index).unwrap(), *at, *contains_to), listed);
                if *failed { made.status = DeploymentStatus::Failure; }
                if *staging { made.environment = "staging".into(); }
                made
            })
            .collect();
        let ranges = shipments(&place(&deployments, &changes(), Places::Counted), "production");
        prop_assert_eq!(ranges.first().map(|range| range.after), Some(-1));
        prop_assert_eq!(ranges.last().map(|range| range.through), Some(i64::MAX));
        prop_assert!(ranges.iter().all(|range| range.after < range.through), "no range is empty");
        for pair in ranges.windows(2) {
            prop_assert_eq!(pair[0].through, pair[1].after);
            prop_assert!(pair[0].of(0, 0) != pair[1].of(0, 0), "no two of them could be one");
        }
        for position in 0..26 {
            let range = ranges.iter().find(|r| r.after < position && position <= r.through).unwrap();
            let (id, matched) = brute(&deployments, position);
            prop_assert_eq!(range.matched, matched);
            prop_assert_eq!(range.deployed_at.is_some(), id.is_some());
            prop_assert_eq!(&range.deployment, &id);
        }
    }

    #[test]
    fn a_later_deployment_changes_no_earlier_match(
        parts in prop::collection::vec(
            (
                0i64..8,
                prop::option::weighted(0.7, 0i64..40),
                0usize..6,
                prop::collection::vec(0i64..40, 0..3),
                prop::bool::weighted(0.2),
            ),
            1..12,
        )
    ) {
        let mut landings = changes();
        landings.extend((0..3).map(|n| (format!("c{n}"), n * 10)));
        let mut at = 0;
        let deployments: Vec<Deployment> = parts
            .iter()
            .zip(1u32..)
            .map(|((later, committed_at, commit, listed, failed), id)| {
                at += later;
                let mut made = declaring(deployment(id, at, None), listed);
                made.commit = format!("c{commit}");
                made.committed_at = committed_at.and_then(second);
                if *failed { made.status = DeploymentStatus::Failure; }
                made
            })
            .collect();
        let (_, before) = deployments.split_last().unwrap();
        let ranges = |deployments| shipments(&place(deployments, &landings, Places::Seconds), "production");
        let (earlier, later) = (ranges(before), ranges(&deployments));
        for position in 0..60 {
            let at = |ranges: &[Shipment]| ranges.iter().find(|r| r.after < position && position <= r.through).cloned().unwrap();
            let (earlier, later) = (at(&earlier), at(&later));
            let known = matches!(earlier.matched, Some(found) if found != DeploymentMatch::Untracked);
            if known {
                prop_assert_eq!((earlier.deployment, earlier.deployed_at, earlier.matched), (later.deployment, later.deployed_at, later.matched));
            }
        }
    }
}
