//! The dead-letter queue on the command line, with an emulator of AWS.
#![cfg(feature = "aws")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::process::Output;

use devmetrics_testbed::ministack::Ministack;
use serde_json::{Value, json};
use support::{World, text};

fn message(group: u32) -> String {
    json!({ "version": 1, "run": "r", "slot": "2026-01-01T04:00:00Z", "tenant": "default", "attempt": 0,
        "work": { "kind": "collect", "group": group, "scopes": ["github:repo:7", "github:repo:9"] } })
    .to_string()
}

/// An emulator with a queue and its dead-letter queue, which has these messages; with both addresses.
async fn emulator(bodies: &[String]) -> (Ministack, String, String) {
    let emulator = Ministack::start().await;
    let (dead, arn) = emulator.make_queue("dead", json!({})).await;
    let redrive = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 3 }).to_string();
    let attributes = json!({ "RedrivePolicy": redrive });
    let (queue, _) = emulator.make_queue("work", attributes).await;
    for body in bodies {
        emulator.send_message(&dead, body).await;
    }
    (emulator, queue, dead)
}

fn dlq(world: &World, emulator: &Ministack, arguments: &[&str]) -> Output {
    let mut command = world.command(&[&["dlq"], arguments].concat());
    command.envs(emulator.environment()).output().unwrap()
}

fn answer(world: &World, emulator: &Ministack, arguments: &[&str]) -> Value {
    let output = dlq(world, emulator, arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_listed_and_put_back() {
    let world = World::empty();
    // More than one request gives, one that nobody can read, and one of functions to come.
    let mut bodies: Vec<String> = (0..23).map(message).collect();
    bodies.extend(["poison".to_owned(), json!({ "version": 2 }).to_string()]);
    let (emulator, queue, dead) = emulator(&bodies).await;

    for _ in 0..2 {
        let listed = answer(&world, &emulator, &["list", "--queue", &queue, "--json"]);
        let listed = listed.as_array().unwrap();
        assert_eq!(listed.len(), 25);
        let mut groups: Vec<u64> = listed
            .iter()
            .filter_map(|letter| letter["message"]["work"]["group"].as_u64())
            .collect();
        groups.sort_unstable();
        assert_eq!(groups, (0..23).collect::<Vec<_>>());
        assert!(listed.iter().all(|letter| letter["sent_at"].is_string()));
        assert_eq!(emulator.depth(&dead).await, (25, 0), "they can be seen again");
    }
    let output = dlq(&world, &emulator, &["list", "--queue", &queue]);
    let told = text(&output.stdout);
    for words in [
        "group 22: 2 scopes",
        "2026-01-01 04:00",
        "no message of",
        "known: 1",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }

    let replayed = answer(&world, &emulator, &["replay", "--queue", &queue, "--json"]);
    let count = |name: &str| replayed[name].as_array().unwrap().len();
    assert_eq!((count("replayed"), count("kept"), count("deleted")), (23, 2, 0));
    assert_eq!(emulator.depth(&queue).await, (23, 0));
    assert_eq!(emulator.depth(&dead).await, (2, 0));

    let arguments = ["replay", "--queue", &queue, "--delete-unreadable"];
    let told = text(&dlq(&world, &emulator, &arguments).stdout);
    assert!(told.contains("2 could not be read and were deleted"), "{told}");
    assert_eq!(emulator.depth(&queue).await, (23, 0));
    assert_eq!(emulator.depth(&dead).await, (0, 0));
    let told = text(&dlq(&world, &emulator, &["list", "--queue", &queue]).stdout);
    assert_eq!(told, "No dead letters.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_queue_is_named() {
    let world = World::empty();
    let (emulator, queue, dead) = emulator(&[]).await;
    let missing = format!("{queue}s");
    for (queue, words) in [(&dead, "no redrive policy"), (&missing, "there is no queue")] {
        let output = dlq(&world, &emulator, &["list", "--queue", queue]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains(words), "{told}");
    }
}
