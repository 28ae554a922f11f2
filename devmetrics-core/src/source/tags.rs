use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result};

/// Which tags stand for a deployment to production: those whose name matches `pattern` and not `exclude`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagRules {
    /// A regular expression. By default a release version with at least two numbers, with an optional `v`, component
    /// and build: `v1.2.3`, `0.58`, `tokio-util-0.7.1`, `@scope/pkg@1.2.3`, `release/1.2`, `1.2.3+build`.
    pub pattern: String,
    /// A regular expression. By default every pre-release (`alpha`, `beta`, `rc`, `pre`, `dev`, `snapshot`, `canary`,
    /// `nightly` as a word, or a version followed by a number, as `1.2.3-4.5`).
    pub exclude: String,
}

impl Default for TagRules {
    fn default() -> Self {
        Self {
            pattern: r"^(?:[@A-Za-z]\S*[-_/@])?[vV]?\d+(?:\.\d+){1,3}(?:\+[0-9A-Za-z.-]+)?$".to_owned(),
            exclude: concat!(
                r"(?i)(?:^|[^a-z])(?:alpha|beta|rc|pre|preview|prerelease|dev|snapshot|canary|nightly)(?:[^a-z]|$)",
                r"|\d\.\d+[-_]\d"
            )
            .to_owned(),
        }
    }
}

/// Compiled [`TagRules`].
#[derive(Debug)]
pub(in crate::source) struct TagMatcher {
    pattern: Regex,
    exclude: Regex,
}

impl TagMatcher {
    pub(in crate::source) fn new(rules: &TagRules) -> Result<Self> {
        Ok(Self {
            pattern: compile("tags.pattern", &rules.pattern)?,
            exclude: compile("tags.exclude", &rules.exclude)?,
        })
    }

    pub(in crate::source) fn is_deployment(&self, tag: &str) -> bool {
        // An empty exclusion would match every tag, where its author means none.
        self.pattern.is_match(tag) && (self.exclude.as_str().is_empty() || !self.exclude.is_match(tag))
    }
}

fn compile(setting: &'static str, text: &str) -> Result<Regex> {
    Regex::new(text).map_err(|error| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("`{setting}` is not a regular expression: {error}"),
        )
        .with("setting", setting)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_deployments_and_the_rest_is_not() {
        let matcher = TagMatcher::new(&TagRules::default()).unwrap();
        let releases = [
            "v1.2.3",
            "1.2",
            "0.58",
            "0.58.0",
            "V2.0",
            "tokio-util-0.7.1",
            "@scope/pkg@1.2.3",
            "release/1.2",
            "release-1.2",
            "1.2.3+build",
            "v1.2.3+build.5-x",
            "2024.01.15",
            "prettier-3.0.0",
            "architect-1.0",
        ];
        for tag in releases {
            assert!(matcher.is_deployment(tag), "{tag} is a release");
        }
        let others = [
            "0.0.1-pre",
            "v1.0.0-rc.1",
            "v1.0.0-rc1",
            "rc-1.2",
            "homu-tmp",
            "nightly",
            "nightly-1.2",
            "1.2.3-alpha.1",
            "tokio-0.2.0-alpha.6",
            "beta/1.2",
            "1.2-dev",
            "1.2.3-SNAPSHOT",
            "canary-1.0.0",
            "v1",
            "1",
            "1.2.3-4.5",
            "v1.2.3.4.5",
            "",
            "main",
        ];
        for tag in others {
            assert!(!matcher.is_deployment(tag), "{tag} is no release");
        }
    }

    #[test]
    fn an_empty_exclusion_excludes_nothing() {
        let rules = TagRules {
            exclude: String::new(),
            pattern: "^deploy-".to_owned(),
        };
        let matcher = TagMatcher::new(&rules).unwrap();
        assert!(matcher.is_deployment("deploy-rc-1"));
        assert!(!matcher.is_deployment("v1.0"));
    }

    #[test]
    fn a_bad_expression_names_its_setting() {
        let rules = TagRules {
            exclude: "(".to_owned(),
            ..TagRules::default()
        };
        let error = TagMatcher::new(&rules).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().contains("`tags.exclude`"), "{error}");
    }
}
