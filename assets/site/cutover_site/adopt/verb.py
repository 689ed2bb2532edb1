"""The verbs that prepare an existing source and release it. They need no package besides Python, like `check-source`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import applications
from applications.profile import Profile

from cutover_site.adopt.adoption import Adoption
from cutover_site.adopt.changes import Change, describe, format_change
from cutover_site.adopt.checks import require_checks, run_checks
from cutover_site.adopt.identity_options import ROLES, read_identity
from cutover_site.adopt.journal import ADOPTED
from cutover_site.adopt.proposal import Proposal
from cutover_site.adopt.site_file import Identity
from cutover_site.cli import Option, Verb
from cutover_site.config import TLS_MODES, TLS_VERIFY
from cutover_site.errors import NotConfigured, Refused
from cutover_site.existing.check import APPLICATION
from cutover_site.machine import Machine
from cutover_site.providers import DEFAULT_PROVIDER, REQUIREMENTS
from cutover_site.system.locks import hold_lock

ADOPT, RELEASE = "adopt", "release-source"
LOCK = "run/cutover-adopt.lock"
"""in memory, because a release leaves nothing on the disk"""


def adopt(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Prepare this machine as a source of the site. With `--dry-run` only return what would be changed.

    Raises Refused with every finding of `check-source` that would stop a migration, before any change.
    """
    machine.require_root()
    identity, profile = read_identity(machine, options), _load_profile(options.application)
    adoption = Adoption(machine.layout, profile, Path(options.settings).absolute() if options.settings else None)
    if options.dry_run:
        return _plan_dry_run(adoption, identity, options)
    with hold_lock(machine.layout.root / LOCK):
        return adopt_machine(adoption, identity, options)


def adopt_machine(adoption: Adoption, identity: Identity, options: argparse.Namespace) -> dict[str, Any]:
    """Adopt, unless the machine is adopted already. Raises Refused, SiteError."""
    if adoption.find_state(identity) == ADOPTED:
        return _describe_adopted(adoption, identity)
    adoption.recover()
    found = require_checks(adoption, identity, options)
    changes, proposal = adoption.plan(identity, has_application=APPLICATION in identity.roles)
    _print_plan(changes, options)
    return {**adoption.apply(identity, changes, proposal), **_describe_effects(proposal), "warnings_of_checks": found}


def release_source(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Restore what the adoption changed, and remove what it added. Does nothing on a machine that is not adopted."""
    machine.require_root()
    adoption = Adoption(machine.layout, _load_profile(options.application))
    with hold_lock(machine.layout.root / LOCK):
        return adoption.release()


def _describe_adopted(adoption: Adoption, identity: Identity) -> dict[str, Any]:
    """Return the result for a machine that is adopted. Raises Refused when something is not as this adoption would make it."""
    if drift := adoption.find_drift(identity):
        raise Refused(
            f"this machine is adopted for the site {identity.site}, but {'; '.join(drift)}",
            next_action="run `cutover-site release-source`, then adopt it again",
        )
    _changes, proposal = adoption.plan(identity, has_application=APPLICATION in identity.roles, is_printed_only=True)
    found = adoption.layout.installation
    facts = {"changed": False, "changes": [], **_describe_effects(proposal)}
    return {**facts, "installation": found.to_facts()} if found else facts


def _plan_dry_run(adoption: Adoption, identity: Identity, options: argparse.Namespace) -> dict[str, Any]:
    if adoption.find_state(identity) == ADOPTED:
        return _describe_adopted(adoption, identity)
    result, _findings = run_checks(adoption, identity, options)
    if not result["ok"]:
        return {**result, "changed": False, "changes": []}
    changes, proposal = adoption.plan(identity, has_application=APPLICATION in identity.roles, is_printed_only=True)
    _print_plan(changes, options)
    return {"changed": False, "changes": [describe(change) for change in changes], **_describe_effects(proposal)}


def _describe_effects(proposal: Proposal | None) -> dict[str, Any]:
    if proposal is None:
        return {"identity_headers": [], "warnings": [], "site_url": ""}
    return {
        "identity_headers": list(proposal.identity_headers),
        "warnings": list(proposal.warnings),
        "site_url": proposal.site_url,
        "installation": proposal.installation.to_facts(),
    }


def _print_plan(changes: list[Change], options: argparse.Namespace) -> None:
    if not options.json:
        print("\n".join(format_change(number, change) for number, change in enumerate(changes, 1)))


def _load_profile(name: str) -> Profile:
    try:
        return applications.load(name)
    except applications.UnknownApplication as error:
        raise NotConfigured(str(error), next_action="correct --application") from error


APPLICATION_NAME = Option("application", default=applications.DEFAULT, help="name of the application")
VERBS = (
    Verb(
        ADOPT,
        "prepare a source that somebody else installed: say what is changed, keep copies, change as little as needed",
        adopt,
        (
            Option("dry-run", flag=True, help="check, and print what would be changed; changes nothing"),
            Option("site", required=True, help="name of the site in migration.toml"),
            Option("region", required=True, help="AWS region of the migration"),
            Option("node-id", required=True, help="id of this machine in Systems Manager: i-… or mi-…"),
            Option("role", required=True, choices=ROLES, is_repeated=True, help="what this machine is; may be repeated"),
            Option("site-secret", default="", help="name of the secret `site`"),
            Option("application-secret", default="", help="name of the secret `application`"),
            Option("administrator-secret", default="", help="of a managed database (RDS, Cloud SQL): name of the secret with its administrator"),
            Option("database-tls", default=TLS_VERIFY, choices=TLS_MODES, help="of a managed database: check its certificate, or only encrypt"),
            Option("settings", default="", help="the application's settings file; default: that of the one that runs here", former="app-ini"),
            Option("provider", default=DEFAULT_PROVIDER, choices=tuple(REQUIREMENTS), help="[provider] kind of migration.toml"),
            APPLICATION_NAME,
            Option("schema", default="", help="comma separated schemas; default: those that the settings name"),
            Option("defaults-file", default="", help="a my.cnf with the account that reads the database"),
            Option("replication-user", default="", help="the account of the replication, to check its privileges"),
            Option("seconds", kind=float, default=60.0, help="how long the site's files may be searched"),
            Option("json", flag=True, help="print only the result as JSON"),
        ),
        for_people=True,
    ),
    Verb(RELEASE, "restore everything that `adopt` changed, byte by byte", release_source, (APPLICATION_NAME,), for_people=True),
)  # fmt: skip
