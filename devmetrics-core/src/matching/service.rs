//! What belongs to a service. Pure.
//!
//! Definitions: `docs/metrics.md`, "Services".

use globset::{Glob, GlobMatcher};

use crate::model::{Deployment, Paths, Repository, Service};

/// What belongs to a service, ready to be asked.
#[derive(Clone, Debug)]
pub struct ServiceRules {
    repositories: Vec<GlobMatcher>,
    paths: Vec<GlobMatcher>,
    references: Vec<GlobMatcher>,
    incident_repositories: Vec<GlobMatcher>,
    incident_labels: Vec<String>,
}

/// How certain it is that an incident is a service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// It is this one's.
    Sole,
    /// It is as well another's: nothing tells which. It fails no deployment by its time alone.
    Shared,
}

impl ServiceRules {
    /// The rules of a service.
    pub fn new(service: &Service) -> Self {
        Self {
            repositories: compiled(&service.repositories),
            paths: compiled(&service.paths),
            references: compiled(&service.references),
            incident_repositories: compiled(&service.incident_repositories),
            incident_labels: service.incident_labels.clone(),
        }
    }

    /// Whether it is made of the repository, or of a part of it.
    pub fn has(&self, repository: &Repository) -> bool {
        names(&self.repositories, repository)
    }

    /// Whether a deployment of one of its repositories is the service's.
    pub fn deploys(&self, deployment: &Deployment) -> bool {
        self.references.is_empty() || any(&self.references, &deployment.reference)
    }

    /// Whether it is told by files which changes are the service's.
    pub fn has_paths(&self) -> bool {
        !self.paths.is_empty()
    }

    /// Whether a change of one of its repositories is the service's, by the files that it touches; `None` where these are
    /// not known well enough.
    pub fn touches(&self, paths: Option<&Paths>) -> Option<bool> {
        if self.paths.is_empty() {
            return Some(true);
        }
        let paths = paths?;
        let touched = paths.files.iter().any(|file| any(&self.paths, file));
        (touched || !paths.truncated).then_some(touched)
    }

    /// Whether its incidents are reported in the repository.
    pub fn reports_in(&self, repository: &Repository) -> bool {
        if self.incident_repositories.is_empty() {
            self.has(repository)
        } else {
            names(&self.incident_repositories, repository)
        }
    }

    /// Whether an incident with these labels, reported in `repository`, is the service's; `None` if it is not. `others` are
    /// the other services of which incidents are told apart.
    pub fn claim(
        &self,
        repository: &Repository,
        labels: &[String],
        others: &[ServiceRules],
    ) -> Option<Claim> {
        let named = |rules: &Self| labels.iter().any(|label| rules.incident_labels.contains(label));
        if !self.reports_in(repository) {
            return None;
        }
        if !self.incident_labels.is_empty() {
            return named(self).then_some(Claim::Sole);
        }
        let mut claim = Claim::Sole;
        for other in others.iter().filter(|other| other.reports_in(repository)) {
            if named(other) {
                return None;
            }
            if other.incident_labels.is_empty() {
                claim = Claim::Shared;
            }
        }
        Some(claim)
    }
}

fn compiled(patterns: &[Glob]) -> Vec<GlobMatcher> {
    patterns.iter().map(Glob::compile_matcher).collect()
}

fn any(patterns: &[GlobMatcher], text: &str) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(text))
}

