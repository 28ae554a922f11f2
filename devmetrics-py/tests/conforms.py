"""Whether a value is what its type says: every field there, and no other."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from typing_extensions import get_type_hints, is_typeddict


def conforms(value: Any, shape: Any, path: str = "result") -> None:
    """Fails where it is not."""
    origin, arguments = get_origin(shape), get_args(shape)
    if shape is Any:
        return
    if is_typeddict(shape):
        assert isinstance(value, dict), path
        hints = get_type_hints(shape)
        required: set[str] = set(shape.__required_keys__)
        assert required <= set(value) <= set(hints), f"{path}: {set(value) ^ required}"
        for name, part in value.items():
            conforms(part, hints[name], f"{path}.{name}")
    elif origin is list:
        assert isinstance(value, list), path
        for number, item in enumerate(value):
            conforms(item, arguments[0], f"{path}[{number}]")
    elif origin is dict:
        assert isinstance(value, dict), path
        for name, item in value.items():
            conforms(item, arguments[1], f"{path}.{name}")
    elif origin is Literal:
        assert value in arguments, f"{path}: {value!r}"
    elif origin in (Union, UnionType):
        assert any(_fits(value, option, path) for option in arguments), f"{path}: {value!r} is no {shape}"
    else:
        wanted = (int, float) if shape is float else shape
        assert isinstance(value, wanted) and (shape is bool or not isinstance(value, bool)), f"{path}: {value!r}"


def _fits(value: Any, option: Any, path: str) -> bool:
    if option is type(None):
        return value is None
    try:
        conforms(value, option, path)
    except AssertionError:
        # Of something that is there, what is wrong with it is worth telling.
        if is_typeddict(option) and isinstance(value, dict):
            raise
        return False
    return True
