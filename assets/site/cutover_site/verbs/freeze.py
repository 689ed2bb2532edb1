"""Verbs of the freeze on the source's application server: stop and resume writes, forward to the target, the dead man's switch of both machines."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import urlsplit

from cutover_site.cli import AFTER, LEASE, RUN, WAIT, Option, Verb
from cutover_site.freeze import database_server, switch
from cutover_site.freeze import forward as forwarding
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.attempts import AttemptLimits
from cutover_site.freeze.store import has_both_roles
from cutover_site.machine import Machine
from cutover_site.milestone_option import wait_for_requested_milestone
from cutover_site.proxy.forwarding import Address

Facts = dict[str, Any]


def freeze(machine: Machine, options: argparse.Namespace) -> Facts:
    """Stop writes on the application server."""
    machine.require_role("source-app")
    limits = AttemptLimits(options.attempt, options.attempts, options.hold, options.within)
    return ApplicationServer(machine).stop_source_writes(options.run, options.lease, limits)


def renew(machine: Machine, options: argparse.Namespace) -> Facts:
    """Extend the freeze lease."""
    machine.require_role("source-app")
    return ApplicationServer(machine).renew_lease(options.run, options.lease)


def thaw(machine: Machine, options: argparse.Namespace) -> Facts:
    """Resume writes on this machine: of the database first, because the application must find it writable."""
    machine.require_role("source-app", "source-database")
    if not machine.has_role("source-app"):
        return database_server.resume_source_writes(machine, options.run)
    server = ApplicationServer(machine)
    if not machine.has_role("source-database"):
        return server.resume_source_writes(options.run)
    server.store.read().thaw(options.run)  # refuses before anything opens, as the application does after the move
    database = database_server.resume_source_writes(machine, options.run)
    return {**server.resume_source_writes(options.run), "database": database}


def prepare_forward(machine: Machine, options: argparse.Namespace) -> Facts:
    """Let the running proxy know the target."""
    machine.require_role("source-app")
    return forwarding.prepare_forward(ApplicationServer(machine), options.run, _parse_addresses(machine, options))


def forward(machine: Machine, options: argparse.Namespace) -> Facts:
    """Send all traffic to the target from now on."""
    machine.require_role("source-app")
    server, addresses = ApplicationServer(machine), _parse_addresses(machine, options)
    wait_for_requested_milestone(machine, options)
    return forwarding.forward(server, options.run, addresses)


def _parse_addresses(machine: Machine, options: argparse.Namespace) -> dict[str, Address]:
    others = {port.name: Address.parse(getattr(options, port.name)) for port in machine.layout.application.tcp}
    path = urlsplit(machine.config.site_url).path.rstrip("/")
    return {"http": Address.parse(options.http, tls=options.tls, path=path), **others}


def check_lease(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Run the dead man's switch of this machine."""
    # Not by the tag, because the machine must know its role while AWS is unreachable. `guard` keeps a launched copy out.
    if has_both_roles(machine):
        return switch.run_on_one_server(machine)
    if "source-database" in machine.config.roles:
        return switch.run_on_database_server(machine)
    return switch.run_on_application_server(machine)


ATTEMPTS = AttemptLimits()
TARGET = (
    Option("http", required=True, help="HOST:PORT"),
    Option("tls", default="", help="use TLS for HTTP, with this host name"),
)
TARGET_PORT = Option("", required=True, help="HOST:PORT")
VERBS = (
    Verb(
        "freeze",
        "stop source writes: hold new ones, drain the proxy, end processes that write; reads go on",
        freeze,
        (
            RUN,
            LEASE,
            Option(
                "attempt",
                kind=float,
                default=ATTEMPTS.attempt_seconds,
                help="seconds that writes in flight have to end; then the site opens again, or the last attempt cuts them",
            ),
            Option("attempts", kind=int, default=ATTEMPTS.attempts, help="how often to try"),
            Option(
                "hold",
                kind=float,
                default=ATTEMPTS.hold_seconds,
                help="seconds for which writes are held in an attempt before they are refused",
            ),
            Option(
                "within",
                kind=float,
                default=ATTEMPTS.within_seconds,
                help="seconds for all attempts with the pauses between them",
            ),
        ),
    ),
    Verb("renew", "extend the freeze lease", renew, (RUN, LEASE)),
    Verb("thaw", "resume source writes; the database server first", thaw, (RUN,)),
    Verb(
        "prepare-forward",
        "let the running proxy know the target, before the freeze; the site goes on as before",
        prepare_forward,
        (RUN, *TARGET),
        ports=TARGET_PORT,
    ),
    Verb(
        "forward",
        "send HTTP and the other ports to the target; cannot be undone",
        forward,
        (RUN, *TARGET, AFTER, WAIT),
        ports=TARGET_PORT,
    ),
    Verb(
        "lease",
        "(systemd) run the dead man's switch: resume writes if the lease has ended and the run is not committed",
        check_lease,
    ),
)
