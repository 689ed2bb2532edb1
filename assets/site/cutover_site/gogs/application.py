"""Gogs as the core sees it: `cutover_site.application.Behavior`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cutover_site.gogs import background, git_processes, health, home, hooks, identity
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system.processes import Process


def changes_data(process: Process, layout: Layout) -> bool:
    return git_processes.changes_repositories(process, layout)


def serves_session(process: Process, layout: Layout) -> bool:
    return git_processes.serves_ssh_session(process, layout)


def stop_background(machine: Machine, *, writers_ended: bool) -> bool:
    return background.stop(machine, git_ended=writers_ended)


def resume_background(machine: Machine) -> bool:
    return background.resume(machine)


def release_outbound(machine: Machine) -> None:
    background.give_back(machine)


def check(machine: Machine) -> dict[str, Any]:
    return {
        "health": health.ask() or "ok",
        "hooks": hooks.problems(machine.layout),
        "identity": identity.facts(machine.layout),
        "home": home.facts(machine.layout),
    }


def find_secrets(layout: Layout) -> list[Path]:
    return home.secrets(layout)


def seal(layout: Layout) -> None:
    home.clear(layout)
    layout.app_ini.unlink(missing_ok=True)
    layout.app_ini.symlink_to(layout.volatile_app_ini)


def find_remains(layout: Layout) -> list[Path]:
    return home.removable(layout)
