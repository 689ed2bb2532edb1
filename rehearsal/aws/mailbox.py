"""Keep responses that somebody PUTs to an address and somebody else waits for: the ResponseURL of a custom resource.

PUT    /_rehearsal/mailbox/NAME          403 when nobody has opened it, or it is closed: as an address that has expired
POST   /_rehearsal/mailbox/NAME          open it
GET    /_rehearsal/mailbox/NAME?seconds  what came first; {"body": null} when nothing came in time
DELETE /_rehearsal/mailbox/NAME          close it

It is at the AWS port, because CDK's Provider framework drops the port of a ResponseURL; the functions' shim knows that one.
"""

from __future__ import annotations

import threading

from rehearsal.aws.control import Call, Response
from rehearsal.faults import Refused

WAIT = 30.0


class Mailbox:
    """Thread-safe."""

    def __init__(self) -> None:
        self._letters: dict[str, list[str]] = {}
        self._changed = threading.Condition()

    def __call__(self, call: Call) -> Response:
        """Handle one request."""
        with self._changed:
            match call.method:
                case "POST":
                    self._letters.setdefault(call.rest, [])
                    return 200, {}
                case "DELETE":
                    self._letters.pop(call.rest, None)
                    self._changed.notify_all()
                    return 200, {}
                case "PUT":
                    if call.rest not in self._letters:
                        return 403, {"message": "Request has expired"}
                    self._letters[call.rest].append(call.body.decode())
                    self._changed.notify_all()
                    return 200, {}
                case "GET":
                    self._changed.wait_for(lambda: self._letters.get(call.rest, True), call.seconds(WAIT))
                    if call.rest not in self._letters:
                        raise Refused(f"mailbox {call.rest} is not open")
                    return 200, {"body": next(iter(self._letters[call.rest]), None)}
        raise Refused(f"{call.method}: no such order")
