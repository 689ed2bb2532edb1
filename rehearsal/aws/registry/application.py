"""Serve ministack."""

from __future__ import annotations

from typing import Any

from ministack import app  # type: ignore[import-untyped]


def build_application() -> Any:
    """Return ministack as an ASGI application. Policies treat every request as encrypted, although the rehearsal uses plain HTTP."""

    async def serve_request(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await app.app({**scope, "scheme": "https"} if scope["type"] == "http" else scope, receive, send)

    return serve_request
