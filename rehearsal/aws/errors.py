"""What an API of the local AWS answers when it refuses."""

from __future__ import annotations


class ApiError(Exception):
    """An error as the real service would answer it: `code` as its API documents it, HTTP `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class NotEmulated(ApiError):
    """AWS can do it, the rehearsal cannot: said loudly, never passed over in silence."""

    def __init__(self, what: str) -> None:
        super().__init__("UnsupportedOperation", f"{what} is not emulated by the rehearsal (see docs/rehearsal.md)")