fn names(patterns: &[GlobMatcher], repository: &Repository) -> bool {
    any(patterns, &repository.name) || any(patterns, repository.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;

    fn globs(patterns: &[&str]) -> Vec<Glob> {
        patterns
            .iter()
            .map(|pattern| Glob::new(pattern).unwrap())
            .collect()
    }

    fn service(id: &str) -> Service {
        Service {
            id: Id::new(id),
            name: None,
            repositories: globs(&["acme/shop", "acme/shop-*"]),
            paths: Vec::new(),
            references: Vec::new(),
            incident_repositories: Vec::new(),
            incident_labels: Vec::new(),
        }
    }

    fn repository(name: &str) -> Repository {
        Repository {
            id: Id::new(format!("git:repo:{name}")),
            name: name.to_owned(),
            default_branch: None,
            url: None,
            partial_history: false,
            archived: false,
            unreachable_since: None,
        }
    }

    #[test]
    fn repositories_go_by_name_or_id() {
        let rules = ServiceRules::new(&service("shop"));
        assert!(rules.has(&repository("acme/shop")) && rules.has(&repository("acme/shop-web")));
        assert!(!rules.has(&repository("acme/shopping")) && !rules.has(&repository("other/acme/shop")));
        let by_id = Service {
            repositories: globs(&["git:repo:acme/api"]),
            ..service("api")
        };
        assert!(ServiceRules::new(&by_id).has(&repository("acme/api")));
    }

    #[test]
    fn a_change_belongs_by_the_files_that_are_known() {
        let part = Service {
            paths: globs(&["services/checkout/**", "*.proto"]),
            ..service("checkout")
        };
        let rules = ServiceRules::new(&part);
        let touches = |files: &[&str], truncated| {
            let files = files.iter().map(ToString::to_string).collect();
            rules.touches(Some(&Paths { files, truncated }))
        };
        assert_eq!(
            touches(&["README.md", "services/checkout/a/b.rs"], false),
            Some(true)
        );
        assert_eq!(touches(&["api/v1/order.proto"], true), Some(true));
        assert_eq!(touches(&["services/checkout-web/a.rs"], false), Some(false));
        assert_eq!(
            touches(&["README.md"], true),
            None,
            "another file may be one of them"
        );
        assert_eq!(touches(&[], false), Some(false));
        assert_eq!(rules.touches(None), None);
        assert_eq!(ServiceRules::new(&service("whole")).touches(None), Some(true));
    }

    #[test]
    fn an_incident_is_whose_label_it_has_and_else_whose_it_can_only_be() {
        let labelled = |id: &str| Service {
            incident_labels: vec![id.to_owned()],
            ..service(id)
        };
        let rules = |services: &[Service]| services.iter().map(ServiceRules::new).collect::<Vec<_>>();
        let mono = repository("acme/shop");
        for (story, one, others, label, expected) in [
            (
                "its label",
                labelled("a"),
                vec![labelled("b")],
                "a",
                Some(Claim::Sole),
            ),
            ("another's label", labelled("a"), vec![labelled("b")], "b", None),
            ("no label", labelled("a"), vec![labelled("b")], "incident", None),
            (
                "no rule, another's label",
                service("a"),
                vec![labelled("b")],
                "b",
                None,
            ),
            (
                "no rule, nobody's label",
                service("a"),
                vec![labelled("b")],
                "incident",
                Some(Claim::Sole),
            ),
            (
                "nothing tells",
                service("a"),
                vec![service("c"), labelled("b")],
                "incident",
                Some(Claim::Shared),
            ),
            (
                "a label beside one without",
                service("a"),
                vec![service("c"), labelled("b")],
                "b",
                None,
            ),
        ] {
            let claim = ServiceRules::new(&one).claim(&mono, &[label.to_owned()], &rules(&others));
            assert_eq!(claim, expected, "{story}");
        }
        let elsewhere = Service {
            incident_repositories: globs(&["acme/incidents"]),
            ..service("a")
        };
        let elsewhere = ServiceRules::new(&elsewhere);
        assert_eq!(elsewhere.claim(&mono, &[], &[]), None);
        assert_eq!(
            elsewhere.claim(&repository("acme/incidents"), &[], &[]),
            Some(Claim::Sole)
        );
        assert_eq!(
            elsewhere.claim(&repository("acme/incidents"), &[], &rules(&[service("b")])),
            Some(Claim::Sole),
            "the other's incidents are reported in its own repositories"
        );
    }
}
