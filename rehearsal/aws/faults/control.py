"""Handle `/_rehearsal/faults`: order, list, clear, release, wait.

POST   /faults                  {"kind": …, options} -> the fault
GET    /faults                  {"faults": […]}: what is ordered, how often it was seen and hit
DELETE /faults[/ID]             one, or all; whoever they hold is released
POST   /faults/ID/release       releases whoever it holds
GET    /faults/ID/wait?seconds  the fault, when it has hit (one that holds: when it holds somebody)
"""

from __future__ import annotations

from rehearsal.aws.control import Call, Response
from rehearsal.aws.faults.kinds import Faults
from rehearsal.faults import Refused

WAIT = 30.0


class FaultControl:
    """The control requests on faults."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(self, call: Call) -> Response:
        """Handle one request. Raises Refused for one that is not understood."""
        id_, _, verb = call.rest.partition("/")
        if id_ and not id_.isdecimal():
            raise Refused(f"{id_!r} is no number of a fault")
        match call.method, bool(id_), verb:
            case "GET", False, "":
                return 200, {"faults": self._faults.list()}
            case "POST", False, "":
                return 201, self._faults.order(call.document)
            case "DELETE", _, "":
                self._faults.clear(int(id_) if id_ else None)
                return 200, {}
            case "POST", True, "release":
                return 200, self._faults.release(int(id_))
            case "GET", True, "wait":
                return 200, self._faults.wait(int(id_), call.seconds(WAIT))
        raise Refused(f"{call.method} {call.rest or '/'}: no such order")
