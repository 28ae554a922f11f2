"""The examples in docstrings are true."""

from __future__ import annotations

import asyncio
import doctest
import importlib
import pkgutil

import pytest

import devmetrics as dm

MODULES = [module.name for module in pkgutil.iter_modules(dm.__path__) if module.name != "__main__"]


@pytest.mark.parametrize("name", ["__init__", *MODULES])
def test_the_examples_of_a_module_are_true(engine: dm.Engine, name: str) -> None:
    module = dm if name == "__init__" else importlib.import_module(f"devmetrics.{name}")
    given = {"dm": dm, "asyncio": asyncio, "engine": engine}
    tried = doctest.testmod(module, extraglobs=given, optionflags=doctest.ELLIPSIS)
    assert tried.failed == 0


def test_every_call_has_an_example() -> None:
    for engine in (dm.Engine, dm.AsyncEngine):
        for name, call in vars(engine.__mro__[1]).items():
            if not name.startswith("_"):
                assert ">>>" in (call.__doc__ or ""), name
