"""What calls take."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

if sys.version_info >= (3, 11):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

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
