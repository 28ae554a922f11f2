//! Holds the git source against plain `git` commands, for every landing commit of a real repository.
//!
//! `verify_git PATH` compares the first-parent line, the kind and number of every change, what every merge brought in,
//! the deployments, and for every change the deployments that contain it. Exits with 1 on any difference.
#![expect(clippy::print_stdout, reason = "it reports to a person")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use devmetrics_core::model::{Deployment, Fact, PullRequest, Repository};
use devmetrics_core::source::SourceProvider;
use devmetrics_core::source::TagRules;
use devmetrics_core::source::git::{GitOptions, GitSource};
use devmetrics_testkit::facts;
use regex::Regex;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Compares the git source with plain git, for every landing commit.
#[derive(Parser)]
struct Arguments {
    /// A clone. It is only read.
    path: PathBuf,
    /// The branch that changes land on, where it is not the obvious one.
    #[arg(long)]
    branch: Option<String>,
}

/// What the source says.
struct Ours {
    repository: Repository,
    changes: Vec<PullRequest>,
    deployments: Vec<Deployment>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Runtime::new()?;
    let ours = runtime.block_on(read(&arguments))?;
    let branch = ours
        .repository
        .default_branch
        .clone()
        .ok_or("the repository has no default branch")?;
    let git = Git {
        path: &arguments.path,
    };
    let mut differences = Differences::default();

    let line: Vec<String> = git.lines(&["rev-list", "--first-parent", "--reverse", &branch])?;
    let landed: Vec<String> = ours
        .changes
        .iter()
        .filter_map(|change| change.landing_commit.clone())
        .collect();
    differences.check("the first-parent line", &landed, &line);
    for (position, change) in ours.changes.iter().enumerate() {
        differences.check(
            change.id.as_str(),
            &change.position,
            &Some(i64::try_from(position)?),
        );
    }
    compare_kinds(&git, &branch, &ours.changes, &mut differences)?;
    compare_own_commits(&git, &ours.changes, &mut differences)?;
    compare_deployments(&git, &ours, &mut differences)?;

