"""Describe a state machine in the Amazon States Language as plain data.

The classes of the CDK make several calls to its Node.js process for each state, which takes most of a second for the
plan. Here a state is a dictionary, and the whole machine is one string.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

ALL_ERRORS = ["States.ALL"]
FIRST_OF_TASK = ("Next", "Retry", "Catch")
"""The CDK wrote these members first. The same text leaves state machines that are deployed as they are."""


class State:
    """One state. `fields` are its members in the language, in the order in which they are written; others follow as transitions."""

    def __init__(self, name: str, **fields: Any) -> None:
        self.name = name
        self._fields: dict[str, Any] = fields
        self._catches: list[tuple[State, str]] = []
        self._choices: list[tuple[Mapping[str, Any], State]] = []
        self._next: State | None = None
        self._default: State | None = None
        self._sources: list[State] = []
        """the states that lead here, except as a default"""

    def set_next(self, following: State) -> State:
        """Set the state after this one, and return this one. ValueError if it has one already."""
        if self._next is not None:
            raise ValueError(f"{self.name} already leads to {self._next.name}")
        self._next = following
        following._sources.append(self)
        return self

    def add_catch(self, handler: State, *, result_path: str) -> None:
        """Pass every error to `handler`, which finds it at `result_path`. The first one added is the one that applies."""
        self._catches.append((handler, result_path))
        handler._sources.append(self)

    def add_choice(self, condition: Mapping[str, Any], following: State) -> State:
        """Lead to `following` if the condition is met, and return this state."""
        self._choices.append((condition, following))
        following._sources.append(self)
        return self

    def set_default(self, following: State) -> State:
        """Set the state that follows when no condition is met, and return this state."""
        self._default = following
        return self

    def list_neighbours(self) -> list[State]:
        """Return the states that lead here, then those that follow. The CDK wrote them in this order."""
        following = [one for one in (self._next, self._default) if one is not None]
        return [*self._sources, *following, *(one for _, one in self._choices), *(one for one, _ in self._catches)]

    def render(self) -> dict[str, Any]:
        """Return the state in the language."""
        transitions: dict[str, Any] = {}
        if self._next is not None:
            transitions["Next"] = self._next.name
        if self._catches:
            transitions["Catch"] = [
                {"ErrorEquals": ALL_ERRORS, "ResultPath": path, "Next": handler.name} for handler, path in self._catches
            ]
        if self._choices:
            transitions["Choices"] = [{**condition, "Next": following.name} for condition, following in self._choices]
        if self._default is not None:
            transitions["Default"] = self._default.name
        members = {**self._fields, **transitions}
        first = FIRST_OF_TASK if "Retry" in members else ()
        return {**{name: members[name] for name in first if name in members}, **members}


def render_machine(start: State) -> str:
    """Return the definition of the machine that begins with `start`. ValueError if two states have one name."""
    found: dict[str, State] = {}
    # A stack instead of recursion: the longest plan has more states in a row than is comfortable for Python's own.
    waiting = [start]
    while waiting:
        state = waiting.pop()
        known = found.setdefault(state.name, state)
        if known is not state:
            raise ValueError(f"two states have the name {state.name}")
        waiting.extend(one for one in reversed(state.list_neighbours()) if found.get(one.name) is not one)
    states = {name: state.render() for name, state in found.items()}
    return json.dumps({"StartAt": start.name, "States": states}, separators=(",", ":"), ensure_ascii=False)
