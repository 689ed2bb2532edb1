"""Turn a published call into a function: path prefix of its version, session, project, JSON in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue

from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.responses import Json

LATEST = "/api/latest"
"""An alias of CURRENT: a session that was opened on one of them is good on both. Its login redirects while the fault `redirect` is ordered."""
CURRENT = "/api/v5"
OLD = "/latest"
"""The API of 2017: celogin, no XSRF token, performTest and performCutover."""
OF_TODAY = (CURRENT, LATEST)
EVERY = (CURRENT, LATEST, OLD)
OUTSIDE_OF_PROJECTS = ("/projects", "/me", "/logout", "/clouds", "/cloudCredentials", "/licenses")
COOKIE = "session"
HEADER = "X-XSRF-TOKEN"


def normalize_prefix(prefix: str) -> str:
    """Return the prefix that sessions are kept under."""
    return CURRENT if prefix == LATEST else prefix


@dataclass(frozen=True)
class Call:
    """One authenticated request."""

    username: str
    session: str

    @property
    def body(self) -> object:
        """Return the request's JSON. Raises ApiError 422 when it is none."""
        return read_body()

    @property
    def query(self) -> dict[str, str]:
        """Return the query string."""
        return request.args.to_dict()


def read_body() -> object:
    """Return the request's JSON. Raises ApiError 422 when it is none."""
    document = request.get_json(force=True, silent=True)
    if document is None:
        raise ApiError(422, "The body must be JSON")
    return document


Handler = Callable[..., tuple[Json | None, int]]
"""(call, path parameters…) -> (response, status)."""


class Api:
    """Adds calls to the application, with their session and their project checked."""

    def __init__(self, app: Flask, console: Console) -> None:
        self._app, self._console = app, console

    def call(self, method: str, path: str, *, prefixes: Sequence[str] = EVERY) -> Callable[[Handler], Handler]:
        """Decorate the handler of a call. A `path` such as /machines is below a project."""
        whole = path if path.startswith(OUTSIDE_OF_PROJECTS) else f"/projects/<project>{path}"

        def add(handler: Handler) -> Handler:
            for prefix in prefixes:
                self._app.add_url_rule(
                    prefix + whole, f"{method} {prefix}{whole}", self._wrap(prefix, handler), methods=[method]
                )
            return handler

        return add

    def _wrap(self, prefix: str, handler: Handler) -> Callable[..., ResponseReturnValue]:
        def handle_request(**parameters: Any) -> ResponseReturnValue:
            if prefix == LATEST and self._console.faults.find_machine_fault("redirect"):
                raise ApiError(401, f"Unauthorized: go on below {CURRENT}")
            session = self._console.sessions.check(
                request.cookies.get(COOKIE), normalize_prefix(prefix), request.headers.get(HEADER)
            )
            if "project" in parameters:
                self._require_project(parameters.pop("project"))
            response, status = handler(Call(session.username, session.id), **parameters)
            return ("", status) if response is None else (response, status)

        return handle_request

    def _require_project(self, id_: str) -> None:
        with self._console.store.read() as state:
            if state["project"]["id"] != id_:
                raise ApiError(404, f"projects: {id_} does not exist")
