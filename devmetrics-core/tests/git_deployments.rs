//! The feed `deployments` on repositories that the tests build.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeMap;
use std::path::Path;

use devmetrics_core::ErrorKind;
use devmetrics_core::model::{Checkpoint, Deployment, DeploymentStatus, Fact, Feed};
use devmetrics_core::source::SourceProvider;
use devmetrics_core::source::TagRules;
use devmetrics_core::source::git::{GitOptions, GitSource};
use devmetrics_testbed::git_repository::GitRepository;
use devmetrics_testkit::facts::{self, Run};
use tempfile::TempDir;

fn world() -> (TempDir, GitRepository) {
    let directory = tempfile::tempdir().unwrap();
    let repository = GitRepository::init(directory.path().join("app"));
    (directory, repository)
}

fn named(path: &Path) -> GitOptions {
    GitOptions {
        name: Some("app".to_owned()),
        branch: Some("main".to_owned()),
        ..GitOptions::new(path)
    }
}

async fn read(options: GitOptions, after: Option<Checkpoint>) -> Run {
    let source = GitSource::open(options).unwrap();
    let feeds = source.discover().await.unwrap();
    let feed: Feed = feeds.into_iter().find(|feed| feed.kind == "deployments").unwrap();
    facts::read(&source, &feed, after).await.unwrap()
}

/// Tag and highest place contained, in the order of the facts; removed ones as `-tag`.
fn told(run: &Run) -> Vec<(String, Option<i64>)> {
    run.facts
        .iter()
        .map(|fact| match fact {
            Fact::Deployment(deployment) => (deployment.reference.clone(), deployment.contains_to),
            Fact::DeploymentRemoved(id) => (
                format!("-{}", id.as_str().trim_start_matches("git:tag:app:")),
                None,
            ),
            other => panic!("an unexpected fact: {other:?}"),
        })
        .collect()
}

fn tags(list: &[(&str, Option<i64>)]) -> Vec<(String, Option<i64>)> {
    list.iter()
        .map(|(name, place)| ((*name).to_owned(), *place))
        .collect()
}

fn deployment(run: &Run, tag: &str) -> Deployment {
    run.facts
        .iter()
        .find_map(|fact| match fact {
            Fact::Deployment(deployment) if deployment.reference == tag => Some(deployment.clone()),
            _ => None,
        })
        .unwrap()
}

#[tokio::test]
async fn a_tag_is_a_deployment_at_its_tagger_s_date_or_its_commit_s() {
    let (_directory, mut git) = world();
    let root = git.at(10).commit("Root");
    git.at(20).tag("v0.1.0");
    let next = git.at(30).commit("Next");
    git.by("Rel", "rel@example.org").at(90).annotated_tag("v0.2.0");
    git.at(95).tag("nightly");
    let run = read(named(git.path()), None).await;
    let light = deployment(&run, "v0.1.0");
    assert_eq!(light.id.as_str(), "git:tag:app:v0.1.0");
    assert_eq!(
        (light.environment.as_str(), light.status),
        ("production", DeploymentStatus::Success)
    );
    assert_eq!(
        (
            light.finished_at.timestamp(),
            light.commit.as_str(),
            light.contains_to
        ),
        (10, root.as_str(), Some(0))
    );
    assert_eq!(
        light.creator.key(),
        None,
        "nobody is known to have made a light tag"
    );
    let annotated = deployment(&run, "v0.2.0");
    assert_eq!(
        (annotated.finished_at.timestamp(), annotated.contains_to),
        (90, Some(1))
    );
    assert_eq!((annotated.updated_at.timestamp(), annotated.commit), (90, next));
    assert_eq!(annotated.creator.email.as_deref(), Some("rel@example.org"));
    assert_eq!(run.facts.len(), 2);
}

#[tokio::test]
async fn tags_off_the_line_contain_what_their_ancestors_do() {
    let (_directory, mut git) = world();
    git.at(10).commit("0");
    git.at(20).commit("1");
    git.branch("release").at(25).commit("Backport");
    git.at(26).tag("v1.0.1").at(27).commit("Backport 2");
    git.at(28).tag("v1.0.2");
    git.checkout("main").at(30).commit("2");
    git.checkout("release").at(40).merge(&["main"], "Take main in");
    git.at(41).tag("v1.1.0");
    git.checkout("main").branch("side").at(50).commit("Side");
    git.tag("v1.2.0");
    git.checkout("main")
        .at(60)
        .merge(&["side"], "Merge pull request #1 from a/side");
    git.git(&["checkout", "--quiet", "--orphan", "other"]);
    git.at(70).commit("Another root");
    git.tag("other-1.0");
    git.checkout("main");
    let run = read(named(git.path()), None).await;
    let expected = [
        ("v1.0.1", Some(1)),
        ("v1.0.2", Some(1)),
        ("v1.1.0", Some(2)),
        ("v1.2.0", Some(2)),
        ("other-1.0", None),
    ];
    assert_eq!(told(&run), tags(&expected));
}

