"""The behaviour of Gogs for the core: implements `cutover_site.application.Behavior`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutover_site.acceptance.session import SiteAddress
from cutover_site.acceptance.suite import Suite
from cutover_site.gogs import (
    background,
    deliveries,
    git_processes,
    home,
    hooks,
    identity,
    inherited_settings,
    installation,
    settings_file,
)
from cutover_site.gogs.acceptance.open_session import open_session
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.suite import SUITE
from cutover_site.gogs.app_ini import Instance
from cutover_site.gogs.existing.drift import find_drift
from cutover_site.gogs.ini import parse
from cutover_site.gogs.layout import GogsLayout
from cutover_site.instance import Installation, InstanceSettings
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system.processes import Process


def is_data_writer(process: Process, layout: Layout) -> bool:
    """Return whether a process may write into the repositories."""
    return git_processes.is_repository_writer(process, GogsLayout.extend(layout))


def is_session_process(process: Process, layout: Layout) -> bool:
    """Return whether a process works for an SSH session."""
    return git_processes.is_ssh_session_process(process, GogsLayout.extend(layout))


def stop_background(machine: Machine, *, writers_ended: bool) -> bool:
    """Stop the fetching of mirrors. Return whether Gogs had to be restarted."""
    return background.stop(machine, git_ended=writers_ended)


def resume_background(machine: Machine) -> bool:
    """Start background work again. Return whether Gogs had to be restarted."""
    return background.resume(machine)


def release_outbound(machine: Machine) -> None:
    """Send the webhooks that the freeze held."""
    background.release_webhooks(machine)


def inspect_installation(machine: Machine) -> Installation:
    """Return what is on the source that is about to be configured."""
    return installation.inspect(machine)


def configure(layout: Layout, settings: InstanceSettings) -> bool:
    """Write app.ini and the folders of Gogs. On a target, restore the home too. Return whether app.ini changed.

    An adopted source keeps its own.
    """
    here, instance = GogsLayout.extend(layout), Instance.from_settings(settings)
    if here.installation and settings.is_source:
        return False
    settings_file.prepare_folders(here, settings.instance_id)
    if not settings.is_source:
        home.restore(here, instance.home)
        identity.require_deletion(here, parse(instance.inherited))
    return settings_file.write_app_ini(here, instance, volatile=not settings.is_source)


def check_replica(layout: Layout, settings: InstanceSettings) -> None:
    """Raise NotConfigured when the replicated disk was encrypted with another key."""
    installation.check_replica(GogsLayout.extend(layout), settings)


def find_inherited(layout: Layout, settings: InstanceSettings) -> dict[str, str]:
    """Return the settings of this source that a target needs."""
    return inherited_settings.find_inherited(GogsLayout.extend(layout), Instance.from_settings(settings))


def describe_inherited(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return texts by which inherited settings of two machines are compared."""
    return inherited_settings.describe(inherited)


def find_secret_values(layout: Layout, secret: Mapping[str, str]) -> set[str]:
    """Return the values that no log may contain."""
    return inherited_settings.find_secret_values(GogsLayout.extend(layout), secret)


def hold_target_outbound(machine: Machine) -> int:
    """Hold the waiting webhooks. Return how many."""
    return deliveries.hold_on_target(machine)


def release_target_outbound(machine: Machine) -> int:
    """Send the held webhooks. Return how many."""
    return deliveries.release_on_target(machine)


def get_acceptance_suite() -> Suite[GogsSession]:
    """Return the checks of a launched Gogs."""
    return SUITE


def open_acceptance_session(machine: Machine, address: SiteAddress) -> GogsSession:
    """Return a session of the acceptance user with the site."""
    return open_session(machine, address)


def check(machine: Machine) -> dict[str, Any]:
    """Return the facts that only Gogs has."""
    layout = GogsLayout.extend(machine.layout)
    return {
        "hooks": hooks.find_problems(layout),
        "identity": identity.read_facts(layout),
        "home": home.describe_home(layout),
        "places": find_drift(layout),
    }


def find_secrets(layout: Layout) -> list[Path]:
    """Return the secret files in the home of the user git."""
    return home.list_secret_files(layout)


def seal(layout: Layout) -> None:
    """Clear the home, and replace app.ini by a link to memory."""
    here = GogsLayout.extend(layout)
    home.clear_home(here)
    here.app_ini.unlink(missing_ok=True)
    here.app_ini.symlink_to(here.volatile_app_ini)


def find_remains(layout: Layout) -> list[Path]:
    """Return what is left in the home."""
    return home.list_removable_paths(layout)