    println!("differences {}", differences.0);
    Ok(if differences.0 == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn read(arguments: &Arguments) -> Result<Ours> {
    let options = GitOptions {
        branch: arguments.branch.clone(),
        ..GitOptions::new(&arguments.path)
    };
    let source = GitSource::open(options)?;
    let (mut repository, mut changes, mut deployments) = (None, Vec::new(), Vec::new());
    for feed in source.discover().await? {
        let run = facts::read(&source, &feed, None).await?;
        for (record, error) in &run.refused {
            println!("refused {}: {error}", record.id);
        }
        for fact in run.facts {
            match fact {
                Fact::Repository(found) => repository = Some(found),
                Fact::PullRequest(change) => changes.push(*change),
                Fact::Deployment(deployment) => deployments.push(deployment),
                other => return Err(format!("an unexpected fact: {other:?}").into()),
            }
        }
    }
    let repository = repository.ok_or("no repository was announced")?;
    Ok(Ours {
        repository,
        changes,
        deployments,
    })
}

/// Kind and number of each landing commit, told again by regular expressions over git's own subject and body.
fn compare_kinds(
    git: &Git<'_>,
    branch: &str,
    changes: &[PullRequest],
    differences: &mut Differences,
) -> Result<()> {
    let subject = Regex::new(
        r"^(?:Merge pull request #(\d+)\b.*|[Aa]uto merge of #(\d+)\b.*|Merge #(\d+)(?:[ :].*)?|Merged PR (\d+):.*|Merged in .*\(pull request #(\d+)\)|.*\(#(\d+)\))$",
    )?;
    let body = Regex::new(r"(?m)^See merge request .*!(\d+)\s*$")?;
    let log = git.text(&[
        "log",
        "--first-parent",
        "--reverse",
        "--format=%P%x1f%s%x1f%b%x1e",
        branch,
    ])?;
    let commits = log.split('\x1e').map(|commit| commit.trim_start_matches('\n'));
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (change, commit) in changes.iter().zip(commits) {
        let mut fields = commit.splitn(3, '\x1f');
        let mut field = || fields.next().unwrap_or_default();
        let (parents, title, text) = (field().split_whitespace().count(), field(), field());
        let found = subject
            .captures(title)
            .or_else(|| body.captures_iter(text).last());
        let number = found.and_then(|found| {
            found
                .iter()
                .skip(1)
                .flatten()
                .next()?
                .as_str()
                .parse::<i64>()
                .ok()
        });
        let kind = match (parents > 1, number.is_some()) {
            (true, true) => "merge",
            (true, false) => "plain_merge",
            (false, true) => "squash",
            (false, false) => "direct_push",
        };
        *kinds.entry(kind).or_default() += 1;
        let ours = (change.landing.map(|landing| landing.as_str()), change.number);
        differences.check(change.id.as_str(), &ours, &(Some(kind), number));
    }
    println!("landing commits {}", changes.len());
    for (kind, count) in kinds {
        println!("  {kind} {count}");
    }
    Ok(())
}

/// The number of commits of each merge and the earliest of their dates, told again by `git log MERGE ^MERGE^1`.
fn compare_own_commits(git: &Git<'_>, changes: &[PullRequest], differences: &mut Differences) -> Result<()> {
    let is_merge = |change: &&PullRequest| {
        change
            .landing
            .is_some_and(|landing| landing.as_str().ends_with("merge"))
    };
    let merges: Vec<&PullRequest> = changes.iter().filter(is_merge).collect();
    let found = in_parallel(&merges, |change| {
        let commit = change.landing_commit.as_deref().unwrap_or_default();
        let log = git.text(&["log", "--format=%H %at %ct", commit, &format!("^{commit}^1")])?;
        // The merge itself is among them.
        let own: Vec<&str> = log.lines().filter(|line| !line.starts_with(commit)).collect();
        let dates = own.iter().flat_map(|line| line.split(' ').skip(1));
        let first = dates.map(|date| date.parse::<i64>().unwrap_or(i64::MAX)).min();
        Ok((Some(i64::try_from(own.len())?), first))
    })?;
    let mut total = 0;
    for (change, (own, first)) in merges.iter().zip(found) {
        total += own.unwrap_or_default();
        differences.check(&format!("{} own commits", change.id), &change.commits, &own);
        let merged = change
            .milestones
            .merged_at
            .map(|at| at.timestamp())
            .unwrap_or_default();
        let first = first.map(|at| {
            if (1..=60).contains(&(at - merged)) {
                merged
            } else {
                at
            }
        });
        let ours = change.milestones.first_commit_at.map(|at| at.timestamp());
        differences.check(&format!("{} first commit", change.id), &ours, &first);
    }
    println!("own commits of merges {total}");
    Ok(())
}

/// The deployments, and those that contain each change, told again by `git for-each-ref` and by `git tag --contains` for
/// every landing commit.
fn compare_deployments(git: &Git<'_>, ours: &Ours, differences: &mut Differences) -> Result<()> {
    let prefix = ours.repository.id.as_str().replacen("git:repo:", "git:tag:", 1);
    let mut order: Vec<(i64, String, String)> = git
        .tags(&TagRules::default())?
        .into_iter()
        .map(|(name, at)| (at, format!("{prefix}:{name}"), name))
        .collect();
    order.sort();
    let mut deployments: Vec<&Deployment> = ours.deployments.iter().collect();
    deployments.sort_by_key(|deployment| (deployment.finished_at, &deployment.id));
    let known: Vec<(i64, String, String)> = deployments
        .iter()
        .map(|found| {
            (
                found.finished_at.timestamp(),
                found.id.to_string(),
                found.reference.clone(),
            )
        })
        .collect();
    differences.check("the deployments", &known, &order);

    let rank: HashMap<&str, usize> = order
        .iter()
        .enumerate()
        .map(|(rank, (_, _, name))| (name.as_str(), rank))
        .collect();
    let contained = in_parallel(&ours.changes, |change| {
        let tags = git.lines(&[
            "tag",
            "--contains",
            change.landing_commit.as_deref().unwrap_or_default(),
        ])?;
        let mut ranks: Vec<usize> = tags
            .iter()
            .filter_map(|tag| rank.get(tag.as_str()).copied())
            .collect();
        ranks.sort_unstable();
        Ok(ranks)
    })?;
    // A tag on a history of its own contains nothing of the line. The first one that does contains the root.
    let first = contained.first().and_then(|ranks| ranks.first()).copied();
    let (mut baseline, mut shipped, mut pending) = (0, 0, 0);
    for (change, contained) in ours.changes.iter().zip(contained) {
        let contains = |rank: &usize| deployments[*rank].contains_to >= change.position;
        let found: Vec<usize> = (0..deployments.len()).filter(contains).collect();
        differences.check(&format!("{} is contained in", change.id), &found, &contained);
        match contained.first() {
            None => pending += 1,
            rank if rank == first.as_ref() => baseline += 1,
            Some(_) => shipped += 1,
        }
    }
    println!("deployments {}", order.len());
    println!("  changes in the first one, the baseline {baseline}");
    println!("  changes first shipped by a later one {shipped}");
    println!("  changes pending {pending}");
    Ok(())
}

/// Asks git about many things at once, and gives the answers in their order.
fn in_parallel<T: Sync, R: Send>(items: &[T], ask: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let chunk = items.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = items
            .chunks(chunk)
            .map(|items| scope.spawn(|| items.iter().map(&ask).collect::<Result<Vec<R>>>()))
            .collect();
        let mut answers = Vec::with_capacity(items.len());
        for worker in workers {
            answers.extend(worker.join().map_err(|_| "a thread failed")??);
        }
        Ok(answers)
    })
}

