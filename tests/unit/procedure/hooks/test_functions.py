"""Hooks that are functions: their input, their limit, their failures."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from common.clients.functions import FunctionResponse, Functions
from procedure.registry import Registry

from tests.unit.procedure.asl import Result
from tests.unit.procedure.hooks.sample_hooks import FUNCTION, create_function_hook
from tests.unit.procedure.world import World


class FakeLambda:
    def __init__(self, respond: Callable[[], Any]) -> None:
        self.calls: list[dict[str, Any]] = []
        self._respond = respond

    def invoke(self, **call: Any) -> Any:
        self.calls.append(call)
        return self._respond()


def respond_with(body: Any, **more: Any) -> Callable[[], Any]:
    return lambda: {"Payload": io.BytesIO(json.dumps(body).encode()), **more}


def never() -> Any:
    raise ReadTimeoutError(endpoint_url="https://lambda")


def test_a_function_gets_the_input_and_its_limit(world: World, run: Callable[..., Result]) -> None:
    limits: list[int] = []
    client = FakeLambda(respond_with({"message": "announced"}))
    world.functions = Functions(lambda seconds: limits.append(seconds) or client)  # type: ignore[func-returns-value]
    result = run("cutover", create_function_hook("before-freeze"))

    assert result.status == "SUCCEEDED"
    (call,) = client.calls
    assert call["FunctionName"] == FUNCTION
    assert json.loads(call["Payload"])["point"] == "before-freeze"
    assert limits == [2]
    (entry,) = world.runs.read().hooks
    assert (entry["machine"], entry["outcome"], entry["line"]) == (FUNCTION, "passed", "announced")


@pytest.mark.parametrize(
    ("respond", "reason"),
    [
        (respond_with({"ok": False, "message": "not\nnow"}), "hook before-freeze failed: not now"),
        (respond_with({"errorMessage": "boom"}, FunctionError="Unhandled"), "hook before-freeze failed: boom"),
        (never, "hook before-freeze did not end within 2 s"),
    ],
)
def test_a_function_that_fails(
    world: World, run: Callable[..., Result], respond: Callable[[], Any], reason: str
) -> None:
    client = FakeLambda(respond)
    world.functions = Functions(lambda _seconds: client)
    result = run("cutover", create_function_hook("before-freeze"))

    assert result.cause["reason"] == reason
    assert world.source.accepts_writes


class CutOff:
    """The payload of a response whose connection ends before its end."""

    def read(self) -> bytes:
        raise ReadTimeoutError(endpoint_url="https://lambda")


def throttle() -> Any:
    raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}}, "Invoke")


@pytest.mark.parametrize("point", ["before-freeze", "after-freeze"])
def test_a_function_that_cannot_be_called_fails_no_run_that_does_not_require_it(
    world: World, run: Callable[..., Result], point: str
) -> None:
    client = FakeLambda(throttle)
    world.functions = Functions(lambda _seconds: client)
    result = run("cutover", create_function_hook(point, required=False))

    assert result.status == "SUCCEEDED", result.cause
    (entry,) = world.runs.read().hooks
    assert entry["outcome"] == "failed"
    assert "TooManyRequestsException" in entry["line"]


def test_a_required_function_that_cannot_be_called_is_called_again(world: World, run: Callable[..., Result]) -> None:
    responses = iter([throttle, respond_with({})])
    client = FakeLambda(lambda: next(responses)())
    world.functions = Functions(lambda _seconds: client)

    assert run("cutover", create_function_hook("before-freeze")).status == "SUCCEEDED"
    assert len(client.calls) == 2


def test_a_response_that_is_cut_off_is_no_response(world: World, run: Callable[..., Result]) -> None:
    client = FakeLambda(lambda: {"Payload": CutOff()})
    world.functions = Functions(lambda _seconds: client)
    result = run("cutover", create_function_hook("before-freeze"))

    assert result.cause["reason"] == "hook before-freeze did not end within 2 s"


def test_two_long_functions_do_not_share_one_invocation(world: World, run: Callable[..., Result]) -> None:
    longest = {"seconds": 0.0}

    class Slow:
        def invoke(self, *_: Any, **__: Any) -> FunctionResponse:
            world.clock.sleep(40)
            return FunctionResponse(payload="{}")

    class Timed(Registry):
        def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
            began = world.clock.now()
            try:
                return super().invoke(event)
            finally:
                if event["step"].startswith("hooks-"):
                    longest["seconds"] = max(longest["seconds"], world.clock.now() - began)

    world.functions = Slow()
    hooks = [create_function_hook("before-freeze", name=name, seconds=45) for name in ("one", "two", "three")]
    result = run("cutover", *hooks, registry_class=Timed)

    assert result.status == "SUCCEEDED"
    assert 40 <= longest["seconds"] < 60
