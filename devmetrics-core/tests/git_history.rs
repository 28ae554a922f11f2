//! Histories as they grow, are rewritten, cut off and deepened: a run that goes on from a checkpoint must come to what a
//! run from the beginning says, and both to what plain `git` says.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use devmetrics_core::model::{Checkpoint, Deployment, Fact, PullRequest, Repository};
use devmetrics_core::source::SourceProvider;
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
        ..GitOptions::new(path)
    }
}

/// Reads a feed in what might be another process: nothing is in memory but the checkpoint.
async fn read(options: &GitOptions, kind: &str, after: Option<&Checkpoint>) -> Run {
    let source = GitSource::open(options.clone()).unwrap();
    let feeds = source.discover().await.unwrap();
    let feed = feeds.into_iter().find(|feed| feed.kind == kind).unwrap();
    facts::read(&source, &feed, after.cloned()).await.unwrap()
}

/// The facts as a store would keep them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Kept {
    repository: Option<Repository>,
    changes: BTreeMap<i64, PullRequest>,
    deployments: BTreeMap<String, Deployment>,
    ends: BTreeMap<&'static str, Checkpoint>,
}

impl Kept {
    async fn of(options: &GitOptions) -> Self {
        let mut kept = Self::default();
        kept.update(options).await;
        kept
    }

    /// Reads what is new in both feeds, and gives the number of changes that were read.
    async fn update(&mut self, options: &GitOptions) -> usize {
        let mut read_changes = 0;
        for kind in ["changes", "deployments"] {
            let run = read(options, kind, self.ends.get(kind)).await;
            assert!(run.refused.is_empty(), "{:?}", run.refused);
            if run.restart && kind == "changes" {
                self.changes.clear();
            } else if run.restart {
                self.deployments.clear();
            }
            self.ends.insert(kind, run.end().unwrap().clone());
            for fact in run.facts {
                match fact {
                    Fact::Repository(repository) => self.repository = Some(repository),
                    Fact::PullRequest(change) => {
                        read_changes += 1;
                        self.changes.insert(change.position.unwrap(), *change);
                    }
                    Fact::Deployment(mut deployment) => {
                        // A moved tag keeps its later instant of change, which a run from the beginning cannot know.
                        deployment.updated_at = deployment.finished_at;
                        self.deployments.insert(deployment.id.to_string(), deployment);
                    }
                    Fact::DeploymentRemoved(id) => drop(self.deployments.remove(id.as_str())),
                    other => panic!("an unexpected fact: {other:?}"),
                }
            }
        }
        read_changes
    }

