"""What was collected, how, and what is doubtful in it."""

import sys
from typing import Literal

from devmetrics.types.answers import Window

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict


class Feed(TypedDict):
    """What is read from a source."""

    source: str
    scope: str
    kind: str


class FeedState(TypedDict):
    """How far a feed has been read."""

    feed: Feed
    checkpoint: str
    covered_from: str | None
    covered_to: str | None
    quarantined: int
    stored: int
    total: int | None


class Certificate(TypedDict):
    """How completely a repository or an organization has been collected."""

    scope: str
    name: str
    complete: bool
    known_to: str | None
    missing: list[str]
    feeds: list[FeedState]


class MatchCoverage(TypedDict):
    """How the changes of a repository were matched to their deployments."""

    repository: str
    name: str
    ancestry: int
    declared: int
    time: int
    baseline: int
    untracked: int
    pending: int


class Example(TypedDict):
    """One of what was found."""

    id: str
    name: str | None
    detail: str


class Affected(TypedDict):
    """Metrics that suffer, and how."""

    metrics: list[str]
    how: str


class Finding(TypedDict):
    """Something wrong or doubtful."""

    kind: str
    count: int
    out_of: int
    examples: list[Example]
    affects: list[Affected]
    remedy: str


class Quality(TypedDict):
    """What is wrong or doubtful in what was collected."""

    window: Window
    findings: list[Finding]


class Settled(TypedDict):
    """What was derived anew."""

    reattributed: int
    rematched: int


class Applied(TypedDict):
    """What became of rows."""

    inserted: int
    updated: int
    unchanged: int
    removed: int


class Imported(Applied):
    """What became of records."""

    records: int
    created_repositories: list[str]
    dry_run: bool
    settled: Settled


class Usage(TypedDict):
    """What a run used up of what its sources allow."""

    requests: int
    points: int
    points_left: int | None
    points_limit: int | None
    reset_at: str | None


class FeedReport(TypedDict):
    """What a sync read of one feed."""

    feed: Feed
    pages: int
    records: int
    swept: int
    quarantined: int
    applied: Applied
    restarted: bool
    caught_up: bool
    complete: bool


class PartialReason(TypedDict):
    """Why a sync left something."""

    reason: Literal["stopped", "deadline", "rate_limited", "degraded"]
    reset_at: NotRequired[str]


class Outcome(TypedDict):
    """How a sync ended."""

    outcome: Literal["complete", "partial"]
    reason: NotRequired[PartialReason]


class SyncFailure(TypedDict):
    """Something that a sync could not do."""

    source: str
    feed: Feed | None
    kind: str
    message: str
    retry_at: str | None


class SyncReport(TypedDict):
    """What a sync did."""

    outcome: Outcome
    feeds: list[FeedReport]
    unchanged: int
    roster_changed: bool
    settled: Settled
    failures: list[SyncFailure]
    usage: Usage


class Event(TypedDict):
    """What a sync tells while it runs."""

    event: Literal["feed_started", "page_committed", "waiting", "feed_finished", "settling"]
    feed: NotRequired[Feed | None]
    records: NotRequired[int]
    remaining: NotRequired[int | None]
    history: NotRequired[bool]
    usage: NotRequired[Usage]
    until: NotRequired[str]
    reason: NotRequired[str]
