"""Wait for the marker of a run, the last row that replication brings to the target."""

from __future__ import annotations

import argparse
import time
from typing import Any

from cutover_site.cli import RUN, Option, Verb
from cutover_site.database import freeze
from cutover_site.database.connections import connect
from cutover_site.database.login import DatabaseLogin
from cutover_site.database.site_logins import read_target_application_login
from cutover_site.errors import SiteError
from cutover_site.machine import Machine

Facts = dict[str, Any]

MARKER_POLL_SECONDS = 0.05
"""Users wait for the marker, and another server applies the row: there is no event for it"""


class MarkerMissing(SiteError):
    """Replication did not bring the run's marker to the target in time."""


def wait_for_marker(machine: Machine, options: argparse.Namespace) -> Facts:
    """Wait until the run's marker is on the target. Raises MarkerMissing."""
    machine.require_role("replica")
    seconds = poll_marker(read_target_application_login(machine), options.run, options.timeout)
    return {"marker": options.run, "seconds": round(seconds, 3)}


def poll_marker(server: DatabaseLogin, run: str, timeout_seconds: float) -> float:
    """Return the seconds until the run's marker was on this server. Raises MarkerMissing after `timeout_seconds`."""
    began = time.monotonic()
    with connect(server, timeout=60) as connection:
        while not freeze.has_marker(connection, run):
            if time.monotonic() - began > timeout_seconds:
                raise MarkerMissing(
                    f"the marker of run {run} is not on the target after {timeout_seconds:.0f} s",
                    next_action="look at the replication task's latency and log",
                )
            time.sleep(MARKER_POLL_SECONDS)
    return time.monotonic() - began


VERBS = (
    Verb(
        "wait-marker",
        "wait until the run's marker is on the target",
        wait_for_marker,
        (RUN, Option("timeout", kind=float, required=True, help="seconds")),
    ),
)
