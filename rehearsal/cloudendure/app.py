"""Make the console a WSGI application: calls, errors in the form of the API, and the faults that were ordered."""

from __future__ import annotations

import contextlib
import logging
import socket

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from rehearsal.cloudendure.api import account, launches, machinery, machines, session, settings
from rehearsal.cloudendure.api.calls import Api
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.exceptions import CODES, ApiError
from rehearsal.cloudendure.faults import Fault

log = logging.getLogger(__name__)
CONNECTION = "rehearsal.connection"
"""key of the request's environment: the socket that it came by, where the server gives it"""


def create_app(console: Console) -> Flask:
    """Return the application."""
    app = Flask("cloudendure", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of Flask's default provider
    api = Api(app, console)
    session.register(app, api, console)
    account.register(api, console)
    machines.register(api, console)
    settings.register(api, console)
    launches.register(api, console)
    machinery.register(app, console)

    @app.before_request
    def apply_fault() -> Response | None:
        fault = (
            None
            if request.path.startswith("/_rehearsal/")
            else console.faults.find_request_fault(request.method, request.path)
        )
        g.fault = fault
        if fault is None or fault.kind == "lose-response":
            return None
        if fault.kind == "close":
            return close_connection()
        response = jsonify(
            {"message": fault.message or "Ordered by the rehearsal", "code": CODES.get(fault.status, "error")}
        )
        response.status_code = fault.status
        if fault.status == 429:
            response.headers["Retry-After"] = "1"
        return response

    @app.after_request
    def log_response(response: Response) -> Response:
        level = logging.DEBUG if request.path.startswith(("/agent/v1/heartbeat", "/_rehearsal/")) else logging.INFO
        log.log(level, "%s %s -> %d", request.method, request.path, response.status_code)
        fault: Fault | None = g.get("fault")
        return close_connection() if fault is not None and fault.kind == "lose-response" else response

    @app.errorhandler(ApiError)
    def format_api_error(error: ApiError) -> tuple[Response, int]:
        return jsonify(error.body), error.status

    @app.errorhandler(HTTPException)
    def format_http_error(error: HTTPException) -> tuple[Response, int]:
        status = error.code or 500
        return jsonify({"message": error.description or error.name, "code": CODES.get(status, "error")}), status

    return app


def close_connection() -> Response:
    """Close the connection; what the server writes afterwards reaches nobody."""
    connection = request.environ.get(CONNECTION)
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response(status=503, headers={"Connection": "close"})
