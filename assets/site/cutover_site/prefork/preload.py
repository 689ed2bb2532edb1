"""Read once for all verbs what each verb of a machine reads. It stays in the worker's memory only; the worker ends after the window."""

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
"""by role: the AWS services whose clients the verbs of the window need"""


def preload(machine: Machine) -> None:
    """Load modules, read facts and secrets and create clients. Never raises SiteError: a verb that needs what failed reads it itself and reports the error."""
    for step in (_load_behavior, _load_facts, _load_secrets, _close_connections, _create_clients):
        try:
            step(machine)
        except SiteError as error:
            LOG.warning("not preloaded: %s", error)


def _load_behavior(machine: Machine) -> None:
    """Import the application's modules, which a verb would import at its first use."""
    if machine.roles != ("source-database",):
        load_behavior(machine.layout.application)


def _close_connections(machine: Machine) -> None:
    """Close open connections. Runs before `_create_clients`: an old botocore can only close a connection by dropping its client."""
    machine.aws.close_connections()


def _load_facts(machine: Machine) -> None:
    LOG.info("prefork worker on %s, %d facts of the replication", machine.name, len(machine.replication))
    if machine.has_role("replica") or machine.has_role("target"):
        LOG.info("%d facts of the target", len(machine.target))


def _load_secrets(machine: Machine) -> None:
    wanted: Mapping[str, Callable[[], list[str]]] = {
        "source-app": lambda: [machine.config.source_database.secret] if machine.config.source_database else [],
        "source-database": lambda: _list_administrator_secrets(machine),
        "replica": lambda: [str(machine.get_fact(key)) for key in ("source_database_secret", "database_app_secret")],
        "target": lambda: [str(machine.get_fact(key)) for key in ("database_app_secret", "site_secret")],
    }
    for identifier in [name for role in machine.roles for name in wanted.get(role, list)()]:
        machine.aws.cache_secret(identifier)


def _list_administrator_secrets(machine: Machine) -> list[str]:
    database = machine.config.source_database
    return [database.administrator.secret] if database and database.administrator else []


def _create_clients(machine: Machine) -> None:
    for service in [name for role in machine.roles for name in CLIENTS.get(role, ())]:
        machine.aws.get_client(service)
