//! A week: 42 slots of an organization that lives, with crashes of workers and planners, messages twice and out of order, poison,
//! limits, secrets that are rotated, and a database that fails over. At the end nothing is lost, nothing doubled, and every slot accounted for.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::ErrorKind;
use devmetrics_simulation::KillSwitch;
use fake_github::generate::{Shape, life};
use fake_github::{Fault, When};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::database::Database;
use crate::world::{World, event, failures};

const SLOTS: usize = 42;

/// How a week went.
#[derive(Debug, Default)]
struct Report {
    killed: u32,
    doubled: u32,
    poison: usize,
    limited: u32,
    rotated: u32,
    invocations: u32,
    /// Invocations that could not be begun, or not be ended.
    failed: u32,
}

/// A week, with facts in memory or in a database that fails over.
async fn live(seed: u64, database: Option<&Database>) -> Report {
    let mut rng = StdRng::seed_from_u64(seed);
    let shape = Shape {
        repositories: rng.random_range(2..6),
        pull_requests: rng.random_range(20..80),
        ..Shape::tiny()
    };
    let mut world = match database {
        None => World::new(seed, &shape).await,
        Some(database) => World::over(seed, &shape, database).await,
    };
    world.group_size = rng.random_range(1..4);
    let mut report = Report::default();
    let begin = world.now();
    for n in 0..SLOTS {
        let slot = begin + TimeDelta::hours(4) * i32::try_from(n).unwrap();
        if slot > world.now() {
            life(&mut world.github.world(), &mut rng, slot, 6.0);
        }
        world.settle_rotation();
        if rng.random_bool(0.1) {
            world.rotate(&format!("token {n}"));
            report.rotated += 1;
        }
        trouble(&world, &mut rng, &mut report);
        if let Some(database) = database {
            match rng.random_range(0..4) {
                0 | 1 => database.blink_at(rng.random_range(1..12), &world.github),
                2 => database.away_for(rng.random_range(1..3)).await,
                _ => {}
            }
        }
        // The schedule brings its event again until a planner took it, and now and then once more.
        loop {
            let kill = switch(&mut rng);
            let planner = world.collector(&kill);
            report.invocations += 1;
            match kill.guard(world.handle(&planner, json!({ "slot": slot }))).await {
                Some(Err(error)) if database.is_some() && error.kind() == ErrorKind::Unavailable => {
                    report.failed += 1;
                }
                Some(planned) => {
                    planned.unwrap();
                    if rng.random_bool(0.9) {
                        break;
                    }
                    report.doubled += 1;
                }
                None => report.killed += 1,
            }
            world.github.world().advance(60);
        }
        let next = slot + TimeDelta::hours(4);
        work(&world, database, &mut rng, next, &mut report).await;
        world.github.clear_faults();
    }

    if let Some(database) = database {
        database.come_back().await;
    }
    // A quiet slot: what is due is looked at again, and nothing fails.
    world.github.world().advance(25 * 3_600);
    world.schedule(world.now()).await.unwrap();
    world.finish().await;
    assert_eq!(
        world.differences().await,
        Vec::<String>::new(),
        "seed {seed}: {report:?}"
    );
    let slots = world.slots().await;
    let late = slots
        .iter()
        .filter(|slot| slot.planned_at > slot.at + TimeDelta::hours(4))
        .count();
    assert_eq!(late, 0, "seed {seed}: {slots:?}");
    assert_eq!(slots.len(), SLOTS + 1, "seed {seed}: every slot was planned");
    for slot in &slots {
        let open = slot.groups.iter().filter(|group| group.end.is_none()).count();
        assert_eq!(open, 0, "seed {seed}: {slot:?}");
    }
    // A message whose workers were killed time after time is there too; replayed, it does nothing that was not done.
    let (poison, lost): (Vec<_>, Vec<_>) = world
        .sqs
        .dead()
        .into_iter()
        .partition(|entry| entry.body == "poison");
    assert_eq!(poison.len(), report.poison, "seed {seed}: {poison:?}");
    let requests = world.github.log().len();
    for entry in &lost {
        let replayed = world
            .handle(&world.collector(&KillSwitch::default()), event(&[entry]))
            .await;
        assert_eq!(failures(&replayed.unwrap()), Vec::<String>::new(), "seed {seed}");
    }
    assert_eq!(world.github.log().len(), requests, "seed {seed}");
    report
}

