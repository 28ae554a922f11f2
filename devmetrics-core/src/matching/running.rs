use std::collections::{BTreeMap, BTreeSet};

use crate::model::DeploymentStatus;

/// What runs in each environment of a repository, told deployment by deployment.
#[derive(Debug, Default)]
pub struct Running<'a> {
    /// The commit that runs there, and all that ran.
    environments: BTreeMap<&'a str, (Option<&'a str>, BTreeSet<&'a str>)>,
}

/// What ran before a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before<'a> {
    /// The commit of the success before it in the same environment.
    pub running: Option<&'a str>,
    /// Whether its own commit was deployed there with success before.
    pub again: bool,
}

impl<'a> Running<'a> {
    /// What ran before the next deployment; they come in the order of their finish, equal ones in that of their ids.
    pub fn next(&mut self, environment: &'a str, commit: &'a str, status: DeploymentStatus) -> Before<'a> {
        let (running, ran) = self.environments.entry(environment).or_default();
        let before = Before {
            running: *running,
            again: ran.contains(commit),
        };
        if status == DeploymentStatus::Success {
            *running = Some(commit);
            ran.insert(commit);
        }
        before
    }
}
