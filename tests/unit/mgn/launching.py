"""Test launches with AWS MGN, through the state machine as it is deployed."""

from __future__ import annotations

from collections.abc import Callable

from procedure.step import Step

from tests.unit.mgn.event_queue import STEP_SECONDS, EventQueue
from tests.unit.procedure.asl import Result

SOON_SECONDS = 1 + 2 * STEP_SECONDS
Run = Callable[..., tuple[Result, float]]
"""runs a test launch; returns its result, and the seconds from the end of its job until the procedure saw it"""


def ignore(_step: Step, _outcome: str, _facts: object) -> None:
    """Observe nothing."""


def lose(_queue: EventQueue, _server_id: str, _kind: str, _detail: dict[str, str]) -> None:
    """Send nothing."""