#[tokio::test]
async fn a_later_run_reads_only_tags_that_are_new_moved_gone_or_were_ahead() {
    let (_directory, mut git) = world();
    git.at(10).commit("0");
    git.tag("v0.1").tag("v0.9");
    git.branch("next").at(20).commit("1");
    git.at(30).commit("2");
    git.tag("v1.0");
    git.at(40).commit("3");
    git.checkout("main");
    let first = read(named(git.path()), None).await;
    assert_eq!(
        told(&first),
        tags(&[("v0.1", Some(0)), ("v0.9", Some(0)), ("v1.0", Some(0))])
    );
    let unchanged = read(named(git.path()), first.end().cloned()).await;
    assert_eq!((unchanged.records, unchanged.end()), (0, first.end()));

    // The branch is brought up to what the tag, which was ahead of it, contains, and beyond.
    git.git(&["merge", "--quiet", "--ff-only", "next"]);
    let forwarded = read(named(git.path()), first.end().cloned()).await;
    assert_eq!(
        (told(&forwarded), forwarded.restart),
        (tags(&[("v1.0", Some(2))]), false)
    );
    git.at(50).commit("4");
    let nothing = read(named(git.path()), forwarded.end().cloned()).await;
    assert_eq!(nothing.records, 0, "no tag can contain more than before");

    git.git(&["tag", "--force", "v0.9", "HEAD"]);
    git.git(&["tag", "--delete", "v0.1"]);
    git.tag("v2.0");
    let changed = read(named(git.path()), nothing.end().cloned()).await;
    assert_eq!(
        told(&changed),
        tags(&[("-v0.1", None), ("v0.9", Some(4)), ("v2.0", Some(4))])
    );
    assert!(!changed.restart);

    // A tag that moves back in time must not look older than what is stored.
    git.git(&["tag", "--force", "v0.9", "HEAD~3"]);
    let back = read(named(git.path()), changed.end().cloned()).await;
    let moved = deployment(&back, "v0.9");
    assert_eq!(
        (
            moved.finished_at.timestamp(),
            moved.contains_to,
            moved.updated_at.timestamp()
        ),
        (20, Some(1), 50)
    );
}

#[tokio::test]
async fn a_rewritten_branch_places_all_tags_anew() {
    let (_directory, mut git) = world();
    git.at(10).commit("0");
    git.tag("v0.1").at(20).commit("1");
    git.tag("v0.2");
    let first = read(named(git.path()), None).await;
    git.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    git.at(30).commit("1, again");
    let again = read(named(git.path()), first.end().cloned()).await;
    assert!(again.restart);
    assert_eq!(told(&again), tags(&[("v0.1", Some(0)), ("v0.2", Some(0))]));
    let unchanged = read(named(git.path()), again.end().cloned()).await;
    assert_eq!((unchanged.records, unchanged.end()), (0, again.end()));
}

#[tokio::test]
async fn tags_of_files_are_left_out_and_broken_ones_set_aside() {
    let (_directory, mut git) = world();
    git.at(10).commit("Root");
    git.git(&["tag", "v0.1", "HEAD^{tree}"]);
    let missing = "0123456789012345678901234567890123456789";
    std::fs::write(git.path().join(".git/refs/tags/v0.2"), format!("{missing}\n")).unwrap();
    std::fs::write(git.path().join(".git/refs/tags/v0.3"), "rubbish\n").unwrap();
    git.tag("v0.4");
    let run = read(named(git.path()), None).await;
    assert_eq!(told(&run), tags(&[("v0.4", Some(0))]));
    let refused: Vec<_> = run
        .refused
        .iter()
        .map(|(record, error)| (record.id.as_str(), error.kind()))
        .collect();
    assert_eq!(refused, [("v0.2", ErrorKind::Corrupt)]);
    let again = read(named(git.path()), run.end().cloned()).await;
    assert_eq!((again.records, again.end()), (0, run.end()));
    // A release that becomes a file is no release any more.
    git.git(&["tag", "--force", "v0.4", "HEAD^{tree}"]);
    let later = read(named(git.path()), run.end().cloned()).await;
    assert_eq!(told(&later), tags(&[("-v0.4", None)]));
}

#[tokio::test]
async fn other_rules_begin_the_feed_anew() {
    let (_directory, mut git) = world();
    git.at(10).commit("Root");
    git.tag("v1.0").tag("deploy-7");
    let first = read(named(git.path()), None).await;
    assert_eq!(told(&first), tags(&[("v1.0", Some(0))]));
    let rules = TagRules {
        pattern: "^deploy-".to_owned(),
        ..TagRules::default()
    };
    let other = read(
        GitOptions {
            tags: rules,
            ..named(git.path())
        },
        first.end().cloned(),
    )
    .await;
    assert!(other.restart);
    assert!(
        told(&other).contains(&("deploy-7".to_owned(), Some(0))),
        "{:?}",
        told(&other)
    );
}

#[tokio::test]
async fn a_run_that_stops_after_any_page_goes_on_to_the_same_facts() {
    let (_directory, mut git) = world();
    git.at(10).commit("0");
    for number in 1..=5 {
        git.at(10 + number).commit("More");
        git.tag(&format!("v0.{number}"));
    }
    let before = read(named(git.path()), None).await;
    git.git(&["tag", "--force", "v0.2", "v0.1"]);
    git.git(&["tag", "--delete", "v0.3"]);
    git.at(40).commit("More");
    git.tag("v0.6").tag("v0.7");
    for (start, size) in [
        (None, 1),
        (None, 2),
        (None, 3),
        (before.end(), 1),
        (before.end(), 2),
    ] {
        let options = GitOptions {
            page_size: size,
            ..named(git.path())
        };
        let whole = read(options.clone(), start.cloned()).await;
        let by_tag = |run: &Run| told(run).into_iter().collect::<BTreeMap<_, _>>();
        assert!(whole.checkpoints.len() > 1);
        for (page, checkpoint) in whole.checkpoints.iter().enumerate() {
            // Another process: nothing is in memory but the checkpoint.
            let rest = read(options.clone(), Some(checkpoint.clone())).await;
            assert_eq!(rest.end(), whole.end(), "page {page} of size {size}");
            let expected: Vec<_> = told(&whole).split_off(whole.records.min((page + 1) * size as usize));
            assert_eq!(
                by_tag(&rest),
                expected.into_iter().collect(),
                "page {page} of size {size}"
            );
        }
    }
}
