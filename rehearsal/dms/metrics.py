"""CDCLatencySource and CDCLatencyTarget to CloudWatch, under the two dimensions that DMS uses."""

from __future__ import annotations

import logging
import threading
from typing import Any

from rehearsal.dms.engines import Engines
from rehearsal.dms.models import State, now
from rehearsal.dms.ports import Account

_log = logging.getLogger(__name__)
EVERY_SECONDS = 10.0
"""seconds; DMS publishes once a minute, and an alarm with a period of a minute gets the same data"""
_NAMES = {"latency_source": "CDCLatencySource", "latency_target": "CDCLatencyTarget"}


class Metrics:
    """A thread that publishes the latency of every running task to CloudWatch."""

    def __init__(self, state: State, engines: Engines, account: Account, *, every: float = EVERY_SECONDS) -> None:
        self._state, self._engines, self._account, self._every = state, engines, account, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dms-metrics", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def build_data(self) -> list[dict[str, Any]]:
        """Return one datum for each metric of each running task. The task's dimension is the end of its ARN, as in AWS."""
        self._engines.refresh()
        with self._state.lock:
            return [
                {
                    "MetricName": metric,
                    "Dimensions": [
                        {"Name": "ReplicationInstanceIdentifier", "Value": task.instance.id},
                        {"Name": "ReplicationTaskIdentifier", "Value": task.resource},
                    ],
                    "Timestamp": now(),
                    "Value": float(task.report[key]),
                    "Unit": "Seconds",
                }
                for task in self._state.tasks.values()
                if task.status == "running" and "latency_source" in task.report
                for key, metric in _NAMES.items()
            ]

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                if data := self.build_data():
                    self._account.publish_metrics(data)
            except Exception as error:  # noqa: BLE001  the local AWS may be going down; the next turn tries again
                _log.warning("metrics were not published: %s", error)
