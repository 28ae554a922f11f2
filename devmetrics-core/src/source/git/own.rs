//! Sums up the commits that a merge brought in.

use gix::ObjectId;
use gix::actor::SignatureRef;
use gix::bstr::BString;
use gix::mailmap::Snapshot;

use super::history::{RawCommit, person, seconds};
use super::record::{FirstCommit, OwnAuthor, OwnCommits};

/// The commits seen so far.
#[derive(Default)]
pub(super) struct Tally {
    count: i64,
    cut: bool,
    first: Option<(i64, ObjectId)>,
    authors: Vec<Signed>,
}

/// An author as the commits name them: the mailmap is asked once for each.
struct Signed {
    name: BString,
    email: BString,
    author: OwnAuthor,
}

impl Tally {
    pub(super) fn add(&mut self, id: ObjectId, commit: &RawCommit<'_>, mailmap: &Snapshot) {
        let authored_at = commit.author.as_ref().and_then(seconds);
        let committed_at = commit.committer.as_ref().and_then(seconds);
        let earliest = authored_at
            .into_iter()
            .chain(committed_at)
            .min()
            .map(|at| (at, id));
        self.count += 1;
        self.cut |= commit.is_cut();
        self.first = self.first.into_iter().chain(earliest).min();
        if let Some(signature) = &commit.author {
            self.add_author(signature, authored_at, mailmap);
        }
    }

    fn add_author(&mut self, signature: &SignatureRef<'_>, authored_at: Option<i64>, mailmap: &Snapshot) {
        let known = self
            .authors
            .iter_mut()
            .find(|known| known.name == signature.name && known.email == signature.email);
        match known {
            Some(Signed { author, .. }) => author.merge(1, authored_at),
            None => self.authors.push(Signed {
                name: signature.name.to_owned(),
                email: signature.email.to_owned(),
                author: OwnAuthor {
                    who: person(mailmap, signature),
                    commits: 1,
                    since: authored_at,
                },
            }),
        }
    }

    pub(super) fn finish(self) -> OwnCommits {
        // The mailmap may have made several signatures one person.
        let mut authors: Vec<OwnAuthor> = Vec::new();
        for Signed { author, .. } in self.authors {
            match authors.iter_mut().find(|known| known.who == author.who) {
                Some(known) => known.merge(author.commits, author.since),
                None => authors.push(author),
            }
        }
        authors.sort_by(|a, b| {
            let rank = |author: &OwnAuthor| (-author.commits, author.since.unwrap_or(i64::MAX));
            rank(a).cmp(&rank(b)).then_with(|| a.who.cmp(&b.who))
        });
        OwnCommits {
            count: self.count,
            first: self.first.map(|(at, id)| FirstCommit {
                at,
                commit: id.to_string(),
            }),
            authors,
            cut: self.cut,
        }
    }
}

impl OwnAuthor {
    fn merge(&mut self, commits: i64, since: Option<i64>) {
        self.commits += commits;
        self.since = self.since.into_iter().chain(since).min();
    }
}
