//! Every edge case that the definitions name, as a story of a line or a few, and what became of each item in it.

use crate::world::{hours, items, world};

/// The case; the metric; the story; what became of each item, values in hours.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const CASES: &[Case] = &[
    (
        "the same commit deployed again ships nothing and is no other deployment",
        "deployment_frequency",
        "
        deploy v1 made 1 at 10 id d1
        deploy v2 made 11 at 20 id d2
        deploy v2 made 11 at 21 id again",
        &[("d1", "1d"), ("d2", "1d"), ("again", "redeploy")],
    ),
    (
        "a rollback leaves the change its first deployment",
        "lead_time",
        "
        change a from 1 to 5
        change b from 11 to 15
        deploy a at 10
        deploy b at 20
        deploy a at 30
        deploy b at 40",
        &[("a", "baseline"), ("b", "9")],
    ),
    (
        "a rollback is no distinct deployment",
        "deployment_frequency",
        "
        deploy v1 made 1 at 10 id d1
        deploy v2 made 11 at 20 id d2
        deploy v1 made 1 at 30 id back",
        &[("d1", "1d"), ("d2", "1d"), ("back", "rollback")],
    ),
    (
        "a change that nobody deployed yet waits",
        "lead_time",
        "
        change a from 1 to 5
        change b from 11 to 15
        deploy a at 10",
        &[("a", "baseline"), ("b", "pending")],
    ),
    (
        "a deployment to another environment ships nothing to users",
        "lead_time",
        "
        change a from 1 to 5
        change b from 11 to 15
        deploy a at 10
        deploy b at 20 staging
        deploy b at 30",
        &[("a", "baseline"), ("b", "19")],
    ),
    (
        "several regions of one environment are one deployment",
        "deployment_frequency",
        "
        deploy v1 made 1 at 10 id eu
        deploy v1 made 1 at 11 id us
        deploy v1 made 1 at 12 id ap",
        &[("eu", "1d"), ("us", "redeploy"), ("ap", "redeploy")],
    ),
    (
        "what failed and then succeeded is deployed when it succeeded",
        "lead_time",
        "
        change a from 1 to 5
        change b from 11 to 15
        deploy a at 10
        deploy b at 20 fails
        deploy b at 30",
        &[("a", "baseline"), ("b", "19")],
    ),
    (
        "a failed deployment is none that counts",
        "deployment_frequency",
        "
        deploy v1 made 1 at 10 id d1
        deploy v2 made 11 at 20 fails id d2",
        &[("d1", "1d"), ("d2", "not_successful")],
    ),
    (
        "a squash, a rebase and a merge are shipped alike",
        "lead_time",
        "
        change zero from 1 to 2
        deploy zero at 3
        change a from 11 to 15 landing squash
        change b from 11 to 16 landing rebase
        change c from 11 to 17
        deploy c at 20",
        &[("zero", "baseline"), ("a", "9"), ("b", "9"), ("c", "9")],
    ),
    (
        "what landed after the deployed commit was made is not in it (a merge queue goes on)",
        "lead_time",
        "
        change zero from 1 to 2
        deploy zero at 3
        change a from 11 to 15
        change b from 11 to 16
        deploy a at 20
        deploy b at 21",
        &[("zero", "baseline"), ("a", "9"), ("b", "10")],
    ),
    (
        "a cherry-pick to a release branch is no change of the default branch",
        "lead_time",
        "
        change zero from 1 to 2
        deploy zero at 3
        change a from 11 to 15
        change picked from 11 to 16 branch release/1 picked a
        deploy a at 20",
        &[("zero", "baseline"), ("a", "9"), ("picked", "other_branch")],
    ),
    (
        "several repositories are deployed each by its own line",
        "lead_time",
        "
        change a from 1 to 5
        change b from 1 to 5 of api
        change c from 11 to 15
        change d from 11 to 15 of api
        deploy a at 10
        deploy b at 10 of api
        deploy c at 20
        deploy d at 22 of api",
        &[("a", "baseline"), ("b", "baseline"), ("c", "9"), ("d", "11")],
    ),
    (
        "a repository without deployments is left out, and not pending",
        "lead_time",
        "
        change a from 1 to 5
        change b from 1 to 5 of api
        deploy a at 10",
        &[("a", "baseline"), ("b", "no_deployments")],
    ),
    (
        "a commit by which nothing landed contains what landed before it was made",
        "lead_time",
        "
        change zero from 1 to 2
        deploy zero at 3
        change a from 11 to 15
        change b from 11 to 18
        deploy x made 16 at 20",
        &[("zero", "baseline"), ("a", "9"), ("b", "pending")],
    ),
    (
        "a hotfix that was deployed before it was merged took no time to deploy",
        "deploy_time",
        "
        change zero from 1 to 2
        deploy zero at 3
        change a from 11 to 25
        deploy a at 20",
        &[("zero", "baseline"), ("a", "0, deployed_before_merge")],
    ),
    (
        "a bot's change is left out",
        "velocity",
        "
        change a from 1 to 5 by robot[bot]
        change b from 1 to 6",
        &[("a", "bot"), ("b", "1w")],
    ),
    (
        "a merge to another branch is left out",
        "velocity",
        "
        change a from 1 to 5 branch feature
        change b from 1 to 6",
        &[("a", "other_branch"), ("b", "1w")],
    ),
    (
        "the author's own review is none",
        "pickup",
        "
        change a from 1 to 20 opened 2 reviewed 4 by ada approved 9 by eve",
        &[("a", "7")],
    ),
    (
        "a review after the merge is none",
        "pickup",
        "
        change a from 1 to 20 opened 2 approved 25 by eve",
        &[("a", "unknown_milestone")],
    ),
    (
        "the clock of the pickup starts when the draft ends",
        "pickup",
        "
        change a from 1 to 20 opened 2 draft until 6 approved 9 by eve",
        &[("a", "3")],
    ),
    (
        "a commit dated after the opening begins nothing",
        "cycle_time",
        "
        change a from 12 to 20 opened 4",
        &[("a", "16, begin_is_opening")],
    ),
    (
        "a first commit of half a year ago is kept and noted",
        "cycle_time",
        "
        change a from 1 to 4400 opened 4390",
        &[("a", "4399, stale_first_commit")],
    ),
    (
        "an incident is charged to the deployment before it, for a day",
        "recovery_time",
        "
        deploy v1 made 1 at 10 id d1
        deploy v2 made 11 at 20 id d2
        incident i1 from 30 to 33
        incident i2 from 45 to 46",
        &[("d2", "13")],
    ),
    (
        "an incident that is closed by the merge of its fix is over when that is deployed",
        "recovery_time",
        "
        change a from 1 to 5
        deploy a at 10 id d1
        incident i1 from 11 to 15
        change fix from 12 to 15 closes i1
        deploy fix at 19 id d2",
        &[("d1", "9")],
    ),
    (
        "a failure without an end is open",
        "recovery_time",
        "
        deploy v1 made 1 at 10 id d1
        incident i1 from 11 to never",
        &[("d1", "open")],
    ),
    (
        "a rollback ends a failure, however long its incident stays open",
        "recovery_time",
        "
        deploy v1 made 1 at 10 id d1
        deploy v2 made 11 at 20 id d2
        incident i1 from 21 to never
        deploy v1 made 1 at 24 id d3",
        &[("d2", "4")],
    ),
];

#[tokio::test]
async fn every_edge_case_ends_as_told() {
    for (case, metric, story, expected) in CASES {
        let engine = world(story).engine().await;
        let found = items(&engine, metric, hours(0, 6000)).await;
        let expected = expected.iter().map(|(item, outcome)| {
            // A count of one is shown in hours, too.
            let outcome = match *outcome {
                "1d" | "1w" => (1.0 / 3600.0).to_string(),
                told => told.to_owned(),
            };
            ((*item).to_owned(), outcome)
        });
        assert_eq!(found, expected.collect(), "{case}");
    }
}
