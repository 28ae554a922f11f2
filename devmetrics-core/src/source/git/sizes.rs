//! How much a landing commit changed.

use gix::ObjectId;

use super::record::Size;
use crate::{Error, ErrorKind, Result};

/// Objects that diffs of neighbouring commits share, trees above all.
const OBJECT_CACHE_BYTES: usize = 32 << 20;

/// Compares trees, with what a comparison needs kept for the next one.
pub(super) struct Sizes {
    renames: gix::diff::blob::Platform,
    lines: gix::diff::blob::Platform,
}

impl Sizes {
    /// Prepares `repository` for many comparisons.
    pub(super) fn new(repository: &mut gix::Repository) -> Result<Self> {
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
        Ok(Self {
            renames: cache()?,
            lines: cache()?,
        })
    }

    /// The size of `commit` against its first parent, a root against nothing; `None` if an object is missing, as in
    /// partial clones.
    pub(super) fn of(
        &mut self,
        repository: &gix::Repository,
        commit: &ObjectId,
        parent: Option<&ObjectId>,
    ) -> Option<Size> {
        self.measure(repository, commit, parent)
            .inspect_err(|error| {
                tracing::debug!(commit = %commit, error = %error, "the size of a commit is unknown: its diff failed");
            })
            .ok()
    }

    fn measure(
        &mut self,
        repository: &gix::Repository,
        commit: &ObjectId,
        parent: Option<&ObjectId>,
    ) -> std::result::Result<Size, gix::Error> {
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
        let mut failed = None;
        old.changes()?
            .for_each_to_obtain_tree_with_cache(&new, &mut self.renames, |change| {
                if change.entry_mode().is_tree() {
                    return Ok(std::ops::ControlFlow::Continue(()));
                }
                size.files += 1;
                // A submodule has no lines, and neither has a binary file.
                if change.entry_mode().is_blob_or_symlink() {
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
        failed.map_or(Ok(size), Err)
    }
}
