//! The feed `changes` on repositories that the tests build.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use devmetrics_core::model::{Actor, Fact, Feed, Landing, PullRequest, Repository};
use devmetrics_core::source::SourceProvider;
use devmetrics_core::source::git::{GitOptions, GitSource};
use devmetrics_core::{Error, ErrorKind};
use devmetrics_testbed::git_repository::GitRepository;
use devmetrics_testkit::facts::{self, Run};
use tempfile::TempDir;

fn world() -> (TempDir, GitRepository) {
    let directory = tempfile::tempdir().unwrap();
    let repository = GitRepository::init(directory.path().join("app"));
    (directory, repository)
}

fn open(path: &Path) -> GitSource {
    GitSource::open(GitOptions::new(path)).unwrap()
}

async fn feed(source: &GitSource, kind: &str) -> Feed {
    let feeds = source.discover().await.unwrap();
    feeds.into_iter().find(|feed| feed.kind == kind).unwrap()
}

async fn run(source: &GitSource) -> Run {
    facts::read(source, &feed(source, "changes").await, None)
        .await
        .unwrap()
}

fn changes(run: &Run) -> Vec<PullRequest> {
    run.facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::PullRequest(change) => Some((**change).clone()),
            _ => None,
        })
        .collect()
}

fn repository(run: &Run) -> Option<Repository> {
    run.facts.iter().find_map(|fact| match fact {
        Fact::Repository(repository) => Some(repository.clone()),
        _ => None,
    })
}

async fn all(path: &Path) -> Vec<PullRequest> {
    changes(&run(&open(path)).await)
}

fn first_at(change: &PullRequest) -> Option<i64> {
    change.milestones.first_commit_at.map(|at| at.timestamp())
}

fn merged_at(change: &PullRequest) -> Option<i64> {
    change.milestones.merged_at.map(|at| at.timestamp())
}

fn person(name: &str, email: &str) -> Actor {
    Actor {
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        ..Actor::default()
    }
}

