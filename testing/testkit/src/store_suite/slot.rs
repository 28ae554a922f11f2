//! Laws of the slots of a schedule.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::model::Window;
use devmetrics_core::store::{GroupEnd, GroupOutcome, MetricsStore, Slot, SlotGroup};

use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// The slot of day `n`, with groups of these scopes.
pub fn slot(n: u32, groups: &[&[&str]]) -> Slot {
    let group = |scopes: &&[&str]| SlotGroup {
        scopes: scopes.iter().map(ToString::to_string).collect(),
        attempt: 0,
        end: None,
    };
    Slot {
        at: day(n),
        run: format!("run {n}"),
        planned_at: day(n) + TimeDelta::seconds(7),
        groups: groups.iter().map(group).collect(),
    }
}

async fn all(store: &Store) -> Vec<Slot> {
    let window = Window {
        from: day(0),
        to: day(100),
    };
    store.slots(window).await.unwrap()
}

/// Those of the window, in order; one without groups too.
pub async fn slots_come_back(store: Store) {
    let slots = [
        slot(1, &[&["a", "b'\"\\"], &["ä"]]),
        slot(2, &[]),
        slot(3, &[&["c"]]),
        slot(4, &[&["c"]]),
    ];
    for slot in slots.iter().rev() {
        assert_eq!(&store.plan_slot(slot).await.unwrap(), slot);
    }
    assert_eq!(all(&store).await, slots);
    let window = |from, to| Window {
        from: day(from),
        to: day(to),
    };
    assert_eq!(store.slots(window(2, 4)).await.unwrap(), slots[1..3]);
    assert_eq!(store.slots(window(4, 2)).await.unwrap(), []);
}

/// Whoever plans it later is given the first plan, and how far that is.
pub async fn the_first_plan_of_a_slot_stays(store: Store) {
    let first = slot(1, &[&["a"], &["b"]]);
    store.plan_slot(&first).await.unwrap();
    store.hand_on_group(day(1), 1, 3).await.unwrap();
    let other = Slot {
        run: "another".into(),
        ..slot(1, &[&["c"]])
    };
    let mut expected = first;
    expected.groups[1].attempt = 3;
    assert_eq!(store.plan_slot(&other).await.unwrap(), expected);
    assert_eq!(all(&store).await, [expected]);
}

/// Both get the same plan.
pub async fn two_plans_of_a_slot_at_once_are_one(store: Store) {
    let one = slot(1, &[&["a"]]);
    let other = Slot {
        run: "another".into(),
        ..slot(1, &[&["b"], &["c"]])
    };
    let (first, second) = tokio::join!(store.plan_slot(&one), store.plan_slot(&other));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first, second);
    assert!(first == one || first == other);
    assert_eq!(all(&store).await, [first]);
}

/// The first end stays and attempts only grow; who names a group that is none does nothing.
pub async fn a_group_ends_once(store: Store) {
    store.plan_slot(&slot(1, &[&["a"], &["b"]])).await.unwrap();
    let end = |n, outcome| GroupEnd { at: day(n), outcome };
    store
        .end_group(day(1), 0, end(2, GroupOutcome::Superseded))
        .await
        .unwrap();
    store
        .end_group(day(1), 0, end(3, GroupOutcome::Complete))
        .await
        .unwrap();
    for attempt in [2, 5, 4] {
        store.hand_on_group(day(1), 1, attempt).await.unwrap();
    }
    for (at, number) in [(day(1), 2), (day(2), 0)] {
        store
            .end_group(at, number, end(3, GroupOutcome::Complete))
            .await
            .unwrap();
        store.hand_on_group(at, number, 1).await.unwrap();
    }
    let mut expected = slot(1, &[&["a"], &["b"]]);
    expected.groups[0].end = Some(end(2, GroupOutcome::Superseded));
    expected.groups[1].attempt = 5;
    assert_eq!(all(&store).await, [expected]);
}

/// However a group may end.
pub async fn every_outcome_comes_back(store: Store) {
    let outcomes = [
        GroupOutcome::Complete,
        GroupOutcome::Degraded,
        GroupOutcome::Deadline,
        GroupOutcome::RateLimited,
        GroupOutcome::Superseded,
    ];
    store.plan_slot(&slot(1, &[["a"].as_slice(); 5])).await.unwrap();
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let end = GroupEnd { at: day(2), outcome };
        store.end_group(day(1), number, end).await.unwrap();
    }
    let slots = all(&store).await;
    let stored = slots[0].groups.iter().map(|group| group.end.unwrap().outcome);
    assert_eq!(stored.collect::<Vec<_>>(), outcomes);
}
