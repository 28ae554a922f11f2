"""Collecting from sources that are written in Python."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timezone
from typing import Any

import pytest
from conforms import conforms

from world import Work

import devmetrics as dm
from devmetrics import types



def engine_of(source: Any) -> dm.Engine:
    return dm.connect("memory:", sources=[source])


def test_progress_is_told_in_order() -> None:
    events: list[types.Event] = []
    engine = engine_of(Work())
    report = engine.sync(progress=events.append)
    kinds = [event["event"] for event in events]
    assert kinds == ["feed_started", *["page_committed"] * 3, "feed_finished", "settling"]
    assert [event.get("records") for event in events if event["event"] == "page_committed"] == [40, 80, 90]
    conforms(report, types.SyncReport)
    conforms(events, list[types.Event])
    again = engine.sync(progress=False)
    assert again["feeds"][0]["records"] == 0


def test_tqdm_shows_the_progress(capsys: pytest.CaptureFixture[str]) -> None:
    engine_of(Work()).sync(progress=True)
    assert "work:repo:web changes" in capsys.readouterr().err


def test_a_callback_that_fails_ends_the_sync() -> None:
    def fail(event: types.Event) -> None:
        raise ValueError("enough")

    with pytest.raises(dm.Error, match="enough"):
        engine_of(Work()).sync(progress=fail)


def test_a_record_that_cannot_be_understood_is_set_aside() -> None:
    class Doubtful(Work):
        def normalize(self, feed: types.Feed, record: types.Record) -> list[types.Fact]:
            facts = super().normalize(feed, record)
            if record["id"] == "7":
                raise ValueError("seven")
            if record["id"] == "8":
                facts[0]["value"]["adittions"] = 1
            if record["id"] == "9":
                del facts[0]["value"]["title"]
            return facts

    report = engine_of(Doubtful()).sync(progress=False)
    assert report["feeds"][0]["quarantined"] == 3
    assert report["feeds"][0]["applied"]["inserted"] > 80


def test_an_exception_of_a_source_is_an_error_of_its_kind() -> None:
    until = datetime(2100, 1, 1, tzinfo=timezone.utc)

    class Limited(Work):
        def fetch(self, feed: types.Feed, after: str | None) -> types.SourcePage:
            raise dm.RateLimitedError("come back", retry_at=until)

    class Defective(Work):
        def discover(self) -> list[types.Feed]:
            raise KeyError("feeds")

    outcome = engine_of(Limited()).sync(progress=False)["outcome"]
    reason = {"reason": "rate_limited", "reset_at": "2100-01-01T00:00:00Z"}
    assert outcome == {"outcome": "partial", "reason": reason}
    failure = engine_of(Defective()).sync(progress=False)["failures"][0]
    assert failure["kind"] == "internal"
    assert "KeyError: 'feeds'" in failure["message"]


class Awaited(Work):
    """The same by coroutines."""

    def __init__(self) -> None:
        self.threads: set[str] = set()

    async def discover(self) -> list[types.Feed]:  # type: ignore[override]
        return super().discover()

    async def fetch(self, feed: types.Feed, after: str | None) -> types.SourcePage:  # type: ignore[override]
        self.threads.add(threading.current_thread().name)
        await asyncio.sleep(0)
        return super().fetch(feed, after)


def test_a_source_may_be_of_coroutines() -> None:
    assert engine_of(Awaited()).sync(progress=False)["feeds"][0]["records"] == 90


def test_coroutines_of_a_source_run_in_the_loop_of_the_engine() -> None:
    async def collected() -> types.SyncReport:
        source = Awaited()
        engine = await dm.connect_async("memory:", sources=[source])
        report = await engine.sync(progress=False)
        assert source.threads == {threading.current_thread().name}
        return report

    assert asyncio.run(collected())["feeds"][0]["records"] == 90


def test_normalize_is_no_coroutine() -> None:
    class Wrong(Work):
        async def normalize(self, feed: types.Feed, record: types.Record) -> list[types.Fact]:  # type: ignore[override]
            return []

    with pytest.raises(dm.InvalidInputError, match="coroutine"):
        engine_of(Wrong())
