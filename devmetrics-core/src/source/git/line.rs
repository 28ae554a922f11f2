//! The first-parent line of the branch, walked from its tip down as far as is asked for.

use gix::ObjectId;
use gix::hashtable::HashMap;

use super::history::History;
use crate::Result;

/// The line, with the distance of each of its commits from the tip.
pub(super) struct Line {
    /// The next commit to walk; `None` when the root was walked.
    next: Option<ObjectId>,
    depths: HashMap<ObjectId, i64>,
    /// The last commit walked: in the end the root, or the boundary of a shallow clone.
    lowest: Option<ObjectId>,
    /// The place of the tip, counted from 0 at the root; known when the whole line is, or from an earlier run.
    tip_position: Option<i64>,
    /// Of commits off the line: the least depth that they reach.
    off_line: HashMap<ObjectId, Option<i64>>,
}

impl Line {
    pub(super) fn new(tip: Option<ObjectId>) -> Self {
        Self {
            next: tip,
            depths: HashMap::default(),
            lowest: None,
            tip_position: None,
            off_line: HashMap::default(),
        }
    }

    /// Walks down to `id`, and says whether it is on the line.
    pub(super) fn find(&mut self, history: &mut History, id: &ObjectId) -> Result<Option<i64>> {
        while !self.depths.contains_key(id) && self.walk(history)? {}
        Ok(self.depths.get(id).copied())
    }

    /// Takes from an earlier run that `id` has `position`; false when it is not on the line any more.
    pub(super) fn anchor(&mut self, history: &mut History, id: &ObjectId, position: i64) -> Result<bool> {
        let depth = self.find(history, id)?;
        self.tip_position = depth.map(|depth| position + depth);
        Ok(depth.is_some())
    }

    /// The place of the tip; -1 without one. Walks to the root unless an earlier run told it.
    pub(super) fn tip_position(&mut self, history: &mut History) -> Result<i64> {
        if let Some(position) = self.tip_position {
            return Ok(position);
        }
        self.root(history)?;
        let position = i64::try_from(self.depths.len()).unwrap_or(i64::MAX) - 1;
        self.tip_position = Some(position);
        Ok(position)
    }

    /// The oldest commit of the line that this clone has.
    pub(super) fn root(&mut self, history: &mut History) -> Result<Option<ObjectId>> {
        while self.walk(history)? {}
        Ok(self.lowest)
    }

    fn walk(&mut self, history: &mut History) -> Result<bool> {
        let Some(id) = self.next else {
            return Ok(false);
        };
        let depth = self.depths.len();
        self.next = history.parents(&id)?.first().copied();
        self.depths.insert(id, i64::try_from(depth).unwrap_or(i64::MAX));
        self.lowest = Some(id);
        Ok(true)
    }

    /// The highest place on the line that `commit` contains; `None` if it shares no commit with it.
    ///
    /// A commit on the line contains all below it, so a walk need not go on below the line; what is off the line is
    /// remembered, so that tags of one release branch do not walk it again and again.
    pub(super) fn contains_to(&mut self, history: &mut History, commit: ObjectId) -> Result<Option<i64>> {
        let mut stack = vec![(commit, None::<Vec<ObjectId>>)];
        while let Some((id, parents)) = stack.pop() {
            if self.depths.contains_key(&id) || self.off_line.contains_key(&id) {
                continue;
            }
            match parents {
                None if self.find(history, &id)?.is_some() => {}
                None => {
                    let parents = history.parents(&id)?;
                    let below = parents.clone();
                    stack.push((id, Some(parents)));
                    stack.extend(below.into_iter().map(|parent| (parent, None)));
                }
                Some(parents) => {
                    let depth = parents.iter().filter_map(|parent| self.depth(parent)).min();
                    self.off_line.insert(id, depth);
                }
            }
        }
        match self.depth(&commit) {
            Some(depth) => Ok(Some(self.tip_position(history)? - depth)),
            None => Ok(None),
        }
    }

    fn depth(&self, id: &ObjectId) -> Option<i64> {
        self.depths
            .get(id)
            .or_else(|| self.off_line.get(id)?.as_ref())
            .copied()
    }
}
