"""The verb that makes this machine answer quickly for a while."""

from __future__ import annotations

import argparse
from typing import Any

from cutover_site.cli import Option, Verb
from cutover_site.files import delta
from cutover_site.machine import Machine
from cutover_site.system import systemd

UNIT = "cutover-attendant.service"


def attend(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """The attendant is there, with what is true now: one of an earlier run is replaced."""
    if options.source:
        machine.must_be("replica")
        delta.link(machine, options.source)
    systemd.restart(UNIT)
    return {"attendant": "ready"}


VERBS = (
    Verb(
        "attend",
        "commands are run without a start of their own, for two hours at most",
        attend,
        (Option("source", default="", help="(replica) private address of the source, to keep a connection to"),),
    ),
)
