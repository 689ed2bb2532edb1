"""What the second application does on a machine (`cutover_site.application.Behavior`). LOG tells what it was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system.processes import Process

LOG: list[str] = []


def changes_data(process: Process, layout: Layout) -> bool:
    return process.user == layout.application.owner.uid


def serves_session(process: Process, layout: Layout) -> bool:  # noqa: ARG001 (it has no port but HTTP)
    return False


def stop_background(machine: Machine, *, writers_ended: bool) -> bool:  # noqa: ARG001 (as the interface has it)
    LOG.append(f"background stopped, writers ended: {writers_ended}")
    return True


def resume_background(machine: Machine) -> bool:  # noqa: ARG001
    LOG.append("background resumed")
    return True


def release_outbound(machine: Machine) -> None:  # noqa: ARG001
    LOG.append("outbound released")


def check(machine: Machine) -> dict[str, Any]:
    return {"health": "ok", "queue": [] if machine.layout.shared.is_dir() else ["there is no data root"]}


def find_secrets(layout: Layout) -> list[Path]:
    return [path for path in [layout.home / "token"] if path.is_file()]


def seal(layout: Layout) -> None:
    (layout.home / "token").unlink(missing_ok=True)


def find_remains(layout: Layout) -> list[Path]:
    return find_secrets(layout)
