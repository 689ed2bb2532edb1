"""The console's failures that can be ordered. Each says what it does to whom; nothing fails that nobody ordered."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass

from rehearsal import faults
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.responses import Json
from rehearsal.faults import Kind, Refused

KINDS = {
    "http": Kind(
        "answer `status` instead of the truth; for calls whose path ends like `path` (shell pattern) and `method`",
        ("path", "method", "status", "message"),
    ),
    "close": Kind("close the connection without an answer; `path` and `method` as above", ("path", "method")),
    "lose-answer": Kind("do what was asked, then close the connection; the same options", ("path", "method")),
    "launch-fails": Kind("a launch job fails with `message`", ("machine", "message")),
    "slow-job": Kind("a job takes `seconds` longer", ("machine", "seconds")),
    "no-scripts": Kind("a launched machine boots, its scripts do not run", ("machine",)),
    "initial-sync": Kind("the initial sync stands still half way", ("machine",), lasting=True),
    "lag": Kind("changed blocks are counted, not copied: the backlog grows", ("machine",), lasting=True),
    "rescan": Kind("the map of changed blocks is lost: the disk is read and compared again (once)", ("machine",)),
    "forget-sessions": Kind("every session is forgotten (at once)"),
    "redirect": Kind("log in below /api/latest answers 307 to the version, and only that serves", lasting=True),
    "saml": Kind("log in answers with a SAML redirect", lasting=True),
    "no-licence": Kind("log in and launches answer 402", lasting=True),
}
ON_REQUEST = ("http", "close", "lose-answer")
LAUNCH_FAILURE = "Failed launching target machine: the machine could not be converted to the target infrastructure"


@dataclass
class Fault(faults.Fault):
    """A fault of the console."""

    path: str = "*"
    method: str = "*"
    status: int = 500
    machine: str = "*"
    message: str = ""
    seconds: int = 0


class Faults(faults.Faults[Fault]):
    """Thread-safe."""

    def __init__(self) -> None:
        super().__init__(Fault, KINDS)

    def order(self, order: object) -> Json:
        """Order a fault. Raises ApiError 422 for an unknown kind or property."""
        try:
            return super().order(order)
        except Refused as error:
            raise ApiError(422, str(error)) from None

    def on_request(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request meets, and count it."""
        return self.meet(
            lambda fault: (
                fault.kind in ON_REQUEST
                and fnmatch.fnmatch(path, f"*{fault.path}")
                and fnmatch.fnmatch(method, fault.method.upper())
            )
        )

    def strikes(self, kind: str, machine: str = "") -> Fault | None:
        """Return the fault of this kind that this event meets, and count it."""
        return self.meet(lambda fault: fault.kind == kind and fnmatch.fnmatch(machine, fault.machine))
