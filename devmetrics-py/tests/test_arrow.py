"""Rows and columns, by the Arrow PyCapsule interface."""

from __future__ import annotations

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.compute
import pytest

from world import WHEN

import devmetrics as dm



def test_answers_are_rows(engine: dm.Engine) -> None:
    answers = engine.report("velocity", team=["web", "api"], bucket="month", **WHEN)
    table = answers.to_arrow()
    assert table.num_rows == 2 * (1 + 3)
    assert table.schema.field("from").type == pyarrow.timestamp("s", tz="UTC")
    months = table.filter(pyarrow.compute.is_valid(table["bucket"]))
    assert pyarrow.compute.sum(months["n"]).as_py() == 89
    frame = polars.DataFrame(table)
    assert frame["bucket"].to_list()[:4] == [None, "2026-01", "2026-02", "2026-03"]


def test_a_page_is_rows(engine: dm.Engine) -> None:
    page = engine.pull_requests(limit=5, **WHEN)
    assert page.to_arrow()["number"].to_pylist() == [row["number"] for row in page.rows]


def test_what_has_no_rows_says_so(engine: dm.Engine) -> None:
    with pytest.raises(dm.UnsupportedError, match="no rows"):
        engine.status().to_arrow()


def test_facts_go_into_every_frame(engine: dm.Engine) -> None:
    facts = engine.facts(**WHEN)
    expected = sum(10 * n for n in range(1, 90))
    # The same facts again and again: each time they are read anew.
    assert polars.DataFrame(facts)["additions"].sum() == expected
    assert pandas.DataFrame.from_arrow(facts)["additions"].sum() == expected
    columns = facts.to_arrow()
    assert pyarrow.compute.sum(columns["additions"]).as_py() == expected
    assert duckdb.connect().execute("select sum(additions) from columns").fetchall() == [(expected,)]


def test_facts_tell_what_lists_do(engine: dm.Engine) -> None:
    facts = polars.DataFrame(engine.facts(team="api", **WHEN)).sort("merged_at", descending=True)
    listed = [row for page in engine.pages("pull_requests", team="api", **WHEN) for row in page.rows]
    assert facts["id"].to_list() == [row["id"] for row in listed]
    instants = facts["merged_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_list()
    assert instants == [row["merged_at"] for row in listed]
    assert set(facts["author"].cast(str)) == {"grace"}
    assert set(facts["repository"].cast(str)) == {"work:repo:web"}


def test_facts_are_asked_for_strictly(engine: dm.Engine) -> None:
    with pytest.raises(dm.InvalidInputError, match="did you mean `open`"):
        engine.facts(opn=True)  # type: ignore[call-arg]
    with pytest.raises(dm.NotFoundError):
        engine.facts(team="nobody")
