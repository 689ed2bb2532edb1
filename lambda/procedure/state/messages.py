"""The messages for people that this execution has handled."""

from __future__ import annotations

from dataclasses import dataclass, field

from procedure.state.part import Part


@dataclass
class MessageState(Part):
    done: list[str] = field(default_factory=list)
    """names of messages that this execution has sent or tried to send. The run record has those of all executions"""
    warned: int = 0
    """how many of the run's warnings people know"""
    has_failed: bool = False
    """whether a warning states that messages cannot be sent"""
