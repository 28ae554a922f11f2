"""What is shown of a sync while it runs."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from typing import Any

from devmetrics.types import Event

Listener = Callable[[Event], object]


def listener(wanted: bool | Listener | None) -> tuple[Callable[[str], object] | None, Callable[[], object]]:
    """What the engine tells its events to, and what ends it."""
    if callable(wanted):
        told = wanted
        return lambda event: told(json.loads(event)), lambda: None
    if wanted is None:
        wanted = importlib.util.find_spec("tqdm") is not None and _is_watched()
    if not wanted:
        return None, lambda: None
    bars = _Bars()
    return lambda event: bars.show(json.loads(event)), bars.close


def _is_watched() -> bool:
    """Whether somebody looks: at a terminal or a notebook."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules


class _Bars:
    """A bar a feed (``pip install devmetrics[progress]``)."""

    def __init__(self) -> None:
        from tqdm.auto import tqdm

        self._tqdm = tqdm
        self._bars: dict[tuple[str, str, str], Any] = {}

    def show(self, event: Event) -> None:
        feed = event.get("feed")
        if feed is None:
            return
        key = (feed["source"], feed["scope"], feed["kind"])
        if event["event"] == "feed_started":
            self._bars[key] = self._tqdm(desc=f"{feed['scope']} {feed['kind']}", unit="", leave=False)
        elif event["event"] == "page_committed" and key in self._bars:
            bar, read, remaining = self._bars[key], event.get("records", 0), event.get("remaining")
            bar.total = None if remaining is None else read + remaining
            bar.update(read - bar.n)
        elif event["event"] == "feed_finished" and key in self._bars:
            self._bars.pop(key).close()

    def close(self) -> None:
        for bar in self._bars.values():
            bar.close()
