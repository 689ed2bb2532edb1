"""Define the kinds of faults of the local AWS, and the events that each hits. Patterns are case-sensitive shell patterns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from botocore.exceptions import UnknownServiceError

from rehearsal import faults
from rehearsal.aws import wire
from rehearsal.faults import CommandRejected, Json, Kind

_OF_FUNCTION = ("function", "fields")
KINDS = {
    "function-crash": Kind(
        "an invocation crashes before it begins, or with `when`=after at its end; with the error class `error` and `message`, if given",
        (*_OF_FUNCTION, "when", "error", "message"),
    ),
    "function-timeout": Kind("an invocation returns a timeout at once; `when` as above", (*_OF_FUNCTION, "when")),
    "function-hold": Kind(
        "an invocation waits until it is released, before it begins or with `when`=after at its end; it times out after"
        " `seconds` (default: the function's own timeout)",
        (*_OF_FUNCTION, "when", "seconds"),
    ),
    "function-slow": Kind(
        "an invocation begins `seconds` later, at most its function's timeout",
        (*_OF_FUNCTION, "seconds"),
        required=("seconds",),
    ),
    "api-error": Kind(
        "a call of `service` (boto3's name) and `action` whose address or body contains `body` returns `code`, `status`"
        " and `message`, in JSON protocols with `seconds` as Retry-After if given; with `when`=after the service has"
        " executed it",
        ("service", "action", "when", "code", "status", "message", "body", "seconds"),
        required=("service", "action"),
    ),
    "sns-duplicate": Kind("a message to `topic` that contains `body` is delivered twice", ("topic", "body")),
    "sqs-redeliver": Kind(
        "a message that contains `body` is delivered again after it was deleted from `queue`", ("queue", "body")
    ),
    "image-fails": Kind("CreateImage of a name like `image` ends in `failed` with `message`", ("image", "message")),
    "image-slow": Kind(
        "CreateImage of a name like `image` takes `seconds` longer", ("image", "seconds"), required=("seconds",)
    ),
    "instance-dies": Kind(
        "an instance with the tag cutover:role=`role` is killed `seconds` after it began to run",
        ("role", "seconds"),
        required=("role",),
    ),
    "mgn-initialize-fails": Kind(
        "InitializeService fails half done: the service-linked role and empty instance profiles are there, no other role"
    ),
    "mgn-stale-snapshot": Kind(
        "a launch of a server like `server` takes no snapshot: it uses the previous one, and succeeds", ("server",)
    ),
    "mgn-launch-fails": Kind(
        "a launch of a server like `server` fails with `event` (LAUNCH_FAILED or CONVERSION_FAIL) and `message`",
        ("server", "event", "message"),
    ),
    "mgn-slow-launch": Kind(
        "a launch of a server like `server` takes `seconds` longer", ("server", "seconds"), required=("seconds",)
    ),
    "mgn-no-scripts": Kind(
        "a launched instance of a server like `server` boots, its post-launch scripts do not run", ("server",)
    ),
    "mgn-quota": Kind("a launch of a server like `server` is refused, as if 20 jobs ran (402)", ("server",)),
    "mgn-denied": Kind(
        "a launch of a server like `server` fails as if its caller had no permission for `action` (ec2:RunInstances)",
        ("server", "action"),
        required=("action",),
    ),
    "mgn-stalled": Kind(
        "the replication of a server like `server` is STALLED with `error`, one of DataReplicationErrorString",
        ("server", "error"),
        required=("error",),
        lasting=True,
    ),
    "mgn-initial-sync": Kind("the initial sync stops half way", ("server",), lasting=True),
    "mgn-lag": Kind("changed blocks are counted, not copied: the backlog grows", ("server",), lasting=True),
    "mgn-rescan": Kind("the map of changed blocks is lost: the disk is read and compared again (once)", ("server",)),
}


@dataclass
class Fault(faults.Fault):
    """A fault of the local AWS. `held` is the number of invocations that wait now, `releases` how often waiting ones were released."""

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
    server: str = "*"
    event: str = "LAUNCH_FAILED"
    held: int = 0
    releases: int = 0

    def is_on_function(self, name: str, event: object) -> bool:
        """Return whether the fault matches an invocation. Each of `fields` (`run.kind`, `Records.0.Sns.Message`) must have a value in the event that matches its pattern."""
        return (
            self.kind.startswith("function-")
            and fnmatchcase(name, self.function)
            and all(_is_like(_get_at(event, path), pattern) for path, pattern in self.fields.items())
        )


class Faults(faults.Faults[Fault]):
    """The faults of the local AWS. Thread-safe."""

    def __init__(self) -> None:
        super().__init__(Fault, KINDS)

    def check(self, fault: Fault) -> None:
        """Check the options. Raises CommandRejected."""
        if fault.when not in ("before", "after"):
            raise CommandRejected("when: must be before or after")
        if fault.kind == "api-error":
            _check_action(fault)
        if fault.kind == "mgn-stalled":
            _check_value(
                "error",
                fault.error,
                wire.load_service("mgn").model.shape_for("DataReplicationErrorString").metadata["enum"],
            )
        if fault.kind == "mgn-launch-fails":
            _check_value("event", fault.event, ("LAUNCH_FAILED", "CONVERSION_FAIL"))

    def format_fault(self, fault: Fault) -> Json:
        """Return a fault as the control requests show it."""
        held = {"held": fault.held} if fault.kind == "function-hold" else {}
        return {**super().format_fault(fault), **held}

    def hold(self, fault: Fault, seconds: float) -> bool:
        """Wait until this fault is released or cleared. Return False after `seconds`."""
        with self.changed:
            before = fault.releases
            fault.held += 1
            self.changed.notify_all()
            try:
                return self.changed.wait_for(lambda: fault.releases != before or fault not in self._faults, seconds)
            finally:
                fault.held -= fault.releases == before  # a release has already set the number to 0
                self.changed.notify_all()

    def release(self, id_: int) -> Json:
        """Release the invocations that this fault holds. Raises CommandRejected when it holds none."""
        with self.changed:
            fault = self._find(id_)
            if not fault.held:
                raise CommandRejected(f"fault {id_} holds no invocation")
            fault.releases, fault.held = fault.releases + 1, 0
            self.changed.notify_all()
            return self.format_fault(fault)

    def wait(self, id_: int, seconds: float) -> Json:
        """Wait until the fault has hit an event or holds an invocation, and return it. Raises CommandRejected after `seconds`."""
        with self.changed:
            fault = self._find(id_)
            happened = self.changed.wait_for(lambda: self._has_happened(fault) or fault not in self._faults, seconds)
            if happened and fault not in self._faults:
                raise CommandRejected(f"fault {id_} was cleared")
            if not happened:
                raise CommandRejected(
                    f"fault {id_} ({fault.kind}) did not hit within {seconds:g} s; it saw {fault.seen} events"
                )
            return self.format_fault(fault)

    @staticmethod
    def _has_happened(fault: Fault) -> bool:
        return fault.held > 0 if fault.kind == "function-hold" else fault.hits > 0

    def _find(self, id_: int) -> Fault:
        for fault in self._faults:
            if fault.id == id_:
                return fault
        raise CommandRejected(f"there is no fault {id_}")


def match_kind(kind: str, matches: Callable[[Fault], bool]) -> Callable[[Fault], bool]:
    """Return a test for faults of one kind."""
    return lambda fault: fault.kind == kind and matches(fault)


def _check_action(fault: Fault) -> None:
    try:
        actions = wire.load_service(fault.service).model.operation_names
    except UnknownServiceError:
        raise CommandRejected(f"service: boto3 has no service {fault.service}") from None
    if not any(fnmatchcase(action, fault.action) for action in actions):
        raise CommandRejected(f"action: {fault.service} has no action like {fault.action}")


def _check_value(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise CommandRejected(f"{name}: must be one of {', '.join(allowed)}")


def _get_at(event: object, path: str) -> object:
    for name in path.split("."):
        if isinstance(event, Mapping):
            event = event.get(name)
        elif isinstance(event, Sequence) and not isinstance(event, str) and name.isdecimal() and int(name) < len(event):
            event = event[int(name)]
        else:
            return None
    return event


def _is_like(value: object, pattern: str) -> bool:
    """Return whether a value matches the pattern. A missing value matches no pattern."""
    text = value if isinstance(value, str) else json.dumps(value)
    return value is not None and fnmatchcase(text, pattern)
