//! A slot from its schedule to its end.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use devmetrics_core::store::GroupOutcome;
use devmetrics_lambda::{Message, Work, emf};
use devmetrics_simulation::KillSwitch;
use fake_github::generate::Shape;
use fake_github::world::PullRequestState;
use fake_github::{Limits, Resource};
use serde_json::{Value, json};

use crate::world::{World, event, failures, small};

#[tokio::test]
async fn a_slot_is_planned_shared_and_collected() {
    let world = World::new(3, &small()).await;
    let slot = world.now();
    let answer = world.schedule(slot).await.unwrap();
    let messages = world.sqs.messages();
    // Four scopes, the organization and three repositories, at two a message.
    assert_eq!((messages.len(), &answer["groups"]), (2, &json!(2)));
    let scopes: Vec<_> = messages
        .iter()
        .flat_map(|message| match &message.work {
            Work::Collect { scopes, .. } => scopes.clone(),
            Work::Plan => panic!("it is planned"),
        })
        .collect();
    assert_eq!(BTreeSet::from_iter(&scopes).len(), 4, "{scopes:?}");
    assert_eq!(world.outcomes().await, [None, None]);

    world.work().await;
    assert_eq!(world.sqs.entries().len(), 0);
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete); 2]);
    world.is_true().await;

    let pull_requests: usize = {
        let github = world.github.world();
        github
            .repositories()
            .map(|(_, found)| found.pull_requests().len())
            .sum()
    };
    let sum = |name: &str| world.metric(name).iter().sum::<f64>();
    assert_eq!(sum(emf::PULL_REQUESTS_COLLECTED), pull_requests as f64);
    assert_eq!((sum(emf::PLANNED_SLOTS), sum(emf::PLANNED_GROUPS)), (1.0, 2.0));
    assert_eq!((sum(emf::ENDED_GROUPS), sum(emf::PARTIAL_RUNS)), (2.0, 0.0));
    assert!(sum(emf::POINTS_USED) > 0.0 && world.metric(emf::POINTS_LEFT).iter().all(|left| *left > 4_000.0));
    // Before the first run nothing has an age.
    assert_eq!(world.metric(emf::CERTIFICATE_AGE_SECONDS), Vec::<f64>::new());

    world.github.world().advance(4 * 3_600);
    world.schedule(world.now()).await.unwrap();
    let ages = world.metric(emf::CERTIFICATE_AGE_SECONDS);
    assert!(
        ages.iter().all(|age| (14_000.0..14_600.0).contains(age)) && ages.len() == 1,
        "{ages:?}"
    );
}

/// Its list does not tell; comparing does, once a day.
#[tokio::test]
async fn what_changes_without_a_trace_is_counted() {
    let world = World::new(3, &small()).await;
    world.schedule(world.now()).await.unwrap();
    world.work().await;
    assert!(world.metric(emf::SWEEP_CHANGES).iter().all(|count| *count == 0.0));
    // Nothing is compared before what is watched was compared once.
    world.github.world().advance(25 * 3_600);
    world.schedule(world.now()).await.unwrap();
    world.work().await;
    let open = {
        let github = world.github.world();
        let mut all = github
            .repositories()
            .flat_map(|(id, _)| github.pull_request_ids(id));
        all.find(|id| github.pull_request(*id).state == PullRequestState::Open)
            .expect("something is open")
    };
    world
        .github
        .world()
        .touch_silently(open, |found| found.title = "Another title".into());
    world.github.world().advance(25 * 3_600);
    world.schedule(world.now()).await.unwrap();
    world.work().await;
    assert_eq!(world.metric(emf::SWEEP_CHANGES).iter().sum::<f64>(), 1.0);
    world.is_true().await;
}