#[tokio::test]
async fn every_way_to_land_is_told_with_its_people_and_dates() {
    let (_directory, mut git) = world();
    git.git(&[
        "remote",
        "add",
        "origin",
        "https://token:secret@github.com/acme/app.git",
    ]);
    let root = git.at(1000).commit("Begin");
    git.branch("fix").by("Bea", "bea@example.org");
    let first = git.at(2600).commit_authored("One", 2000);
    git.at(3000).commit("Two");
    git.by("Cid", "7+cid@users.noreply.github.com")
        .at(3100)
        .commit("Three");
    git.checkout("main").by("Ann", "ann@example.org").at(4000);
    let merge = git.merge(
        &["fix"],
        "Merge pull request #12 from bea/fix\n\nFix the lock\n\nWhy.",
    );
    git.branch("feature")
        .by("Bea", "bea@example.org")
        .at(5000)
        .commit("Work");
    git.checkout("main").at(6000);
    let squash = git.squash(
        "feature",
        "Add a flag (#13)\n\nCo-authored-by: Dan <dan@example.org>\nCo-authored-by: Bea <bea@example.org>",
    );
    git.branch("local").at(6500).commit("Local work");
    git.checkout("main").at(7000);
    let plain = git.merge(&["local"], "Merge branch 'local'");
    let push = git
        .by(
            "dependabot[bot]",
            "49699333+dependabot[bot]@users.noreply.github.com",
        )
        .at(8000)
        .commit("Bump");

    let run = run(&open(git.path())).await;
    let found = repository(&run).unwrap();
    assert_eq!(found.id.as_str(), "git:repo:github.com/acme/app");
    assert_eq!(found.name, "acme/app");
    assert_eq!(found.default_branch.as_deref(), Some("main"));
    assert_eq!(found.url.as_deref(), Some("https://github.com/acme/app"));
    assert!(!found.partial_history);
    assert_eq!(run.records, 6);
    let changes = changes(&run);
    let landed: Vec<_> = changes
        .iter()
        .map(|change| change.landing_commit.clone().unwrap())
        .collect();
    assert_eq!(landed, [root.clone(), merge.clone(), squash, plain, push]);
    let positions: Vec<_> = changes.iter().map(|change| change.position.unwrap()).collect();
    assert_eq!(positions, [0, 1, 2, 3, 4]);
    let [begin, merged, squashed, local, bumped] = changes.try_into().unwrap();

    assert_eq!(begin.landing, Some(Landing::DirectPush));
    assert_eq!(
        (begin.number, begin.commits, begin.url.clone()),
        (None, Some(1), None)
    );
    assert_eq!(
        (first_at(&begin), merged_at(&begin), begin.first_commit_estimated),
        (Some(1000), Some(1000), true)
    );

    assert_eq!(merged.id.as_str(), format!("git:pr:github.com/acme/app@{merge}"));
    assert_eq!(merged.landing, Some(Landing::Merge));
    assert_eq!((merged.number, merged.title.as_str()), (Some(12), "Fix the lock"));
    assert_eq!(merged.url.as_deref(), Some("https://github.com/acme/app/pull/12"));
    assert_eq!((first_at(&merged), merged_at(&merged)), (Some(2000), Some(4000)));
    assert_eq!(merged.milestones.closed_at, merged.milestones.merged_at);
    assert_eq!(
        (merged.milestones.opened_at, merged.milestones.first_review_at),
        (None, None)
    );
    assert_eq!(
        (merged.first_commit.clone(), merged.first_commit_estimated),
        (Some(first), false)
    );
    assert_eq!(
        merged.author,
        person("Bea", "bea@example.org"),
        "two of the three commits are hers"
    );
    let cid = Actor {
        handle: Some("cid".to_owned()),
        ..person("Cid", "7+cid@users.noreply.github.com")
    };
    assert_eq!(merged.co_authors, [cid]);
    assert_eq!(merged.commits, Some(3));
    assert_eq!(
        (merged.additions, merged.deletions, merged.changed_files),
        (None, None, None)
    );
    assert_eq!(merged.base_branch, "main");

    assert_eq!(squashed.landing, Some(Landing::Squash));
    assert_eq!(
        (squashed.number, squashed.title.as_str()),
        (Some(13), "Add a flag")
    );
    assert_eq!(
        (first_at(&squashed), squashed.first_commit_estimated),
        (Some(6000), true)
    );
    assert_eq!(squashed.author, person("Bea", "bea@example.org"));
    assert_eq!(
        squashed.co_authors,
        [person("Dan", "dan@example.org")],
        "the author is no co-author"
    );

    assert_eq!(local.landing, Some(Landing::PlainMerge));
    assert_eq!(
        (local.number, first_at(&local), local.commits),
        (None, Some(6500), Some(1))
    );

    assert_eq!(bumped.landing, Some(Landing::DirectPush));
    assert_eq!(bumped.author.handle.as_deref(), Some("dependabot[bot]"));
    assert!(bumped.author.bot);
}

