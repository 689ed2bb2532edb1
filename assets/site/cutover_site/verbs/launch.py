"""Verbs of a machine's life: configured by Ansible, launched as a copy, accepted, imaged, booted as a target, switched."""

from __future__ import annotations

import argparse
import logging
from typing import Any

from cutover_site.acceptance.site import Visit
from cutover_site.acceptance.suite import accept as run_suite
from cutover_site.acceptance.suite import failures
from cutover_site.acceptance.tidy import tidy as take_away
from cutover_site.cli import RUN, Option, Verb
from cutover_site.errors import Refused, SiteError
from cutover_site.gogs import deliveries, service
from cutover_site.gogs.service import ConfiguredFor
from cutover_site.launch import image, logs, post_launch, report, serve, source
from cutover_site.launch.visit import prepare_visit
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)
Facts = dict[str, Any]


class AcceptanceFailed(SiteError):
    """A check did not pass. The reason names each."""


def configure(machine: Machine, options: argparse.Namespace) -> Facts:
    if options.check:
        source.check(machine)
        return {"changed": False}
    return source.configure(machine)


def own(machine: Machine, _options: argparse.Namespace) -> Facts:
    """(Ansible) what the guard and the dead man's switch go by: this machine, and no copy of its disk, is the source."""
    return {
        "changed": service.write_configured_for(
            machine.layout, ConfiguredFor(machine.instance_id, "source", background=True)
        )
    }


def guard(machine: Machine, _options: argparse.Namespace) -> Facts:
    """To systemd 1 means "not here", which it leaves at that; 255, "nobody can say": it fails the unit, which tries again."""
    if objection := service.objection(machine.layout, machine.instance_id):
        raise Refused(objection)
    return {}


def run_post_launch(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Publishes in any case. Raises Refused where there is nothing to publish about."""
    made = post_launch.begin(machine)
    if known := report.published(machine, made.run_id):
        LOG.info("reported before: %s", known["outcome"])
        return {"outcome": known["outcome"], "again": True}
    try:
        post_launch.work(machine, made)
    except Exception as error:
        LOG.exception("post-launch crashed")
        made.reason = f"post-launch crashed: {type(error).__name__}: {error}"
    message = report.publish(machine, made)
    return {"outcome": message["outcome"], "reason": message["reason"], "checks": message["checks"]}


def post_launch_failed(machine: Machine, options: argparse.Namespace) -> Facts:
    """(systemd, OnFailure) the unit died or hit its time limit before it could report."""
    made = post_launch.begin(machine)
    if known := report.published(machine, made.run_id):
        return {"outcome": known["outcome"], "again": True}
    made.reason = (
        f"post-launch ended before it could report ({options.result}); see journalctl -u cutover-post-launch.service"
    )
    return {"outcome": report.publish(machine, made)["outcome"], "reason": made.reason}


def collect_logs(machine: Machine, _options: argparse.Namespace) -> Facts:
    machine.must_be("replica", "target")
    return logs.collect(machine)


def prepare_image(machine: Machine, _options: argparse.Namespace) -> Facts:
    machine.must_be("replica")
    return dict(image.prepare(machine))


def boot(machine: Machine, _options: argparse.Namespace) -> Facts:
    """(systemd) only on a machine that was started as a target; the replica whose disk became the image is none."""
    if machine.role != "target":
        return {"mode": "none", "why": f"this is {machine.role or 'untagged'}, not a target"}
    served = serve.serve(machine, serve.mode_of(machine.aws.parameter("mode")))
    return {"mode": served.mode, "background": served.background, "seconds": round(served.seconds, 3)}


def stage(machine: Machine, options: argparse.Namespace) -> Facts:
    """Gogs does not run afterwards, unless it served this mode before."""
    machine.must_be("target")
    return _switched(serve.stage(machine, serve.mode_of(options.mode)), options.run)


def activate(machine: Machine, options: argparse.Namespace) -> Facts:
    machine.must_be("target")
    return _switched(serve.serve(machine, serve.mode_of(options.mode)), options.run)


def _switched(served: serve.Served, run: str) -> Facts:
    return {
        "mode": served.mode,
        "background": served.background,
        "switched": served.switched,
        "seconds": round(served.seconds, 3),
        "run": run,
    }


def tend(machine: Machine, _options: argparse.Namespace) -> Facts:
    """(systemd timer) keeps cron and mirrors on exactly one live server."""
    served = serve.tend(machine)
    return {"background": served.background, "switched": served.switched} if served else {"background": False}


def accept(machine: Machine, options: argparse.Namespace) -> Facts:
    visit = _visit(machine, options)
    visit.live = options.live
    results = run_suite(visit)
    if said := failures(results):
        raise AcceptanceFailed(
            f"acceptance of {options.url} failed: {said}", next_action="correct what failed, then run it again"
        )
    return {"url": options.url, "checks": [result.facts() for result in results]}


def tidy(machine: Machine, options: argparse.Namespace) -> Facts:
    """Also tells what was held until the commit, so that nobody waits for the timer."""
    take_away(_visit(machine, options))
    return {"url": options.url, "webhooks_released": deliveries.release_after_commit(machine)}


def _visit(machine: Machine, options: argparse.Namespace) -> Visit:
    machine.must_be("replica", "target")
    return prepare_visit(
        machine, url=options.url, resolve=options.resolve, ssh=getattr(options, "ssh", ""), public_url=options.url
    )


WHERE = (
    Option("url", required=True),
    Option("resolve", default="", help="name or address to connect to instead of what DNS says"),
)
MODE = Option("mode", required=True, choices=("live", "scratch"))
VERBS = (
    Verb(
        "configure",
        "(Ansible) app.ini of the source",
        configure,
        (Option("check", flag=True, help="change nothing: only refuse what would lose the data of a site"),),
    ),
    Verb("own", "(Ansible) this machine is the source, not a copy of it", own),
    Verb("guard", "exit 0 only on the machine that Gogs was configured for", guard, error_code=255),
    Verb(
        "post-launch",
        "(launched replica) bring data, reconfigure, accept, publish",
        run_post_launch,
        for_people=True,
    ),
    Verb(
        "post-launch-failed",
        "(systemd) publish that post-launch died",
        post_launch_failed,
        (Option("result", default="unknown"),),
    ),
    Verb("collect-logs", "(replica, target) journals and logs, without secrets", collect_logs),
    Verb("prepare-image", "scrub and seal this disk", prepare_image),
    Verb("boot", "(systemd) serve what the site's mode says", boot),
    Verb("stage", "everything of `activate` but the start", stage, (RUN, MODE)),
    Verb("activate", "serve the live data or the copy", activate, (RUN, MODE)),
    Verb("tend", "(systemd) background work on one server", tend),
    Verb(
        "accept",
        "the acceptance suite",
        accept,
        (
            *WHERE,
            Option(
                "live", flag=True, help="users wait: only what the data can change, and `tidy` takes away what it made"
            ),
        ),
        ports=Option("", default="", help="HOST:PORT; without it the port is not checked"),
    ),
    Verb("tidy", "take away what `accept --live` left", tidy, WHERE),
)
