"""Results: plain lists and dicts that also know their rows, and how to show themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from devmetrics import _html, _plot
from devmetrics.types import Answer

if TYPE_CHECKING:
    import altair

    from devmetrics import _devmetrics

T = TypeVar("T")


class _Rows:
    """What has rows, by the Arrow PyCapsule interface: polars, pandas, pyarrow and DuckDB take it as it is."""

    _told: _devmetrics.Told | _devmetrics.Facts

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._told.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> Any:
        """The rows as a ``pyarrow.Table`` (which must be installed)."""
        import pyarrow  # pyright: ignore[reportMissingTypeStubs]

        return pyarrow.RecordBatchReader.from_stream(self).read_all()


class Rows(list[T], _Rows, Generic[T]):
    """A list of results. As rows: one an item."""

    def __init__(self, told: _devmetrics.Told) -> None:
        super().__init__(json.loads(told.json))
        self._told = told

    def _repr_html_(self) -> str:
        return _html.table(self)


class Answers(Rows[Answer]):
    """A list of answers. As rows: of each answer one of the whole window, and one a bucket."""

    def _repr_html_(self) -> str:
        return _html.answers(self)

    def plot(self) -> altair.FacetChart:
        """The buckets with their intervals as an Altair chart (``pip install devmetrics[plot]``).

        Raises:
            InvalidInputError: No answer is cut into buckets.
        """
        return _plot.answers(self)


class Page(dict[str, Any], _Rows, Generic[T]):
    """A page of a list: its ``items``, and ``next``, the cursor of the next page (None on the last). As rows: one an item."""

    def __init__(self, told: _devmetrics.Told) -> None:
        super().__init__(json.loads(told.json))
        self._told = told

    @property
    def rows(self) -> list[T]:
        """What is on it: ``page["items"]``, typed."""
        items: list[T] = self["items"]
        return items

    @property
    def next(self) -> str | None:
        """The cursor of the next page; None on the last."""
        cursor: str | None = self["next"]
        return cursor

    def _repr_html_(self) -> str:
        return _html.table(self["items"])


class Facts(_Rows):
    """Pull requests as columns, read from the store while they are taken; taken again, they are read again."""

    def __init__(self, facts: _devmetrics.Facts) -> None:
        self._told = facts