/// The number of differences; the first ones are printed.
#[derive(Default)]
struct Differences(usize);

impl Differences {
    fn check<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, ours: &T, git: &T) {
        const SHOWN: usize = 20;
        if ours == git {
            return;
        }
        self.0 += 1;
        if self.0 <= SHOWN {
            let cut = |value: &T| format!("{value:?}").chars().take(300).collect::<String>();
            println!("DIFFERENCE {what}: ours {} git {}", cut(ours), cut(git));
        }
    }
}

/// Plain git in one clone.
struct Git<'p> {
    path: &'p Path,
}

impl Git<'_> {
    fn text(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.path)
            .args(arguments)
            .output()?;
        if !output.status.success() {
            return Err(format!("git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn lines(&self, arguments: &[&str]) -> Result<Vec<String>> {
        Ok(self.text(arguments)?.lines().map(str::to_owned).collect())
    }

    /// The tags of commits that the rules take, with their dates.
    fn tags(&self, rules: &TagRules) -> Result<Vec<(String, i64)>> {
        let (pattern, exclude) = (Regex::new(&rules.pattern)?, Regex::new(&rules.exclude)?);
        let format = "--format=%(refname:short)%1f%(creatordate:unix)%1f%(objecttype)%1f%(*objecttype)";
        let mut tags = Vec::new();
        for line in self.lines(&["for-each-ref", "refs/tags", format])? {
            let fields: Vec<&str> = line.split('\x1f').collect();
            let [name, date, kind, target] = fields.as_slice() else {
                return Err(format!("an unexpected line: {line}").into());
            };
            let names_a_commit = *kind == "commit" || *target == "commit";
            if names_a_commit && pattern.is_match(name) && !exclude.is_match(name) {
                tags.push(((*name).to_owned(), date.parse()?));
            }
        }
        Ok(tags)
    }
}
