"""The behaviour of the second application on a machine (`cutover_site.application.Behavior`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from applications.tiny import acceptance, settings_file
from cutover_site.acceptance.session import Session, SiteAddress
from cutover_site.acceptance.suite import Suite
from cutover_site.instance import Installation, InstanceSettings
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system import systemd
from cutover_site.system.processes import Process

WORKER = "tiny-worker.service"


def is_data_writer(process: Process, layout: Layout) -> bool:
    return process.user == layout.application.owner.uid and process.arguments[-1] == "work"


def is_session_process(process: Process, layout: Layout) -> bool:  # noqa: ARG001 (it has no port but HTTP)
    return False


def stop_background(machine: Machine, *, writers_ended: bool) -> bool:  # noqa: ARG001 (as the interface has it)
    """Stop and disable the worker, because it would also write after a restart of the frozen machine."""
    systemd.disable(WORKER)
    systemd.stop(WORKER)
    return True


def resume_background(machine: Machine) -> bool:  # noqa: ARG001
    systemd.enable(WORKER)
    systemd.start(WORKER)
    return True


def release_outbound(machine: Machine) -> None:
    """Do nothing, because the restarted worker sends pending mail."""


def inspect_installation(machine: Machine) -> Installation:
    found = settings_file.read(machine.layout)
    return Installation(secret={"token_key": str(found["key"])} if "key" in found else {})


def configure(layout: Layout, settings: InstanceSettings) -> bool:
    return settings_file.write(layout, settings)


def check_replica(layout: Layout, settings: InstanceSettings) -> None:
    settings_file.check_key(layout, settings)


def find_inherited(layout: Layout, settings: InstanceSettings) -> dict[str, str]:  # noqa: ARG001
    return {"tiny_settings": settings_file.pack_own(layout)}


def describe_inherited(inherited: Mapping[str, str]) -> dict[str, str]:
    return {"settings that are the site's own": inherited.get("tiny_settings", "")}


def find_secret_values(layout: Layout, secret: Mapping[str, str]) -> set[str]:
    return settings_file.find_secrets(layout, secret.get("tiny_settings", ""))


def hold_target_outbound(machine: Machine) -> int:  # noqa: ARG001
    """Hold nothing, because the worker sends nothing outside of the database."""
    return 0


def release_target_outbound(machine: Machine) -> int:  # noqa: ARG001
    return 0


def get_acceptance_suite() -> Suite[Any]:
    return acceptance.SUITE


def open_acceptance_session(machine: Machine, address: SiteAddress) -> Session:
    return acceptance.open_session(machine, address)


def check(machine: Machine) -> dict[str, Any]:  # noqa: ARG001
    return {"queue": [] if systemd.is_active(WORKER) else [f"{WORKER} does not run"]}


def find_secrets(layout: Layout) -> list[Path]:
    return [path for path in [layout.home / "token"] if path.is_file()]


def seal(layout: Layout) -> None:
    (layout.home / "token").unlink(missing_ok=True)
    settings_file.seal(layout)


def find_remains(layout: Layout) -> list[Path]:
    return find_secrets(layout)
