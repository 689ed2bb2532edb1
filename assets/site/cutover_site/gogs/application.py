"""The behaviour of Gogs for the core: implements `cutover_site.application.Behavior`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cutover_site.gogs import background, git_processes, health, home, hooks, identity
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system.processes import Process


def changes_data(process: Process, layout: Layout) -> bool:
    """Return whether a process may write into the repositories."""
    return git_processes.changes_repositories(process, layout)


def serves_session(process: Process, layout: Layout) -> bool:
    """Return whether a process works for an SSH session."""
    return git_processes.serves_ssh_session(process, layout)


def stop_background(machine: Machine, *, writers_ended: bool) -> bool:
    """Stop the fetching of mirrors. Return whether Gogs had to be restarted."""
    return background.stop(machine, git_ended=writers_ended)


def resume_background(machine: Machine) -> bool:
    """Start background work again. Return whether Gogs had to be restarted."""
    return background.resume(machine)


def release_outbound(machine: Machine) -> None:
    """Send the webhooks that the freeze held."""
    background.release_webhooks(machine)


def check(machine: Machine) -> dict[str, Any]:
    """Return the facts that only Gogs has."""
    return {
        "health": health.ask() or "ok",
        "hooks": hooks.find_problems(machine.layout),
        "identity": identity.read_facts(machine.layout),
        "home": home.facts(machine.layout),
    }


def find_secrets(layout: Layout) -> list[Path]:
    """Return the secret files in the home of the user git."""
    return home.secrets(layout)


def seal(layout: Layout) -> None:
    """Clear the home, and replace app.ini by a link to memory."""
    home.clear(layout)
    layout.app_ini.unlink(missing_ok=True)
    layout.app_ini.symlink_to(layout.volatile_app_ini)


def find_remains(layout: Layout) -> list[Path]:
    """Return what is left in the home."""
    return home.removable(layout)
