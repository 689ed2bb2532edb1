"""Handle `/_rehearsal/<what>/…` of the AWS port: the requests that are not requests of AWS.

    control.add("faults", handle)       handle(Call) -> (status, JSON or None), on a thread of its own: it may block
    control.wrap(application)           the ASGI application that handles those paths, and passes everything else on

A handler raises CommandRejected for a call that is not valid: the response is 400 with {"message": …}.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from rehearsal.faults import CommandRejected

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
PREFIX = "/_rehearsal/"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """`rest`: what follows `<what>` in the path, without slashes around it. `bearer`: the token of the request; empty without one."""

    method: str
    rest: str
    query: Mapping[str, str]
    body: bytes
    bearer: str = ""

    @property
    def document(self) -> object:
        """Return the body's JSON. Raises CommandRejected."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise CommandRejected("the body must be JSON") from None

    def parse_seconds(self, default: float) -> float:
        """Return how long to wait, from the query. Raises CommandRejected."""
        try:
            return float(self.query.get("seconds", default))
        except ValueError:
            raise CommandRejected("seconds: must be a number") from None


Response = tuple[int, object]
Handle = Callable[[Call], Response]


class Control:
    """The handlers of one process."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handle] = {}

    def add(self, what: str, handle: Handle) -> None:
        """Add a handler for the paths below `what`."""
        if what in self._handlers:
            raise ValueError(f"{PREFIX}{what} already has a handler")
        self._handlers[what] = handle

    def wrap(self, application: Application) -> Application:
        """Return the application with the handlers before it."""

        async def handle(scope: Scope, receive: Receive, send: Send) -> None:
            what, _, rest = str(scope.get("path", "")).removeprefix(PREFIX).partition("/")
            if scope["type"] != "http" or not scope["path"].startswith(PREFIX) or what not in self._handlers:
                await application(scope, receive, send)
                return
            query = dict(parse_qsl(scope["query_string"].decode()))
            call = Call(scope["method"], rest.strip("/"), query, await _read_body(receive), _read_bearer(scope))
            status, document = await _run_on_thread(self._handlers[what], call)
            content = b"" if document is None else json.dumps(document).encode() + b"\n"
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content})

        return handle


def _respond(handle: Handle, call: Call) -> Response:
    try:
        return handle(call)
    except CommandRejected as error:
        return 400, {"message": str(error)}
    except Exception as error:  # noqa: BLE001  a failed call is logged and becomes a response
        _log.exception("control %s %s failed", call.method, call.rest)
        return 500, {"message": f"{type(error).__name__}: {error}"}


async def _run_on_thread(handle: Handle, call: Call) -> Response:
    """Run a handler on a thread of its own, not one of a pool: calls that wait would take all of them."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Response] = loop.create_future()

    def set_result(response: Response) -> None:
        if not done.cancelled():
            done.set_result(response)

    def run() -> None:
        response = _respond(handle, call)
        if not loop.is_closed():
            loop.call_soon_threadsafe(set_result, response)

    threading.Thread(target=run, name="control", daemon=True).start()
    return await done


def _read_bearer(scope: Scope) -> str:
    headers = {name.lower(): value for name, value in scope.get("headers", ())}
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token if scheme == "Bearer" else ""


async def _read_body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body
