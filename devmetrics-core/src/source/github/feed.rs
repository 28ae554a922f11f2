use crate::Id;
use crate::model::{Feed, Repository};

/// The source's name in feeds.
pub(super) const SOURCE: &str = "github";

/// What a feed carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The repositories of an owner.
    Repositories,
    /// The teams of an organization.
    Teams,
    /// The pull requests of a repository.
    PullRequests,
    /// The deployments of a repository.
    Deployments,
    /// The releases of a repository.
    Releases,
    /// The tags of a repository.
    Tags,
    /// The issues of a repository that have an incident's label.
    Issues,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Repositories,
        Self::Teams,
        Self::PullRequests,
        Self::Deployments,
        Self::Releases,
        Self::Tags,
        Self::Issues,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Repositories => "repositories",
            Self::Teams => "teams",
            Self::PullRequests => "pull_requests",
            Self::Deployments => "deployments",
            Self::Releases => "releases",
            Self::Tags => "tags",
            Self::Issues => "issues",
        }
    }

    /// The kind of `feed`; `None` for a feed of another source or version.
    pub(super) fn of(feed: &Feed) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| feed.source == SOURCE && kind.as_str() == feed.kind)
    }

    /// The feed of this kind about `scope`.
    pub(super) fn feed(self, scope: &str) -> Feed {
        Feed {
            source: SOURCE.to_owned(),
            scope: scope.to_owned(),
            kind: self.as_str().to_owned(),
        }
    }
}

/// The scope of an owner's feeds. Logins are compared without regard to case.
pub(super) fn owner_scope(login: &str) -> String {
    format!("github:owner:{}", login.to_lowercase())
}

/// The scope of a repository's feeds, which is also the repository's id. `number` never changes, whatever the name does.
pub(super) fn repository_scope(number: &str) -> Id<Repository> {
    Id::new(format!("github:repo:{number}"))
}
