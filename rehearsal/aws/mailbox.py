"""Keep the responses that one client PUTs to an address and another client waits for: the ResponseURL of a custom resource.

PUT    /_rehearsal/mailbox/NAME          403 if it is not open, as for an address that has expired
POST   /_rehearsal/mailbox/NAME          open it
GET    /_rehearsal/mailbox/NAME?seconds  the first response; {"body": null} when none arrived in time
DELETE /_rehearsal/mailbox/NAME          close it

It is on the AWS port, because CDK's Provider framework drops the port of a ResponseURL. The functions' shim then uses the AWS port.
"""

from __future__ import annotations

import threading

from rehearsal.aws.control import Call, Response
from rehearsal.faults import CommandRejected

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
                    self._changed.wait_for(lambda: self._letters.get(call.rest, True), call.parse_seconds(WAIT))
                    if call.rest not in self._letters:
                        raise CommandRejected(f"mailbox {call.rest} is not open")
                    return 200, {"body": next(iter(self._letters[call.rest]), None)}
        raise CommandRejected(f"{call.method}: unknown request")
