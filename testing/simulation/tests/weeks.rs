//! A few simulated weeks; `cargo xtask soak` lives a thousand.

use devmetrics_simulation::{Keep, Week};

async fn live(seeds: std::ops::Range<u64>, keep: Keep) {
    let mut faults = 0;
    let mut killed = 0;
    for seed in seeds {
        let report = Week { seed, keep }.live().await;
        assert!(
            report.differences.is_empty(),
            "seed {seed}: {report}\n{}",
            report.differences.join("\n")
        );
        faults += report.faults;
        killed += report.killed;
    }
    assert!(
        faults > 0 && killed > 0,
        "{faults} faults, {killed} kills: nothing was tried"
    );
}

#[tokio::test]
async fn after_weeks_of_faults_and_kills_the_store_holds_what_is_true() {
    live(1..9, Keep::Memory).await;
}

#[tokio::test]
async fn so_does_a_file() {
    live(101..104, Keep::Sqlite).await;
}
