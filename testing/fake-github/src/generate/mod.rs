//! A believable organization from a seed, and how it goes on living.

mod cast;
mod chance;
mod deploy;
mod open;
mod review;
mod shape;
mod stage;
mod step;

use chrono::TimeDelta;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

pub use shape::Shape;

use crate::world::{Timestamp, World};
use cast::Cast;
use stage::Stage;
use step::Step;

/// An organization of that shape; the same seed gives the same one.
pub fn generate(seed: u64, shape: &Shape) -> World {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut world = World::new(shape.start);
    let cast = Cast::hire(&mut world, shape);
    let mut stage = Stage::new(&mut world, cast, &mut rng);
    let span = (shape.end - shape.start).num_seconds().max(1);
    for _ in 0..shape.pull_requests {
        let at = shape.start + TimeDelta::seconds(stage.chance.below(span as u64) as i64);
        stage.at_work(at, Step::Open);
    }
    stage.begin_routines(shape.end);
    for part in [2, 4] {
        stage.at_work(shape.start + TimeDelta::seconds(span * part / 5), Step::Leave);
    }
    stage.run(shape.end);
    world
}

/// Lets the world live on from its now to `until`: new pull requests, reviews, merges, labels on old pull requests,
/// deployments, incidents, releases, moves between teams, renames, and rarely a deletion. Work that is open goes on.
pub fn life(world: &mut World, rng: &mut StdRng, until: Timestamp, pull_requests_per_day: f64) {
    let start = world.now();
    let Some(cast) = Cast::of(world) else { return };
    let mut stage = Stage::new(world, cast, rng);
    let days = (until - start).num_seconds() as f64 / 86_400.0;
    for _ in 0..stage.chance.poisson(days * pull_requests_per_day) {
        let at = start
            + TimeDelta::seconds(stage.chance.below((until - start).num_seconds().max(1) as u64) as i64);
        stage.at(at, Step::Open);
    }
    stage.resume_open_work();
    stage.begin_life(start, until, days);
    stage.run(until);
}
