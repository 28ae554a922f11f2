use super::*;

/// A feed as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedState {
    /// Which.
    pub feed: Feed,
    /// How far it has been read.
    pub checkpoint: Checkpoint,
    /// From when on it is known completely.
    pub covered_from: Option<DateTime<Utc>>,
    /// When a run last read it to its end; `None` while the first run is not done.
    pub covered_to: Option<DateTime<Utc>>,
    /// How many of its records are set aside.
    pub quarantined: u64,
    /// How many facts the store has of it.
    pub stored: u64,
    /// How many records the source said last that it has; `None` when it never said.
    pub total: Option<u64>,
}

impl FeedState {
    /// The checkpoint of every feed that no source reads: what is in it was imported.
    pub const IMPORTED: &str = "imported";

    /// Whether no source reads the feed.
    pub fn is_imported(&self) -> bool {
        self.checkpoint.0 == Self::IMPORTED
    }
}

/// A repository as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryState {
    /// The repository.
    pub repository: Repository,
    /// Moves whenever a change or deployment of it comes, changes or goes.
    pub revision: i64,
    /// Whether changes or deployments came in since they were matched.
    pub unmatched: bool,
}

/// A pull request with what was derived for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredPullRequest {
    /// The fact.
    pub pull_request: PullRequest,
    /// Whether a bot wrote it.
    pub bot: bool,
    /// The teams' shares, ordered by team.
    pub shares: Vec<Share>,
    /// The deployment that first shipped it.
    pub deployment: Option<Id<Deployment>>,
    /// Its finish.
    pub deployed_at: Option<DateTime<Utc>>,
    /// How it was matched, or why not.
    pub matched: Option<DeploymentMatch>,
}

/// The samples of some repositories.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SamplePage {
    /// The samples, in any order.
    pub samples: Vec<PullRequestSample>,
    /// The last of these repositories; `None` where this was the last page.
    pub next: Option<Id<Repository>>,
}
