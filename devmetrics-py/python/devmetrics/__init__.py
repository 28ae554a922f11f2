"""Team velocity and the DORA metrics, from a git clone or a hosted repository: exact, with sample sizes and intervals.

    >>> import devmetrics as dm
    >>> engine = dm.connect({"database": "memory:"})
    >>> answers = engine.report("velocity", from_="2026-01-01", to="2026-04-01")
    >>> answers[0]["unit"], answers[0]["total"]["value"]
    ('pull_requests', None)

The value is None, and not 0, because nothing was collected. :func:`connect` names what it is collected from.
"""

from devmetrics import types
from devmetrics._engine import AsyncEngine, Engine, connect, connect_async
from devmetrics._errors import (
    CancelledError,
    ConflictError,
    CorruptError,
    Error,
    InternalError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedError,
)
from devmetrics._results import Answers, Facts, Page, Rows
from devmetrics._sources import SourceProvider

__all__ = [
    "Answers",
    "AsyncEngine",
    "CancelledError",
    "ConflictError",
    "CorruptError",
    "Engine",
    "Error",
    "Facts",
    "InternalError",
    "InvalidInputError",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "RateLimitedError",
    "Rows",
    "SourceProvider",
    "UnauthenticatedError",
    "UnavailableError",
    "UnsupportedError",
    "connect",
    "connect_async",
    "types",
]
