//! The feed `deployments`: tags, oldest first.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::objs::Kind;

use super::branch::Branch;
use super::checkpoint::{self, DeploymentsPoint, LinePoint, ObjectIdText, TagPoint};
use super::history::{History, seconds};
use super::line::Line;
use super::record::{Person, Record, Tag, TagTarget};
use crate::model::{Checkpoint, RawRecord};
use crate::source::SourcePage;
use crate::source::TagRules;
use crate::source::tags::TagMatcher;
use crate::{Error, ErrorKind, Result};

/// The tags of a run that are still to be given out.
pub(super) struct DeploymentsWalk {
    /// Where it stands: the checkpoint of the last page.
    point: DeploymentsPoint,
    /// Whether the next page begins the feed anew.
    restart: bool,
    /// Latest first.
    pending: Vec<Pending>,
}

/// A record, and what the checkpoint says of its tag afterwards.
struct Pending {
    name: String,
    /// `None` for a tag that is gone.
    point: Option<TagPoint>,
    /// `None` for a tag that is no deployment and never was.
    record: Option<RawRecord>,
    /// Records are given out in this order.
    finished_at: Option<i64>,
}

/// What a tag comes to.
struct Target {
    commit: ObjectId,
    finished_at: Option<i64>,
    tagger: Option<Person>,
}

impl DeploymentsWalk {
    /// Reads the tags that are new, moved or gone since `after`, and those that may contain more of the line now.
    pub(super) fn begin(
        mut history: History,
        branch: &Branch,
        rules: &TagRules,
        matcher: &TagMatcher,
        after: Option<DeploymentsPoint>,
    ) -> Result<Self> {
        let basis = checkpoint::basis(&history, &[&branch.name, &rules.pattern, &rules.exclude])?;
        let mut line = Line::new(branch.tip);
        let (mut known, kept, restart) = match after {
            None => (BTreeMap::new(), None, false),
            Some(DeploymentsPoint { line: old, tags }) => {
                let same = old.basis == basis
                    && match (old.tip, branch.tip) {
                        (None, None) => true,
                        (Some(tip), Some(_)) => line.anchor(&mut history, &tip.0, old.position)?,
                        _ => false,
                    };
                if same {
                    (tags, Some(old), false)
                } else {
                    (forgotten(tags), None, true)
                }
            }
        };
        let covered_from = match &kept {
            Some(old) => old.covered_from,
            None => match line.root(&mut history)? {
                Some(root) => history.commit(&root)?.0.committer.as_ref().and_then(seconds),
                None => None,
            },
        };
        let tip = branch.tip.map(ObjectIdText);
        let position = line.tip_position(&mut history)?;
        let mut pending = Vec::new();
        let mut present = tags(&history.repository, matcher)?;
        for (name, id) in &present {
            let old = known.get(name);
            let moved = old.is_none_or(|old| old.target != Some(ObjectIdText(*id)));
            let ahead = old.is_some_and(|old| old.ahead_of.is_some() && old.ahead_of != tip);
            if moved || ahead {
                pending.push(read(&mut history, &mut line, position, tip, name, *id, old)?);
            }
        }
        for (name, old) in &known {
            if !present.contains_key(name) {
                pending.push(gone(name, old)?);
            }
        }
        present.clear();
        pending.sort_by(|a, b| (b.finished_at, &b.name).cmp(&(a.finished_at, &a.name)));
        // A tag that is read again is new for a run that stops before it comes to it.
        for tag in &pending {
            if let Some(old) = known.get_mut(&tag.name) {
                old.target = None;
            }
        }
        let line = LinePoint {
            tip,
            position,
            basis,
            covered_from,
        };
        Ok(Self {
            point: DeploymentsPoint { line, tags: known },
            restart,
            pending,
        })
    }

    /// The checkpoint after which the next page comes.
    pub(super) fn checkpoint(&self) -> Result<Checkpoint> {
        checkpoint::write(&self.point)
    }

