# pyright: strict
"""A program of a user's, for type checkers alone: what each call gives is known, and what it takes is checked."""

from __future__ import annotations

from datetime import date
from typing import Any

from typing_extensions import assert_type

import devmetrics as dm
from devmetrics import types


def blocking(engine: dm.Engine) -> None:
    assert_type(engine.report("velocity", team=["web", "api"], from_=date(2026, 1, 1), bucket="week"), dm.Answers)
    for answer in engine.report(policy="primary", clock="working"):
        assert_type(answer["total"]["value"], "float | None")
        assert_type(answer["window"]["from"], str)
    assert_type(engine.explain("cycle_time", limit=5).rows[0]["outcome"] == "counted", bool)
    assert_type(engine.compare("velocity", team=["a", "b"])[0]["effect"], "types.Effect | None")
    assert_type(engine.pull_requests(state="open").next, "str | None")
    assert_type(engine.forecast(items=5)[0]["from"], str)
    assert_type(engine.sync(progress=lambda event: print(event["event"]))["outcome"]["outcome"] == "complete", bool)
    assert_type(engine.facts(open=True), dm.Facts)
    assert_type(engine.call("report"), Any)
    engine.report(team=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    engine.report(bucket="year")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    engine.report(taem="web")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def awaited(engine: dm.AsyncEngine) -> None:
    assert_type(await engine.report("velocity"), dm.Answers)
    assert_type((await engine.teams()).rows, "list[types.Team]")
    assert_type(await engine.quality(), types.Quality)
    async for page in engine.pages("incidents"):
        assert_type(page, "dm.Page[Any]")


class Source:
    """A source by coroutines is one, too."""

    source = "mine"
    description = "mine"

    async def discover(self) -> list[types.Feed]:
        return []

    async def fetch(self, feed: types.Feed, after: str | None) -> types.SourcePage:
        return {"records": [], "next": after or ""}

    def normalize(self, feed: types.Feed, record: types.Record) -> list[types.Fact]:
        return []


engine = dm.connect({"database": "memory:"}, sources=[Source()])
