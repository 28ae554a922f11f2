use super::ImportOptions;
use crate::Id;
use crate::model::Repository;
use crate::store::RepositoryState;
use crate::suggest::did_you_mean;

/// The repositories that records may name.
pub(super) struct Repositories {
    known: Vec<Repository>,
    /// From here on they are made by the import.
    stored: usize,
    source: String,
    create: bool,
}

impl Repositories {
    pub(super) fn new(known: Vec<RepositoryState>, options: &ImportOptions) -> Self {
        Self {
            stored: known.len(),
            known: known.into_iter().map(|state| state.repository).collect(),
            source: options.source.clone(),
            create: options.create_repositories,
        }
    }

    /// The one with this name or id; else why there is none.
    pub(super) fn find(&mut self, text: &str) -> std::result::Result<Id<Repository>, String> {
        let text = text.trim();
        if let Some(found) = self.known.iter().find(|known| known.id.as_str() == text) {
            return Ok(found.id.clone());
        }
        let named: Vec<_> = self.known.iter().filter(|known| known.name == text).collect();
        match named.as_slice() {
            [found] => Ok(found.id.clone()),
            [] if text.is_empty() => Err("`repository` is empty; fill it".to_owned()),
            [] if self.create => {
                let id = Id::new(format!("{}:repo:{text}", self.source));
                self.known.push(Repository {
                    id: id.clone(),
                    name: text.to_owned(),
                    default_branch: None,
                    url: None,
                    partial_history: false,
                    archived: false,
                    unreachable_since: None,
                });
                Ok(id)
            }
            [] => {
                let hint = did_you_mean(text, self.known.iter().map(|known| known.name.as_str()));
                Err(format!(
                    "no repository `{text}`{hint}; correct it, or let the import make it (`--create-repositories`)"
                ))
            }
            several => {
                let ids: Vec<_> = several.iter().map(|known| known.id.as_str()).collect();
                Err(format!(
                    "several repositories are called `{text}`; write the id of one: {}",
                    ids.join(", ")
                ))
            }
        }
    }

    /// Those that did not exist.
    pub(super) fn made(&self) -> impl Iterator<Item = &Repository> {
        self.known.iter().skip(self.stored)
    }
}
