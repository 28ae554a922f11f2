"""Threads, asyncio, Ctrl-C, fork, and the command."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from world import WHEN, Work

import devmetrics as dm
from devmetrics import types


QUESTIONS: list[dict[str, Any]] = [
    {"metrics": metric, "team": team, "bucket": bucket, **WHEN}
    for metric in ("velocity", "cycle_time", "change_lead_time", "deployment_frequency", "pull_request_size")
    for team in ("web", "api")
    for bucket in ("day", "week", "month", None)
]


def test_eight_threads_are_answered_as_one_is(engine: dm.Engine) -> None:
    expected = [engine.report(**question) for question in QUESTIONS]

    def ask(_: int) -> list[dm.Answers]:
        return [engine.report(**question) for question in QUESTIONS]

    with ThreadPoolExecutor(8) as threads:
        for given in threads.map(ask, range(8)):
            assert given == expected


def test_two_hundred_tasks_are_answered_as_one_is(engine: dm.Engine, folder: Path) -> None:
    async def ask() -> list[dm.Answers]:
        asked = await dm.connect_async(folder / "devmetrics.toml")
        return await asyncio.gather(*[asked.report(**QUESTIONS[n % len(QUESTIONS)]) for n in range(200)])

    expected = [engine.report(**question) for question in QUESTIONS]
    for number, given in enumerate(asyncio.run(ask())):
        assert given == expected[number % len(QUESTIONS)]


def test_other_threads_go_on_while_a_call_waits() -> None:
    class Slow(Work):
        def fetch(self, feed: types.Feed, after: str | None) -> types.SourcePage:
            time.sleep(0.3)
            return super().fetch(feed, after)

    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.wait(0.01):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    dm.connect("memory:", sources=[Slow()]).sync(progress=False)
    done.set()
    thread.join()
    assert ticks > 20


def test_a_task_that_is_cancelled_ends(folder: Path) -> None:
    async def cancelled() -> None:
        engine = await dm.connect_async(folder / "devmetrics.toml")
        task = asyncio.create_task(engine.report(**WHEN))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await engine.report("velocity", **WHEN))[0]["total"]["n"] == 89

    asyncio.run(cancelled())


class Endless(Work):
    """Has always more."""

    def fetch(self, feed: types.Feed, after: str | None) -> types.SourcePage:
        read = int(after or 0)
        time.sleep(0.02)
        return {"records": [], "next": str(read + 1), "has_more": True}


def test_a_sync_that_is_cancelled_keeps_what_was_read() -> None:
    async def cancelled() -> None:
        engine = await dm.connect_async("memory:", sources=[Endless()])
        task = asyncio.create_task(engine.sync(progress=False))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        checkpoint = (await engine.status())[0]["feeds"][0]["checkpoint"]
        assert int(checkpoint) > 2
        await asyncio.sleep(0.1)
        assert (await engine.status())[0]["feeds"][0]["checkpoint"] == checkpoint

    asyncio.run(cancelled())


def run(program: str, **more: str) -> subprocess.Popen[str]:
    tests = str(Path(__file__).parent)
    environment = {**os.environ, "PYTHONPATH": tests, **more}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_ends_a_sync_and_keeps_what_was_read(tmp_path: Path) -> None:
    process = run(
        """
        import os, devmetrics as dm
        from test_running import Endless
        engine = dm.connect("sqlite:" + os.environ["DB"], sources=[Endless()])
        try:
            engine.sync(progress=lambda event: print(event["event"], flush=True))
        except KeyboardInterrupt:
            print("interrupted", engine.status()[0]["feeds"][0]["checkpoint"])
        """,
        DB=str(tmp_path / "x.db"),
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("page_committed"):
            break
    process.send_signal(signal.SIGINT)
    told, errors = process.communicate(timeout=20)
    last = told.split()[-2:]
    assert last[0] == "interrupted", told + errors
    assert int(last[1]) >= 1


def test_a_child_is_told_that_its_engine_stayed_behind(folder: Path) -> None:
    process = run(
        """
        import os, sys, devmetrics as dm
        engine = dm.connect(os.environ["CONFIG"])
        engine.teams()
        if os.fork():
            _, status = os.wait()
            engine.teams()
            sys.exit(os.waitstatus_to_exitcode(status))
        try:
            engine.teams()
        except dm.UnsupportedError as error:
            assert "forked" in error.message, error
            assert len(dm.connect(os.environ["CONFIG"]).teams().rows) == 2
            del engine
            sys.exit(7)
        sys.exit(8)
        """,
        CONFIG=str(folder / "devmetrics.toml"),
    )
    told, errors = process.communicate(timeout=20)
    assert process.returncode == 7, told + errors


def command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("devmetrics")
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=60)


def test_the_wheel_installs_the_command(folder: Path, engine: dm.Engine) -> None:
    import json

    told = command("report", "velocity", "--from", "2026-01-01", "--to", "2026-04-01", "--format", "json", folder=folder)
    assert json.loads(told.stdout) == engine.report("velocity", **WHEN)
    wrong = command("report", "--team", "wbe", folder=folder)
    assert (wrong.returncode, "did you mean `web`?" in wrong.stderr) == (3, True)
    assert command("--version", folder=folder).returncode == 0
    assert command("nonsense", folder=folder).returncode == 2
    module = [sys.executable, "-m", "devmetrics", "--version"]
    assert subprocess.run(module, capture_output=True, timeout=60).returncode == 0


def test_a_panic_is_an_error_like_others(engine: dm.Engine) -> None:
    """What waits on a thread of the runtime makes that panic. Only who goes below the package gets there: ``done`` is called on one."""
    native: Any = vars(engine)["_native"]
    facts = engine.facts(**WHEN)
    waits: list[Callable[[], object]] = [lambda: native.ask("status", "{}"), facts.to_arrow, facts.to_arrow]
    raised: queue.SimpleQueue[BaseException] = queue.SimpleQueue()

    def done(given: Any, error: Any) -> None:
        for wait in waits:
            try:
                wait()
            except BaseException as told:
                raised.put(told)

    native.ask("status", "{}", done)
    told = [raised.get(timeout=20) for _ in range(3)]
    defect = "a defect of devmetrics: Cannot start a runtime from within a runtime"
    assert [type(error) for error in told] == [dm.InternalError, pyarrow.ArrowInvalid, dm.InternalError]
    assert all(defect in str(error) for error in told), told
    assert engine.report("velocity", **WHEN)
