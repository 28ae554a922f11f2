//! How much a landing commit changed, and which files.

use std::collections::BTreeSet;

use gix::ObjectId;
use gix::object::tree::diff::Change;

use super::history::text;
use super::record::Size;
use crate::model::Paths;
use crate::{Error, ErrorKind, Result};

/// Objects that diffs of neighbouring commits share, trees above all.
const OBJECT_CACHE_BYTES: usize = 32 << 20;

/// More files than these are not kept: such a change moves or generates whole trees.
const MOST_PATHS: usize = 1_000;

/// What is asked of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Lines and files, counted: every file's contents are compared.
    pub(super) size: bool,
    /// The files' names.
    pub(super) paths: bool,
}

/// What a comparison found, of that what was asked.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) size: Option<Size>,
    pub(super) paths: Option<Paths>,
}

/// Compares trees, with what a comparison needs kept for the next one.
pub(super) struct Comparison {
    wanted: Wanted,
    renames: gix::diff::blob::Platform,
    lines: gix::diff::blob::Platform,
}

impl Comparison {
    /// Prepares `repository` for many comparisons; `None` if nothing is asked.
    pub(super) fn new(repository: &mut gix::Repository, wanted: Wanted) -> Result<Option<Self>> {
        if !wanted.size && !wanted.paths {
            return Ok(None);
        }
        repository.object_cache_size_if_unset(OBJECT_CACHE_BYTES);
        let cache = || {
            repository.diff_resource_cache_for_tree_diff().map_err(|error| {
                Error::new(
                    ErrorKind::Corrupt,
                    "the settings for diffs in the git configuration cannot be understood",
                )
                .with("path", repository.git_dir().display())
                .caused_by(error)
            })
        };
        Ok(Some(Self {
            wanted,
            renames: cache()?,
            lines: cache()?,
        }))
    }

    /// `commit` against its first parent, a root against nothing; nothing is known if an object is missing, as in partial
    /// clones.
    pub(super) fn of(
        &mut self,
        repository: &gix::Repository,
        commit: &ObjectId,
        parent: Option<&ObjectId>,
    ) -> Contents {
        self.compare(repository, commit, parent)
            .inspect_err(|error| {
                tracing::debug!(commit = %commit, error = %error, "what a commit changed is unknown: its diff failed");
            })
            .unwrap_or_default()
    }

    fn compare(
        &mut self,
        repository: &gix::Repository,
        commit: &ObjectId,
        parent: Option<&ObjectId>,
    ) -> std::result::Result<Contents, gix::Error> {
        let new = repository.find_commit(*commit)?.tree()?;
        let old = match parent {
            Some(parent) => repository.find_commit(*parent)?.tree()?,
            None => repository.empty_tree(),
        };
        let mut size = Size {
            additions: 0,
            deletions: 0,
            files: 0,
        };
        let mut files = BTreeSet::new();
        let mut failed = None;
        let wanted = self.wanted;
        let mut changes = old.changes()?;
        if !wanted.size {
            // Of a file that moved both names are wanted, and whether it is alike is not.
            changes.options(|options| {
                options.track_rewrites(None);
            });
        }
        changes.for_each_to_obtain_tree_with_cache(&new, &mut self.renames, |change| {
            if change.entry_mode().is_tree() {
                return Ok(std::ops::ControlFlow::Continue(()));
            }
            size.files += 1;
            if wanted.paths {
                files.insert(text(change.location()));
                if let Change::Rewrite {
                    source_location,
                    copy: false,
                    ..
                } = &change
                {
                    files.insert(text(source_location));
                }
            }
            // A submodule has no lines, and neither has a binary file.
            if wanted.size && change.entry_mode().is_blob_or_symlink() {
                match change
                    .diff(&mut self.lines)
                    .and_then(|mut diff| diff.line_counts())
                {
                    Ok(Some(counts)) => {
                        size.additions += i64::from(counts.insertions);
                        size.deletions += i64::from(counts.removals);
                    }
                    Ok(None) => {}
                    Err(error) => failed = Some(error),
                }
                self.lines.clear_resource_cache_keep_allocation();
            }
            Ok::<_, gix::Error>(match failed {
                None => std::ops::ControlFlow::Continue(()),
                Some(_) => std::ops::ControlFlow::Break(()),
            })
        })?;
        self.renames.clear_resource_cache_keep_allocation();
        if let Some(error) = failed {
            return Err(error);
        }
        let truncated = files.len() > MOST_PATHS;
        Ok(Contents {
            size: wanted.size.then_some(size),
            paths: wanted.paths.then(|| Paths {
                files: files.into_iter().take(MOST_PATHS).collect(),
                truncated,
            }),
        })
    }
}
