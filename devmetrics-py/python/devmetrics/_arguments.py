"""Arguments as the native module takes them: JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from devmetrics._errors import InvalidInputError


def encoded(arguments: Mapping[str, Any]) -> str:
    """The arguments as JSON. ``from_`` is ``from``, which Python cannot write; None is as if not given."""
    if "from_" in arguments:
        arguments = {"from" if name == "from_" else name: value for name, value in arguments.items()}
    return to_json(arguments)


def _plain(value: object) -> object:
    """What JSON has for a value that it does not know."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            message = f"{value!r} has no zone: give it one, or write a day"
            raise InvalidInputError(message)
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, os.PathLike):
        return os.fspath(value)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, (set, frozenset)):
        return sorted(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    message = f"{type(value).__name__} is no value of an argument: {value!r}"
    raise InvalidInputError(message)


# Made once: it is asked for at every call.
to_json = json.JSONEncoder(default=_plain).encode
"""A value as JSON."""
