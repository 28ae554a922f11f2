"""What notebooks show."""

from __future__ import annotations

import json

import pytest

from world import WHEN

import devmetrics as dm



def test_answers_show_themselves(engine: dm.Engine) -> None:
    shown = engine.report(["velocity", "cycle_time"], team="web", **WHEN)._repr_html_()
    assert shown.startswith("<table>")
    for text in ("<td>velocity</td>", "<td>60</td>", "<td>1.0 d</td>", "<td>web</td>"):
        assert text in shown, shown


def test_what_is_shown_is_escaped(tmp_path: object) -> None:
    from devmetrics import _html

    assert "&lt;script&gt;" in _html.table([{"<script>": "<script>"}])
    assert "and 10 more" in _html.table([{"n": n} for n in range(60)])


def test_lists_and_pages_show_themselves(engine: dm.Engine) -> None:
    assert "acme/web" in engine.status()._repr_html_()
    assert "Change 89" in engine.pull_requests(**WHEN)._repr_html_()
    assert engine.goals()._repr_html_() == "<p>nothing</p>"


def test_answers_are_a_chart(engine: dm.Engine) -> None:
    chart = engine.report(["velocity", "cycle_time"], team=["web", "api"], bucket="week", **WHEN).plot()
    told = json.loads(chart.to_json())
    rows = told["datasets"][told["data"]["name"]]
    assert {(row["metric"], row["of"]) for row in rows} == {
        (metric, team) for metric in ("velocity (pull requests)", "cycle time (days)") for team in ("web", "api")
    }
    assert {row["value"] for row in rows if row["metric"] == "cycle time (days)" and row["n"]} == {1.0}
    with pytest.raises(dm.InvalidInputError, match="bucket"):
        engine.report("velocity", **WHEN).plot()
