"""The verb that makes this machine answer quickly for a while."""

import argparse
from typing import Any

from cutover_site.cli import Verb
from cutover_site.machine import Machine
from cutover_site.system import systemd

UNIT = "cutover-attendant.service"


def attend(_machine: Machine, _options: argparse.Namespace) -> dict[str, Any]:
    """The attendant is there, with what is true now: one of an earlier run is replaced."""
    systemd.restart(UNIT)
    return {"attendant": "ready"}


VERBS = (Verb("attend", "commands are run without a start of their own, for two hours at most", attend),)
