//! Completes elements: the children that did not fit on the first page of theirs are read before the element is given.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Fault;
use super::documents::{self, Child, List};
use super::governor::CHILDREN;
use super::pages::{PageInfo, text};
use super::source::GithubSource;

/// Rows of a page of children.
const ROWS: usize = 100;
/// How often an element that changes while it is read is begun anew.
const ATTEMPTS: usize = 3;

/// A page of children that is still to be read.
struct Missing {
    /// The element's place among those to be completed.
    row: usize,
    child: Child,
    after: Option<String>,
}

impl GithubSource {
    /// Reads what is missing of the children of `elements`. An element that changes meanwhile is read anew by its id, so that its
    /// parts belong together.
    pub(super) async fn complete(&self, list: List, mut elements: Vec<&mut Value>) -> Result<(), Fault> {
        // One that vanished meanwhile stays as it was seen, without what is missing of it.
        let mut vanished = HashSet::new();
        for _ in 0..ATTEMPTS {
            let changed = self.complete_once(list, &mut elements, &vanished).await?;
            if changed.is_empty() {
                return Ok(());
            }
            let changed: Vec<usize> = changed.into_iter().collect();
            let ids: Vec<String> = changed.iter().map(|row| id_of(elements[*row])).collect();
            for (row, node) in changed.into_iter().zip(self.by_id(list.fragment(), &ids).await?) {
                match node {
                    Some(node) => *elements[row] = node,
                    None => {
                        vanished.insert(row);
                    }
                }
            }
        }
        Err(self.again_soon("an element changes faster than it can be read"))
    }

    /// Appends what is missing; gives the elements that changed meanwhile.
    async fn complete_once(
        &self,
        list: List,
        elements: &mut [&mut Value],
        vanished: &HashSet<usize>,
    ) -> Result<HashSet<usize>, Fault> {
        let mut changed = HashSet::new();
        loop {
            let missing: Vec<Missing> = elements
                .iter()
                .enumerate()
                .filter(|(row, _)| !changed.contains(row) && !vanished.contains(row))
                .flat_map(|(row, element)| missing(list, row, element))
                .collect();
            if missing.is_empty() {
                return Ok(changed);
            }
            for some in missing.chunks(documents::MAX_ALIASES) {
                let ids: Vec<String> = some.iter().map(|one| id_of(elements[one.row])).collect();
                let parts = self.children(some, &ids, ROWS).await?;
                for (one, part) in some.iter().zip(parts) {
                    let node = &mut *elements[one.row];
                    if !part.is_some_and(|part| append(node, one.child, part)) {
                        changed.insert(one.row);
                    }
                }
            }
        }
    }

    /// One page of children of each of `missing`, with the version of the element that it belongs to.
    async fn children(
        &self,
        missing: &[Missing],
        ids: &[String],
        rows: usize,
    ) -> Result<Vec<Option<Value>>, Fault> {
        let mut variables = Map::new();
        variables.insert("n".to_owned(), json!(rows));
        for (n, one) in missing.iter().enumerate() {
            variables.insert(format!("i{n}"), json!(ids[n]));
            variables.insert(format!("a{n}"), json!(one.after));
        }
        let children: Vec<Child> = missing.iter().map(|one| one.child).collect();
        let document = documents::children(&children);
        let mut answer = self
            .ask::<BTreeMap<String, Option<Value>>>(CHILDREN, &document, variables.into())
            .await?;
        Ok((0..missing.len())
            .map(|n| answer.data.remove(&format!("c{n}")).flatten())
            .collect())
    }

    /// All of `child` of the element `id`, from its first page on, into `node`.
    pub(super) async fn read_child(&self, node: &mut Value, id: &str, child: Child) -> Result<(), Fault> {
        node[child.field()] = json!({ "nodes": [] });
        let mut after = None;
        loop {
            let missing = [Missing {
                row: 0,
                child,
                after: after.take(),
            }];
            let part = self
                .children(&missing, &[id.to_owned()], ROWS)
                .await?
                .pop()
                .flatten();
            if !part.is_some_and(|part| append(node, child, part)) {
                return Err(self.again_soon("an element changed while it was read"));
            }
            match next_page(node, child) {
                Some(cursor) => after = Some(cursor),
                None => return Ok(()),
            }
        }
    }
}

/// The children of an element that its page did not hold.
fn missing(list: List, row: usize, node: &Value) -> Vec<Missing> {
    list.children()
        .iter()
        .filter_map(|child| {
            let after = Some(next_page(node, *child)?);
            Some(Missing {
                row,
                child: *child,
                after,
            })
        })
        .collect()
}

fn id_of(element: &Value) -> String {
    text(element, "id").unwrap_or_default().to_owned()
}

/// The cursor of the next page of `child`, if there is one.
fn next_page(node: &Value, child: Child) -> Option<String> {
    let info = PageInfo::deserialize(node.get(child.field())?.get("pageInfo")?).ok()?;
    info.end_cursor.filter(|_| info.has_next_page)
}

/// Appends a further page of `child`; false when it belongs to another version of the element, or is not there.
fn append(node: &mut Value, child: Child, mut part: Value) -> bool {
    let same = ["updatedAt", "headRefOid"]
        .into_iter()
        .all(|field| part.get(field).is_none() || text(&part, field) == text(node, field));
    let page = part.get_mut(child.field()).map(Value::take);
    let Some(mut page) = page.filter(|page| same && page.get("nodes").is_some_and(Value::is_array)) else {
        return false;
    };
    let mut nodes = node[child.field()]["nodes"].take();
    if let (Some(all), Some(more)) = (nodes.as_array_mut(), page["nodes"].as_array_mut()) {
        all.append(more);
    }
    page["nodes"] = nodes;
    node[child.field()] = page;
    true
}
