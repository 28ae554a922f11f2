"""Errors: one class a kind, all below :class:`Error`."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class Error(Exception):
    """What went wrong in devmetrics: catch it, or one of its subclasses.

    Attributes:
        code: The kind, a stable text: ``invalid_input``, ``not_found``, ... It is the class's own.
        message: What was wrong, where, and what to do.
        cause: What caused it, from the outside in; None where nothing is known.
        near: Names that exist and resemble one that does not, the nearest first.
        retry_at: When the same call may succeed, where a source says so (UTC).
    """

    code: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        cause: str | None = None,
        near: list[str] | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.near: list[str] = near or []
        self.retry_at = retry_at


class InvalidInputError(Error):
    """An argument, a configuration or a roster is wrong: correct it and call again."""

    code = "invalid_input"


class NotFoundError(Error):
    """What was named does not exist; ``near`` has what resembles it."""

    code = "not_found"


class ConflictError(Error):
    """Somebody else changed the same thing first: call again."""

    code = "conflict"


class UnauthenticatedError(Error):
    """No credential, or one that was refused."""

    code = "unauthenticated"


class PermissionDeniedError(Error):
    """The credential or the user may not do this."""

    code = "permission_denied"


class RateLimitedError(Error):
    """A limit of a source; ``retry_at`` says when to come back."""

    code = "rate_limited"


class UnavailableError(Error):
    """A passing fault, such as a lock or a connection: the same call may succeed later."""

    code = "unavailable"


class CorruptError(Error):
    """Data that contradict their own format."""

    code = "corrupt"


class UnsupportedError(Error):
    """Something that this build, or this answer, does not have."""

    code = "unsupported"


class CancelledError(Error):
    """The caller asked to stop."""

    code = "cancelled"


class InternalError(Error):
    """A defect of devmetrics."""

    code = "internal"


for _class in (Error, *Error.__subclasses__()):
    _class.__module__ = "devmetrics"  # where people find it

_CLASSES: dict[str, type[Error]] = {kind.code: kind for kind in Error.__subclasses__()}


def of_code(
    code: str, message: str, cause: str | None, near: list[str], retry_at: datetime | None
) -> Error:
    """The exception of a code; called by the native module."""
    return _CLASSES.get(code, Error)(message, cause=cause, near=near, retry_at=retry_at)
