"""Sources written in Python."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

from devmetrics._arguments import to_json
from devmetrics._errors import InvalidInputError
from devmetrics.types import Fact, Feed, Record, SourcePage


class SourceProvider(Protocol):
    """A source of facts of your own: hand it to :func:`devmetrics.connect`.

    It gives pages of raw records, each with the checkpoint that follows it, and says what a record means. It keeps nothing, and it
    never sleeps: a limit is a :class:`devmetrics.RateLimitedError` with its ``retry_at``. ``discover`` and ``fetch`` may be
    coroutines; an engine of :func:`devmetrics.connect_async` runs them in its loop. Calls may come from any thread.

    Attributes:
        source: The kind of source, as its feeds name it: small letters, digits, ``-`` and ``_``.
        description: What people call it; shows up in errors, so it holds no secret.
    """

    source: str
    description: str

    def discover(self) -> Sequence[Feed] | Awaitable[Sequence[Feed]]:
        """The feeds of this source: the same ones in the same order.

        ``scope`` is the id of a repository, and ``kind`` says what is read: ``pull_requests`` (``changes`` where merged ones alone are
        known), ``deployments``, ``incidents``. How far these were read says of which time something is known: with a feed of another
        kind alone, every value would be None.
        """
        ...

    def fetch(self, feed: Feed, after: str | None) -> SourcePage | Awaitable[SourcePage]:
        """The page that follows the checkpoint ``after``; None starts at the beginning.

        Going on from any page's checkpoint never skips a record; it may repeat one. When ``has_more`` is false, the checkpoint is
        where the next run starts.
        """
        ...

    def normalize(self, feed: Feed, record: Record) -> Sequence[Fact]:
        """What a record means. The same record always gives the same facts; an exception sets the record aside."""
        ...


class Adapter:
    """A source as the native module calls it."""

    def __init__(self, source: SourceProvider, loop: asyncio.AbstractEventLoop | None) -> None:
        self._source = source
        self._loop = loop

    def call(self, method: str, arguments: str) -> str:
        """Calls a method with a JSON object of arguments; gives JSON."""
        given: Any = getattr(self._source, method)(**json.loads(arguments))
        if inspect.isawaitable(given):
            given = self._wait(given)
        return to_json(given)

    def _wait(self, awaitable: Awaitable[Any]) -> Any:
        async def waited() -> Any:
            return await awaitable

        if self._loop is None:
            return asyncio.run(waited())
        return asyncio.run_coroutine_threadsafe(waited(), self._loop).result()


def adapted(
    sources: Sequence[SourceProvider], loop: asyncio.AbstractEventLoop | None
) -> list[tuple[str, str, Adapter]]:
    """The sources as the native module takes them."""
    for source in sources:
        if inspect.iscoroutinefunction(source.normalize):
            message = f"`normalize` of {source.description} is a coroutine: it is pure and waits for nothing"
            raise InvalidInputError(message)
    return [(source.source, source.description, Adapter(source, loop)) for source in sources]
