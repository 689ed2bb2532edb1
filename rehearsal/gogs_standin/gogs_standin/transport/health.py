"""Serve the health page. Its status is always 200; the body has the result."""

from __future__ import annotations

import pymysql
from flask import Blueprint, Response

from ..store.database import LostConnection
from ..web.site import get_config, get_site

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthcheck")
def check_health() -> Response:
    """Report the state of the database in the body, as recorded."""
    try:
        get_site().database.probe()
    except (pymysql.MySQLError, OSError) as error:
        problem = _format_error(error)
        return Response(f"* Database connection: {problem}\n", content_type="text/plain; charset=utf-8")
    return Response("* Database connection: OK\n", content_type="text/plain; charset=utf-8")


def _format_error(error: Exception) -> str:
    """Return the error as Gogs reports it: a failed connection in the recorded text."""
    if isinstance(error, LostConnection):
        return "driver: bad connection"
    cause = getattr(error, "original_exception", error)
    if isinstance(cause, ConnectionRefusedError):
        return f"dial tcp {get_config().database_host}: connect: connection refused"
    if isinstance(cause, TimeoutError):
        return f"{get_config().database_host} does not answer"
    if isinstance(cause, pymysql.MySQLError) and len(cause.args) > 1:
        return f"{cause.args[1]} ({cause.args[0]})"
    return str(cause)
