use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::contents::Wanted;
use crate::source::TagRules;

/// Which clone to read, and how. Part of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitOptions {
    /// The root of a work tree, or a git directory (a bare clone).
    pub path: PathBuf,
    /// What to call the repository in ids: by default host and path of the remote `origin`
    /// (`github.com/rust-lang/cargo`), else the clone's own path.
    #[serde(default)]
    pub name: Option<String>,
    /// The branch that changes land on: a branch name, or a full reference name (`refs/…`). See
    /// [`GitSource`](super::GitSource) for the default.
    #[serde(default)]
    pub branch: Option<String>,
    /// Whether to count lines and files by diffs. It is the dear part: every landing commit's trees are compared.
    #[serde(default)]
    pub sizes: bool,
    /// Whether to read which files each change touches, at most 1,000 of them, by comparing trees. Set where a service is
    /// told by its files.
    #[serde(default)]
    pub paths: bool,
    /// Records a page, at least 1.
    #[serde(default = "default_page_size")]
    pub page_size: u32,
    /// Which tags are deployments.
    #[serde(default)]
    pub tags: TagRules,
}

impl GitOptions {
    /// The defaults for the clone at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            name: None,
            branch: None,
            sizes: false,
            paths: false,
            page_size: default_page_size(),
            tags: TagRules::default(),
        }
    }

    /// What is asked of each comparison of a change with what was before.
    pub(super) fn contents(&self) -> Wanted {
        Wanted {
            size: self.sizes,
            paths: self.paths,
        }
    }
}

fn default_page_size() -> u32 {
    500
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_settings_are_refused_and_missing_ones_have_defaults() {
        let options: GitOptions = toml::from_str("path = '/src/cargo'").unwrap();
        assert_eq!(options, GitOptions::new("/src/cargo"));
        assert_eq!(options.page_size, 500);
        assert!(toml::from_str::<GitOptions>("path = '/src/cargo'\nbrnch = 'main'").is_err());
        assert!(toml::from_str::<GitOptions>("path = '/src/cargo'\n[tags]\npatern = 'x'").is_err());
    }
}
