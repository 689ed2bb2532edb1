"""The verb that starts the prefork worker, so that this machine runs commands quickly for a while."""

from __future__ import annotations

import argparse
from typing import Any

from cutover_site.cli import Option, Verb
from cutover_site.files import delta
from cutover_site.machine import Machine
from cutover_site.system import systemd

UNIT = "cutover-attendant.service"


def start_worker(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Start the prefork worker with fresh facts and secrets. A worker of an earlier run is replaced."""
    if options.source:
        machine.require_role("replica")
        delta.open_shared_connection(machine, options.source)
    systemd.restart(UNIT)
    return {"attendant": "ready"}


VERBS = (
    Verb(
        "attend",
        "start the prefork worker: for two hours at most, commands run in its forks",
        start_worker,
        (Option("source", default="", help="(replica) private address of the source, to keep an SSH connection to"),),
    ),
)
