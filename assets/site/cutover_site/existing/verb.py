"""The verb that inspects a server before anything of a migration is on it.

It is not in the package `verbs`, whose modules need boto3, requests and PyMySQL.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import applications

from cutover_site.cli import Option, Verb
from cutover_site.errors import NotConfigured
from cutover_site.existing.check import Request, check_source
from cutover_site.existing.findings import format_findings
from cutover_site.existing.host import Host
from cutover_site.existing.managed_server import OpenServer, open_by_file
from cutover_site.machine import Machine
from cutover_site.providers import DEFAULT_PROVIDER, REQUIREMENTS

NAME = "check-source"


def run_check_source(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Return every unmet assumption about this machine at once, each with what to do. Changes nothing."""
    try:
        profile = applications.load(options.application)
    except applications.UnknownApplication as error:
        raise NotConfigured(str(error), next_action="correct --application") from error
    host = Host(machine.layout.root)
    request = Request(
        provider=options.provider,
        settings=Path(options.settings).absolute() if options.settings else None,
        schemas=tuple(name for name in options.schema.split(",") if name),
        options_file=options.defaults_file,
        replication_user=options.replication_user,
        site=options.site,
        seconds=options.seconds,
        open_managed=_open_managed(options),
    )
    result, findings = check_source(host, profile, request)
    if not options.json:
        print("\n".join([*format_findings(findings, host.name), *result["elsewhere"]]))
    return result


def _open_managed(options: argparse.Namespace) -> OpenServer | None:
    """Return how to connect to a managed database. Raises NotConfigured without the file that has its account."""
    if not options.managed_database:
        return None
    if not options.defaults_file:
        raise NotConfigured(
            "--managed-database needs the account of the database's administrator",
            next_action="write user and password (and ssl-ca) below [client] into a my.cnf that only root reads, and name it by --defaults-file",
        )
    return open_by_file(options.defaults_file)


VERBS = (
    Verb(
        NAME,
        "every unmet assumption about a server that is to be migrated, each with what to do; changes nothing",
        run_check_source,
        (
            Option(
                "settings",
                default="",
                help="the application's settings file; default: that of the application that runs here",
                former="app-ini",
            ),
            Option(
                "provider",
                default=DEFAULT_PROVIDER,
                choices=tuple(REQUIREMENTS),
                help="[provider] kind of migration.toml",
            ),
            Option("application", default=applications.DEFAULT, help="name of the application"),
            Option(
                "schema",
                default="",
                help="comma separated schemas of the application; default: those that its settings name",
            ),
            Option(
                "defaults-file",
                default="",
                help="a my.cnf with the account that reads the database; default: root by its socket",
            ),
            Option(
                "managed-database",
                flag=True,
                help="the application's database is a managed service (RDS, Cloud SQL): check it from here with the account of --defaults-file",
            ),
            Option("replication-user", default="", help="the account of the replication, to check its privileges"),
            Option(
                "site",
                default="",
                help="name of the site in migration.toml: refuse a machine that was prepared for another one",
            ),
            Option("seconds", kind=float, default=60.0, help="how long the site's files may be searched"),
            Option("json", flag=True, help="print only the result as JSON"),
        ),
    ),
)
