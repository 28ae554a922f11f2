"""The scenario of every front-end (`testing/parity/README.md`): what comes back is the same as everywhere."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import devmetrics as dm
from devmetrics import _devmetrics
from devmetrics._arguments import encoded

PARITY = Path(__file__).parents[2] / "testing" / "parity"
SCENARIO: dict[str, Any] = json.loads((PARITY / "scenario.json").read_text())
NOW = re.compile(r'("coverage":\{[^}]*?"to":)"[^"]*"')


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parity")
    for name, text in SCENARIO["files"].items():
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", "shop"], cwd=folder, check=True)
    history = (PARITY / "history.txt").read_bytes()
    subprocess.run(["git", "-C", "shop", "fast-import", "--quiet"], cwd=folder, input=history, check=True)
    origin = "https://example.org/acme/shop"
    subprocess.run(["git", "-C", "shop", "remote", "add", "origin", origin], cwd=folder, check=True)
    engine = dm.connect(folder / "devmetrics.toml")
    engine.sync(progress=False)
    engine.import_incidents(SCENARIO["incidents"], source="pager")
    return folder / "devmetrics.toml"


def test_the_text_is_the_same_to_the_byte(configuration: Path) -> None:
    native = _devmetrics.Session.open(str(configuration), [])
    for call in SCENARIO["calls"]:
        told = native.ask(call["call"], encoded(call["arguments"]))
        assert NOW.sub(r'\1"NOW"', told.json) == call["result"], call


def masked(value: Any) -> Any:
    """The value with the present as NOW."""
    return json.loads(NOW.sub(r'\1"NOW"', json.dumps(value, separators=(",", ":"))))


def test_blocking_calls_give_the_same_values(configuration: Path) -> None:
    engine = dm.connect(configuration)
    for call in SCENARIO["calls"]:
        assert masked(getattr(engine, call["call"])(**renamed(call["arguments"]))) == json.loads(call["result"]), call


def test_coroutines_give_the_same_values(configuration: Path) -> None:
    async def ask() -> list[Any]:
        engine = await dm.connect_async(configuration)
        asked = [getattr(engine, call["call"])(**renamed(call["arguments"])) for call in SCENARIO["calls"]]
        return list(await asyncio.gather(*asked))

    for call, given in zip(SCENARIO["calls"], asyncio.run(ask()), strict=True):
        assert masked(given) == json.loads(call["result"]), call


def renamed(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments as Python writes them."""
    return {"from_" if name == "from" else name: value for name, value in arguments.items()}
