"""What a machine's verbs ask for each time, asked for once. Kept in the attendant's memory alone, which ends with the window."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from cutover_site.application import load_behavior
from cutover_site.errors import SiteError
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)

CLIENTS: Mapping[str, tuple[str, ...]] = {
    "source-app": ("dynamodb",),
    "source-database": ("dynamodb",),
    "target": ("autoscaling", "dynamodb", "ssm"),
}
"""by role, whose clients the window's verbs need"""


def warm(machine: Machine) -> None:
    """Never raises SiteError: what cannot be had now is asked for by the verb that needs it, which says so."""
    for fact in (_behavior, _facts, _secrets, _hang_up, _clients):
        try:
            fact(machine)
        except SiteError as error:
            LOG.warning("not ready beforehand: %s", error)


def _behavior(machine: Machine) -> None:
    """Load the application's modules, which a verb loads at its first use."""
    if machine.role != "source-database":
        load_behavior(machine.layout.application)


def _hang_up(machine: Machine) -> None:
    """Before `_clients`, whose clients have not connected yet: an old botocore closes a connection by losing its client."""
    machine.aws.hang_up()


def _facts(machine: Machine) -> None:
    LOG.info("attending on %s, %d facts of the replication", machine.name, len(machine.replication))
    if machine.role in ("replica", "target"):
        LOG.info("%d facts of the target", len(machine.target))


def _secrets(machine: Machine) -> None:
    wanted: Mapping[str, Callable[[], list[str]]] = {
        "source-app": lambda: [machine.config.source_database.secret] if machine.config.source_database else [],
        "replica": lambda: [str(machine.fact(key)) for key in ("source_database_secret", "database_app_secret")],
        "target": lambda: [str(machine.fact(key)) for key in ("database_app_secret", "site_secret")],
    }
    for identifier in wanted.get(machine.role, list)():
        machine.aws.remember(identifier)


def _clients(machine: Machine) -> None:
    for service in CLIENTS.get(machine.role, ()):
        machine.aws.client(service)
