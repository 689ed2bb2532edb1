"""The people who get messages in the world of the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from common.errors import CutoverError
from common.message import Message

from tests.unit.procedure.world import World


@dataclass
class FakePeople:
    """Implements Messages. A background work runs when the test lets it, as a thread that Lambda has suspended."""

    world: World
    received: list[Message] = field(default_factory=list)
    refused: CutoverError | None = None
    """what SNS answers"""
    tries: int = 0
    is_slow: bool = False
    """background work does not run by itself"""
    background: list[Callable[[], None]] = field(default_factory=list)
    is_enabled: bool = True

    def send(self, message: Message) -> None:
        self.tries += 1
        if self.refused:
            raise self.refused
        self.received.append(message)
        self.world.action_log.append(f"message {message.event}")

    def run_in_background(self, work: Callable[[], None]) -> None:
        if self.is_slow:
            self.background.append(work)
        else:
            work()

    @property
    def events(self) -> list[str]:
        return [message.event for message in self.received]

    def get(self, event: str) -> Message:
        (found,) = [message for message in self.received if message.event == event]
        return found
