"""Shapes of arguments and of results, for type checkers: at run time they are plain lists and dicts.

Instants are RFC 3339 texts in UTC. A duration is in seconds, and the name of a field or the ``unit`` of an answer says so. What
is not known is None, and never 0.
"""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict

# --- Arguments

Names: TypeAlias = str | Sequence[str]
"""One name, or several."""
When: TypeAlias = str | date | datetime
"""A day, an instant (with its zone), or a span back from now such as ``"90d"``."""
Bucket: TypeAlias = Literal["day", "week", "month", "quarter"]
Policy: TypeAlias = Literal["full", "fractional", "primary"]
Clock: TypeAlias = Literal["wall", "working"]
State: TypeAlias = Literal["merged", "open"]


class WindowArguments(TypedDict, total=False):
    """Of when."""

    from_: When | None
    """The first day or instant. Default: 90 days before ``to``."""
    to: When | None
    """The first day or instant that is no longer in it. Default: now."""
    zone: str | ZoneInfo | None
    """The IANA zone that days and weeks are cut in. Default: the team's, else the configuration's."""


class ScopeArguments(WindowArguments, total=False):
    """Whose and of when: one of these six, or none of them for everything."""

    team: Names | None
    """Teams by id, each with those below it, or ``"unassigned"``."""
    service: Names | None
    """Services of the configuration."""
    repository: Names | None
    """Repositories by name or id."""
    organization: Names | None
    """All repositories of an owner."""
    all_teams: bool | None
    """Every team of the roster."""
    all_services: bool | None
    """Every service of the configuration."""


class QuestionArguments(ScopeArguments, total=False):
    """Whose, of when and how."""

    policy: Policy | None
    """How a change counts whose author is in several teams. Default: the configuration's."""
    clock: Clock | None
    """What durations are measured by. Default: ``"wall"``, all the time that passes."""
    direct_pushes: bool | None
    """Whether commits that were pushed without a pull request count."""


class PageArguments(TypedDict, total=False):
    """Which page of a list."""

    limit: int | None
    """How many items a page has. Default: 100."""
    cursor: str | None
    """Where the page begins: ``next`` of the page before."""


class ListArguments(ScopeArguments, PageArguments, total=False):
    """Which facts are listed."""


class EvidenceArguments(QuestionArguments, PageArguments, total=False):
    """Of which value the evidence is listed."""


class ImportArguments(TypedDict, total=False):
    """How records are taken over."""

    source: str | None
    """Who tells: an id is unique within its source. Default: ``"import"``."""
    complete: bool | None
    """Whether the records are all that the source has of the repositories that they name: what is not among them goes."""
    repositories: Names | None
    """More repositories that the records speak of, even where they have nothing to tell."""
    since: When | None
    """From when on the source tells everything. Default: from its first record on."""
    create_repositories: bool | None
    """Whether a repository that does not exist is made."""
    dry_run: bool | None
    """Whether everything is checked and counted, and nothing is written."""


class SyncArguments(TypedDict, total=False):
    """How is collected."""

    repositories: Names | None
    """Only these, by name or id."""
    concurrency: int | None
    """How many repositories are read side by side: 1 to 64. Default: 4."""
    patience: float | None
    """The longest wait for a source that asks to wait, in seconds. Default: 60."""
    deadline: float | None
    """After how many seconds the run ends, with what was read kept."""


# --- What is common to results

Direction: TypeAlias = Literal["improving", "worsening", "no_evidence", "unknown"]
Better: TypeAlias = Literal["higher", "lower"]
ScopeKind: TypeAlias = Literal["all", "team", "repository", "service", "organization"]

Window = TypedDict("Window", {"from": str, "to": str})
"""A half-open span of time."""


class Scope(TypedDict):
    """Whose."""

    scope: ScopeKind
    id: NotRequired[str]
    """Which; missing for ``all``."""


class Interval(TypedDict):
    """An interval of 95 % confidence."""

    low: float
    high: float


class Bounds(TypedDict):
    """An interval that may be open."""

    low: float | None
    high: float | None


class Quantiles(TypedDict):
    """A distribution: quantiles of type 7 with their intervals, in the answer's unit."""

    p50: float
    p75: float
    p90: float
    p95: float
    mean: float
    p50_interval: Interval | None
    p75_interval: Interval | None
    p90_interval: Interval | None
    p95_interval: Interval | None


class Censored(TypedDict):
    """Samples of which only a part is known; ages are in seconds at the end of what was collected."""

    pending: int
    oldest_pending_seconds: int | None
    censored_left: int
    open: int
    oldest_open_seconds: int | None


class Subject(Scope):
    """What a judgement is about."""

    metric: str
    definition: str
    unit: str
    better: Better
    clock: Clock


# --- Metrics


class Definition(TypedDict):
    """What a metric is."""

    id: str
    name: str
    aliases: list[str]
    unit: str
    unit_label: str | None
    better: Better
    version: int
    """Raised whenever the same facts would give another value."""
    summary: str
    example: str | None
    source: str


class Value(TypedDict):
    """A statistic with what is needed to judge it."""

    value: float | None
    """The headline: the median of a duration, a count, a rate; None where it is unknown."""
    interval: Interval | None
    n: int
    """The number of samples."""
    quantiles: Quantiles | None
    excluded: dict[str, int]
    """What was left out, by reason."""
    censored: Censored
    skew_clamped: int
    estimated: int
    low_sample: bool
    provisional: bool
    """Whether it can still change."""