    /// Without the checkpoints: those of two ways to the same facts may differ.
    fn facts(&self) -> Self {
        Self {
            ends: BTreeMap::new(),
            ..self.clone()
        }
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Grows a history by one random step. Clocks are wrong now and then.
fn grow(git: &mut GitRepository, dice: &mut Dice, step: u64) {
    let now = 1_600_000_000 + i64::try_from(step * 40 + dice.below(60)).unwrap();
    let skew = if dice.below(8) == 0 {
        i64::try_from(dice.below(4000)).unwrap() - 3500
    } else {
        0
    };
    git.at(now + skew);
    let name = ["Ann", "Bea", "Cid"][usize::try_from(dice.below(3)).unwrap()];
    git.by(name, &format!("{}@example.org", name.to_lowercase()));
    let branches = git.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads/side-*"]);
    let sides: Vec<String> = branches.lines().map(str::to_owned).collect();
    let some = |dice: &mut Dice| {
        sides
            .get(usize::try_from(dice.below(sides.len().max(1) as u64)).unwrap())
            .cloned()
    };
    match dice.below(12) {
        0 | 1 => drop(git.commit(&format!("Push {step} (#{step})"))),
        2 | 3 => {
            git.branch(&format!("side-{step}"))
                .commit(&format!("Begin {step}"));
            git.checkout("main");
        }
        4 | 5 => {
            if let Some(side) = some(dice) {
                git.checkout(&side).commit(&format!("Go on {step}"));
                git.checkout("main");
            }
        }
        6 | 7 => {
            if let Some(side) = some(dice) {
                git.merge(
                    &[&side],
                    &format!("Merge pull request #{step} from a/{side}\n\nTitle {step}"),
                );
            }
        }
        8 => {
            if let Some(side) = some(dice) {
                git.checkout(&side).merge(&["main"], "Merge branch 'main'");
                git.checkout("main");
            }
        }
        9 => {
            if let (Some(one), Some(two)) = (some(dice), some(dice)) {
                git.checkout(&one).merge(&[&two], "Merge one branch into another");
                git.checkout("main");
            }
        }
        10 => {
            git.annotated_tag(&format!("v1.{step}"));
        }
        _ => {
            if let Some(side) = some(dice) {
                git.git(&["tag", &format!("v0.{step}"), &side]);
            }
        }
    }
}

/// Everything that can be asked of plain git about the line, its merges and its tags.
fn assert_as_git_says(git: &GitRepository, kept: &Kept) {
    let line = git.git(&["rev-list", "--first-parent", "--reverse", "main"]);
    let ours: Vec<_> = kept
        .changes
        .values()
        .map(|change| change.landing_commit.clone().unwrap())
        .collect();
    assert_eq!(ours, line.lines().collect::<Vec<_>>());
    let tags = git.git(&[
        "for-each-ref",
        "--format=%(refname:short) %(creatordate:unix)",
        "refs/tags",
    ]);
    let expected: BTreeMap<&str, i64> = tags
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(tag, date)| (tag, date.parse().unwrap()))
        .collect();
    let ours: BTreeMap<&str, i64> = kept
        .deployments
        .values()
        .map(|deployment| (deployment.reference.as_str(), deployment.finished_at.timestamp()))
        .collect();
    assert_eq!(ours, expected);
    for (position, change) in &kept.changes {
        let commit = change.landing_commit.as_deref().unwrap();
        let contained = git.git(&["tag", "--contains", commit]);
        let mut ours: Vec<_> = kept
            .deployments
            .values()
            .filter(|deployment| deployment.contains_to >= Some(*position))
            .map(|deployment| deployment.reference.as_str())
            .collect();
        ours.sort_unstable();
        assert_eq!(
            ours,
            contained.lines().collect::<Vec<_>>(),
            "tags that contain place {position}"
        );
        if change.landing.unwrap().as_str().ends_with("merge") {
            // Two full walks: where clocks are wrong, `git log COMMIT ^COMMIT^1` may stop too early and show old commits.
            let reached = |tip: &str| git.git(&["log", "--format=%H %at %ct", tip]);
            let (with, without) = (reached(commit), reached(&format!("{commit}^1")));
            let before: HashSet<&str> = without.lines().collect();
            let own: Vec<&str> = with
                .lines()
                .filter(|line| !line.starts_with(commit) && !before.contains(line))
                .collect();
            assert_eq!(
                change.commits,
                Some(own.len() as i64),
                "own commits of place {position}"
            );
            let dates = own
                .iter()
                .flat_map(|line| line.split(' ').skip(1))
                .map(|date| date.parse::<i64>().unwrap());
            let merged = change.milestones.merged_at.unwrap().timestamp();
            let first = dates.min().map(|at| {
                if (1..=60).contains(&(at - merged)) {
                    merged
                } else {
                    at
                }
            });
            assert_eq!(
                change.milestones.first_commit_at.map(|at| at.timestamp()),
                first,
                "place {position}"
            );
        }
    }
}

#[tokio::test]
async fn random_histories_read_piece_by_piece_are_what_git_says() {
    for seed in 1..=4 {
        let (_directory, mut git) = world();
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        git.at(1_600_000_000).commit("Root");
        let options = named(git.path());
        let mut kept = Kept::default();
        for step in 1..=100 {
            grow(&mut git, &mut dice, step);
            if dice.below(9) == 0 {
                kept.update(&options).await;
            }
        }
        kept.update(&options).await;
        assert_eq!(kept.facts(), Kept::of(&options).await.facts(), "seed {seed}");
        assert_as_git_says(&git, &kept);
    }
}

#[tokio::test]
async fn a_run_that_stops_after_any_page_goes_on_to_the_same_facts() {
    let (_directory, mut git) = world();
    let mut dice = Dice(77);
    git.at(1_600_000_000).commit("Root");
    for step in 1..=70 {
        grow(&mut git, &mut dice, step);
    }
    let whole = read(&named(git.path()), "changes", None).await;
    assert!(whole.records > 10, "{}", whole.records);
    for size in 1..=3 {
        let options = GitOptions {
            page_size: size,
            ..named(git.path())
        };
        let paged = read(&options, "changes", None).await;
        assert_eq!(paged.facts, whole.facts);
        assert_eq!(paged.end(), whole.end());
        for (page, checkpoint) in paged.checkpoints.iter().enumerate() {
            let rest = read(&options, "changes", Some(checkpoint)).await;
            assert!(!rest.restart);
            // The first page says what the repository is, too.
            let done = whole.records.min(1 + (page + 1) * size as usize);
            assert_eq!(rest.facts, whole.facts[done..], "page {page} of size {size}");
            assert_eq!(rest.end(), whole.end());
        }
    }
}

#[tokio::test]
async fn a_later_run_reads_only_what_is_new() {
    let (_directory, mut git) = world();
    for step in 0..20 {
        git.at(100 + step).commit("Push");
    }
    let options = named(git.path());
    let first = read(&options, "changes", None).await;
    let unchanged = read(&options, "changes", first.end()).await;
    assert_eq!(
        (unchanged.records, unchanged.end(), unchanged.restart),
        (0, first.end(), false)
    );
    git.branch("side").at(200).commit("Side 1");
    git.at(201).commit("Side 2");
    git.checkout("main")
        .at(210)
        .merge(&["side"], "Merge pull request #1 from a/side");
    git.at(220).commit("Push");
    let later = read(&options, "changes", first.end()).await;
    assert_eq!((later.records, later.restart), (2, false));
    let unchanged = read(&options, "changes", later.end()).await;
    assert_eq!((unchanged.records, unchanged.end()), (0, later.end()));
}

#[tokio::test]
async fn a_branch_off_old_history_is_told_from_it_in_spite_of_wrong_clocks() {
    let (_directory, mut git) = world();
    git.at(1000).commit("0");
    // An old side branch whose merge claims to be older than its commits.
    git.branch("old").at(5000).commit("Old 1");
    git.at(5001).commit("Old 2");
    git.checkout("main").at(10).merge(&["old"], "Merge branch 'old'");
    git.at(11).commit("1");
    let options = named(git.path());
    let mut kept = Kept::of(&options).await;
    // A new branch off the old side branch: its ancestors look younger than the merge that brought them in.
    git.git(&["checkout", "--quiet", "-b", "new", "old"]);
    git.at(6000).commit("New 1");
    git.checkout("main").at(12).merge(&["new"], "Merge branch 'new'");
    assert_eq!(kept.update(&options).await, 1);
    assert_eq!(kept.changes[&3].commits, Some(1));
    assert_as_git_says(&git, &kept);
}

#[tokio::test]
async fn a_rewritten_branch_begins_anew() {
    let (_directory, mut git) = world();
    git.at(10).commit("0");
    git.at(20).commit("1");
    git.at(30).commit("2");
    let options = named(git.path());
    let mut kept = Kept::of(&options).await;
    git.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    git.at(40).commit("1, again");
    assert_eq!(kept.update(&options).await, 2);
    assert_eq!(kept.facts(), Kept::of(&options).await.facts());
    assert_as_git_says(&git, &kept);
    // Every commit is gone.
    git.git(&["update-ref", "-d", "refs/heads/main"]);
    kept.update(&options).await;
    assert!(kept.changes.is_empty());
}

#[tokio::test]
async fn a_merge_that_swaps_the_parents_begins_anew() {
    let (_directory, mut git) = world();
    git.at(10).commit("0");
    git.branch("local").at(20).commit("Local");
    git.checkout("main").at(30).commit("1");
    git.at(35).tag("v1.0");
    let options = named(git.path());
    let mut kept = Kept::of(&options).await;
    // Somebody merges the remote's main into their own and pushes the result: main's commits are now on its side.
    git.checkout("local")
        .at(40)
        .merge(&["main"], "Merge branch 'main' of example.org:app");
    git.checkout("main")
        .git(&["merge", "--quiet", "--ff-only", "local"]);
    assert_eq!(kept.update(&options).await, 3);
    assert_eq!(kept.facts(), Kept::of(&options).await.facts());
    assert_eq!(kept.deployments["git:tag:app:v1.0"].contains_to, Some(0));
    assert_as_git_says(&git, &kept);
}

#[tokio::test]
async fn a_shallow_clone_says_so_and_begins_anew_when_deepened() {
    let (directory, mut git) = world();
    for step in 0..6 {
        git.at(100 + step).commit("Push");
    }
    git.branch("side").at(200).commit("Side");
    git.checkout("main")
        .at(210)
        .merge(&["side"], "Merge pull request #1 from a/side");
    git.tag("v1.0");
    let path = directory.path().join("shallow");
    let url = format!("file://{}", git.path().display());
    git.git(&["clone", "--quiet", "--depth=3", &url, path.to_str().unwrap()]);
    let options = named(&path);
    let run = read(&options, "changes", None).await;
    assert!(matches!(&run.facts[0], Fact::Repository(repository) if repository.partial_history));
    let mut kept = Kept::of(&options).await;
    assert_eq!(kept.changes.len(), 3);
    assert_eq!(kept.deployments["git:tag:app:v1.0"].contains_to, Some(2));
    GitRepository::on(&path).git(&["fetch", "--quiet", "--unshallow"]);
    assert_eq!(kept.update(&options).await, 7);
    assert_eq!(kept.facts(), Kept::of(&options).await.facts());
    assert_eq!(kept.facts(), Kept::of(&named(git.path())).await.facts());
    assert!(!kept.repository.unwrap().partial_history);
}

#[tokio::test]
async fn what_a_shallow_clone_cuts_off_is_unknown_and_not_zero() {
    let (directory, mut git) = world();
    git.at(100).commit("Root");
    git.branch("side").at(110).commit("Side 1");
    git.at(111).commit("Side 2");
    git.at(112).commit("Side 3");
    git.checkout("main").at(120).commit("Push");
    git.at(130).merge(&["side"], "Merge pull request #1 from a/side");
    for (depth, own) in [(1, None), (2, Some(112))] {
        let path = directory.path().join(format!("depth-{depth}"));
        let url = format!("file://{}", git.path().display());
        git.git(&[
            "clone",
            "--quiet",
            &format!("--depth={depth}"),
            &url,
            path.to_str().unwrap(),
        ]);
        let kept = Kept::of(&named(&path)).await;
        let merge = kept.changes.values().last().unwrap();
        assert_eq!((merge.number, merge.commits), (Some(1), None));
        assert_eq!(merge.milestones.first_commit_at.map(|at| at.timestamp()), own);
        assert_eq!(merge.first_commit_estimated, own.is_some());
    }
}

#[tokio::test]
async fn coverage_begins_at_the_root() {
    let (_directory, mut git) = world();
    git.at(500).commit("Root");
    git.at(600).commit("Next");
    let source = GitSource::open(named(git.path())).unwrap();
    for feed in source.discover().await.unwrap() {
        let first = source.fetch(&feed, None).await.unwrap();
        assert_eq!(first.covered_from.map(|at| at.timestamp()), Some(500));
        assert_eq!((first.has_more, first.remaining), (false, Some(0)));
        let again = source.fetch(&feed, Some(first.next)).await.unwrap();
        assert_eq!(again.covered_from.map(|at| at.timestamp()), Some(500));
    }
}

#[tokio::test]
async fn a_checkpoint_of_something_else_is_refused() {
    let (_directory, mut git) = world();
    git.at(500).commit("Root");
    let source = GitSource::open(named(git.path())).unwrap();
    for feed in source.discover().await.unwrap() {
        let error = source
            .fetch(&feed, Some(Checkpoint("{}".to_owned())))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), devmetrics_core::ErrorKind::Corrupt);
        assert!(error.message().contains("checkpoint"), "{error}");
    }
}
