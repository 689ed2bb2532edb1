"""Let this replica go on for a run that has taken it over. The run that launched it failed before all files were copied."""

from __future__ import annotations

import json

from cutover_site.aws import permission
from cutover_site.errors import Refused
from cutover_site.launch.report import find_published
from cutover_site.machine import Machine
from cutover_site.system import systemd, textfiles
from cutover_site.system.locks import hold_lock

UNIT, FAILED_UNIT = "cutover-post-launch.service", "cutover-post-launch-failed.service"
STOP_SECONDS = 100.0
"""systemd kills what does not end within 90 seconds"""
LOCK, STORED = "continue.lock", "taken-over.json"
RUNNING = frozenset({"active", "activating", "reloading"})


def get_run(machine: Machine) -> str:
    """Return the run that this replica works for: the one that has taken it over, else the one that launched it. Empty when its tags name none."""
    try:
        stored = json.loads((machine.layout.state / STORED).read_text())
    except (OSError, ValueError):
        stored = {}
    if isinstance(stored, dict) and stored.get("instance_id") == machine.instance_id:
        return str(stored.get("run_id", ""))
    return machine.tags.get("cutover:run-id", "")


def check(machine: Machine, run: str, launched_by: str) -> None:
    """Raise Refused unless this is the replica that `launched_by` launched for its cutover, and `run` is not over."""
    tags = machine.tags
    if not machine.has_role("replica") or tags.get("cutover:launch") != "CUTOVER":
        raise Refused(f"{machine.instance_id} is not the replica of a cutover (tags: {tags})")
    if tags.get("cutover:run-id") != launched_by:
        raise Refused(
            f"run {tags.get('cutover:run-id') or '(none)'} launched {machine.instance_id}, not run {launched_by}"
        )
    permission.require_undecided(machine.record, run)


def go_on(machine: Machine, run: str, launched_by: str) -> bool:
    """Run post-launch again for `run`, which copies the files that are missing or differ. Return False when that was done before. Raises Refused.

    A copy for an earlier run is ended first: two would write side by side, and the end of the earlier one could be reported for `run`.
    """
    check(machine, run, launched_by)
    with hold_lock(machine.layout.state / LOCK):
        if get_run(machine) == run and (find_published(machine, run) or systemd.read_state(UNIT) in RUNNING):
            return False
        systemd.stop(UNIT, timeout=STOP_SECONDS)
        # Its end may count as a failure, which starts this unit.
        systemd.stop(FAILED_UNIT, timeout=STOP_SECONDS)
        stored = json.dumps({"instance_id": machine.instance_id, "run_id": run})
        textfiles.replace(machine.layout.state / STORED, stored)
        systemd.request_start(UNIT)
    return True
