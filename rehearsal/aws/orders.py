"""Orders of the rehearsal's own tools to the local AWS: POST /_rehearsal/<order>, one JSON object in each direction.

The object's members are the order's arguments. Answers 200, or 409 with {"reason": …} when it cannot be done. An order
runs on a thread of its own, so it may block and may call the local AWS.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from rehearsal.components import HEALTH, ORDERS
from rehearsal.errors import RehearsalError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Order = Callable[..., Mapping[str, Any] | None]
_log = logging.getLogger("rehearsal.aws")


def with_orders(application: Application, orders: Mapping[str, Order]) -> Application:
    """The same application, which also obeys, and answers whether it can serve."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path == HEALTH:
            await _say(send, 200, {"status": "ok"})
        elif path.startswith(ORDERS) and scope["method"] == "POST":
            body = await _body(receive)
            await _say(send, *await asyncio.to_thread(_obey, orders, path.removeprefix(ORDERS), body))
        else:
            await application(scope, receive, send)

    return answer


def _obey(orders: Mapping[str, Order], name: str, body: bytes) -> tuple[int, Mapping[str, Any]]:
    if name not in orders:
        return 404, {"reason": f"unknown order {name}: one of {', '.join(sorted(orders))}"}
    try:
        return 200, orders[name](**json.loads(body or b"{}")) or {}
    except RehearsalError as error:
        return 409, {"reason": str(error)}
    except (TypeError, ValueError) as error:
        _log.exception("order %s", name)
        return 400, {"reason": f"{name}: {error}"}
    except OSError as error:
        _log.exception("order %s", name)
        return 409, {"reason": f"{name}: {error}"}


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def _say(send: Send, status: int, document: Mapping[str, Any]) -> None:
    content = json.dumps(document).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