/// Half of all invocations live.
fn switch(rng: &mut StdRng) -> KillSwitch {
    match rng.random_bool(0.25) {
        true => KillSwitch::at(rng.random_range(1..12)),
        false => KillSwitch::default(),
    }
}

fn trouble(world: &World, rng: &mut StdRng, report: &mut Report) {
    if rng.random_bool(0.2) {
        world.sqs.put("poison", Duration::ZERO);
        report.poison += 1;
    }
    let fault = match rng.random_range(0..6) {
        0 => Fault::BadGateway,
        1 => Fault::ConnectionReset,
        2 => Fault::TruncatedBody,
        3 => {
            report.limited += 1;
            Fault::PrimaryLimit { status: 403 }
        }
        4 => {
            report.limited += 1;
            Fault::SecondaryLimit {
                status: 403,
                retry_after: Some("90".to_owned()),
            }
        }
        _ => return,
    };
    world
        .github
        .inject(fault, When::chance(rng.random_range(0.02..0.15), rng.random()));
}

/// Workers take what can be seen, in any order, until the next slot comes.
async fn work(
    world: &World,
    database: Option<&Database>,
    rng: &mut StdRng,
    until: DateTime<Utc>,
    report: &mut Report,
) {
    while world.now() < until {
        let Some(entry) = world.sqs.receive(|visible| rng.random_range(0..visible)) else {
            let Some(next) = world.sqs.next_visible().filter(|next| *next < until) else {
                return;
            };
            let now = world.now();
            world.github.world().set_now(next.max(now));
            continue;
        };
        if rng.random_bool(0.1) {
            world.sqs.put(&entry.body, Duration::ZERO);
            report.doubled += 1;
            report.poison += usize::from(entry.body == "poison");
        }
        if let Some(database) = database
            && rng.random_bool(0.05)
        {
            database.away_for(rng.random_range(1..3)).await;
        }
        let kill = switch(rng);
        let worker = world.collector(&kill);
        report.invocations += 1;
        match kill.guard(world.handle(&worker, event(&[&entry]))).await {
            Some(Ok(answer)) if failures(&answer).is_empty() => world.sqs.delete(&entry.id),
            // The message comes again.
            Some(Ok(_)) => report.failed += 1,
            Some(Err(error)) => {
                assert!(
                    database.is_some() && error.kind() == ErrorKind::Unavailable,
                    "{error}"
                );
                report.failed += 1;
            }
            None => report.killed += 1,
        }
    }
}

#[tokio::test]
async fn after_a_week_of_trouble_nothing_is_lost_or_doubled_and_every_slot_accounted_for() {
    let mut sum = Report::default();
    for seed in 1..7 {
        let report = live(seed, None).await;
        sum.killed += report.killed;
        sum.doubled += report.doubled;
        sum.limited += report.limited;
        sum.rotated += report.rotated;
        sum.poison += report.poison;
        sum.invocations += report.invocations;
    }
    assert!(
        sum.killed > 20 && sum.doubled > 20 && sum.limited > 20 && sum.poison > 20 && sum.rotated > 10,
        "nothing was tried: {sum:?}"
    );
    println!("{sum:?}");
}

/// A PostgreSQL that crashes and comes back: in the middle of a planner or a worker, and before them, for some attempts.
#[tokio::test]
async fn a_week_of_failovers_loses_and_doubles_nothing_either() {
    let Some(database) = Database::start().await else {
        return;
    };
    let report = live(7, Some(&database)).await;
    assert!(
        database.failovers() > 20 && report.failed > 20 && report.killed > 5,
        "nothing was tried: {} failovers, {report:?}",
        database.failovers()
    );
    println!("{} failovers, {report:?}", database.failovers());
}
