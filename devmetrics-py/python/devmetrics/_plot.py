"""Results as charts (``pip install devmetrics[plot]``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from devmetrics._errors import InvalidInputError, UnsupportedError
from devmetrics.types import Answer

if TYPE_CHECKING:
    import altair

_SPANS = {"seconds": (86_400.0, "days")}
"""By what values are divided to be read, and what they are in then."""


def answers(found: Sequence[Answer]) -> altair.FacetChart:
    """A line a scope with its intervals, one chart a metric."""
    try:
        import altair
    except ImportError as error:
        message = "a chart needs Altair: pip install devmetrics[plot]"
        raise UnsupportedError(message, cause=str(error)) from error
    rows = [row for answer in found for row in _rows(answer)]
    if not rows:
        message = "no answer is cut into buckets: ask for them by `bucket`"
        raise InvalidInputError(message)
    base = altair.Chart({"values": rows}).encode(
        x=altair.X("from:T", title=None), color=altair.Color("of:N", title=None)
    )
    band = base.mark_area(opacity=0.2).encode(y=altair.Y("low:Q", title=None), y2="high:Q")
    line = base.mark_line(point=True).encode(
        y=altair.Y("value:Q", title=None),
        tooltip=["of:N", "bucket:N", "value:Q", "low:Q", "high:Q", "n:Q", "partial:N"],
    )
    chart = altair.layer(band, line).properties(width=480, height=160)
    faceted: altair.FacetChart = chart.facet(row=altair.Row("metric:N", title=None, sort=None))
    faceted = faceted.resolve_scale(y="independent")
    return faceted


def _rows(answer: Answer) -> list[dict[str, Any]]:
    by, unit = _SPANS.get(answer["unit"], (1.0, answer["unit"].replace("_", " ")))

    def scaled(value: float | None) -> float | None:
        return None if value is None else value / by

    def row(bucket: Any) -> dict[str, Any]:
        interval = bucket["interval"] or {"low": None, "high": None}
        return {
            "metric": f"{answer['metric'].replace('_', ' ')} ({unit})",
            "of": answer["scope"].get("id", "all"),
            "bucket": bucket["label"],
            "from": bucket["window"]["from"],
            "value": scaled(bucket["value"]),
            "low": scaled(interval["low"]),
            "high": scaled(interval["high"]),
            "n": bucket["n"],
            "partial": bucket["partial"],
        }

    return [row(bucket) for bucket in answer["buckets"]]