class BucketValue(Value):
    """The value of a bucket."""

    label: str
    """Its name: ``2026-W14``, ``2026-04-01``, ``2026-04``, ``2026-Q2``."""
    window: Window
    partial: bool


Coverage = TypedDict(
    "Coverage",
    {
        "from": str | None,
        "deployments_from": str | None,
        "to": str | None,
        "team_from": str | None,
        "incidents_from": str | None,
        "pull_requests_from": str | None,
    },
)
"""What is known of which time."""


class Answer(TypedDict):
    """The answer of a metric."""

    metric: str
    definition: str
    unit: str
    """What values are in: ``seconds``, ``pull_requests``, ``deployments_per_day``, ``ratio`` and others."""
    better: Better
    scope: Scope
    window: Window
    coverage: Coverage
    zone: str
    policy: Policy
    clock: Clock
    total: Value
    """Over the whole window."""
    bucket: Bucket | None
    buckets: list[BucketValue]
    beside: dict[str, float | None]
    """Further figures by name."""


class Because(TypedDict):
    """Why a deployment counts as failed."""

    rule: str
    cause: str
    remedy: str | None


class Named(TypedDict):
    """What people call a pull request."""

    number: int | None
    title: str
    url: str | None
    author: str | None


class Evidence(TypedDict):
    """One sample behind a value, and why it is in it or not."""

    item: str
    outcome: Literal["counted", "excluded", "pending", "censored_left", "open"]
    value: NotRequired[float]
    skew_clamped: NotRequired[bool]
    reason: NotRequired[str]
    age_seconds: NotRequired[int]
    at: str
    begin: str | None
    end: str | None
    matched: str | None
    note: str | None
    because: Because | None
    pull_request: Named | None


class Compared(Scope):
    """One side of a comparison."""

    window: Window
    n: int
    value: float | None
    low_sample: bool


class Effect(TypedDict):
    """A difference with its interval and its probability by chance."""

    kind: Literal["shift", "ratio", "difference"]
    estimate: float | None
    interval: Bounds
    p: float


class Comparison(TypedDict):
    """How the second side differs from the first."""

    metric: str
    definition: str
    unit: str
    clock: Clock
    first: Compared
    second: Compared
    effect: Effect | None
    unknown_because: str | None
    direction: Direction
    low_sample: bool


class Slope(TypedDict):
    """How steeply a metric goes."""

    per_bucket: float
    interval: Interval
    at_first: float


class Trend(Subject):
    """Which way a metric goes, and how evidently."""

    window: Window
    bucket: Bucket
    buckets: int
    left_out: dict[str, int]
    direction: Direction
    slope: Slope | None
    p: float | None
    unknown_because: str | None


class Anomaly(Subject):
    """A bucket unlike the others."""

    label: str
    window: Window
    value: float
    n: int
    usual: float
    side: Literal["high", "low"]
    direction: Direction
    z: float | None
    p: float
    adjusted_p: float


class Judged(Subject):
    """How much of a series was judged."""

    tested: int
    left_out: dict[str, int]
    unjudged: dict[str, int]


class Anomalies(TypedDict):
    """What was found unlike the rest, the most improbable first."""

    found: list[Anomaly]
    tested: int
    series: list[Judged]


class Likely(TypedDict):
    """What is reached with some confidence."""

    confidence: int
    at: str | None
    items: float | None


# Its begin is called `from`, which Python cannot write in a class.
_ForecastFrom = TypedDict("_ForecastFrom", {"from": str})


class Forecast(Subject, _ForecastFrom):
    """What is likely, drawn from the weeks behind."""

    question: Literal["items", "by"]
    items: NotRequired[int]
    by: NotRequired[str]
    weeks: int
    left_out: dict[str, int]
    draws: int
    likely: list[Likely] | None
    unknown_because: str | None


class Goal(Scope):
    """A goal of the configuration, and how it goes."""

    metric: str
    statistic: Literal["value", "p50", "p75", "p90", "p95"]
    target: float
    by: str
    days: int
    zone: str
    policy: Policy
    clock: Clock
    definition: str
    unit: str
    state: Literal["met", "on_track", "at_risk", "unknown"]
    unknown_because: str | None
    window: Window
    value: float | None
    interval: Interval | None
    n: int
    provisional: bool
    direction: Direction
    expected: float | None


# --- Facts and teams


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


# --- Collection


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


# --- Sources


class Record(TypedDict):
    """A record as a source gives it, before it means anything."""

    id: str
    payload: Any


class SourcePage(TypedDict):
    """Some records of a feed, and where the next ones begin."""

    records: list[Record]
    next: str
    """The checkpoint after them: where the next page, and the next run, begin."""
    has_more: NotRequired[bool]
    caught_up: NotRequired[bool]
    restart: NotRequired[bool]
    covered_from: NotRequired[str | None]
    """From when on the feed is known completely."""
    remaining: NotRequired[int | None]
    total: NotRequired[int | None]
    swept: NotRequired[int]
    """How many of the records changed without a trace, and were found by comparing."""


class Fact(TypedDict):
    """Something that a source says is so; the fields of ``value`` are those of the Rust library's ``model``."""

    fact: Literal[
        "repository",
        "pull_request",
        "deployment",
        "deployment_removed",
        "incident",
        "incident_removed",
    ]
    value: Any
