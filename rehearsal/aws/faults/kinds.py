"""Define the kinds of faults of the local AWS, and what each of them matches. Patterns are case-sensitive shell patterns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from botocore.exceptions import UnknownServiceError

from rehearsal import faults
from rehearsal.aws import wire
from rehearsal.faults import Json, Kind, Refused

_OF_FUNCTION = ("function", "fields")
KINDS = {
    "function-crash": Kind(
        "an invocation dies before it began or `when`=after it ran to its end; as class `error` with `message`, if given",
        (*_OF_FUNCTION, "when", "error", "message"),
    ),
    "function-timeout": Kind(
        "an invocation is answered as one that ran out of time, at once; `when` as above", (*_OF_FUNCTION, "when")
    ),
    "function-hold": Kind(
        "an invocation waits, `when`=before it begins or after its end, until it is released; it runs out of time after"
        " `seconds` (default: the function's own timeout)",
        (*_OF_FUNCTION, "when", "seconds"),
    ),
    "function-slow": Kind(
        "an invocation begins `seconds` later; never longer than its function's timeout",
        (*_OF_FUNCTION, "seconds"),
        required=("seconds",),
    ),
    "api-error": Kind(
        "a call of `service` (boto3's name) and `action` whose address or body contains `body` answers `code`, `status`"
        " and `message`; `when`=after: though it was done",
        ("service", "action", "when", "code", "status", "message", "body"),
        required=("service", "action"),
    ),
    "sns-duplicate": Kind("a message to `topic` that contains `body` is delivered twice", ("topic", "body")),
    "sqs-redeliver": Kind(
        "a message that contains `body` comes once more after it was deleted from `queue`", ("queue", "body")
    ),
    "image-fails": Kind("CreateImage of a name like `image` ends in `failed` with `message`", ("image", "message")),
    "image-slow": Kind(
        "CreateImage of a name like `image` takes `seconds` longer", ("image", "seconds"), required=("seconds",)
    ),
    "instance-dies": Kind(
        "an instance with the tag cutover:role=`role` loses its power `seconds` after it began to run",
        ("role", "seconds"),
        required=("role",),
    ),
}


@dataclass
class Fault(faults.Fault):
    """`held` counts the invocations that wait at this moment, `releases` how often they were let go."""

    when: str = "before"
    function: str = "*"
    fields: dict[str, str] = field(default_factory=dict)
    error: str = ""
    message: str = ""
    seconds: float = 0
    service: str = ""
    action: str = "*"
    code: str = "InternalError"
    status: int = 500
    body: str = ""
    topic: str = "*"
    queue: str = "*"
    image: str = "*"
    role: str = ""
    held: int = 0
    releases: int = 0

    def on_function(self, name: str, event: object) -> bool:
        """Return whether the fault matches an invocation. Each of `fields` (`run.kind`, `Records.0.Sns.Message`) must have a value in the event that matches its pattern."""
        return (
            self.kind.startswith("function-")
            and fnmatchcase(name, self.function)
            and all(_like(_at(event, path), pattern) for path, pattern in self.fields.items())
        )


class Faults(faults.Faults[Fault]):
    """The ordered faults. Thread-safe."""

    def __init__(self) -> None:
        super().__init__(Fault, KINDS)

    def check(self, fault: Fault) -> None:
        """Check the options. Raises Refused."""
        if fault.when not in ("before", "after"):
            raise Refused("when: must be before or after")
        if fault.kind == "api-error":
            _check_action(fault)

    def shown(self, fault: Fault) -> Json:
        """Return a fault as the control requests show it."""
        held = {"held": fault.held} if fault.kind == "function-hold" else {}
        return {**super().shown(fault), **held}

    def hold(self, fault: Fault, seconds: float) -> bool:
        """Wait until this fault is released or cleared. Return False after `seconds`."""
        with self.changed:
            before = fault.releases
            fault.held += 1
            self.changed.notify_all()
            try:
                return self.changed.wait_for(lambda: fault.releases != before or fault not in self._faults, seconds)
            finally:
                fault.held -= fault.releases == before  # a release has counted all it lets go
                self.changed.notify_all()

    def release(self, id_: int) -> Json:
        """Release the invocations that this fault holds. Raises Refused when it holds none."""
        with self.changed:
            fault = self._find(id_)
            if not fault.held:
                raise Refused(f"fault {id_} holds nobody")
            fault.releases, fault.held = fault.releases + 1, 0
            self.changed.notify_all()
            return self.shown(fault)

    def wait(self, id_: int, seconds: float) -> Json:
        """Wait until the fault has matched, or holds an invocation if it is of that kind. Return it. Raises Refused after `seconds`."""
        with self.changed:
            fault = self._find(id_)
            happened = self.changed.wait_for(lambda: self._happened(fault) or fault not in self._faults, seconds)
            if happened and fault not in self._faults:
                raise Refused(f"fault {id_} was cleared")
            if not happened:
                raise Refused(
                    f"fault {id_} ({fault.kind}) did not hit within {seconds:g} s; it saw {fault.seen} events"
                )
            return self.shown(fault)

    @staticmethod
    def _happened(fault: Fault) -> bool:
        return fault.held > 0 if fault.kind == "function-hold" else fault.hits > 0

    def _find(self, id_: int) -> Fault:
        for fault in self._faults:
            if fault.id == id_:
                return fault
        raise Refused(f"there is no fault {id_}")


def of_kind(kind: str, matches: Callable[[Fault], bool]) -> Callable[[Fault], bool]:
    """Return a test for faults of one kind."""
    return lambda fault: fault.kind == kind and matches(fault)


def _check_action(fault: Fault) -> None:
    try:
        actions = wire.service(fault.service).model.operation_names
    except UnknownServiceError:
        raise Refused(f"service: boto3 has none of the name {fault.service}") from None
    if not any(fnmatchcase(action, fault.action) for action in actions):
        raise Refused(f"action: {fault.service} has none like {fault.action}")


def _at(event: object, path: str) -> object:
    for name in path.split("."):
        if isinstance(event, Mapping):
            event = event.get(name)
        elif isinstance(event, Sequence) and not isinstance(event, str) and name.isdecimal() and int(name) < len(event):
            event = event[int(name)]
        else:
            return None
    return event


def _like(value: object, pattern: str) -> bool:
    """Return whether a value matches the pattern. A missing value matches no pattern."""
    text = value if isinstance(value, str) else json.dumps(value)
    return value is not None and fnmatchcase(text, pattern)