#[tokio::test]
async fn a_merge_owns_what_only_it_brought_in() {
    let (_directory, mut git) = world();
    git.at(100).commit("Root");
    // A branch off a branch, merged into it, then both into main.
    git.branch("outer").at(110).commit("Outer 1");
    git.branch("inner").at(120).commit("Inner 1");
    git.checkout("outer").at(130).commit("Outer 2");
    git.at(140).merge(&["inner"], "Merge branch 'inner' into outer");
    // Criss-cross: outer takes main in, and main goes on.
    git.checkout("main").at(150).commit("Main 1");
    git.checkout("outer")
        .at(160)
        .merge(&["main"], "Merge branch 'main' into outer");
    git.at(170).commit("Outer 3");
    git.checkout("main").at(180).commit("Main 2");
    git.at(190)
        .merge(&["outer"], "Merge pull request #1 from a/outer");
    // inner is merged already: going on with it brings only its new commit.
    git.checkout("inner").at(200).commit("Inner 2");
    git.checkout("main")
        .at(210)
        .merge(&["inner"], "Merge pull request #2 from a/inner");
    // An octopus.
    git.branch("left").at(220).commit("Left");
    git.checkout("main").branch("right").at(230).commit("Right");
    git.checkout("main")
        .at(240)
        .merge(&["left", "right"], "Merge branches 'left' and 'right'");

    let changes = all(git.path()).await;
    let own: Vec<_> = changes
        .iter()
        .filter(|change| change.landing != Some(Landing::DirectPush))
        .map(|change| (change.number, change.commits.unwrap(), first_at(change).unwrap()))
        .collect();
    assert_eq!(own, [(Some(1), 6, 110), (Some(2), 1, 200), (None, 2, 220)]);
}

#[tokio::test]
async fn clocks_that_differ_a_little_are_forgiven_and_others_are_shown() {
    let (_directory, mut git) = world();
    git.at(1000).commit("Root");
    for (branch, made, merged) in [("a", 2060, 2000), ("b", 3061, 3000)] {
        git.branch(branch).at(made).commit("Work");
        git.checkout("main").at(merged).merge(&[branch], "Merge it");
    }
    let changes = all(git.path()).await;
    assert_eq!(
        (first_at(&changes[1]), merged_at(&changes[1])),
        (Some(2000), Some(2000))
    );
    assert_eq!(
        (first_at(&changes[2]), merged_at(&changes[2])),
        (Some(3061), Some(3000))
    );
}

#[tokio::test]
async fn reverts_and_cherry_picks_are_found_in_the_commits_of_a_merge_too() {
    let (_directory, mut git) = world();
    let root = git.at(10).commit("Root");
    let other = git.at(20).commit("Other");
    git.branch("undo")
        .at(30)
        .commit(&format!("Revert \"Root\"\n\nThis reverts commit {root}."));
    git.checkout("main")
        .at(40)
        .merge(&["undo"], "Merge pull request #3 from a/undo");
    git.at(50)
        .commit(&format!("Again\n\n(cherry picked from commit {other})"));
    let changes = all(git.path()).await;
    assert_eq!(changes[2].reverts, [root]);
    assert_eq!(changes[3].cherry_picked_from, [other]);
    assert!(changes[0].reverts.is_empty() && changes[2].cherry_picked_from.is_empty());
}

#[tokio::test]
async fn the_mailmap_names_people_in_work_trees_and_bare_clones() {
    let (directory, mut git) = world();
    git.by("ann", "ann@old.example").at(10);
    git.write(".mailmap", b"Ann Doe <ann@new.example> <ann@old.example>\n");
    git.commit("Root\n\nCo-authored-by: whoever <ANN@OLD.example>\nCo-authored-by: B <b@x.example>");
    let bare = directory.path().join("bare.git");
    git.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    for path in [git.path(), &bare] {
        let changes = all(path).await;
        assert_eq!(changes[0].author, person("Ann Doe", "ann@new.example"));
        assert_eq!(changes[0].co_authors, [person("B", "b@x.example")]);
    }
}

#[tokio::test]
async fn a_changed_mailmap_begins_the_feed_anew() {
    let (_directory, mut git) = world();
    git.by("ann", "ann@old.example").at(10).commit("Root");
    let source = open(git.path());
    let end = run(&source).await.end().cloned();
    git.write(".mailmap", b"Ann Doe <ann@new.example> <ann@old.example>\n");
    let again = facts::read(&source, &feed(&source, "changes").await, end)
        .await
        .unwrap();
    assert!(again.restart);
    assert_eq!(changes(&again)[0].author, person("Ann Doe", "ann@new.example"));
}

