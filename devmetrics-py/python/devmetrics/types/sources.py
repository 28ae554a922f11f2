"""What a source of one's own gives."""

import sys
from typing import Any, Literal

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict


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
