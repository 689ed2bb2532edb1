"""Errors that an API of the local AWS returns. Each service makes its own in its `exceptions.py`."""

from __future__ import annotations


class ApiError(Exception):
    """An error as the real service would return it: `code` as its API documents it, HTTP `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class NotEmulated(ApiError):
    """A request that AWS supports and the rehearsal does not. It always fails; the rehearsal never ignores it."""

    def __init__(self, what: str) -> None:
        super().__init__("UnsupportedOperation", f"{what} is not emulated by the rehearsal (see docs/rehearsal.md)")