#[tokio::test]
async fn paths_are_those_of_the_diff_against_the_first_parent() {
    let (_directory, mut git) = world();
    git.at(10).write("a/text", b"one\ntwo\nthree\n").commit("Root");
    git.branch("work").at(20).write("a b/\u{e9}", b"x\n");
    git.commit("Work");
    git.checkout("main").at(30).write("c", b"c\n").commit("Meanwhile");
    git.at(40).merge(&["work"], "Merge pull request #1 from a/work");
    std::fs::create_dir_all(git.path().join("d")).unwrap();
    git.git(&["mv", "a/text", "d/text"]);
    git.at(50).commit("Move");
    git.git(&["rm", "--quiet", "c"]);
    git.at(60).commit("Remove");
    git.at(70).commit("Nothing");
    let generated = git.path().join("e");
    std::fs::create_dir(&generated).unwrap();
    for n in 0..1_001 {
        std::fs::write(generated.join(format!("{n:04}")), "").unwrap();
    }
    git.git(&["add", "e"]);
    git.at(80).commit("Generate");
    let expected: [&[&str]; 6] = [
        &["a/text"],
        &["c"],
        &["a b/\u{e9}"],
        &["a/text", "d/text"],
        &["c"],
        &[],
    ];
    for sizes in [false, true] {
        let source = GitSource::open(GitOptions {
            sizes,
            paths: true,
            ..GitOptions::new(git.path())
        })
        .unwrap();
        let changes = changes(&run(&source).await);
        let paths: Vec<_> = changes
            .iter()
            .map(|change| change.paths.clone().unwrap())
            .collect();
        let (generated, others) = paths.split_last().unwrap();
        let found: Vec<Vec<&str>> = others
            .iter()
            .map(|paths| {
                let files = paths.files.iter().map(String::as_str);
                // Of each commit of a test's repository there is one such file, too.
                files.filter(|file| !file.starts_with("files/")).collect()
            })
            .collect();
        assert_eq!(found, expected, "sizes: {sizes}");
        assert!(others.iter().all(|paths| !paths.truncated));
        assert_eq!((generated.files.len(), generated.truncated), (1_000, true));
        assert_eq!(changes[0].additions.is_some(), sizes);
    }
    let unread = changes(&run(&open(git.path())).await);
    assert!(unread.iter().all(|change| change.paths.is_none()));
}

#[tokio::test]
async fn sizes_are_those_of_the_diff_against_the_first_parent() {
    let (_directory, mut git) = world();
    git.at(10)
        .write("text", b"one\ntwo\nthree\n")
        .write("image", b"\x00\x01\x02")
        .commit("Root");
    git.branch("work")
        .at(20)
        .write("text", b"one\n2\nthree\nfour\n")
        .write("image", b"\x00\x03")
        .write("new/file", b"x\n");
    git.commit("Work");
    git.checkout("main").at(30).commit("Meanwhile");
    git.at(40).merge(&["work"], "Merge pull request #1 from a/work");
    git.git(&["mv", "text", "renamed"]);
    git.git(&["rm", "--quiet", "new/file"]);
    git.at(50).commit("Move");
    let source = GitSource::open(GitOptions {
        sizes: true,
        ..GitOptions::new(git.path())
    })
    .unwrap();
    let changes = changes(&run(&source).await);
    assert_eq!(changes.len(), 4);
    for change in &changes {
        let commit = change.landing_commit.clone().unwrap();
        let stat = if change.position == Some(0) {
            git.git(&["show", "--numstat", "--format=", &commit])
        } else {
            git.git(&[
                "diff",
                "--find-renames",
                "--numstat",
                &format!("{commit}^1"),
                &commit,
            ])
        };
        let expected = stat.lines().fold((0, 0, 0), |(added, deleted, files), line| {
            let mut numbers = line.split('\t').map(|number| number.parse::<i64>().unwrap_or(0));
            (
                added + numbers.next().unwrap(),
                deleted + numbers.next().unwrap(),
                files + 1,
            )
        });
        let found = (
            change.additions.unwrap(),
            change.deletions.unwrap(),
            change.changed_files.unwrap(),
        );
        assert_eq!(found, expected, "{}", change.title);
    }
}

