//! Opens a clone and finds the branch that changes land on.

use std::path::Path;

use gix::ObjectId;
use gix::head::Kind;

use crate::suggest::did_you_mean;
use crate::{Error, ErrorKind, Result};

/// Names under which a checked out branch is taken for the default branch without asking the remote.
const USUAL: [&str; 4] = ["main", "master", "trunk", "develop"];

/// The branch that changes land on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Branch {
    /// Its short name: `main`.
    pub(super) name: String,
    /// Its newest commit; `None` while it has none.
    pub(super) tip: Option<ObjectId>,
}

pub(super) fn open(path: &Path) -> Result<gix::ThreadSafeRepository> {
    let refused = |error: std::io::Error| {
        let (kind, advice) = match error.kind() {
            std::io::ErrorKind::NotFound => (ErrorKind::NotFound, "does not exist: correct the path"),
            std::io::ErrorKind::PermissionDenied => (
                ErrorKind::PermissionDenied,
                "cannot be read: give this user access to it",
            ),
            std::io::ErrorKind::NotADirectory => (
                ErrorKind::InvalidInput,
                "is not a directory: give the root of a git clone",
            ),
            _ => (ErrorKind::Unavailable, "cannot be read"),
        };
        Error::new(kind, format!("`{}` {advice}", path.display())).caused_by(error)
    };
    std::fs::read_dir(path).map_err(refused)?;
    let git_directory = path.join(".git");
    if git_directory.is_dir() {
        std::fs::read_dir(git_directory).map_err(refused)?;
    }
    // The path as given: searching the directories above it would measure another repository than the one named.
    gix::ThreadSafeRepository::open(path).map_err(|error| {
        Error::new(
            ErrorKind::InvalidInput,
            format!(
                "`{}` is not a git repository that can be opened: give the root of a clone (with its `.git`), or a bare one",
                path.display()
            ),
        )
        .caused_by(error)
    })
}

/// The configured branch; else the checked out one when it has one of the usual names or that of the remote's default;
/// else the remote's default; else whatever is checked out.
pub(super) fn resolve(repository: &gix::Repository, configured: Option<&str>) -> Result<Branch> {
    let names = branch_names(repository)?;
    if let Some(name) = configured {
        return configured_branch(repository, name, &names);
    }
    let head = repository
        .head()
        .map_err(|error| damaged(repository, "HEAD cannot be read").caused_by(error))?;
    let checked_out = head.referent_name().map(|name| name.shorten().to_string());
    let remote = remote_default(repository)?;
    let trusted = checked_out.as_deref().is_some_and(|name| {
        USUAL.contains(&name) || remote.as_ref().is_some_and(|(default, _)| default == name)
    });
    let born = !matches!(head.kind, Kind::Unborn(_));
    match (checked_out, remote) {
        (Some(name), _) if trusted && born => named(repository, name, head),
        (_, Some((name, tip))) => Ok(Branch { name, tip: Some(tip) }),
        (Some(name), None) if born => named(repository, name, head),
        // A new repository: nothing was ever committed.
        (Some(name), None) if names.is_empty() => Ok(Branch { name, tip: None }),
        (Some(name), None) => Err(missing(
            format!("HEAD names the branch `{name}`, which does not exist"),
            &name,
            &names,
            repository,
        )),
        (None, None) => Err(missing(
            "HEAD is detached, and no remote says which branch is the default".to_owned(),
            "",
            &names,
            repository,
        )),
    }
}

fn named(repository: &gix::Repository, name: String, head: gix::Head<'_>) -> Result<Branch> {
    let tip = head
        .into_peeled_id()
        .map_err(|error| damaged(repository, "HEAD cannot be followed to a commit").caused_by(error))?;
    Ok(Branch {
        name,
        tip: Some(tip.detach()),
    })
}

fn configured_branch(repository: &gix::Repository, name: &str, names: &[String]) -> Result<Branch> {
    let candidates = if name.starts_with("refs/") {
        vec![name.to_owned()]
    } else {
        vec![
            format!("refs/heads/{name}"),
            format!("refs/remotes/origin/{name}"),
        ]
    };
    let short = ["refs/heads/", "refs/remotes/origin/"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    for candidate in &candidates {
        // A name that no reference can have is as missing as any other.
        let Ok(Some(mut reference)) = repository.try_find_reference(candidate.as_str()) else {
            continue;
        };
        let tip = reference.peel_to_id().map_err(|error| {
            damaged(
                repository,
                &format!("`{candidate}` cannot be followed to a commit"),
            )
            .caused_by(error)
        })?;
        return Ok(Branch {
            name: short.to_owned(),
            tip: Some(tip.detach()),
        });
    }
    if names.is_empty() {
        return Ok(Branch {
            name: short.to_owned(),
            tip: None,
        });
    }
    Err(missing(format!("no branch `{name}`"), name, names, repository))
}

/// Name and tip of what the remote `origin` calls its default branch.
fn remote_default(repository: &gix::Repository) -> Result<Option<(String, ObjectId)>> {
    const PREFIX: &str = "refs/remotes/origin/";
    let Ok(Some(head)) = repository.try_find_reference("refs/remotes/origin/HEAD") else {
        return Ok(None);
    };
    let gix::refs::TargetRef::Symbolic(target) = head.target() else {
        return Ok(None);
    };
    let target = target.as_bstr().to_string();
    // It dangles when the remote renamed its branch and the clone was pruned.
    let Ok(Some(mut reference)) = repository.try_find_reference(target.as_str()) else {
        return Ok(None);
    };
    let tip = reference.peel_to_id().map_err(|error| {
        damaged(repository, &format!("`{target}` cannot be followed to a commit")).caused_by(error)
    })?;
    let name = target.strip_prefix(PREFIX).unwrap_or(&target).to_owned();
    Ok(Some((name, tip.detach())))
}

/// The branches of the clone and of `origin`, each once, sorted.
fn branch_names(repository: &gix::Repository) -> Result<Vec<String>> {
    let failed = |error: gix::Error| damaged(repository, "the references cannot be listed").caused_by(error);
    let references = repository.references().map_err(failed)?;
    let mut names = Vec::new();
    for prefix in ["refs/heads/", "refs/remotes/origin/"] {
        let all = references.prefixed(prefix).map_err(failed)?;
        // One unreadable reference is no reason to refuse the others.
        for reference in all.flatten() {
            let name = reference.name().as_bstr().to_string();
            names.extend(
                name.strip_prefix(prefix)
                    .filter(|name| *name != "HEAD")
                    .map(str::to_owned),
            );
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn missing(what: String, name: &str, names: &[String], repository: &gix::Repository) -> Error {
    const SHOWN: usize = 8;
    let some = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let more = if names.len() > SHOWN { ", …" } else { "" };
    let hint = did_you_mean(name, names.iter().map(String::as_str));
    let there = if names.is_empty() {
        String::new()
    } else {
        format!(" (there are: {some}{more})")
    };
    Error::new(
        ErrorKind::NotFound,
        format!("{what}{hint}; set `branch` to the branch that changes land on{there}"),
    )
    .with("setting", "branch")
    .with("path", repository.git_dir().display())
}

fn damaged(repository: &gix::Repository, what: &str) -> Error {
    Error::new(ErrorKind::Corrupt, format!("{what}; see `git fsck`"))
        .with("path", repository.git_dir().display())
}
