"""Engines: blocking, and for asyncio. Their calls stand here once; `_engine.pyi` says what each of them gives."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from devmetrics import _devmetrics, _progress
from devmetrics._arguments import encoded
from devmetrics._results import Answers, Facts, Page, Rows
from devmetrics._sources import adapted


def connect(opening=None, *, sources=()):
    """Opens an engine.

    Args:
        opening: Where its facts and settings are: the URL of a database (``sqlite:///metrics.db``, four slashes for an absolute
            path; ``postgresql://user@host/database``; ``memory:``), the path of a configuration file, or a dict with the fields of
            ``devmetrics.toml``. Default: ``devmetrics.toml`` of this folder, where there is one, and the environment.
        sources: Sources of your own to collect from, beside those of the configuration: see :class:`SourceProvider`.

    Returns:
        The engine, its database brought up to date. It may be used by any number of threads.

    Raises:
        InvalidInputError: The configuration is wrong; the message names the key.
        NotFoundError: There is no such file.
        UnavailableError: The database does not answer.

    >>> engine = dm.connect({"database": "memory:", "zone": "Europe/Berlin"})
    >>> dm.connect({"databse": "memory:"})
    Traceback (most recent call last):
    devmetrics.InvalidInputError: unknown key `databse`; did you mean `database`?...
    """
    return Engine(_devmetrics.Session.open(_opening(opening), adapted(sources, None)))


async def connect_async(opening=None, *, sources=()):
    """Opens an engine for asyncio: as :func:`connect`, and its calls are coroutines.

    >>> async def velocity():
    ...     engine = await dm.connect_async("memory:")
    ...     return (await engine.report("velocity"))[0]["unit"]
    >>> asyncio.run(velocity())
    'pull_requests'
    """
    found = adapted(sources, asyncio.get_running_loop())
    native = await _awaited(lambda done: _devmetrics.Session.open(_opening(opening), found, done))
    return AsyncEngine(native)


def _opening(opening):
    if opening is None:
        return ""
    if isinstance(opening, Mapping):
        return encoded(opening)
    return os.fspath(opening)


class _Calls:
    """The calls of both engines. Common arguments, beside those that a call tells of:

    * whose: one of ``team``, ``service``, ``repository``, ``organization`` (a name, or a list of names), ``all_teams`` and
      ``all_services``; none of them for everything,
    * when: ``from_`` and ``to`` (a day, an instant or a span back from now: ``"90d"``), ``zone``,
    * how: ``policy``, ``clock``, ``direct_pushes``.

    An argument that is None is as if not given. Every call raises :class:`InvalidInputError` for an argument that it does not have
    or cannot read, :class:`NotFoundError` for a team, a repository, a service, an owner or a metric that does not exist, and
    :class:`UnavailableError` while the database is away.
    """

    def __init__(self, native: _devmetrics.Session) -> None:
        self._native = native

    def _ask(self, call: str, arguments: Mapping[str, Any], shape: Callable[[_devmetrics.Told], Any]) -> Any:
        raise NotImplementedError

    def call(self, name, /, **arguments):
        """Calls by name: also what is newer than this package's methods. Gives plain lists and dicts.

        >>> engine.call("metrics", metrics="velocity")[0]["id"]
        'velocity'
        """
        return self._ask(name, arguments, _plain)

    def metrics(self, metrics=None):
        """What metrics there are: those of these names, or all of them.

        >>> engine.metrics("lead_time")[0]["unit"]
        'seconds'
        """
        return self._ask("metrics", {"metrics": metrics}, Rows)

    def report(self, metrics=None, *, bucket=None, **question):
        """The values of metrics, with their intervals and sample sizes.

        Args:
            metrics: Ids or aliases. Default: velocity, cycle time and the five DORA metrics.
            bucket: Cuts the window: ``"day"``, ``"week"``, ``"month"`` or ``"quarter"``.
            **question: Whose, when, how.

        Returns:
            Of each of whom is asked about, in order, an answer for each metric. Durations are in seconds: see ``unit``.

        >>> answers = engine.report("velocity", team="web", from_="2026-01-05", to="2026-02-02", bucket="week")
        >>> answers[0]["total"]["value"], [bucket["n"] for bucket in answers[0]["buckets"]]
        (19.0, [5, 5, 4, 5])
        >>> engine.report("velocity", team="wbe")
        Traceback (most recent call last):
        devmetrics.NotFoundError: no team `wbe`; did you mean `web`?
        """
        return self._ask("report", {"metrics": metrics, "bucket": bucket, **question}, Answers)

    def compare(self, metric, *, before_from=None, before_to=None, **question):
        """How others differ from the first: teams, repositories, services; or one from itself at another time.

        Args:
            metric: Its id or alias.
            before_from: Of one that is compared with itself: when the other time begins.
            before_to: And when it ends.
            **question: Whose (two or more, or one), when, how.

        Returns:
            One comparison for each but the first, with the effect, its interval and its probability by chance.

        >>> found = engine.compare("velocity", team=["web", "api"], from_="2026-01-01", to="2026-04-01")
        >>> found[0]["second"]["id"], found[0]["direction"]
        ('api', 'worsening')
        """
        arguments = {"metric": metric, "before_from": before_from, "before_to": before_to, **question}
        return self._ask("compare", arguments, Rows)

    def explain(self, metric, **question):
        """What a value is made of: every sample, counted or left out and why, in order of time.

        Args:
            metric: Its id or alias.
            **question: Whose (one), when, how; ``limit`` and ``cursor``.

        Returns:
            A page of evidence; values are in the metric's unit.

        >>> page = engine.explain("velocity", team="api", from_="2026-01-01", to="2026-04-01", limit=2)
        >>> [item["outcome"] for item in page.rows], page.next is None
        (['counted', 'counted'], False)
        """
        return self._ask("explain", {"metric": metric, **question}, Page)

    def trend(self, metrics=None, *, bucket=None, **question):
        """Which way metrics go, and how evidently. Arguments as of :meth:`report`; by week where no bucket is named.

        >>> engine.trend("velocity", from_="2026-01-01", to="2026-04-01")[0]["direction"]
        'no_evidence'
        """
        return self._ask("trend", {"metrics": metrics, "bucket": bucket, **question}, Rows)

    def anomalies(self, metrics=None, *, bucket=None, **question):
        """The buckets that are unlike the others, over all that is asked about together. Arguments as of :meth:`trend`.

        >>> engine.anomalies("velocity", from_="2026-01-01", to="2026-04-01")["found"]
        []
        """
        return self._ask("anomalies", {"metrics": metrics, "bucket": bucket, **question}, _plain)

    def forecast(self, metric=None, *, items=None, by=None, seed=None, **question):
        """By when so many are done, or how many are done by then, drawn from the weeks behind.

        Args:
            metric: One that is counted. Default: velocity.
            items: How many.
            by: By the end of which day, or by which instant.
            seed: The same number draws the same again. Default: 0.
            **question: Whose, when (default: the last 26 weeks), how.

        Returns:
            What is likely, with 50, 85 and 95 %.

        >>> engine.forecast(items=20)[0]["question"]
        'items'
        """
        arguments = {"metric": metric, "items": items, "by": by, "seed": seed, **question}
        return self._ask("forecast", arguments, Rows)

    def goals(self):
        """How the goals of the configuration go.

        >>> engine.goals()
        []
        """
        return self._ask("goals", {}, Rows)

    def quality(self, **window):
        """What is wrong or doubtful in what was collected, which metrics suffer and what to do. Arguments: when.

        >>> sorted(engine.quality(from_="2026-01-01", to="2026-04-01"))
        ['findings', 'window']
        """
        return self._ask("quality", window, _plain)

    def status(self):
        """How completely each repository or owner was collected, and up to when.

        >>> engine.status()[0]["name"]
        'acme/web'
        """
        return self._ask("status", {}, Rows)

    def match_coverage(self, **scope):
        """How changes were matched to the deployments that shipped them, for each repository. Arguments: whose (one), when.

        >>> engine.match_coverage(from_="2026-01-01", to="2026-04-01")[0]["name"]
        'acme/web'
        """
        return self._ask("match_coverage", scope, Rows)

    def teams(self, **page):
        """The teams of the roster. Arguments: ``limit`` and ``cursor``.

        >>> [team["id"] for team in engine.teams().rows]
        ['api', 'web']
        """
        return self._ask("teams", page, Page)

    def members(self, team, *, at=None):
        """Who belongs to a team, and from when to when; ``at``: those at this day or instant.

        >>> engine.members("web")[0]["person"]
        'ada'
        """
        return self._ask("members", {"team": team, "at": at}, Rows)

    def repositories(self, **page):
        """What was collected. Arguments: ``limit`` and ``cursor``.

        >>> engine.repositories().rows[0]["name"]
        'acme/web'
        """
        return self._ask("repositories", page, Page)

    def pull_requests(self, *, state=None, **arguments):
        """Pull requests, newest first: those merged in the window (or ``state="open"``: open, and opened in it).

        Other arguments: whose (one), when, ``limit`` and ``cursor``. For many of them :meth:`facts` is the way.

        >>> engine.pull_requests(from_="2026-01-01", to="2026-04-01", limit=1).rows[0]["title"]
        'Change 89'
        """
        return self._ask("pull_requests", {"state": state, **arguments}, Page)

    def deployments(self, *, environment=None, **arguments):
        """Deployments by when they finished, newest first. Other arguments: as of :meth:`pull_requests`.

        >>> engine.deployments(from_="2026-01-01", to="2026-04-01").rows[0]["reference"]
        'v80'
        """
        return self._ask("deployments", {"environment": environment, **arguments}, Page)

    def incidents(self, **arguments):
        """Incidents by when they began, newest first. Arguments: as of :meth:`pull_requests`.

        >>> engine.incidents(from_="2026-01-01", to="2026-04-01").rows
        []
        """
        return self._ask("incidents", arguments, Page)

    def import_deployments(self, records, **how):
        """Takes deployments over that nobody collects: all of them, or none. The same again changes nothing.

        Args:
            records: Dicts with ``id``, ``repository``, ``status``, ``finished_at``, ``commit`` and others (docs/import.md).
            **how: ``source``, ``complete``, ``repositories``, ``since``, ``create_repositories``, ``dry_run``.

        Raises:
            InvalidInputError: A record is wrong; the message names it and the field.
            ConflictError: Another import of the source was faster.

        >>> engine.import_deployments([], dry_run=True)["records"]
        0
        """
        return self._ask("import_deployments", {"records": list(records), **how}, _plain)

    def import_incidents(self, records, **how):
        """Takes incidents over that nobody collects, as :meth:`import_deployments` does deployments.

        >>> engine.import_incidents([], dry_run=True)["records"]
        0
        """
        return self._ask("import_incidents", {"records": list(records), **how}, _plain)


class Engine(_Calls):
    __doc__ = f"""An engine whose calls block their thread, and nothing else: of :func:`connect`.

    {_Calls.__doc__}"""

    def _ask(self, call: str, arguments: Mapping[str, Any], shape: Callable[[_devmetrics.Told], Any]) -> Any:
        return shape(self._native.ask(call, encoded(arguments)))

    def facts(self, *, open=None, **scope):
        """The pull requests that metrics are computed from, as Arrow columns: for millions of them.

        They are read while they are taken, and no row is a Python object on its way: ``polars.DataFrame(engine.facts())``,
        ``pandas.DataFrame.from_arrow(engine.facts())``, ``engine.facts().to_arrow()``.

        Args:
            open: Whether those that were open within the window come too, beside those that were merged in it.
            **scope: Whose (one), when.

        >>> engine.facts(from_="2026-01-01", to="2026-04-01").to_arrow().num_rows
        89
        """
        return Facts(self._native.facts(encoded({"open": open, **scope})))

    def sync(self, *, progress=None, **how):
        """Collects what is new from every source.

        Ctrl-C ends it after the current page, with everything before it kept, and raises KeyboardInterrupt.

        Args:
            progress: What is told of it while it runs: a function of an event, True for tqdm, False for nothing. Default: tqdm,
                where that is installed and somebody looks.
            **how: ``repositories``, ``concurrency``, ``patience`` and ``deadline`` (seconds).

        Returns:
            What was read. What failed at a source is in ``failures``, and the rest was done all the same.

        >>> dm.connect("memory:").sync()
        Traceback (most recent call last):
        devmetrics.InvalidInputError: there is no source to collect from: name one in the configuration, or hand one over
        """
        tell, end = _progress.listener(progress)
        try:
            return _plain(self._native.sync(encoded(how), tell))
        finally:
            end()

    def pages(self, name, /, **arguments):
        """The pages of a call that gives pages, one after the other.

        >>> [len(page.rows) for page in engine.pages("pull_requests", from_="2026-01-01", to="2026-04-01", limit=50)]
        [50, 39]
        """
        cursor = arguments.pop("cursor", None)
        while True:
            page = self._ask(name, {**arguments, "cursor": cursor}, Page)
            yield page
            cursor = page.next
            if cursor is None:
                return


class AsyncEngine(_Calls):
    __doc__ = f"""An engine whose calls are coroutines: of :func:`connect_async`. They run beside the loop, and never hold it up.

    {_Calls.__doc__}"""

    async def _ask(self, call: str, arguments: Mapping[str, Any], shape: Callable[[_devmetrics.Told], Any]) -> Any:
        text = encoded(arguments)
        return shape(await _awaited(lambda done: self._native.ask(call, text, done)))

    async def facts(self, *, open=None, **scope):
        """As :meth:`Engine.facts`. The rows are read by who takes them, on its thread."""
        text = encoded({"open": open, **scope})
        return Facts(await _awaited(lambda done: self._native.facts(text, done)))

    async def sync(self, *, progress=None, **how):
        """As :meth:`Engine.sync`. Cancelled, it ends after the current page, and is waited for until then."""
        tell, end = _progress.listener(progress)
        text = encoded(how)
        try:
            return _plain(await _awaited(lambda done: self._native.sync(text, tell, done), patient=True))
        finally:
            end()

    async def pages(self, name, /, **arguments):
        """As :meth:`Engine.pages`, for ``async for``."""
        cursor = arguments.pop("cursor", None)
        while True:
            page = await self._ask(name, {**arguments, "cursor": cursor}, Page)
            yield page
            cursor = page.next
            if cursor is None:
                return


def _plain(told: _devmetrics.Told) -> Any:
    return json.loads(told.json)


async def _awaited(begin, *, patient=False):
    """What is begun by a function of a callback; ``patient``: where it is cancelled, its end is waited for."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def done(result: Any, error: BaseException | None) -> None:
        # A loop that is closed waits for nothing any more.
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    task = begin(done)
    try:
        return await (asyncio.shield(future) if patient else future)
    except asyncio.CancelledError:
        task.cancel()
        if patient:
            await asyncio.wait([future])
        raise
