//! The commits that one tip reaches and another does not, exactly, without reading all of the history below them.

use std::collections::BinaryHeap;

use gix::ObjectId;
use gix::hashtable::{HashMap as IdMap, HashSet};

use super::history::History;
use crate::Result;

const NEW: u8 = 1;
const OLD: u8 = 2;
const BOTH: u8 = NEW | OLD;

/// More lowest commits than this are not proved one by one: then reading all of the old history is cheaper.
const PROVED_ONE_BY_ONE: usize = 64;

/// The commits that `new` reaches and `old` does not.
///
/// Both are painted downwards, youngest committer date first, until nothing is left that only `new` reaches. Where
/// clocks were wrong that can end too early, and then a commit passes for new though `old` reaches it by a way that was
/// not walked yet. Such a commit's ancestors are old as well, so it is enough to prove the lowest of the new commits;
/// if one fails, everything that `old` reaches is read.
pub(super) fn difference(history: &mut History, new: ObjectId, old: ObjectId) -> Result<HashSet<ObjectId>> {
    let mut graph = Graph {
        history,
        commits: IdMap::default(),
    };
    let mut paint = Paint::new(&mut graph, new, old)?;
    // Of commits of the same second a parent may come before its child: those are walked to the end.
    let mut last = i64::MAX;
    while paint.open[NEW as usize] > 0 || paint.queue.peek().is_some_and(|(date, _)| *date >= last) {
        last = last.min(paint.step(&mut graph)?);
    }
    let mut found: HashSet<ObjectId> = paint
        .colours
        .iter()
        .filter(|(_, colour)| **colour == NEW)
        .map(|(id, _)| *id)
        .collect();
    let mut lowest = Vec::new();
    for id in &found {
        let parents = graph.parents(id)?;
        // A child of `old` is not below it.
        if !parents
            .iter()
            .any(|parent| found.contains(parent) || *parent == old)
        {
            lowest.push(*id);
        }
    }
    let mut proved = lowest.len() <= PROVED_ONE_BY_ONE;
    for id in lowest {
        proved = proved && !is_ancestor(&mut graph, id, old)?;
    }
    if !proved {
        let mut seen: HashSet<ObjectId> = HashSet::default();
        let mut queue = vec![old];
        while let Some(id) = queue.pop() {
            if seen.insert(id) {
                found.remove(&id);
                queue.extend(graph.history.parents(&id)?);
            }
        }
    }
    Ok(found)
}

/// Whether `descendant` reaches `id`. Ends when all that is left to walk is reached by `id` too: a commit below `id`
/// cannot lead to it.
fn is_ancestor(graph: &mut Graph<'_>, id: ObjectId, descendant: ObjectId) -> Result<bool> {
    let mut paint = Paint::new(graph, id, descendant)?;
    while paint.open[OLD as usize] > 0 {
        if paint.colours.get(&id) == Some(&BOTH) {
            return Ok(true);
        }
        paint.step(graph)?;
    }
    Ok(paint.colours.get(&id) == Some(&BOTH))
}

/// What was read of the history.
struct Graph<'h> {
    history: &'h mut History,
    commits: IdMap<ObjectId, (i64, Vec<ObjectId>)>,
}

impl Graph<'_> {
    fn read(&mut self, id: &ObjectId) -> Result<&(i64, Vec<ObjectId>)> {
        if !self.commits.contains_key(id) {
            self.commits.insert(*id, self.history.dated_parents(id)?);
        }
        Ok(&self.commits[id])
    }

    fn date(&mut self, id: &ObjectId) -> Result<i64> {
        Ok(self.read(id)?.0)
    }

    fn parents(&mut self, id: &ObjectId) -> Result<Vec<ObjectId>> {
        Ok(self.read(id)?.1.clone())
    }
}

/// Two colours that run down from two tips.
struct Paint {
    colours: IdMap<ObjectId, u8>,
    /// To be walked, youngest first. A commit waits once, however often its colour changes meanwhile.
    queue: BinaryHeap<(i64, ObjectId)>,
    waiting: HashSet<ObjectId>,
    /// How many of the waiting have which colour.
    open: [usize; 4],
}

impl Paint {
    fn new(graph: &mut Graph<'_>, new: ObjectId, old: ObjectId) -> Result<Self> {
        let mut paint = Self {
            colours: IdMap::default(),
            queue: BinaryHeap::new(),
            waiting: HashSet::default(),
            open: [0; 4],
        };
        paint.add(graph, new, NEW)?;
        paint.add(graph, old, OLD)?;
        Ok(paint)
    }

    fn add(&mut self, graph: &mut Graph<'_>, id: ObjectId, colour: u8) -> Result<()> {
        let entry = self.colours.entry(id).or_insert(0);
        let (before, after) = (*entry, *entry | colour);
        if before == after {
            return Ok(());
        }
        *entry = after;
        if self.waiting.insert(id) {
            self.queue.push((graph.date(&id)?, id));
        } else {
            self.open[before as usize] -= 1;
        }
        self.open[after as usize] += 1;
        Ok(())
    }

    /// Walks the youngest commit, and gives its date.
    fn step(&mut self, graph: &mut Graph<'_>) -> Result<i64> {
        let Some((date, id)) = self.queue.pop() else {
            return Ok(i64::MAX);
        };
        self.waiting.remove(&id);
        let colour = self.colours.get(&id).copied().unwrap_or_default();
        self.open[colour as usize] -= 1;
        for parent in graph.parents(&id)? {
            self.add(graph, parent, colour)?;
        }
        Ok(date)
    }
}
