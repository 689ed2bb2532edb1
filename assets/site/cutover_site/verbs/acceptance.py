"""Define the verbs of the acceptance suite: accept, tidy."""

from __future__ import annotations

import argparse
from typing import Any

from cutover_site.acceptance.results import describe_failures
from cutover_site.acceptance.runner import clean_up_all, run_suite
from cutover_site.acceptance.session import Session, SiteAddress
from cutover_site.acceptance.suite import Suite
from cutover_site.application import load_behavior
from cutover_site.cli import AFTER, WAIT, Option, Verb
from cutover_site.errors import SiteError
from cutover_site.launch import outbound
from cutover_site.machine import Machine
from cutover_site.milestone_option import wait_for_requested_milestone
from cutover_site.system.locks import hold_lock

Facts = dict[str, Any]
ACCEPTANCE_LOCK = "accept.lock"


class AcceptanceFailed(SiteError):
    """A check did not pass. The reason names each failed check."""


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
VERBS = (
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
