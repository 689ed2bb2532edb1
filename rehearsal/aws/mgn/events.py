"""Events that MGN sends to EventBridge: three of them have a schema. Nothing is sent for READY_FOR_CUTOVER, finalize or terminate."""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

from rehearsal.aws.mgn.models import SourceServer
from rehearsal.aws.registry import Registry

SOURCE = "aws.mgn"
LAUNCH_RESULT = "MGN Source Server Launch Result"
LIFE_CYCLE = "MGN Source Server Lifecycle State Change"
STALLED = "MGN Source Server Data Replication Stalled Change"
_log = logging.getLogger(__name__)


class Events:
    """Sends events, each on a thread of its own: a rule may invoke what calls MGN."""

    def __init__(self, registry: Registry) -> None:
        self._put = registry.get_function("eventbridge", "_put_events")

    def send_launch_result(self, server: SourceServer, job_id: str, *, test: bool, succeeded: bool) -> None:
        """Send the result of a launch."""
        state = f"{'TEST' if test else 'CUTOVER'}_LAUNCH_{'SUCCEEDED' if succeeded else 'FAILED'}"
        self._send(server, LAUNCH_RESULT, {"state": state, "job-id": job_id})

    def send_ready_for_test(self, server: SourceServer) -> None:
        """Send that a server can be launched, for the first time."""
        self._send(server, LIFE_CYCLE, {"state": "READY_FOR_TEST"})

    def send_stall(self, server: SourceServer, *, stalled: bool) -> None:
        """Send that the replication stands, or goes on."""
        self._send(server, STALLED, {"state": "STALLED" if stalled else "NOT_STALLED"})

    def _send(self, server: SourceServer, kind: str, detail: dict[str, Any]) -> None:
        _log.info("event %s of %s: %s", kind, server.id, detail)
        entry = {"Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail), "Resources": [server.arn]}
        threading.Thread(
            target=self._put,
            args=({"Entries": [entry]},),
            kwargs={"allow_aws_source": True},
            name="mgn-event",
            daemon=True,
        ).start()
