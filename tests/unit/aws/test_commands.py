"""Control commands of the local AWS: the route of a request, and the response to an invalid one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, MutableMapping
from typing import Any

import pytest

from rehearsal.aws.commands import Command, handle_commands
from rehearsal.aws.control import Control, Receive, Scope, Send
from rehearsal.errors import RehearsalError


async def emulated_aws(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def send_request(
    commands: Mapping[str, Command], path: str, body: bytes = b"", method: str = "POST"
) -> tuple[int, Any]:
    """Return status and document of the response. The body of the request is sent in two parts."""
    sent: list[MutableMapping[str, Any]] = []
    parts = iter([{"body": body[:5], "more_body": True}, {"body": body[5:], "more_body": False}])

    async def receive() -> MutableMapping[str, Any]:
        return next(parts)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "method": method, "query_string": b""}
    control = Control()
    control.add("commands", handle_commands(commands))

    async def request() -> None:
        await control.wrap(emulated_aws)(scope, receive, send)

    asyncio.run(request())
    return sent[0]["status"], json.loads(sent[1]["body"])


def refuse(machine: str) -> None:
    raise RehearsalError(f"{machine} is gone.")


def add(one: int, other: int) -> dict[str, int]:
    return {"sum": one + other}


@pytest.mark.parametrize(
    ("path", "body", "method", "response"),
    [
        ("/_rehearsal/commands/sums/add", b'{"one": 2, "other": 3}', "POST", (200, {"sum": 5})),
        ("/_rehearsal/commands/refuse", b'{"machine": "i-1"}', "POST", (409, {"reason": "i-1 is gone."})),
        ("/_rehearsal/commands/nothing", b"", "POST", (200, {})),
        ("/_rehearsal/commands/sums/add", b"", "GET", (405, {"reason": "an command is a POST"})),
        ("/_rehearsal/other/sums/add", b"", "POST", (299, {})),
        ("/bucket/key", b"", "POST", (299, {})),
    ],
)
def test_a_request_gets_the_response_of_its_route(
    path: str, body: bytes, method: str, response: tuple[int, Any]
) -> None:
    commands: dict[str, Command] = {"sums/add": add, "refuse": refuse, "nothing": lambda: None}
    assert send_request(commands, path, body, method) == response


def test_an_unknown_command_or_a_missing_argument_is_named() -> None:
    status, unknown = send_request({"sums/add": add}, "/_rehearsal/commands/sums")
    assert (status, unknown["reason"]) == (404, "unknown command sums: one of sums/add")
    status, missing = send_request({"sums/add": add}, "/_rehearsal/commands/sums/add", b'{"one": 2}')
    assert status == 400
    assert "'other'" in missing["reason"]
