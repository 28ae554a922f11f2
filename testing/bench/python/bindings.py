"""What Python adds to the engine; see `testing/bench/src/bin/bindings.rs`, which runs this."""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import polars

import devmetrics as dm

TIMES = 5
QUESTIONS = 5_000


def middle(measure: Callable[[], object], times: int) -> float:
    """The median of some runs, in seconds."""
    took: list[float] = []
    for _ in range(times):
        gc.collect()
        begin = time.perf_counter()
        measure()
        took.append(time.perf_counter() - begin)
    return statistics.median(took)


def resident() -> int:
    """The memory of this process now, in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def peak_beyond(measure: Callable[[], Any]) -> tuple[int, Any]:
    """By how much the memory grew at its most, and what was made."""
    before, most, done = resident(), 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.002):
            most = max(most, resident())

    watching = threading.Thread(target=watch)
    watching.start()
    made = measure()
    done.set()
    watching.join()
    return max(most, resident()) - before, made


async def longest_pause(url: str, when: dict[str, str]) -> float:
    """For how long the loop was held up at most, in ms, while 200 tasks ask."""
    engine = await dm.connect_async(url)
    longest, running = 0.0, True

    async def tick() -> None:
        nonlocal longest
        last = time.perf_counter()
        while running:
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*[engine.report("velocity", bucket="week", **when) for _ in range(200)])
    running = False
    await ticking
    return longest * 1000


def main() -> None:
    url, begin, end = sys.argv[1:4]
    rows, alone, question = int(sys.argv[4]), float(sys.argv[5]), float(sys.argv[6])
    when = {"from_": begin, "to": end}
    engine = dm.connect(url)

    grown, frame = peak_beyond(lambda: polars.DataFrame(engine.facts(**when)))
    assert frame.height == rows, (frame.height, rows)
    size = engine.facts(**when).to_arrow().nbytes
    del frame
    framed = middle(lambda: polars.DataFrame(engine.facts(**when)), TIMES)
    by_dicts = middle(lambda: polars.DataFrame(engine.facts(**when).to_arrow().to_pylist()), 1)

    empty = dm.connect("memory:")
    asked = {"from_": "2026-01-01", "to": "2026-04-01"}
    overhead = middle(lambda: empty.report("velocity", **asked), QUESTIONS) * 1e6 - question
    quarter = {"from_": "90d"}
    pause = asyncio.run(longest_pause("memory:", quarter))

    failed = False
    for what, value, bound, unit in [
        ("into a polars frame, against the engine alone", framed / alone, 1.5, "times"),
        ("into a polars frame, against dicts", framed / by_dicts, 1 / 5, "times"),
        ("memory grown at its most, against the columns' size", grown / size, 2.0, "times"),
        ("a question beyond Rust's", overhead, 20.0, "µs"),
        ("the loop held up at most by 200 tasks", pause, 5.0, "ms"),
    ]:
        verdict = "" if value <= bound else "  BEYOND IT"
        failed |= value > bound
        print(f"{what}: {value:.2f} {unit} (bound {bound:.2f}){verdict}")
    print(f"frame {framed:.2f} s, dicts {by_dicts:.1f} s, columns {size / 2**20:.0f} MiB, grown {grown / 2**20:.0f} MiB")
    sys.exit(failed)


main()