#[tokio::test]
async fn a_broken_commit_is_set_aside_and_stops_nothing() {
    let (_directory, mut git) = world();
    let root = git.at(10).commit("Root");
    let tree = git.git(&["rev-parse", "HEAD^{tree}"]);
    let mut raw = |parent: &str, author: &str, message: &[u8]| {
        let head = format!("tree {tree}\nparent {parent}\nauthor {author}\ncommitter {author}\n\n");
        git.raw_commit(&[head.as_bytes(), message].concat())
    };
    let bad = raw(&root, "A <a@x> notadate +0000", b"Bad date\n");
    let worse = raw(&bad, "nobody", b"Bad lines\n");
    let far = raw(&worse, "A <a@x> 99999999999999 +0000", b"Beyond the year 10000\n");
    let odd = raw(&far, "A \u{fffd} <a@x> 20 +0000", b"Nul \0 and \xff\n");
    git.git(&["update-ref", "refs/heads/main", &odd]);
    let run = run(&open(git.path())).await;
    let refused: Vec<_> = run
        .refused
        .iter()
        .map(|(record, error)| (record.id.clone(), error.kind()))
        .collect();
    assert_eq!(refused, [bad, worse, far].map(|id| (id, ErrorKind::Corrupt)));
    let changes = changes(&run);
    let found: Vec<_> = changes
        .iter()
        .map(|change| (change.position.unwrap(), change.title.as_str()))
        .collect();
    assert_eq!(
        found,
        [(0, "Root"), (4, "Nul \u{fffd} and \u{fffd}")],
        "no database keeps a NUL"
    );
}

#[tokio::test]
async fn an_empty_repository_is_told_and_is_no_error() {
    let (_directory, mut git) = world();
    let source = open(git.path());
    for kind in ["changes", "deployments"] {
        let feed = feed(&source, kind).await;
        let first = facts::read(&source, &feed, None).await.unwrap();
        assert_eq!(
            first.records,
            usize::from(kind == "changes"),
            "only the repository"
        );
        let again = facts::read(&source, &feed, first.end().cloned()).await.unwrap();
        assert_eq!((again.records, again.end()), (0, first.end()));
    }
    let end = run(&source).await.end().cloned();
    git.at(10).commit("Root");
    let later = facts::read(&source, &feed(&source, "changes").await, end)
        .await
        .unwrap();
    assert_eq!((changes(&later).len(), later.restart), (1, false));
}

#[tokio::test]
async fn the_branch_is_the_obvious_one_or_the_configured_one() {
    let (directory, mut git) = world();
    git.at(10).commit("Root");
    git.branch("feature").at(20).commit("Work");
    let clone = directory.path().join("clone");
    git.checkout("main");
    git.git(&["clone", "--quiet", ".", clone.to_str().unwrap()]);
    let cloned = GitRepository::on(&clone);
    let count =
        async |options: GitOptions| Ok::<_, Error>(changes(&run(&GitSource::open(options)?).await).len());
    assert_eq!(count(GitOptions::new(&clone)).await.unwrap(), 1);
    // Another branch is checked out, and the remote says which is the default.
    cloned.git(&["checkout", "--quiet", "feature"]);
    assert_eq!(count(GitOptions::new(&clone)).await.unwrap(), 1);
    for name in ["feature", "refs/heads/feature", "refs/remotes/origin/feature"] {
        let options = GitOptions {
            branch: Some(name.to_owned()),
            ..GitOptions::new(&clone)
        };
        assert_eq!(count(options).await.unwrap(), 2, "{name}");
    }
    cloned.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(
        count(GitOptions::new(&clone)).await.unwrap(),
        1,
        "the remote's default"
    );
    cloned.git(&["remote", "set-head", "origin", "--delete"]);
    for (branch, advice) in [
        (None, "HEAD is detached"),
        (Some("featrue"), "did you mean `feature`?"),
    ] {
        let source = GitSource::open(GitOptions {
            branch: branch.map(str::to_owned),
            ..GitOptions::new(&clone)
        })
        .unwrap();
        let error = source
            .fetch(&feed(&source, "changes").await, None)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(
            error.message().contains(advice) && error.message().contains("set `branch`"),
            "{error}"
        );
        assert!(error.message().contains("`main`"), "{error}");
    }
}

