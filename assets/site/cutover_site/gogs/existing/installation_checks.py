"""Check one installation of Gogs: how it is started, its release, its database, its settings and its repositories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from applications.profile import Profile

from cutover_site.errors import SiteError
from cutover_site.existing.findings import Finding, not_checked, stop, warn
from cutover_site.existing.host import Account
from cutover_site.files.broken import find_broken
from cutover_site.gogs import adoption
from cutover_site.gogs.existing.inventory import MYSQL, Inventory
from cutover_site.gogs.existing.places import Place
from cutover_site.gogs.ini import load
from cutover_site.gogs.renames import modernize

NO_SHELLS = ("nologin", "false", "sync")
OLD_RELEASES = ("0.6.", "0.7.", "0.8.", "0.9.", "0.10.", "0.11.", "0.12.")
"""beginnings of the versions that read the old names of settings"""


def check_place(place: Place, places: list[Place]) -> Iterator[Finding]:
    """Yield findings about how this installation is started, and about others on the machine."""
    others = [
        other for other in places if other is not place and (other.app_ini != place.app_ini or other.is_in_container)
    ]
    if others:
        named = ", ".join(f"{other.app_ini}{' in a container' * other.is_in_container}" for other in others)
        yield stop(
            "two-applications",
            f"this machine has more than one Gogs: {place.app_ini} and {named}",
            "move the others to machines of their own, or stop them and disable their units: a migration moves the whole machine",
        )
    yield from _check_start(place)


def _check_start(place: Place) -> Iterator[Finding]:
    if place.is_in_container:
        yield stop(
            "container",
            f"Gogs (process {place.pid}) runs in a container",
            "install it on the machine itself, with its data, before the migration",
        )
        return
    if place.pid and not place.unit:
        yield stop(
            "unit",
            f"Gogs (process {place.pid}) was not started by a systemd unit of its own",
            "start it by a service unit with User=, WorkingDirectory= and ExecStart=, and remove the former way",
        )
    elif not place.unit:
        yield stop(
            "unit",
            "no process and no systemd unit of Gogs was found",
            "start Gogs by a service unit, then run check-source again",
        )
    elif not place.pid:
        yield stop("running", f"Gogs does not run (unit {place.unit})", f"systemctl start {place.unit}")
    if place.account is None:
        yield stop(
            "user",
            "the user that Gogs runs as does not exist on this machine",
            "correct User= of its unit, or RUN_USER",
        )
    elif place.account.uid == 0:
        yield stop("user", "Gogs runs as root", "run it as a user of its own, which owns its files")
    else:
        yield from _check_account(place, place.account)


def _check_account(place: Place, account: Account) -> Iterator[Finding]:
    """Yield findings about the user with whom the replica reads the files of the site, by SSH."""
    if PurePosixPath(account.shell).name in NO_SHELLS:
        yield stop(
            "user",
            f"the shell of {account.name} is {account.shell}, and the replica reads the site's files by SSH as this user",
            f"usermod --shell /bin/bash {account.name}; the key of the replica can only read these files",
        )
    if place.home and place.home != account.home:
        yield stop(
            "user",
            f"Gogs has the HOME {place.home}, and the home of its user {account.name} is {account.home}",
            "give both the same home, in the unit or by usermod --home",
        )


def check_release(inventory: Inventory, profile: Profile) -> Iterator[Finding]:
    """Yield a finding when the release cannot be migrated or is not known."""
    if not inventory.version:
        what = f"the version of {inventory.place.program} cannot be read"
        yield not_checked(
            "release", what, "run it with --version as its user; the playbook supports " + profile.release.expected
        )
    elif not profile.release.is_supported(inventory.version):
        yield stop("release", f"Gogs is {inventory.version}", f"this product moves {profile.release.expected}")


def check_database(inventory: Inventory) -> Iterator[Finding]:
    """Yield a finding when the database is of another kind than MySQL."""
    kind = inventory.database.kind
    if kind != MYSQL:
        yield stop(
            "database-kind",
            f"[database] TYPE is {kind}, only mysql can be migrated",
            "move the data to MySQL or MariaDB first (gogs backup and restore do it with a new database; they omit LFS objects)",
        )


def check_repositories(inventory: Inventory, profile: Profile) -> Iterator[Finding]:
    """Yield warnings about repositories that git itself finds broken. They are migrated as they are."""
    rules, folder = profile.files, inventory.repositories
    if rules.repositories is None or not folder.is_dir():
        return
    found = find_broken(replace(rules, repositories=replace(rules.repositories, folder=folder.name)), folder.parent)
    if found["broken"]["total"]:
        names = ", ".join(found["broken"]["names"])
        yield warn(
            "repositories",
            f"{found['broken']['total']} repositories are broken: {names}",
            "repair them: they are carried over as they are",
        )
    if found["not_looked_at"]:
        yield warn(
            "repositories",
            f"{found['not_looked_at']} repositories were not checked for lack of time",
            "run git fsck in them",
        )


def check_settings(inventory: Inventory) -> Iterator[Finding]:
    """Yield findings about settings that would stop the migration or that users will notice."""
    ini = modernize(load(inventory.app_ini))
    try:
        adoption.find_secret_key(ini)
    except SiteError as error:
        yield stop("secret-key", error.reason, error.next_action.replace(", then run the playbook again", ""))
    if not inventory.is_installed:
        yield stop(
            "settings",
            "[security] INSTALL_LOCK is off: anybody may install this Gogs anew",
            "set it to true and restart Gogs",
        )
    account = inventory.place.account
    if account and inventory.is_installed and inventory.run_user != account.name:
        yield stop(
            "user",
            f"RUN_USER is {inventory.run_user}, and Gogs runs as {account.name}",
            "set RUN_USER to the user of the unit",
        )
    if inventory.old_names and inventory.version and not inventory.version.startswith(OLD_RELEASES):
        yield warn(
            "old-names",
            f"Gogs {inventory.version} ignores these names of older releases: {', '.join(inventory.old_names)}; on the target they count",
            "rename them, or remove them if the site works without",
        )
    yield from (warn("identity-header", text.rstrip("."), "inform these users") for text in adoption.find_warnings(ini))
    if inventory.session_provider != "file":
        yield warn(
            "sessions",
            f"[session] PROVIDER is {inventory.session_provider}: the sessions are not carried over",
            "inform users that they must sign in again after the migration",
        )
    if inventory.cache not in ("memory", ""):
        yield warn(
            "cache", f"[cache] ADAPTER is {inventory.cache}", "make its server reachable from the target, or set memory"
        )
