"""The errors of the published API: HTTP status, message, code."""

from __future__ import annotations

from typing import Any

CODES = {
    400: "badRequest",
    401: "unauthorized",
    402: "licenseExpired",
    403: "forbidden",
    404: "notFound",
    405: "methodNotAllowed",
    409: "conflict",
    422: "unprocessable",
    429: "tooManyRequests",
    500: "internalError",
}


class ApiError(Exception):
    """An error whose response is `{"message": …, "code": …}` with `status`."""

    def __init__(self, status: int, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code or CODES.get(status, "error")}
