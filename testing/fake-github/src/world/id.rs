//! Handles of objects, and the opaque node ids that the API shows for them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A user, bot or mannequin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActorId(pub(crate) u32);

/// An organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrganizationId(pub(crate) u32);

/// Who owns a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerId {
    /// An organization.
    Organization(OrganizationId),
    /// A user.
    User(ActorId),
}

impl From<OrganizationId> for OwnerId {
    fn from(id: OrganizationId) -> Self {
        Self::Organization(id)
    }
}

impl From<ActorId> for OwnerId {
    fn from(id: ActorId) -> Self {
        Self::User(id)
    }
}

/// A repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryId(pub(crate) u32);

/// A team of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TeamId(pub(crate) u32);

/// A pull request, by its place in its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PullRequestId {
    pub(crate) repository: RepositoryId,
    pub(crate) index: u32,
}

/// An issue, by its place in its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IssueId {
    pub(crate) repository: RepositoryId,
    pub(crate) index: u32,
}

/// A deployment, by its place in its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeploymentId {
    pub(crate) repository: RepositoryId,
    pub(crate) index: u32,
}

/// A release, by its place in its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReleaseId {
    pub(crate) repository: RepositoryId,
    pub(crate) index: u32,
}

macro_rules! repository_of {
    ($($id:ident),+) => { $(
        impl $id {
            /// The repository that it belongs to.
            pub fn repository(self) -> RepositoryId {
                self.repository
            }
        }
    )+ };
}
repository_of!(PullRequestId, IssueId, DeploymentId, ReleaseId);

/// An object that `node(id:)` finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeId {
    /// A user, bot or mannequin.
    Actor(ActorId),
    /// An organization.
    Organization(OrganizationId),
    /// A repository.
    Repository(RepositoryId),
    /// A team.
    Team(TeamId),
    /// A pull request.
    PullRequest(PullRequestId),
    /// An issue.
    Issue(IssueId),
    /// A deployment.
    Deployment(DeploymentId),
    /// A release.
    Release(ReleaseId),
}

impl NodeId {
    /// The opaque text of this id.
    pub fn encode(self) -> String {
        match self {
            Self::Actor(id) => encode("U", id.0, 0),
            Self::Organization(id) => encode("O", id.0, 0),
            Self::Repository(id) => encode("R", id.0, 0),
            Self::Team(id) => encode("T", id.0, 0),
            Self::PullRequest(id) => encode("PR", id.repository.0, id.index.into()),
            Self::Issue(id) => encode("I", id.repository.0, id.index.into()),
            Self::Deployment(id) => encode("DE", id.repository.0, id.index.into()),
            Self::Release(id) => encode("RE", id.repository.0, id.index.into()),
        }
    }

    /// The repository that the object is or belongs to.
    pub fn repository(self) -> Option<RepositoryId> {
        match self {
            Self::Actor(_) | Self::Organization(_) | Self::Team(_) => None,
            Self::Repository(id) => Some(id),
            Self::PullRequest(id) => Some(id.repository),
            Self::Issue(id) => Some(id.repository),
            Self::Deployment(id) => Some(id.repository),
            Self::Release(id) => Some(id.repository),
        }
    }

    /// The object that `text` names; `None` when it is no node id of these kinds. The object may not exist.
    pub fn decode(text: &str) -> Option<Self> {
        let (prefix, rest) = text.split_once('_')?;
        let bytes = URL_SAFE_NO_PAD.decode(rest.strip_prefix("kwDO")?).ok()?;
        let parent = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
        let item = u64::from_be_bytes(bytes.get(4..12)?.try_into().ok()?);
        let (repository, index) = (RepositoryId(parent), u32::try_from(item).ok()?);
        Some(match prefix {
            "U" => Self::Actor(ActorId(parent)),
            "O" => Self::Organization(OrganizationId(parent)),
            "R" => Self::Repository(repository),
            "T" => Self::Team(TeamId(parent)),
            "PR" => Self::PullRequest(PullRequestId { repository, index }),
            "I" => Self::Issue(IssueId { repository, index }),
            "DE" => Self::Deployment(DeploymentId { repository, index }),
            "RE" => Self::Release(ReleaseId { repository, index }),
            _ => return None,
        })
    }
}

/// The opaque node id of `item` within `parent`; the prefix tells the kinds apart.
pub(crate) fn encode(prefix: &str, parent: u32, item: u64) -> String {
    let mut bytes = parent.to_be_bytes().to_vec();
    bytes.extend(item.to_be_bytes());
    format!("{prefix}_kwDO{}", URL_SAFE_NO_PAD.encode(bytes))
}
