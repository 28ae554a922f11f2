"""The work of :mod:`world`, collected."""

from __future__ import annotations

from pathlib import Path

import pytest
from world import TEAMS, Work

import devmetrics as dm


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration and its database, filled."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "teams.toml").write_text(TEAMS)
    (folder / "devmetrics.toml").write_text('database = "sqlite:metrics.db"\nroster = "teams.toml"\n')
    report = dm.connect(folder / "devmetrics.toml", sources=[Work()]).sync(progress=False)
    assert report["outcome"] == {"outcome": "complete"}, report
    assert report["feeds"][0]["quarantined"] == 0, report
    return folder


@pytest.fixture(scope="session")
def engine(folder: Path) -> dm.Engine:
    return dm.connect(folder / "devmetrics.toml")
