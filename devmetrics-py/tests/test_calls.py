"""What calls give, in which shape, and what they refuse."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conforms import conforms

from world import WHEN

import devmetrics as dm
from devmetrics import _devmetrics, types


SHAPES: list[tuple[str, dict[str, Any], Any]] = [
    ("metrics", {}, list[types.Definition]),
    ("report", {**WHEN, "bucket": "week"}, list[types.Answer]),
    ("report", {**WHEN, "team": ["web", "api"]}, list[types.Answer]),
    ("compare", {**WHEN, "metric": "cycle_time", "team": ["web", "api"]}, list[types.Comparison]),
    ("explain", {**WHEN, "metric": "change_lead_time"}, list[types.Evidence]),
    ("explain", {**WHEN, "metric": "velocity", "direct_pushes": True}, list[types.Evidence]),
    ("trend", {**WHEN}, list[types.Trend]),
    ("anomalies", {**WHEN}, types.Anomalies),
    ("forecast", {"items": 5}, list[types.Forecast]),
    ("forecast", {"by": "2030-01-01", "to": "2026-04-01"}, list[types.Forecast]),
    ("goals", {}, list[types.Goal]),
    ("quality", {**WHEN}, types.Quality),
    ("status", {}, list[types.Certificate]),
    ("match_coverage", {**WHEN}, list[types.MatchCoverage]),
    ("teams", {}, list[types.Team]),
    ("members", {"team": "web"}, list[types.Member]),
    ("repositories", {}, list[types.Repository]),
    ("pull_requests", {**WHEN}, list[types.PullRequest]),
    ("deployments", {**WHEN}, list[types.Deployment]),
    ("incidents", {}, list[types.Incident]),
    ("import_deployments", {"records": [], "dry_run": True}, types.Imported),
    ("import_incidents", {"records": [], "dry_run": True}, types.Imported),
]


@pytest.mark.parametrize(("name", "arguments", "shape"), SHAPES)
def test_results_have_the_shape_that_their_type_says(
    engine: dm.Engine, name: str, arguments: dict[str, Any], shape: Any
) -> None:
    given = getattr(engine, name)(**arguments)
    conforms(given["items"] if isinstance(given, dm.Page) else given, shape)


def test_every_call_is_a_method_with_a_shape() -> None:
    assert {name for name, _, _ in SHAPES} == set(_devmetrics.calls())


def test_goals_have_the_shape_that_their_type_says(tmp_path: Path) -> None:
    goal = {"team": "unassigned", "metric": "velocity", "target": 2, "by": "2030-01-01"}
    engine = dm.connect({"database": f"sqlite:{tmp_path}/x.db", "goal": [goal]})
    conforms(list(engine.goals()), list[types.Goal])
    assert engine.goals()[0]["state"] == "unknown"


def test_days_instants_and_zones_are_arguments(engine: dm.Engine) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    answers = engine.report("velocity", from_=date(2026, 1, 5), to=datetime(2026, 2, 2, tzinfo=timezone.utc), zone=berlin)
    assert answers[0]["window"] == {"from": "2026-01-04T23:00:00Z", "to": "2026-02-02T00:00:00Z"}
    with pytest.raises(dm.InvalidInputError, match="has no zone"):
        engine.report(from_=datetime(2026, 1, 5))
    with pytest.raises(dm.InvalidInputError, match="no value of an argument"):
        engine.report(object())  # type: ignore[arg-type]


def test_an_engine_is_opened_in_several_ways(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    fields = {"database": "sqlite:///metrics.db", "roster": None}
    for opening in [None, "devmetrics.toml", folder / "devmetrics.toml", fields, "sqlite:///metrics.db", f"sqlite:///{folder}/metrics.db"]:
        assert dm.connect(opening).repositories().rows[0]["name"] == "acme/web", opening
    with pytest.raises(dm.NotFoundError, match="no file"):
        dm.connect("nowhere.toml")


def test_every_code_has_its_exception() -> None:
    classes = {kind.code: kind for kind in dm.Error.__subclasses__()}
    assert list(classes) == _devmetrics.codes()
    for kind in classes.values():
        assert getattr(dm, kind.__name__) is kind


def test_an_error_says_what_was_wrong_and_why(engine: dm.Engine, tmp_path: Path) -> None:
    with pytest.raises(dm.NotFoundError) as missing:
        engine.report(team="wbe")
    assert missing.value.near == ["web"]
    assert missing.value.code == "not_found"
    assert missing.value.message == str(missing.value)
    with pytest.raises(dm.InvalidInputError, match="did you mean `team`"):
        engine.report(taem="web")  # type: ignore[call-arg]
    with pytest.raises(dm.InvalidInputError, match="there are: anomalies, compare"):
        engine.call("nothing")
    broken = tmp_path / "broken.db"
    broken.write_text("no database" * 1000)
    with pytest.raises(dm.Error) as failed:
        dm.connect(f"sqlite:{broken}")
    assert failed.value.code in ("corrupt", "unavailable")
    assert failed.value.cause
    with pytest.raises(dm.Error) as secret:
        dm.connect("mysql://me:s3cret@host/db")
    assert "s3cret" not in f"{secret.value} {secret.value.cause}"


def test_pages_are_walked(engine: dm.Engine) -> None:
    numbers = [row["number"] for page in engine.pages("pull_requests", **WHEN, limit=20) for row in page.rows]
    assert numbers == list(range(89, 0, -1))


def test_results_are_plain(engine: dm.Engine) -> None:
    answers = engine.report("velocity", **WHEN)
    assert isinstance(answers, list)
    assert json.loads(json.dumps(answers)) == answers
    page = engine.teams()
    assert isinstance(page, dict)
    assert page["items"] == page.rows
