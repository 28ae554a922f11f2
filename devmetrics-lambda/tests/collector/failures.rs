//! What goes wrong, and what becomes of it.

use std::time::Duration;

use chrono::TimeDelta;
use devmetrics_core::store::GroupOutcome;
use devmetrics_lambda::emf;
use devmetrics_simulation::KillSwitch;
use serde_json::json;

use crate::sqs::{HIDDEN, RECEIVES};
use crate::world::{World, event, failures, killed_after, small};

#[tokio::test]
async fn of_a_batch_only_what_failed_comes_again() {
    let world = World::new(3, &small()).await;
    world.schedule(world.now()).await.unwrap();
    let later = json!({"version": 2, "work": "?"}).to_string();
    for body in ["not JSON", later.as_str()] {
        world.sqs.put(body, Duration::ZERO);
    }
    let mut entries = Vec::new();
    while let Some(entry) = world.sqs.receive(|_| 0) {
        entries.push(entry);
    }
    let all: Vec<_> = entries.iter().collect();
    let answer = world
        .handle(&world.collector(&KillSwitch::default()), event(&all))
        .await
        .unwrap();
    assert_eq!(failures(&answer), ["m3", "m4"]);
    assert_eq!(world.metric(emf::POISON_MESSAGES), [1.0, 1.0]);
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete); 2]);
    world.is_true().await;
}

#[tokio::test]
async fn what_nobody_can_read_ends_in_the_dead_letter_queue() {
    let world = World::new(3, &small()).await;
    world.sqs.put("poison", Duration::ZERO);
    for _ in 0..=RECEIVES {
        world.work().await;
        world.github.world().advance(HIDDEN.num_seconds() + 1);
    }
    world.work().await;
    assert_eq!(world.sqs.entries().len(), 0);
    assert_eq!(world.sqs.dead().len(), 1);
    assert_eq!(world.metric(emf::POISON_MESSAGES).len(), RECEIVES as usize);
}

#[tokio::test]
async fn a_worker_killed_anywhere_loses_and_doubles_nothing() {
    let mut kills = 0;
    for n in 1.. {
        let world = World::new(3, &small()).await;
        world.schedule(world.now()).await.unwrap();
        let kill = KillSwitch::at(n);
        let entry = world.sqs.receive(|_| 0).unwrap();
        let killed = world.collector(&kill);
        let answer = kill.guard(world.handle(&killed, event(&[&entry]))).await;
        if let Some(answer) = answer {
            assert_eq!(failures(&answer.unwrap()), Vec::<String>::new());
            break;
        }
        kills += 1;
        drop(killed);
        world.github.world().advance(HIDDEN.num_seconds() + 1);
        world.work().await;
        assert_eq!(
            world.outcomes().await,
            [Some(GroupOutcome::Complete); 2],
            "killed at {n}"
        );
        world.is_true().await;
    }
    assert!(kills > 5, "it was killed {kills} times");
}

/// At every point at which it waits for something: a request, or the queue. Here the time is up soon, so that it hands on.
#[tokio::test]
async fn a_planner_or_worker_killed_between_two_steps_leaves_nothing_undone() {
    let kill = KillSwitch::default();
    let mut kills = [0, 0];
    for n in 1.. {
        let mut world = World::new(3, &small()).await;
        world.timeout = TimeDelta::seconds(44);
        world
            .github
            .configure(|settings| settings.micros_per_node = 1_500);
        let slot = world.now();
        let planner = world.collector(&kill);
        let planned = killed_after(n, world.handle(&planner, json!({ "slot": slot }))).await;
        if planned.is_none() {
            kills[0] += 1;
            world.schedule(slot).await.unwrap();
        }
        let entry = world.sqs.receive(|_| 0).unwrap();
        let worker = world.collector(&kill);
        let worked = killed_after(n, world.handle(&worker, event(&[&entry]))).await;
        match worked {
            Some(answer) => {
                assert_eq!(failures(&answer.unwrap()), Vec::<String>::new());
                world.sqs.delete(&entry.id);
            }
            None => kills[1] += 1,
        }
        drop((planner, worker));
        world.finish().await;
        let slots = world.slots().await;
        assert_eq!(
            world.outcomes().await,
            [Some(GroupOutcome::Complete); 2],
            "killed at {n}: {slots:?}"
        );
        world.is_true().await;
        if kills[1] < n {
            assert!(slots[0].groups[0].attempt > 0, "it was not handed on: {slots:?}");
            break;
        }
    }
    assert!(kills.iter().all(|kills| *kills > 3), "{kills:?}");
}

