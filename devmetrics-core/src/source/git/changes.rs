//! The feed `changes`: the commits of the first-parent line, oldest first.

use gix::ObjectId;
use gix::actor::SignatureRef;
use gix::bstr::BStr;
use gix::hashtable::HashSet;

use super::branch::Branch;
use super::checkpoint::{self, ChangesPoint, LinePoint, ObjectIdText};
use super::contents::{Comparison, Contents, Wanted};
use super::difference::difference;
use super::history::{History, person, seconds, stamp, text};
use super::own::Tally;
use super::record::{LandingCommit, OwnCommits, Person, Record};
use crate::Result;
use crate::model::{Checkpoint, Repository};
use crate::source::SourcePage;
use crate::source::message::{References, co_authors};

/// A walk along the line, kept between the pages of a run. It keeps ids only, no records.
pub(super) struct ChangesWalk {
    history: History,
    comparison: Option<Comparison>,
    /// Where it stands: the checkpoint of the last page.
    point: ChangesPoint,
    branch: String,
    /// Whether the next page begins the feed anew.
    restart: bool,
    /// Whether the next page says what the repository is.
    announce: bool,
    /// The commits of the line still to read, newest first.
    pending: Vec<ObjectId>,
    unclaimed: Unclaimed,
}

/// The commits that no landing commit read so far has brought in.
enum Unclaimed {
    /// All but these.
    AllBut(HashSet<ObjectId>),
    /// Only these.
    Only(HashSet<ObjectId>),
}

impl Unclaimed {
    /// Takes the commit; false if it was not to be had.
    fn claim(&mut self, id: &ObjectId) -> bool {
        match self {
            Self::AllBut(claimed) => claimed.insert(*id),
            Self::Only(left) => left.remove(id),
        }
    }
}

impl ChangesWalk {
    /// The walk from `after` to the branch's tip as it is now.
    pub(super) fn begin(
        mut history: History,
        branch: Branch,
        repository: Repository,
        wanted: Wanted,
        after: Option<ChangesPoint>,
    ) -> Result<Self> {
        let parts = [
            branch.name.as_str(),
            repository.url.as_deref().unwrap_or_default(),
            match (wanted.size, wanted.paths) {
                (false, false) => "",
                (true, false) => "sizes",
                (false, true) => "paths",
                (true, true) => "sizes, paths",
            },
        ];
        let basis = checkpoint::basis(&history, &parts)?;
        let announce = after.as_ref().is_none_or(|point| point.repository != repository);
        let old = after.as_ref().and_then(|point| point.line.tip).map(|tip| tip.0);
        // What was read before still holds if it follows from the same basis and still lies on the line.
        let kept = after
            .as_ref()
            .filter(|point| point.line.basis == basis)
            .map(|point| &point.line);
        let (pending, reached) = first_parents(&mut history, branch.tip, kept.and(old))?;
        let restart = old.is_some() && !reached;
        let (line, unclaimed) = match (kept, old, branch.tip) {
            (Some(line), Some(old), Some(tip)) if reached => {
                let new = if pending.is_empty() {
                    HashSet::default()
                } else {
                    difference(&mut history, tip, old)?
                };
                (line.clone(), Unclaimed::Only(new))
            }
            _ => {
                let root = pending.last().copied();
                let covered_from = root
                    .map(|root| committed_at(&mut history, &root))
                    .transpose()?
                    .flatten();
                let start = LinePoint {
                    tip: None,
                    position: -1,
                    basis,
                    covered_from,
                };
                (start, Unclaimed::AllBut(HashSet::default()))
            }
        };
        let comparison = Comparison::new(&mut history.repository, wanted)?;
        Ok(Self {
            history,
            comparison,
            point: ChangesPoint { line, repository },
            branch: branch.name,
            restart,
            announce: announce || restart,
            pending,
            unclaimed,
        })
    }

    /// The checkpoint after which the next page comes.
    pub(super) fn checkpoint(&self) -> Result<Checkpoint> {
        checkpoint::write(&self.point)
    }

