"""Failures that can be ordered. Each says what it does to whom, when, and how often; nothing fails that nobody ordered."""

from __future__ import annotations

import fnmatch
import itertools
import threading
from dataclasses import asdict, dataclass, field

from rehearsal.cloudendure.protocol import ApiError, Json, fields

KINDS = {
    "http": "answer `status` instead of the truth; for calls whose path ends like `path` (shell pattern) and `method`",
    "close": "close the connection without an answer; `path` and `method` as above",
    "lose-answer": "do what was asked, then close the connection; `path` and `method` as above",
    "launch-fails": "a launch job fails with `message`",
    "slow-job": "a job takes `seconds` longer",
    "no-scripts": "a launched machine boots, its scripts do not run",
    "initial-sync": "the initial sync stands still half way",
    "lag": "changed blocks are counted, not copied: the backlog grows",
    "rescan": "the map of changed blocks is lost: the disk is read and compared again (once)",
    "forget-sessions": "every session is forgotten (at once)",
    "saml": "log in answers with a SAML redirect",
    "no-licence": "log in and launches answer 402",
}
ON_REQUEST = ("http", "close", "lose-answer")
LAUNCH_FAILURE = "Failed launching target machine: the machine could not be converted to the target infrastructure"


@dataclass
class Fault:
    """`nth` counts matching events from 1: the fault starts with that one and hits `times` (0: until it is cleared)."""

    id: int
    kind: str
    path: str = "*"
    method: str = "*"
    status: int = 500
    machine: str = "*"
    message: str = ""
    seconds: int = 0
    nth: int = 1
    times: int = 1
    seen: int = 0
    hits: int = 0

    @property
    def over(self) -> bool:
        return bool(self.times) and self.hits >= self.times


@dataclass
class Faults:
    """Thread-safe."""

    _faults: list[Fault] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def order(self, body: object) -> Json:
        """Raises ApiError 422 for an unknown kind or property."""
        texts, numbers = ("path", "method", "machine", "message"), ("status", "seconds", "nth", "times")
        known: dict[str, type] = {**dict.fromkeys(texts, str), **dict.fromkeys(numbers, int)}
        order = fields(body, required={"kind": str}, optional=known)
        if order["kind"] not in KINDS:
            raise ApiError(422, f"kind: must be one of {', '.join(KINDS)}")
        if order["kind"] in ("initial-sync", "lag", "saml", "no-licence"):
            order = {"times": 0, **order}
        with self._changed:
            fault = Fault(id=next(self._ids), **order)
            self._faults.append(fault)
            self._changed.notify_all()
        return asdict(fault)

    def list(self) -> list[Json]:
        with self._changed:
            return [asdict(fault) for fault in self._faults]

    def clear(self, id_: int | None = None) -> None:
        with self._changed:
            self._faults = [fault for fault in self._faults if id_ is not None and fault.id != id_]
            self._changed.notify_all()

    def on_request(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, counted."""
        with self._changed:
            for fault in self._faults:
                matches = fnmatch.fnmatch(path, f"*{fault.path}") and fnmatch.fnmatch(method, fault.method.upper())
                if fault.kind in ON_REQUEST and matches and self._due(fault):
                    return fault
        return None

    def strikes(self, kind: str, machine: str = "") -> Fault | None:
        """The fault of this kind that this event meets, counted."""
        with self._changed:
            for fault in self._faults:
                if fault.kind == kind and fnmatch.fnmatch(machine, fault.machine) and self._due(fault):
                    return fault
        return None

    def _due(self, fault: Fault) -> bool:
        if fault.over:
            return False
        fault.seen += 1
        if fault.seen < fault.nth:
            return False
        fault.hits += 1
        return True
