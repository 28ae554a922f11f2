"""What metrics answer."""

import sys
from typing import Literal, TypeAlias

from devmetrics.types.arguments import Bucket, Clock, Policy

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict

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
