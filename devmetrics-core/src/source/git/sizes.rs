//! How much a landing commit changed.

use gix::ObjectId;

use super::record::Size;
use crate::{Error, ErrorKind, Result};

/// Compares trees, with what a comparison needs kept for the next one.
pub(super) struct Sizes {
    cache: gix::diff::blob::Platform,
}

impl Sizes {
    pub(super) fn new(repository: &gix::Repository) -> Result<Self> {
        let cache = repository.diff_resource_cache_for_tree_diff().map_err(|error| {
            Error::new(
                ErrorKind::Corrupt,
                "the settings for diffs in the git configuration cannot be understood",
            )
            .with("path", repository.git_dir().display())
            .caused_by(error)
        })?;
        Ok(Self { cache })
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
        old.changes()?.for_each_to_obtain_tree(&new, |change| {
            if change.entry_mode().is_tree() {
                return Ok(std::ops::ControlFlow::Continue(()));
            }
            size.files += 1;
            // A submodule has no lines, and neither has a binary file.
            if change.entry_mode().is_blob_or_symlink() {
                match change
                    .diff(&mut self.cache)
                    .and_then(|mut diff| diff.line_counts())
                {
                    Ok(Some(counts)) => {
                        size.additions += i64::from(counts.insertions);
                        size.deletions += i64::from(counts.removals);
                    }
                    Ok(None) => {}
                    Err(error) => failed = Some(error),
                }
                self.cache.clear_resource_cache_keep_allocation();
            }
            Ok::<_, gix::Error>(match failed {
                None => std::ops::ControlFlow::Continue(()),
                Some(_) => std::ops::ControlFlow::Break(()),
            })
        })?;
        failed.map_or(Ok(size), Err)
    }
}
