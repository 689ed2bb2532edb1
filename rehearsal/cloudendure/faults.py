"""The faults that a test can inject into the console."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass

from rehearsal import faults
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.responses import Json
from rehearsal.faults import CommandRejected, Kind

KINDS = {
    "http": Kind(
        "return `status` without executing the call; for calls whose path ends like `path` (shell pattern) and `method`",
        ("path", "method", "status", "message"),
    ),
    "close": Kind("close the connection without a response; `path` and `method` as above", ("path", "method")),
    "lose-response": Kind("execute the call, then close the connection; the same options", ("path", "method")),
    "launch-fails": Kind("a launch job fails with `message`", ("machine", "message")),
    "slow-job": Kind("a job takes `seconds` longer", ("machine", "seconds")),
    "no-scripts": Kind("a launched machine boots, its scripts do not run", ("machine",)),
    "initial-sync": Kind("the initial sync stalls half way", ("machine",), lasting=True),
    "lag": Kind("changed blocks are counted, not copied: the backlog grows", ("machine",), lasting=True),
    "rescan": Kind("the map of changed blocks is lost: the disk is read and compared again (once)", ("machine",)),
    "forget-sessions": Kind("every session is forgotten (at once)"),
    "redirect": Kind(
        "a login below /api/latest is redirected (307) to the version, and only that path works", lasting=True
    ),
    "saml": Kind("a login returns a SAML redirect", lasting=True),
    "no-licence": Kind("logins and launches return 402", lasting=True),
}
ON_REQUEST = ("http", "close", "lose-response")
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

    def inject(self, order: object) -> Json:
        """Order a fault. Raises ApiError 422 for an unknown kind or property."""
        try:
            return super().inject(order)
        except CommandRejected as error:
            raise ApiError(422, str(error)) from None

    def find_request_fault(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits this request, and count the hit."""
        return self.find_hit(
            lambda fault: (
                fault.kind in ON_REQUEST
                and fnmatch.fnmatch(path, f"*{fault.path}")
                and fnmatch.fnmatch(method, fault.method.upper())
            )
        )

    def find_machine_fault(self, kind: str, machine: str = "") -> Fault | None:
        """Return the fault of this kind that hits this event of the machine, and count the hit."""
        return self.find_hit(lambda fault: fault.kind == kind and fnmatch.fnmatch(machine, fault.machine))