#[tokio::test]
async fn what_was_done_is_not_done_again() {
    let world = World::new(3, &small()).await;
    let slot = world.now();
    world.schedule(slot).await.unwrap();
    let delivered = world.sqs.entries();
    world.work().await;
    let requests = world.github.log().len();
    for entry in &delivered {
        let answer = world
            .handle(&world.collector(&KillSwitch::default()), event(&[entry]))
            .await;
        assert_eq!(failures(&answer.unwrap()), Vec::<String>::new());
    }
    // The schedule's event, too, may come twice.
    world.schedule(slot).await.unwrap();
    assert_eq!(world.sqs.entries().len(), 0);
    assert_eq!(world.github.log().len(), requests, "nothing was asked again");
    assert_eq!(world.slots().await.len(), 1);
}

#[tokio::test]
async fn two_planners_at_once_make_one_plan() {
    let world = World::new(3, &small()).await;
    let slot = world.now();
    let (one, other) = tokio::join!(world.schedule(slot), world.schedule(slot));
    assert_eq!(one.unwrap(), other.unwrap());
    let messages = world.sqs.messages();
    assert_eq!(messages.len(), 4);
    assert_eq!(
        messages
            .iter()
            .map(|message| &message.run)
            .collect::<BTreeSet<_>>()
            .len(),
        1
    );
    world.work().await;
    assert_eq!(world.slots().await.len(), 1);
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete); 2]);
    world.is_true().await;
}

/// It wrote the plan and died: whoever gets the same event next puts the rest of that plan on the queue.
#[tokio::test]
async fn a_planner_that_could_not_send_is_followed_by_one_that_can() {
    let world = World::new(3, &small()).await;
    let slot = world.now();
    world.sqs.fail_next();
    world.schedule(slot).await.unwrap_err();
    assert_eq!((world.slots().await.len(), world.sqs.entries().len()), (1, 0));
    let requests = world.github.log().len();
    world.schedule(slot).await.unwrap();
    assert_eq!(world.github.log().len(), requests);
    world.work().await;
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete); 2]);
    world.is_true().await;
}

#[tokio::test]
async fn an_older_slot_is_left_to_a_newer_one() {
    let world = World::new(3, &small()).await;
    let first = world.now();
    world.schedule(first).await.unwrap();
    world.github.world().advance(4 * 3_600);
    let second = world.now();
    world.schedule(second).await.unwrap();
    // An event that comes after the next one.
    world.schedule(second - TimeDelta::hours(2)).await.unwrap();
    world.work().await;
    let slots = world.slots().await;
    let outcomes: Vec<Vec<_>> = slots
        .iter()
        .map(|slot| {
            slot.groups
                .iter()
                .map(|group| group.end.unwrap().outcome)
                .collect()
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            vec![GroupOutcome::Superseded; 2],
            vec![GroupOutcome::Superseded],
            vec![GroupOutcome::Complete; 2]
        ]
    );
    world.is_true().await;
}

/// Many pages of a GitHub that takes seconds for each, and invocations of less than a minute.
#[tokio::test]
async fn a_backfill_goes_from_worker_to_worker() {
    let shape = Shape {
        pull_requests: 150,
        ..Shape::tiny()
    };
    let mut world = World::new(5, &shape).await;
    world.group_size = 10;
    world.timeout = TimeDelta::seconds(50);
    world
        .github
        .configure(|settings| settings.micros_per_node = 2_000);
    world.schedule(world.now()).await.unwrap();
    world.finish().await;
    let slots = world.slots().await;
    let attempts = slots[0].groups[0].attempt;
    assert!(attempts >= 3, "{slots:?}");
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete)]);
    let reasons = world.reasons();
    assert_eq!(reasons.len(), attempts as usize);
    assert!(reasons.iter().any(|reason| reason == "deadline"), "{reasons:?}");
    world.is_true().await;
    // A page was never asked for again: the next worker begins where the one before it stopped.
    let log = world.github.log();
    let mut pages: Vec<String> = log
        .iter()
        .filter(|record| record.operation.as_deref() == Some("PullRequests"))
        .map(|record| record.variables.to_string())
        .collect();
    let asked = pages.len();
    pages.sort();
    pages.dedup();
    assert_eq!(pages.len(), asked);
}

