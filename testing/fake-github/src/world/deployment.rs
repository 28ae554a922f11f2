//! Deployments and their statuses.

use super::{ActorId, Commit, DeploymentId, Kept, NodeId, RepositoryId, Text, Timestamp, World};

/// The state of a deployment or of one of its statuses. A status is never `Abandoned`, `Active` or `Destroyed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentState {
    /// Not updated for 30 minutes.
    Abandoned,
    /// Running.
    Active,
    /// Destroyed.
    Destroyed,
    /// An error happened.
    Error,
    /// It failed.
    Failure,
    /// Replaced by a later success.
    Inactive,
    /// In progress.
    InProgress,
    /// Pending.
    Pending,
    /// Queued.
    Queued,
    /// Succeeded, and shown as `Active` for the deployment itself.
    Success,
    /// Waiting for an approval.
    Waiting,
}

/// One status of a deployment.
#[derive(Debug, Clone)]
pub struct DeploymentStatus {
    /// The numeric id, unique in the world.
    pub database_id: u64,
    /// The state.
    pub state: DeploymentState,
    /// When it was set.
    pub created_at: Timestamp,
    /// The environment, if the status named one.
    pub environment: Option<Text>,
    /// The URL of the environment.
    pub environment_url: Option<Text>,
    /// The URL of the log.
    pub log_url: Option<Text>,
    /// A description.
    pub description: Option<Text>,
}

/// A deployment.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// The numeric id.
    pub database_id: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or its statuses last changed.
    pub updated_at: Timestamp,
    /// The environment of now.
    pub environment: Text,
    /// The environment that it was made for.
    pub original_environment: Text,
    /// The commit deployed.
    pub commit: Commit,
    /// The branch, tag or commit asked for.
    pub git_ref: Text,
    /// The task, mostly `deploy`.
    pub task: Text,
    /// A description.
    pub description: Option<Text>,
    /// The state of now.
    pub state: DeploymentState,
    /// An environment that will go away, such as a preview.
    pub transient: bool,
    /// An environment that end users use.
    pub production: bool,
    /// Who deployed.
    pub creator: ActorId,
    /// Statuses, oldest first.
    pub statuses: Vec<DeploymentStatus>,
}

/// What a deployment is made with.
#[derive(Debug, Clone)]
pub struct NewDeployment {
    /// The environment.
    pub environment: Text,
    /// The commit.
    pub commit: Commit,
    /// The branch, tag or commit asked for.
    pub git_ref: Text,
    /// The task.
    pub task: Text,
    /// An environment that will go away.
    pub transient: bool,
    /// An environment that end users use.
    pub production: bool,
}

impl NewDeployment {
    /// A deployment of `commit` from `main`; the environment called `production` is a production one.
    pub fn new(environment: &str, commit: Commit) -> Self {
        Self {
            environment: environment.into(),
            commit,
            git_ref: "main".into(),
            task: "deploy".into(),
            transient: false,
            production: environment == "production",
        }
    }
}

impl DeploymentId {
    /// The opaque node id.
    pub fn node_id(self) -> String {
        NodeId::Deployment(self).encode()
    }
}

impl World {
    /// Makes a deployment, pending and without statuses.
    pub fn deploy(&mut self, repository: RepositoryId, creator: ActorId, new: NewDeployment) -> DeploymentId {
        let (database_id, now) = (self.new_id(), self.now);
        let repo = self.repository_mut(repository);
        repo.empty = false;
        repo.deployments.push(Kept::new(
            Deployment {
                database_id,
                created_at: now,
                updated_at: now,
                original_environment: new.environment.clone(),
                environment: new.environment,
                commit: new.commit,
                git_ref: new.git_ref,
                task: new.task,
                description: None,
                state: DeploymentState::Pending,
                transient: new.transient,
                production: new.production,
                creator,
                statuses: Vec::new(),
            },
            now,
        ));
        DeploymentId {
            repository,
            index: repo.deployments.len() as u32 - 1,
        }
    }

    /// The deployment as it is now.
    pub fn deployment(&self, id: DeploymentId) -> &Deployment {
        self.repository(id.repository).deployments[id.index as usize].current()
    }

    /// Adds a status. A success makes earlier non-transient deployments of the same environment inactive, which GitHub
    /// does by a status of their own.
    pub fn set_deployment_status(&mut self, id: DeploymentId, state: DeploymentState) {
        self.add_status(id, state, None);
        if state != DeploymentState::Success {
            return;
        }
        let deployment = self.deployment(id);
        let (environment, transient) = (deployment.environment.clone(), deployment.transient);
        let active = self
            .repository_mut(id.repository)
            .active_deployments
            .entry(environment)
            .or_default();
        let (earlier, mut later): (Vec<u32>, Vec<u32>) = active.iter().partition(|index| **index < id.index);
        if !transient {
            later.push(id.index);
        }
        *active = later;
        for index in earlier {
            let other = DeploymentId {
                repository: id.repository,
                index,
            };
            if self.deployment(other).state == DeploymentState::Active {
                self.add_status(other, DeploymentState::Inactive, None);
            }
        }
    }

    /// Adds a status that moves the deployment to another environment.
    pub fn move_deployment(&mut self, id: DeploymentId, state: DeploymentState, environment: &str) {
        self.add_status(id, state, Some(environment.into()));
    }

    fn add_status(&mut self, id: DeploymentId, state: DeploymentState, environment: Option<Text>) {
        let (database_id, now, oldest_kept) = (self.new_long_id(), self.now, self.oldest_kept());
        let repo = self.repository_mut(id.repository);
        let deployment = repo.deployments[id.index as usize].change(now, oldest_kept);
        if let Some(environment) = &environment {
            deployment.environment = environment.clone();
        }
        deployment.statuses.push(DeploymentStatus {
            database_id,
            state,
            created_at: now,
            environment: Some(deployment.environment.clone()),
            environment_url: None,
            log_url: None,
            description: None,
        });
        deployment.updated_at = now;
        deployment.state = match state {
            DeploymentState::Success => DeploymentState::Active,
            other => other,
        };
    }
}
