"""Facts and teams, as lists tell them."""

import sys
from typing import Literal

if sys.version_info >= (3, 11):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict


class PullRequest(TypedDict):
    """A pull request and what became of it. No address of a person is told."""

    id: str
    repository: str
    number: int | None
    title: str
    url: str | None
    author: str | None
    bot: bool
    base_branch: str
    landing: str | None
    first_commit_at: str | None
    opened_at: str | None
    ready_at: str | None
    first_review_at: str | None
    approved_at: str | None
    merged_at: str | None
    closed_at: str | None
    deployed_at: str | None
    deployment: str | None
    matched: str | None
    draft: bool
    labels: list[str]
    commits: int | None
    additions: int | None
    deletions: int | None
    changed_files: int | None
    comments: int | None
    review_rounds: int | None
    teams: list[str]


class Deployment(TypedDict):
    """A version brought to an environment."""

    id: str
    repository: str
    environment: str
    status: Literal["success", "failure"]
    finished_at: str
    reference: str
    commit: str
    creator: str | None
    url: str | None


class Incident(TypedDict):
    """Something that went wrong for users."""

    id: str
    repository: str
    number: int | None
    title: str
    url: str | None
    author: str | None
    labels: list[str]
    started_at: str
    resolved_at: str | None
    caused_by: list[str]


class Team(TypedDict):
    """A team."""

    id: str
    name: str
    zone: str | None
    parents: list[str]


class Member(TypedDict):
    """A person's place in a team for a time."""

    person: str | None
    team: str
    valid_from: str | None
    valid_to: str | None
    primary: bool


class Repository(TypedDict):
    """A repository."""

    id: str
    name: str
    default_branch: str | None
    url: str | None
    partial_history: bool
    archived: bool
    unreachable_since: str | None
