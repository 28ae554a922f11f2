//! Commits.

use apollo_compiler::resolvers::ResolveInfo;

use super::actor::ActorView;
use super::context::{Answer, Context, View, instant, leaf, optional, rfc3339, window};
use super::query::unknown;
use crate::page::Key;
use crate::world::{ActorId, Commit, Oid, RepositoryId, Timestamp, encode};

/// `Commit`.
#[derive(Clone, Copy)]
pub(super) struct CommitView<'w> {
    repository: RepositoryId,
    oid: Oid,
    at: Timestamp,
    commit: Option<&'w Commit>,
}

impl<'w> CommitView<'w> {
    pub(super) fn new(repository: RepositoryId, commit: &'w Commit) -> Self {
        Self {
            repository,
            oid: commit.oid,
            at: commit.committed_at,
            commit: Some(commit),
        }
    }

    /// A commit of which the world knows no more than when it was made.
    pub(super) fn bare(repository: RepositoryId, oid: Oid, at: Timestamp) -> Self {
        Self {
            repository,
            oid,
            at,
            commit: None,
        }
    }
}

impl<'w> View<'w> for CommitView<'w> {
    fn type_name(&self) -> &'static str {
        "Commit"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let Self {
            repository,
            oid,
            at,
            commit,
        } = *self;
        let headline = commit.map_or("", |commit| &commit.headline);
        let body = commit.map_or("", |commit| &commit.body);
        match info.field_name() {
            "id" => leaf(encode("C", repository.0, oid.number())),
            "oid" => leaf(oid.to_string()),
            "commitUrl" => leaf(commit_url(context, repository, oid)),
            "abbreviatedOid" => leaf(oid.to_string()[..7].to_owned()),
            "authoredDate" => instant(commit.map_or(at, |commit| commit.authored_at)),
            "committedDate" => instant(at),
            "messageHeadline" => leaf(headline),
            "messageBody" => leaf(body),
            "message" if body.is_empty() => leaf(headline),
            "message" => leaf(format!("{headline}\n\n{body}")),
            "additions" | "deletions" => leaf(1),
            "author" => context.nullable(commit.map(|commit| GitActor::author(commit, commit.authored_at))),
            "committer" => {
                context.nullable(commit.map(|commit| GitActor::author(commit, commit.committed_at)))
            }
            "authors" => {
                let rows: Vec<_> = commit.map(GitActor::all).into_iter().flatten().collect();
                let rows = rows
                    .into_iter()
                    .enumerate()
                    .map(|(index, author)| (Key::number(index as i64, 0), author));
                context.connection("GitActor", window(info)?.page(rows.collect(), false))
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

/// The page that shows a git object.
pub(super) fn commit_url(context: &Context<'_>, repository: RepositoryId, oid: Oid) -> String {
    let name = context.world.name_with_owner(repository);
    format!("https://github.com/{name}/commit/{oid}")
}

/// `GitActor`.
#[derive(Clone, Copy)]
pub(super) struct GitActor<'w> {
    name: &'w str,
    email: &'w str,
    user: Option<ActorId>,
    at: Timestamp,
}

impl<'w> GitActor<'w> {
    /// Somebody with an account.
    pub(super) fn person(context: &'w Context<'w>, id: ActorId, at: Timestamp) -> Self {
        let actor = context.world.actor(id);
        Self {
            name: &actor.name,
            email: &actor.email,
            user: Some(id),
            at,
        }
    }

    fn author(commit: &'w Commit, at: Timestamp) -> Self {
        Self {
            name: &commit.author_name,
            email: &commit.author_email,
            user: commit.author,
            at,
        }
    }

    /// The author, and those whom `Co-authored-by` trailers name.
    fn all(commit: &'w Commit) -> Vec<Self> {
        let trailers = commit.body.lines().filter_map(|line| {
            let (name, email) = line.strip_prefix("Co-authored-by: ")?.split_once(" <")?;
            Some(Self {
                name,
                email: email.trim_end_matches('>'),
                user: None,
                at: commit.authored_at,
            })
        });
        std::iter::once(Self::author(commit, commit.authored_at))
            .chain(trailers)
            .collect()
    }
}

impl<'w> View<'w> for GitActor<'w> {
    fn type_name(&self) -> &'static str {
        "GitActor"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        match info.field_name() {
            "name" => leaf(self.name),
            "email" => leaf(self.email),
            "date" => optional(Some(rfc3339(self.at))),
            "user" => {
                let by_email = || {
                    let mut actors = context.world.actors();
                    actors
                        .find(|(_, actor)| &*actor.email == self.email)
                        .map(|(id, _)| id)
                };
                let user = self.user.or_else(by_email);
                context.nullable(user.and_then(|id| ActorView::living_user(context, id)))
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}
