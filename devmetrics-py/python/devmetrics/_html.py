"""Results as HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from devmetrics.types import Answer, Interval

SHOWN = 50
"""More rows than that are counted, and not shown."""

_SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def quantity(value: float | None, unit: str) -> str:
    """A value as people read it: durations in their largest span, shares in percent."""
    if value is None:
        return "–"
    if unit == "seconds":
        for seconds, name in _SPANS:
            if abs(value) >= seconds or seconds == 1:
                return f"{value / seconds:.1f} {name}"
    if unit == "ratio":
        return f"{value:.1%}"
    return f"{value:,.4g}"


def _interval(interval: Interval | None, unit: str) -> str:
    if interval is None:
        return ""
    return f"{quantity(interval['low'], unit)} – {quantity(interval['high'], unit)}"


def answers(found: Sequence[Answer]) -> str:
    """A line an answer."""
    rows: list[dict[str, Any]] = []
    for answer in found:
        total, unit = answer["total"], answer["unit"]
        mark = "~" if total["provisional"] else ""
        rows.append(
            {
                "metric": answer["metric"].replace("_", " "),
                "of": answer["scope"].get("id", "all"),
                "value": quantity(total["value"], unit) + mark,
                "95 % interval": _interval(total["interval"], unit),
                "n": total["n"],
                "unit": unit.replace("_", " "),
                "from": answer["window"]["from"],
                "to": answer["window"]["to"],
            }
        )
    return table(rows)


def table(rows: Sequence[Any]) -> str:
    """Rows under the names of their fields."""
    if not rows:
        return "<p>nothing</p>"
    names = list(rows[0])
    head = "".join(f"<th>{escape(str(name))}</th>" for name in names)
    lines = [
        "<tr>" + "".join(f"<td>{_cell(row.get(name))}</td>" for name in names) + "</tr>" for row in rows[:SHOWN]
    ]
    more = f"<p>and {len(rows) - SHOWN} more</p>" if len(rows) > SHOWN else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{more}"


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return escape(", ".join(f"{name}: {part}" for name, part in value.items()))
    if isinstance(value, list):
        return escape(", ".join(str(part) for part in value))
    return escape(str(value))
