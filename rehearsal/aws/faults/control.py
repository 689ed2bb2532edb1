"""Handle `/_rehearsal/faults`: inject, list, clear, release, wait.

POST   /faults                  {"kind": …, options} -> the fault
GET    /faults                  {"faults": […]}: all faults, and how many events each saw and hit
DELETE /faults[/ID]             clear one or all, which releases the invocations that they hold
POST   /faults/ID/release       release the invocations that it holds
GET    /faults/ID/wait?seconds  the fault, after it has hit an event or while it holds an invocation
"""

from __future__ import annotations

from rehearsal.aws.control import Call, Response
from rehearsal.aws.faults.kinds import Faults
from rehearsal.faults import CommandRejected

WAIT = 30.0


class FaultControl:
    """The control requests on faults."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(self, call: Call) -> Response:
        """Handle one request. Raises CommandRejected for an unknown request."""
        id_, _, verb = call.rest.partition("/")
        if id_ and not id_.isdecimal():
            raise CommandRejected(f"{id_!r} is not the id of a fault")
        match call.method, bool(id_), verb:
            case "GET", False, "":
                return 200, {"faults": self._faults.list()}
            case "POST", False, "":
                return 201, self._faults.inject(call.document)
            case "DELETE", _, "":
                self._faults.clear(int(id_) if id_ else None)
                return 200, {}
            case "POST", True, "release":
                return 200, self._faults.release(int(id_))
            case "GET", True, "wait":
                return 200, self._faults.wait(int(id_), call.parse_seconds(WAIT))
        raise CommandRejected(f"{call.method} {call.rest or '/'}: unknown request")
