"""Define the verbs by which a target serves: boot, stage, activate, tend."""

from __future__ import annotations

import argparse
from typing import Any

from cutover_site.cli import AFTER, RUN, WAIT, Option, Verb
from cutover_site.launch import serve, signal
from cutover_site.machine import Machine
from cutover_site.milestone_option import wait_for_requested_milestone

Facts = dict[str, Any]


def boot(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Serve the tree of the site's mode, on a target only (systemd). Report it to CloudFormation, which may wait for it.

    The replica whose disk became the image is no target.
    """
    if not machine.has_role("target"):
        return {"mode": "none", "why": f"this is {machine.role or 'untagged'}, not a target"}
    served = serve.serve(machine, serve.parse_mode(machine.aws.read_parameter("mode")))
    signal.report_serving(machine)
    return {"mode": served.mode, "background": served.background, "seconds": round(served.seconds, 3)}


def stage(machine: Machine, options: argparse.Namespace) -> Facts:
    """Prepare the switch to a mode. It stops the application, unless the application serves this mode already."""
    machine.require_role("target")
    return _describe_switch(serve.stage(machine, serve.parse_mode(options.mode)), options.run)


def activate(machine: Machine, options: argparse.Namespace) -> Facts:
    """Serve the live data or the scratch copy. Raises Refused on anything but a target, SiteError when it is not healthy."""
    machine.require_role("target")

    wait_for_requested_milestone(machine, options)
    served = serve.serve(
        machine,
        serve.parse_mode(options.mode),
        as_staged=True,
        permit=lambda: wait_for_requested_milestone(machine, options),
    )
    return _describe_switch(served, options.run)


def reconcile_background(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Start or stop this server's background work, so that exactly one live server does it (systemd timer)."""
    served = serve.reconcile_background(machine)
    return {"background": served.background, "switched": served.switched} if served else {"background": False}


def _describe_switch(served: serve.Served, run: str) -> Facts:
    return {
        "mode": served.mode,
        "background": served.background,
        "switched": served.switched,
        "seconds": round(served.seconds, 3),
        "run": run,
    }


MODE = Option("mode", required=True, choices=("live", "scratch"))
VERBS = (
    Verb("boot", "(systemd) serve what the site's mode names", boot),
    Verb("stage", "everything of `activate` but the start", stage, (RUN, MODE)),
    Verb("activate", "serve the live data or the copy", activate, (RUN, MODE, AFTER, WAIT)),
    Verb("tend", "(systemd) background work on one server", reconcile_background),
)
