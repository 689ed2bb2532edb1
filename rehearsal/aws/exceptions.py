"""Errors that an API of the local AWS returns. Each service makes its own in its `exceptions.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An error as the real service would return it: `code` as its API documents it, HTTP `status`.

    `members` (of a JSON body) and `headers` are those that the error's shape has beside its message.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members, self.headers = dict(members or {}), dict(headers or {})


class NotEmulated(ApiError):
    """A request that AWS supports and the rehearsal does not. It always fails; the rehearsal never ignores it."""

    def __init__(self, what: str) -> None:
        super().__init__("UnsupportedOperation", f"{what} is not emulated by the rehearsal (see docs/rehearsal.md)")