    /// The next page.
    pub(super) fn page(&mut self, size: usize) -> Result<SourcePage> {
        let mut records = Vec::with_capacity(size.min(self.pending.len()) + 1);
        if std::mem::take(&mut self.announce) {
            records.push(Record::Repository(self.point.repository.clone()).into_raw()?);
        }
        for _ in 0..size {
            let Some(id) = self.pending.pop() else { break };
            let landing = self.landing(&id)?;
            self.point.line.position = landing.position;
            self.point.line.tip = Some(ObjectIdText(id));
            records.push(Record::Landing(Box::new(landing)).into_raw()?);
        }
        Ok(SourcePage {
            records,
            next: self.checkpoint()?,
            has_more: !self.pending.is_empty(),
            restart: std::mem::take(&mut self.restart),
            covered_from: self.point.line.known_from(),
            remaining: u64::try_from(self.pending.len()).ok(),
            ..SourcePage::default()
        })
    }

    fn landing(&mut self, id: &ObjectId) -> Result<LandingCommit> {
        self.unclaimed.claim(id);
        let (commit, mailmap) = self.history.commit(id)?;
        let mut landing = LandingCommit {
            commit: id.to_string(),
            parents: commit.named_parents,
            position: self.point.line.position + 1,
            branch: self.branch.clone(),
            web: self.point.repository.url.clone(),
            author: commit.author.as_ref().map(|signature| stamp(mailmap, signature)),
            committer: commit
                .committer
                .as_ref()
                .map(|signature| stamp(mailmap, signature)),
            message: text(commit.message),
            references: References::default(),
            co_authors: Vec::new(),
            own: None,
            size: None,
            paths: None,
        };
        landing.references.add(commit.message);
        add_co_authors(&mut landing.co_authors, mailmap, commit.message);
        let (parents, cut) = (commit.parents.clone(), commit.is_cut());
        if parents.len() > 1 {
            landing.own = Some(self.own_commits(&parents[1..], &mut landing)?);
        }
        if let Some(comparison) = &mut self.comparison
            && !cut
        {
            let Contents { size, paths } = comparison.of(&self.history.repository, id, parents.first());
            landing.size = size;
            landing.paths = paths;
        }
        Ok(landing)
    }

    /// Takes what the other parents of a landing commit reach and nobody took before: that is what it brought in.
    fn own_commits(&mut self, parents: &[ObjectId], landing: &mut LandingCommit) -> Result<OwnCommits> {
        let mut tally = Tally::default();
        let mut stack: Vec<ObjectId> = parents.iter().rev().copied().collect();
        while let Some(id) = stack.pop() {
            if !self.unclaimed.claim(&id) {
                continue;
            }
            let (commit, mailmap) = self.history.commit(&id)?;
            tally.add(id, &commit, mailmap);
            landing.references.add(commit.message);
            add_co_authors(&mut landing.co_authors, mailmap, commit.message);
            stack.extend(commit.parents.iter().rev());
        }
        Ok(tally.finish())
    }
}

fn add_co_authors(people: &mut Vec<Person>, mailmap: &gix::mailmap::Snapshot, message: &BStr) {
    for (name, email) in co_authors(message) {
        let found = person(
            mailmap,
            &SignatureRef {
                name,
                email,
                time: "",
            },
        );
        if !people.contains(&found) {
            people.push(found);
        }
    }
}

fn committed_at(history: &mut History, id: &ObjectId) -> Result<Option<i64>> {
    Ok(history.commit(id)?.0.committer.as_ref().and_then(seconds))
}

/// The line from `tip` down to its root or to `until`, which is left out; and whether `until` was reached.
fn first_parents(
    history: &mut History,
    tip: Option<ObjectId>,
    until: Option<ObjectId>,
) -> Result<(Vec<ObjectId>, bool)> {
    let mut line = Vec::new();
    let mut next = tip;
    while let Some(id) = next {
        if Some(id) == until {
            return Ok((line, true));
        }
        next = history.parents(&id)?.first().copied();
        line.push(id);
    }
    Ok((line, false))
}
