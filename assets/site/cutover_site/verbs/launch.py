"""Define the verbs of a machine's life: configure (Ansible), launch, acceptance, image, boot, switch."""

from __future__ import annotations

import argparse
import logging
from typing import Any

from cutover_site.acceptance.results import describe_failures
from cutover_site.acceptance.runner import clean_up_all, run_suite
from cutover_site.acceptance.session import Session, SiteAddress
from cutover_site.acceptance.suite import Suite
from cutover_site.application import load_behavior
from cutover_site.cli import AFTER, RUN, WAIT, Option, Verb
from cutover_site.configured_for import find_rejection_reason, write_configured_for
from cutover_site.errors import NotConfigured, Refused, SiteError
from cutover_site.launch import continuation, image, logs, outbound, post_launch, report, serve, signal, source
from cutover_site.machine import Machine
from cutover_site.milestone_option import wait_for_requested_milestone
from cutover_site.system.locks import hold_lock

LOG = logging.getLogger(__name__)
Facts = dict[str, Any]
ACCEPTANCE_LOCK = "accept.lock"


class AcceptanceFailed(SiteError):
    """A check did not pass. The reason names each failed check."""


def configure(machine: Machine, options: argparse.Namespace) -> Facts:
    """Configure the source (Ansible). With `--check` change nothing.

    Raises Refused for an installation whose data or address the settings would lose.
    """
    if options.check:
        source.check(machine)
        return {"changed": False}
    return source.configure(machine)


def claim_identity(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Record that this machine is the source, and no copy of its disk is (Ansible).

    The guard and the dead man's switch read that record. Raises Refused on another machine than the one that site.json names.
    """
    return {"changed": write_configured_for(machine.layout, machine.claim_source())}


def check_identity(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Raise Refused unless the application may start here.

    systemd does not retry after 1 (this is another machine). After 255 (not known) the unit fails and systemd starts it again.
    """
    if reason := find_rejection_reason(machine.layout, machine.instance_id):
        raise Refused(reason)
    return {}


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


def _describe_switch(served: serve.Served, run: str) -> Facts:
    return {
        "mode": served.mode,
        "background": served.background,
        "switched": served.switched,
        "seconds": round(served.seconds, 3),
        "run": run,
    }


def reconcile_background(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Start or stop this server's background work, so that exactly one live server does it (systemd timer)."""
    served = serve.reconcile_background(machine)
    return {"background": served.background, "switched": served.switched} if served else {"background": False}


def accept(machine: Machine, options: argparse.Namespace) -> Facts:
    """Run the acceptance suite. Raises AcceptanceFailed with every failed check."""
    # A command that was sent twice runs twice. Side by side the two suites would write the same rows, and the second waits for the milestone
    # when it has the lock, because the run may be committed by then.
    with hold_lock(machine.layout.state / ACCEPTANCE_LOCK):
        suite, session = _open_acceptance(machine, options, live=options.live)

        results = run_suite(suite, session, lambda: wait_for_requested_milestone(machine, options))
    if failures := describe_failures(results):
        raise AcceptanceFailed(
            f"acceptance of {options.url} failed: {failures}", next_action="correct what failed, then run it again"
        )
    return {"url": options.url, "checks": [result.to_facts() for result in results]}


def clean_up(machine: Machine, options: argparse.Namespace) -> Facts:
    """Remove what the acceptance suite created.

    It also releases outbound work that was held until the commit, so that this does not wait for the timer.
    """
    with hold_lock(machine.layout.state / ACCEPTANCE_LOCK):  # a suite that still runs must end first
        clean_up_all(*_open_acceptance(machine, options))
    return {"url": options.url, "webhooks_released": outbound.release_after_commit(machine)}


def _open_acceptance(
    machine: Machine, options: argparse.Namespace, *, live: bool = False
) -> tuple[Suite[Any], Session]:
    machine.require_role("replica", "target")
    application = machine.layout.application
    behavior = load_behavior(application)
    address = SiteAddress(
        options.url,
        public_url=options.url,
        resolve=options.resolve,
        endpoints={port.name: getattr(options, port.name, "") for port in application.tcp},
        live=live,
    )
    return behavior.get_acceptance_suite(), behavior.open_acceptance_session(machine, address)


WHERE = (
    Option("url", required=True),
    Option("resolve", default="", help="name or address to connect to instead of what DNS returns"),
)
MODE = Option("mode", required=True, choices=("live", "scratch"))
VERBS = (
    Verb(
        "configure",
        "(Ansible) the application's settings on the source",
        configure,
        (Option("check", flag=True, help="change nothing: only refuse what would lose the data of a site"),),
    ),
    Verb("own", "(Ansible) this machine is the source, not a copy of it", claim_identity),
    Verb("guard", "exit 0 only on the machine that the application was configured for", check_identity, error_code=255),
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
    Verb("boot", "(systemd) serve what the site's mode names", boot),
    Verb("stage", "everything of `activate` but the start", stage, (RUN, MODE)),
    Verb("activate", "serve the live data or the copy", activate, (RUN, MODE, AFTER, WAIT)),
    Verb("tend", "(systemd) background work on one server", reconcile_background),
    Verb(
        "accept",
        "the acceptance suite",
        accept,
        (
            *WHERE,
            Option("run", default="", help="id of the run; with --after"),
            AFTER,
            WAIT,
            Option(
                "live", flag=True, help="users wait: only what the data can change, and `tidy` takes away what it made"
            ),
        ),
        ports=Option("", default="", help="HOST:PORT; without it the port is not checked"),
    ),
    Verb("tidy", "take away what `accept --live` left", clean_up, WHERE),
)
