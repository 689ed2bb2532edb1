"""Hooks that are functions, and messages for people, in a dry run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.clients.functions import FunctionResponse
from common.message import Message

from procedure.dry_clients.results import LogChange


class DryFunctions:
    def __init__(self, log_change: LogChange) -> None:
        self._log_change = log_change

    def invoke(self, arn: str, payload: Mapping[str, Any], *, seconds: int) -> FunctionResponse:
        self._log_change(f"call {arn} with {dict(payload)}, for {seconds} s at most")
        return FunctionResponse(payload="{}")


class DryMessages:
    is_enabled = True

    def __init__(self, log_change: LogChange) -> None:
        self._log_change = log_change

    def send(self, message: Message) -> None:
        self._log_change(f"send the message to people: {message.format_subject()}")

    def run_in_background(self, work: Callable[[], None]) -> None:
        work()