/// One reads, and the other leaves it alone until it is done.
#[tokio::test]
async fn one_message_delivered_twice_at_once_is_worked_at_once() {
    let mut world = World::new(3, &small()).await;
    world.group_size = 10;
    world.schedule(world.now()).await.unwrap();
    let entry = world.sqs.receive(|_| 0).unwrap();
    let (one, other) = (
        world.collector(&KillSwitch::default()),
        world.collector(&KillSwitch::default()),
    );
    let both = event(&[&entry]);
    let (first, second) = tokio::join!(world.handle(&one, both.clone()), world.handle(&other, both));
    for answer in [first, second] {
        assert_eq!(failures(&answer.unwrap()), Vec::<String>::new());
    }
    world.sqs.delete(&entry.id);
    world.github.world().advance(16 * 60);
    world.work().await;
    assert_eq!(world.sqs.entries().len(), 0, "{:?}", world.sqs.messages());
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete)]);
    world.is_true().await;
}

#[tokio::test]
async fn a_rotated_secret_is_read_again_once() {
    let world = World::new(3, &small()).await;
    let never = KillSwitch::default();
    let viewer = world.github.world().find_user("collector").unwrap();
    let fresh = world.github.add_token("rotated", viewer);
    let old = world.token().to_owned();

    // The planner meets it first.
    world.github.revoke_token("collector");
    let slot = world.now();
    let planner = world.with_tokens(&old, Some(&fresh), true, &never);
    world.handle(&planner, json!({ "slot": slot })).await.unwrap();
    assert_eq!(world.sqs.entries().len(), 2);
    // Then each worker that had been started before.
    while let Some(entry) = world.sqs.receive(|_| 0) {
        let worker = world.with_tokens(&old, Some(&fresh), true, &never);
        world.handle(&worker, event(&[&entry])).await.unwrap();
        world.sqs.delete(&entry.id);
    }
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete); 2]);
    assert_eq!(world.reasons(), Vec::<String>::new());
    world.is_true().await;
}

#[tokio::test]
async fn a_refused_token_that_nobody_replaced_ends_the_group_and_not_the_queue() {
    let world = World::new(3, &small()).await;
    world.schedule(world.now()).await.unwrap();
    world.github.revoke_token("collector");
    world.work().await;
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Degraded); 2]);
    assert_eq!(world.reasons(), ["degraded", "degraded"]);
    assert_eq!((world.sqs.entries().len(), world.sqs.dead().len()), (0, 0));

    // The next slot with another token reads everything.
    let viewer = world.github.world().find_user("collector").unwrap();
    let fresh = world.github.add_token("another", viewer);
    world.github.world().advance(4 * 3_600);
    let planner = world.with_tokens(&fresh, None, true, &KillSwitch::default());
    world
        .handle(&planner, json!({ "slot": world.now() }))
        .await
        .unwrap();
    while let Some(entry) = world.sqs.receive(|_| 0) {
        let worker = world.with_tokens(&fresh, None, true, &KillSwitch::default());
        world.handle(&worker, event(&[&entry])).await.unwrap();
        world.sqs.delete(&entry.id);
    }
    world.is_true().await;
}

/// The planner cannot ask: the slot is accounted for all the same.
#[tokio::test]
async fn a_slot_of_a_source_that_refuses_is_a_degraded_one() {
    let world = World::new(3, &small()).await;
    world.github.revoke_token("collector");
    let slot = world.now();
    world.schedule(slot).await.unwrap();
    assert_eq!(world.sqs.entries().len(), 0);
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Degraded)]);
    assert_eq!(world.slots().await[0].at, slot);
}

#[tokio::test]
async fn what_a_batch_has_no_time_for_is_put_back_without_a_failure() {
    let world = World::new(3, &small()).await;
    world.schedule(world.now()).await.unwrap();
    let entries: Vec<_> = std::iter::from_fn(|| world.sqs.receive(|_| 0)).collect();
    world.github.configure(|settings| {
        settings.micros_per_node = 100_000;
        settings.ceiling_ms = 3_600_000;
    });
    let all: Vec<_> = entries.iter().collect();
    let answer = world
        .handle(&world.collector(&KillSwitch::default()), event(&all))
        .await
        .unwrap();
    assert_eq!(failures(&answer), Vec::<String>::new());
    for entry in &entries {
        world.sqs.delete(&entry.id);
    }
    let mut attempts: Vec<_> = world
        .sqs
        .messages()
        .iter()
        .map(|message| message.attempt)
        .collect();
    attempts.sort_unstable();
    assert_eq!(
        attempts,
        [0, 1],
        "the first went as far as it could, the second was not begun"
    );
    world.github.configure(|settings| settings.micros_per_node = 460);
    world.github.world().advance(TimeDelta::minutes(5).num_seconds());
    world.work().await;
    world.is_true().await;
}