#[tokio::test]
async fn nobody_waits_for_a_limit_and_nothing_is_asked_before_it_is_over() {
    let world = World::new(3, &small()).await;
    world.schedule(world.now()).await.unwrap();
    let before = world.now();
    let used = world
        .github
        .standing("collector", Resource::Graphql)
        .unwrap()
        .used;
    // A reserve of half the limit is left for others.
    world.github.set_limits(Limits {
        core: Some(5_000),
        graphql: Some(2 * used + 2),
    });
    let entry = world.sqs.receive(|_| 0).unwrap();
    world
        .handle(&world.collector(&KillSwitch::default()), event(&[&entry]))
        .await
        .unwrap();
    world.sqs.delete(&entry.id);
    assert!(world.now() - before < TimeDelta::minutes(1), "it waited");
    let handed_on: Vec<Message> = world
        .sqs
        .messages()
        .into_iter()
        .filter(|message| message.attempt > 0)
        .collect();
    let not_before = handed_on[0].not_before.unwrap();
    assert!(not_before > world.now() + TimeDelta::minutes(15), "{not_before}");

    // The queue keeps it back for a quarter of an hour: early messages are put back, and ask nothing.
    let requests = world.github.log().len();
    for entry in world
        .sqs
        .entries()
        .into_iter()
        .filter(|entry| entry.body.contains("not_before"))
    {
        world.sqs.delete(&entry.id);
        world
            .handle(&world.collector(&KillSwitch::default()), event(&[&entry]))
            .await
            .unwrap();
    }
    assert_eq!(world.github.log().len(), requests);
    let kept = world.sqs.messages();
    assert!(kept.contains(&handed_on[0]), "{kept:?}");

    world.github.set_limits(Limits::default());
    world.github.world().set_now(not_before + TimeDelta::seconds(1));
    world.work().await;
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete); 2]);
    world.is_true().await;
}

/// There is nobody to put work on a queue for when the limit is used up already at the beginning.
#[tokio::test]
async fn a_plan_itself_waits_for_a_limit() {
    let world = World::new(3, &small()).await;
    world.github.set_limits(Limits {
        core: Some(0),
        graphql: Some(0),
    });
    let slot = world.now();
    let answer = world.schedule(slot).await.unwrap();
    assert_eq!(answer["groups"], Value::Null);
    assert_eq!(world.slots().await, []);
    let messages = world.sqs.messages();
    assert_eq!((messages.len(), &messages[0].work), (1, &Work::Plan));
    let not_before = messages[0].not_before.unwrap();
    world.github.set_limits(Limits::default());
    world.github.world().set_now(not_before + TimeDelta::seconds(1));
    world.work().await;
    assert_eq!(world.slots().await[0].at, slot);
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete); 2]);
    world.is_true().await;
}

#[tokio::test]
async fn without_a_queue_the_function_collects_itself() {
    let world = World::new(3, &small()).await;
    let slot = world.now();
    let alone = world.with_tokens(world.token(), None, false, &KillSwitch::default());
    world.handle(&alone, json!({ "slot": slot })).await.unwrap();
    assert_eq!(world.outcomes().await, [Some(GroupOutcome::Complete)]);
    world.is_true().await;
    let requests = world.github.log().len();
    world.handle(&alone, json!({ "slot": slot })).await.unwrap();
    assert_eq!(world.github.log().len(), requests);

    // A message cannot be worked at, as the rest of it could not be handed on.
    world.github.world().advance(4 * 3_600);
    world.schedule(world.now()).await.unwrap();
    let entry = world.sqs.receive(|_| 0).unwrap();
    let error = world.handle(&alone, event(&[&entry])).await.unwrap_err();
    assert!(error.message().contains("QUEUE_URL"), "{error}");
}

/// Else every slot until then would be left to it.
#[tokio::test]
async fn a_slot_to_come_is_none() {
    let world = World::new(3, &small()).await;
    let error = world
        .schedule(world.now() + TimeDelta::hours(4))
        .await
        .unwrap_err();
    assert!(error.message().contains("future"), "{error}");
    assert_eq!(world.slots().await, []);
}