    /// The next page.
    pub(super) fn page(&mut self, size: usize) -> Result<SourcePage> {
        let mut records = Vec::with_capacity(size.min(self.pending.len()));
        while records.len() < size {
            let Some(tag) = self.pending.pop() else { break };
            match tag.point {
                Some(point) => self.point.tags.insert(tag.name, point),
                None => self.point.tags.remove(&tag.name),
            };
            records.extend(tag.record);
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
}

/// All tags must be read again. What they were stays known: a moved tag must not go back in time.
fn forgotten(mut tags: BTreeMap<String, TagPoint>) -> BTreeMap<String, TagPoint> {
    for tag in tags.values_mut() {
        tag.target = None;
    }
    tags
}

/// The tags that the rules take for deployments, with what their references name.
fn tags(repository: &gix::Repository, matcher: &TagMatcher) -> Result<BTreeMap<String, ObjectId>> {
    let failed = |error: gix::Error| {
        Error::new(ErrorKind::Corrupt, "the tags cannot be listed; see `git fsck`")
            .with("path", repository.git_dir().display())
            .caused_by(error)
    };
    let references = repository.references().map_err(failed)?;
    let mut tags = BTreeMap::new();
    for reference in references.tags().map_err(failed)? {
        let mut reference = match reference {
            Ok(reference) => reference,
            Err(error) => {
                tracing::warn!(error = %error, "a tag was left out: its reference cannot be read; see `git fsck`");
                continue;
            }
        };
        let name = reference.name().shorten().to_string();
        if !matcher.is_deployment(&name) {
            continue;
        }
        let id = match reference.try_id() {
            Some(id) => id.detach(),
            // A symbolic tag stands for another one.
            None => match reference.follow_to_object() {
                Ok(id) => id.detach(),
                Err(error) => {
                    tracing::warn!(tag = %name, error = %error, "a tag was left out: it stands for one that does not exist");
                    continue;
                }
            },
        };
        tags.insert(name, id);
    }
    Ok(tags)
}

fn read(
    history: &mut History,
    line: &mut Line,
    position: i64,
    tip: Option<ObjectIdText>,
    name: &str,
    id: ObjectId,
    old: Option<&TagPoint>,
) -> Result<Pending> {
    let mut point = TagPoint {
        target: Some(ObjectIdText(id)),
        ahead_of: None,
        updated_at: None,
    };
    let target = match target(history, id) {
        Ok(Some(target)) => target,
        Ok(None) => {
            tracing::debug!(tag = %name, "a tag is no deployment: it names a tree or a file");
            let record = old
                .and_then(|old| old.updated_at)
                .map(|_| removed(name))
                .transpose()?;
            return Ok(Pending {
                name: name.to_owned(),
                point: Some(point),
                record,
                finished_at: None,
            });
        }
        Err(error) => {
            // It is not read again until it moves. What it was before may still have to be removed.
            point.updated_at = old.and_then(|old| old.updated_at);
            let record = Record::Tag(Tag {
                name: name.to_owned(),
                target: Err(error.message().to_owned()),
            });
            let record = Some(record.into_raw()?);
            return Ok(Pending {
                name: name.to_owned(),
                point: Some(point),
                record,
                finished_at: None,
            });
        }
    };
    let contains_to = line.contains_to(history, target.commit)?;
    if contains_to == Some(position) && tip != Some(ObjectIdText(target.commit)) {
        point.ahead_of = tip;
    }
    point.updated_at = target.finished_at.max(old.and_then(|old| old.updated_at));
    let record = Record::Tag(Tag {
        name: name.to_owned(),
        target: Ok(TagTarget {
            commit: target.commit.to_string(),
            finished_at: target.finished_at,
            tagger: target.tagger,
            contains_to,
            updated_at: point.updated_at,
        }),
    });
    Ok(Pending {
        name: name.to_owned(),
        point: Some(point),
        record: Some(record.into_raw()?),
        finished_at: target.finished_at,
    })
}

/// The commit that a tag comes to, through tags of tags; `None` when it names a tree or a file.
fn target(history: &mut History, mut id: ObjectId) -> Result<Option<Target>> {
    let mut tagger = None;
    loop {
        match history.kind(&id)? {
            Kind::Tag => {
                let (found, next) = history.tag(&id)?;
                // The outermost tag is the one that was published.
                tagger = tagger.or(found);
                id = next;
            }
            Kind::Commit => break,
            Kind::Tree | Kind::Blob => return Ok(None),
        }
    }
    let committed_at = history.commit(&id)?.0.committer.as_ref().and_then(seconds);
    let (tagger, finished_at) = match tagger {
        Some(stamp) => (Some(stamp.who), stamp.at),
        None => (None, committed_at),
    };
    Ok(Some(Target {
        commit: id,
        finished_at,
        tagger,
    }))
}

fn gone(name: &str, old: &TagPoint) -> Result<Pending> {
    let record = old.updated_at.map(|_| removed(name)).transpose()?;
    Ok(Pending {
        name: name.to_owned(),
        point: None,
        record,
        finished_at: None,
    })
}

fn removed(name: &str) -> Result<RawRecord> {
    Record::RemovedTag(name.to_owned()).into_raw()
}
