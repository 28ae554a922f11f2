//! Reads commits: the only place that touches the object database for them.

use gix::bstr::{BStr, ByteSlice};
use gix::hashtable::HashSet;
use gix::objs::commit::ref_iter::Token;
use gix::objs::{CommitRefIter, Find, Kind};
use gix::{ObjectId, actor::SignatureRef};

use super::record::{Person, Stamp};
use crate::{Error, ErrorKind, Result};

/// One state of a clone: its objects, where its history is cut off, and who is who.
pub(super) struct History {
    pub(super) repository: gix::Repository,
    /// Commits of a shallow clone whose parents were not fetched.
    boundary: HashSet<ObjectId>,
    mailmap: gix::mailmap::Snapshot,
    buffer: Vec<u8>,
}

/// What a commit says, as far as it could be read. Parents come first in a commit, so they are known even where a
/// later line is broken.
pub(super) struct RawCommit<'a> {
    /// The parents that this clone has: none at the boundary of a shallow clone.
    pub(super) parents: Vec<ObjectId>,
    /// The number of parents that the commit names.
    pub(super) named_parents: usize,
    pub(super) author: Option<SignatureRef<'a>>,
    pub(super) committer: Option<SignatureRef<'a>>,
    pub(super) message: &'a BStr,
}

impl RawCommit<'_> {
    /// Whether the clone lacks parents of it.
    pub(super) fn is_cut(&self) -> bool {
        self.parents.len() < self.named_parents
    }
}

impl History {
    pub(super) fn new(repository: gix::Repository) -> Result<Self> {
        let boundary = repository
            .shallow_commits()
            .map_err(|error| {
                Error::new(
                    ErrorKind::Corrupt,
                    "the list of shallow commits cannot be read; run `git fetch --unshallow`",
                )
                .with("path", repository.git_dir().display())
                .caused_by(error)
            })?
            .map(|commits| commits.iter().copied().collect())
            .unwrap_or_default();
        let mailmap = repository.open_mailmap();
        Ok(Self {
            repository,
            boundary,
            mailmap,
            buffer: Vec::new(),
        })
    }

    pub(super) fn is_shallow(&self) -> bool {
        !self.boundary.is_empty()
    }

    /// The boundary and the mailmap as bytes: when they change, what was read before may read differently now.
    pub(super) fn fingerprint(&self) -> Vec<u8> {
        let mut ids: Vec<_> = self.boundary.iter().collect();
        ids.sort();
        let mut bytes: Vec<u8> = ids.iter().flat_map(|id| id.as_slice().iter().copied()).collect();
        for entry in self.mailmap.iter() {
            for field in [
                entry.new_name(),
                entry.new_email(),
                entry.old_name(),
                Some(entry.old_email()),
            ] {
                bytes.extend_from_slice(field.unwrap_or_default());
                bytes.push(0);
            }
        }
        bytes
    }

    /// The commit `id`, and the mailmap for its people.
    ///
    /// # Errors
    /// `Corrupt` when it is missing or no commit.
    pub(super) fn commit(&mut self, id: &ObjectId) -> Result<(RawCommit<'_>, &gix::mailmap::Snapshot)> {
        let data = read(&self.repository, id, Kind::Commit, &mut self.buffer)?;
        let mut commit = RawCommit {
            parents: Vec::new(),
            named_parents: 0,
            author: None,
            committer: None,
            // The headers end at the first empty line: a header's continuation begins with a space.
            message: data
                .find(b"\n\n")
                .map_or(b"".as_bstr(), |at| data[at + 2..].as_bstr()),
        };
        for token in CommitRefIter::from_bytes(data, id.kind()) {
            match token {
                Ok(Token::Tree { .. }) => {}
                Ok(Token::Parent { id }) => commit.parents.push(id),
                Ok(Token::Author { signature }) => commit.author = Some(signature.trim()),
                Ok(Token::Committer { signature }) => {
                    commit.committer = Some(signature.trim());
                    break;
                }
                Ok(_) | Err(_) => break,
            }
        }
        commit.named_parents = commit.parents.len();
        if self.boundary.contains(id) {
            commit.parents.clear();
        }
        Ok((commit, &self.mailmap))
    }

