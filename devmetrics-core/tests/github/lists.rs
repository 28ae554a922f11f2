//! What is read, whatever happens meanwhile.

use chrono::TimeDelta;
use fake_github::generate::{Shape, generate};

use crate::harness::Collector;

#[tokio::test]
async fn a_small_organization_is_read_whole() {
    let mut collector = Collector::with(
        generate(7, &Shape::tiny()),
        crate::harness::owners_of(&generate(7, &Shape::tiny())),
    );
    collector.run().await;
    assert_eq!(collector.failures, []);
    assert_eq!(collector.quarantined, Vec::<String>::new());
    let expected: usize = {
        let world = collector.github.world();
        world
            .repositories()
            .map(|(_, repository)| repository.pull_requests().len())
            .sum()
    };
    assert_eq!(collector.pull_requests().len(), expected);
    collector.pass(TimeDelta::hours(1));
    collector.run().await;
    collector.pass(TimeDelta::hours(1));
    collector.run().await;
    println!("{:?} {:#?}", collector.records, collector.github.counts());
}