#[tokio::test]
async fn a_linked_work_tree_and_a_bare_clone_are_the_same_repository() {
    let (directory, mut git) = world();
    git.git(&["remote", "add", "origin", "git@github.com:acme/app.git"]);
    git.at(10).commit("Root");
    git.at(20).commit("Next");
    let linked = directory.path().join("linked");
    git.git(&[
        "worktree",
        "add",
        "--quiet",
        linked.to_str().unwrap(),
        "-b",
        "other",
    ]);
    let bare = directory.path().join("bare.git");
    git.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    GitRepository::on(&bare).git(&["remote", "set-url", "origin", "ssh://git@github.com/acme/app"]);
    // A git directory whose configuration is lost can still be read.
    let bald = directory.path().join("bald");
    git.git(&["clone", "--quiet", "--bare", ".", bald.to_str().unwrap()]);
    std::fs::remove_file(bald.join("config")).unwrap();
    let expected = all(git.path()).await;
    for path in [&linked, &bare, &bald] {
        let options = GitOptions {
            name: Some("github.com/acme/app".to_owned()),
            branch: Some("main".to_owned()),
            ..GitOptions::new(path)
        };
        let mut found = changes(&run(&GitSource::open(options).unwrap()).await);
        found.iter_mut().for_each(|change| change.url = None);
        assert_eq!(found, expected, "{}", path.display());
    }
    assert_eq!(open(&linked).repository(), open(git.path()).repository());
    assert_eq!(open(&bare).repository(), open(git.path()).repository());
}

#[tokio::test]
async fn a_clone_without_a_host_is_named_by_its_path() {
    let (directory, mut git) = world();
    git.at(10).commit("Root");
    let linked = directory.path().join("linked");
    git.git(&[
        "worktree",
        "add",
        "--quiet",
        linked.to_str().unwrap(),
        "-b",
        "other",
    ]);
    let path = git.path().canonicalize().unwrap();
    assert_eq!(
        open(git.path()).repository().as_str(),
        format!("git:repo:{}", path.display())
    );
    assert_eq!(open(&linked).repository(), open(git.path()).repository());
    let run = run(&open(git.path())).await;
    assert_eq!(repository(&run).unwrap().name, "app");
}

#[test]
fn what_is_no_repository_is_refused_with_advice() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let cases = [
        (
            directory.path().join("nowhere"),
            ErrorKind::NotFound,
            "does not exist",
        ),
        (file, ErrorKind::InvalidInput, "is not a directory"),
        (
            directory.path().to_owned(),
            ErrorKind::InvalidInput,
            "is not a git repository",
        ),
    ];
    for (path, kind, words) in cases {
        let error = GitSource::open(GitOptions::new(&path)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(
            error.message().contains(words) && error.message().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
    let error = GitSource::open(GitOptions {
        page_size: 0,
        ..GitOptions::new(directory.path())
    })
    .unwrap_err();
    assert!(error.message().contains("`page_size`"), "{error}");
}

#[tokio::test]
async fn a_feed_of_another_repository_is_refused() {
    let (_directory, git) = world();
    let source = open(git.path());
    let stranger = Feed {
        source: "git".to_owned(),
        scope: "git:repo:other".to_owned(),
        kind: "changes".to_owned(),
    };
    assert_eq!(
        source.fetch(&stranger, None).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
}
