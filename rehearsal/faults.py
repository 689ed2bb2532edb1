"""Inject faults on request: the part that the provider's console and the local AWS share.

A fault has a kind, options that select the events, a first event (`nth`) and a number of hits (`times`).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar, get_type_hints

Json = dict[str, Any]


class CommandRejected(Exception):
    """A control command is not valid or cannot be executed. The message gives the reason."""


@dataclass(frozen=True)
class Kind:
    """A kind of fault: its `options`, and which are `required`. `lasting`: without `times`, the fault stays until it is cleared."""

    does: str
    options: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    lasting: bool = False


@dataclass
class Fault:
    """One fault. It hits `times` matching events, from the `nth` on (1 is the first). `times=0`: until it is cleared."""

    id: int
    kind: str
    nth: int = 1
    times: int = 1
    seen: int = 0
    hits: int = 0

    @property
    def over(self) -> bool:
        """Return whether the fault has hit `times` events."""
        return bool(self.times) and self.hits >= self.times

    def count_event(self) -> bool:
        """Count one matching event, and return whether the fault hits it."""
        if self.over:
            return False
        self.seen += 1
        if self.seen < self.nth:
            return False
        self.hits += 1
        return True


COUNTED = tuple(field.name for field in fields(Fault) if field.name not in ("id", "kind"))
F = TypeVar("F", bound=Fault)


class Faults(Generic[F]):
    """The faults of one process. Thread-safe; each change is announced on `changed`."""

    def __init__(self, make: type[F], kinds: Mapping[str, Kind]) -> None:
        self._make, self._kinds = make, kinds
        self._types = {name: kind for name, kind in get_type_hints(make).items() if name not in ("id", "seen", "hits")}
        self._faults: list[F] = []
        self._ids = itertools.count(1)
        self.changed = threading.Condition()

    def inject(self, order: object) -> Json:
        """Add the fault that `order` describes: its kind, the kind's options, `nth` and `times`. Return it. Raises CommandRejected."""
        if not isinstance(order, Mapping) or order.get("kind") not in self._kinds:
            raise CommandRejected(f"kind: must be one of {', '.join(self._kinds)}")
        kind = self._kinds[order["kind"]]
        for name, value in order.items():
            self._check(order["kind"], name, value)
        if missing := [name for name in kind.required if name not in order]:
            raise CommandRejected(f"{order['kind']} needs {', '.join(missing)}")
        with self.changed:
            fault = self._make(id=next(self._ids), **{"times": 0 if kind.lasting else 1, **order})
            self.check(fault)
            self._faults.append(fault)
            self.changed.notify_all()
            return self.format_fault(fault)

    def _check(self, kind: str, name: str, value: object) -> None:
        if name not in ("kind", "nth", "times", *self._kinds[kind].options):
            raise CommandRejected(f"{name}: is no option of {kind}")
        wanted = self._types[name]
        wanted = (int, float) if wanted is float else getattr(wanted, "__origin__", wanted)
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise CommandRejected(f"{name}: must be of type {getattr(wanted, '__name__', 'number')}")
        if (name, value) == ("nth", 0) or (isinstance(value, int | float) and value < 0):
            raise CommandRejected(f"{name}: {value} is too small")

    def check(self, fault: F) -> None:
        """Check a new fault. Subclasses raise CommandRejected for combinations of options that its kind does not support."""

    def format_fault(self, fault: F) -> Json:
        """Return the fault as JSON, with the options of its kind only."""
        names = ("id", "kind", *self._kinds[fault.kind].options, *COUNTED)
        return {name: getattr(fault, name) for name in names}

    def list(self) -> list[Json]:
        """Return all faults."""
        with self.changed:
            return [self.format_fault(fault) for fault in self._faults]

    def clear(self, id_: int | None = None) -> None:
        """Remove the fault with this id, or all faults. Does nothing when there is none."""
        with self.changed:
            self._faults = [fault for fault in self._faults if id_ is not None and fault.id != id_]
            self.changed.notify_all()

    def find_hit(self, matches: Callable[[F], bool]) -> F | None:
        """Return the first fault that hits this event. Each matching fault before it counts the event; later ones do not."""
        with self.changed:
            for fault in self._faults:
                if not fault.over and matches(fault) and fault.count_event():
                    self.changed.notify_all()
                    return fault
        return None
