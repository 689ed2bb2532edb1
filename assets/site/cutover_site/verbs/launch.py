"""Define the verbs of a launched replica: post-launch and its failure, continue-launch, collect-logs, prepare-image."""

from __future__ import annotations

import argparse
import logging
from typing import Any

from cutover_site.cli import RUN, Option, Verb
from cutover_site.errors import NotConfigured, Refused
from cutover_site.launch import continuation, image, logs, post_launch, report
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)
Facts = dict[str, Any]


def run_post_launch(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Run the stages and publish the report in any case. Raises Refused on a machine that is no replica of a run."""
    machine, made = _begin_report(machine)
    if known := report.find_published(machine, made.run_id):
        LOG.info("reported before: %s", known["outcome"])
        return {"outcome": known["outcome"], "again": True}
    if not made.reason:
        try:
            post_launch.run_stages(machine, made)
        except Exception as error:
            LOG.exception("post-launch crashed")
            made.reason = f"post-launch crashed: {type(error).__name__}: {error}"
    message = report.publish(machine, made)
    return {"outcome": message["outcome"], "reason": message["reason"], "checks": message["checks"]}


def report_post_launch_failure(machine: Machine, options: argparse.Namespace) -> Facts:
    """Publish that the unit failed or reached its time limit before it could report (systemd, OnFailure)."""
    machine, made = _begin_report(machine)
    if known := report.find_published(machine, made.run_id):
        return {"outcome": known["outcome"], "again": True}
    made.reason = made.reason or (
        f"post-launch ended before it could report ({options.result}); see journalctl -u cutover-post-launch.service"
    )
    return {"outcome": report.publish(machine, made)["outcome"], "reason": made.reason}


def continue_launch(machine: Machine, options: argparse.Namespace) -> Facts:
    """Copy the files for a run that has taken this replica over. With `--check` change nothing. Raises Refused on any other machine."""
    if options.check:
        continuation.check(machine, options.run, options.launched_by)
        return {"changed": False}
    return {"changed": continuation.go_on(machine, options.run, options.launched_by)}


def _begin_report(machine: Machine) -> tuple[Machine, report.Report]:
    """Return this replica and its report. The report of a replica that takes itself for another machine has its reason, and nothing may run there.

    Without that report the procedure would wait until its limit. Raises Refused, NotConfigured on a machine that is no replica.
    """
    try:
        return machine, post_launch.begin_report(machine)
    except (Refused, NotConfigured) as error:
        replica = post_launch.find_replica(machine)
        if replica is None:
            raise
        made = post_launch.begin_report(replica)
        made.reason = post_launch.explain_identity(machine, error)
        return replica, made


def collect_logs(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Collect the machine's logs without secrets. Raises Refused on anything but a replica or a target."""
    machine.require_role("replica", "target")
    return logs.collect_logs(machine)


def prepare_image(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Prepare this disk for an image. Raises Refused on anything but a replica, because it removes the site's data."""
    machine.require_role("replica")
    return dict(image.prepare_image(machine))


VERBS = (
    Verb(
        "post-launch",
        "(launched replica) bring data, reconfigure, accept, publish",
        run_post_launch,
        for_people=True,
    ),
    Verb(
        "post-launch-failed",
        "(systemd) publish that post-launch died",
        report_post_launch_failure,
        (Option("result", default="unknown"),),
    ),
    Verb(
        "continue-launch",
        "(launched replica) copy and report for a run that has taken it over",
        continue_launch,
        (
            RUN,
            Option("launched-by", required=True, help="the run that launched this replica"),
            Option("check", flag=True, help="change nothing: only refuse what would be refused"),
        ),
    ),
    Verb("collect-logs", "(replica, target) journals and logs, without secrets", collect_logs),
    Verb("prepare-image", "scrub and seal this disk", prepare_image),
)