    /// The parents of `id` that this clone has.
    pub(super) fn parents(&mut self, id: &ObjectId) -> Result<Vec<ObjectId>> {
        Ok(self.dated_parents(id)?.1)
    }

    /// The committer date (0 where it is broken: only an order is made of it) and the parents.
    pub(super) fn dated_parents(&mut self, id: &ObjectId) -> Result<(i64, Vec<ObjectId>)> {
        let (commit, _) = self.commit(id)?;
        let date = commit
            .committer
            .and_then(|signature| seconds(&signature))
            .unwrap_or(0);
        Ok((date, commit.parents))
    }

    /// What `id` is.
    pub(super) fn kind(&self, id: &ObjectId) -> Result<Kind> {
        let header = self
            .repository
            .try_find_header(*id)
            .map_err(|error| unreadable(&self.repository, id, "cannot be read").caused_by(error))?;
        Ok(header
            .ok_or_else(|| unreadable(&self.repository, id, "is missing"))?
            .kind())
    }

    /// The tagger of a tag object, and what it points to.
    pub(super) fn tag(&mut self, id: &ObjectId) -> Result<(Option<Stamp>, ObjectId)> {
        let data = read(&self.repository, id, Kind::Tag, &mut self.buffer)?;
        let tag = gix::objs::TagRef::from_bytes(data, id.kind())
            .map_err(|error| unreadable(&self.repository, id, "cannot be understood").caused_by(error))?;
        let tagger = tag
            .tagger()
            .map_err(|error| unreadable(&self.repository, id, "names its tagger wrongly").caused_by(error))?;
        Ok((
            tagger.map(|signature| stamp(&self.mailmap, &signature.trim())),
            tag.target(),
        ))
    }
}

/// Seconds since the epoch; `None` where the date is broken or beyond what any database keeps.
pub(super) fn seconds(signature: &SignatureRef<'_>) -> Option<i64> {
    const YEAR_10000: i64 = 253_402_300_800;
    let seconds: i64 = signature.time.split(' ').next()?.parse().ok()?;
    (0..YEAR_10000).contains(&seconds).then_some(seconds)
}

/// Who and when, by the mailmap.
pub(super) fn stamp(mailmap: &gix::mailmap::Snapshot, signature: &SignatureRef<'_>) -> Stamp {
    Stamp {
        who: person(mailmap, signature),
        at: seconds(signature),
    }
}

/// Who, by the mailmap.
pub(super) fn person(mailmap: &gix::mailmap::Snapshot, signature: &SignatureRef<'_>) -> Person {
    let resolved = mailmap.try_resolve_ref(*signature);
    let (name, email) = resolved.map_or((None, None), |found| (found.name, found.email));
    Person {
        name: text(name.unwrap_or(signature.name)),
        email: text(email.unwrap_or(signature.email)),
    }
}

/// Text that every database can keep: invalid UTF-8 and NUL become the replacement character.
pub(super) fn text(bytes: &BStr) -> String {
    let text = bytes.to_str_lossy();
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text.into_owned()
    }
}

fn read<'b>(
    repository: &gix::Repository,
    id: &ObjectId,
    kind: Kind,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8]> {
    let object = repository
        .objects
        .try_find(id, buffer)
        .map_err(|error| unreadable(repository, id, "cannot be read").caused_by(error))?
        .ok_or_else(|| unreadable(repository, id, "is missing"))?;
    if object.kind == kind {
        Ok(object.data)
    } else {
        Err(unreadable(
            repository,
            id,
            &format!("is a {} and not a {kind}", object.kind),
        ))
    }
}

fn unreadable(repository: &gix::Repository, id: &ObjectId, what: &str) -> Error {
    Error::new(
        ErrorKind::Corrupt,
        format!("object {id} {what}; see `git fsck`, then repair the clone or make a new one"),
    )
    .with("path", repository.git_dir().display())
}
