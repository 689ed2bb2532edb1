"""The options `--after` and `--wait` of a verb: wait for a milestone of the run, so that the command can be sent before its time."""

from __future__ import annotations

import argparse

from cutover_site.aws.milestones import wait_for_milestone
from cutover_site.machine import Machine


def wait_for_requested_milestone(machine: Machine, options: argparse.Namespace) -> None:
    """Wait for the milestone that the command names (`--run`, `--after`, `--wait`), if it names one. Raises Refused like `wait_for_milestone`."""
    if options.after:
        wait_for_milestone(machine.record, options.run, options.after, options.wait)
