"""Save and restore the CloudEndure console: its records and replicated disks. It restarts as a new process on the old files.

Nothing of the old process (jobs, sessions, ordered faults, open calls) outlives it. The replica is correct afterwards
without a rescan: changes are found by comparing the placement of blocks with the last snapshot, and both the snapshot and
the source's disk share theirs with the checkpoint.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from rehearsal import supervise
from rehearsal.checkpoint.context import CheckpointContext, Json, wait_until
from rehearsal.component import Component
from rehearsal.errors import RehearsalError
from rehearsal.providers.cloudendure import describe_console
from rehearsal.world import disks, reflink

CONSISTENT_SECONDS = 60.0
ATTEMPTS = 20


def save(context: CheckpointContext) -> None:
    """Save records and replicas while the console works on. Raises RehearsalError while a job, or the initial sync, is in progress."""
    state = json.loads(_locate_state_file(context).read_text())
    if any(job["status"] in ("PENDING", "STARTED") for job in state["jobs"].values()):
        raise RehearsalError("the console has a job under way: a checkpoint is taken before it, or after it.")
    if any(record["phase"] != "continuous" for record in state["replication"].values()):
        raise RehearsalError("the initial sync goes on: a checkpoint is taken after it.")
    for _ in range(ATTEMPTS):
        if _copy(context):
            return
    raise RehearsalError("the console replaced its points in time faster than they could be copied.")


def read_variables(context: CheckpointContext) -> dict[str, str]:
    """Return the variables REHEARSAL_… of the running process. Raises RehearsalError when it does not run."""
    process = supervise.find_process(context.settings, _find_component(context))
    if process is None:
        raise RehearsalError("the console does not run: a checkpoint is taken of a world at work.")
    pairs = (entry.partition("=") for entry in Path(f"/proc/{process}/environ").read_text().split("\0"))
    return {name: value for name, _, value in pairs if name.startswith("REHEARSAL_")}


def clear_faults(context: CheckpointContext) -> None:
    """Clear the faults of the console."""
    with contextlib.suppress(requests.ConnectionError):  # a console that does not run has none
        requests.delete(f"{context.settings.console_url}/_rehearsal/faults", timeout=10)


def halt(context: CheckpointContext) -> None:
    """End the console at once, and thaw every file system that it had just frozen for a snapshot."""
    supervise.kill_component(context.settings, _find_component(context))
    for mount in context.settings.mounts.iterdir() if context.settings.mounts.is_dir() else ():
        reflink.thaw_mount(mount)


def restore(context: CheckpointContext) -> None:
    """Restore its files, while it does not run."""
    replicas = context.settings.pool / "replicas"
    shutil.rmtree(replicas, ignore_errors=True)
    _clone_tree(context.folder / "replicas", replicas)
    state = json.loads((context.folder / "console.json").read_text())
    for machine in state["machines"].values():
        machine["replicationInfo"].pop("lastSeenDateTime", None)  # its agent's next heartbeat sets replication going
    half = _locate_state_file(context).with_suffix(".half")
    half.touch(mode=0o600)
    half.write_text(json.dumps(state))
    half.replace(_locate_state_file(context))


def put_back(context: CheckpointContext, variables: Mapping[str, str]) -> None:
    """Restore its files and start the console. Return when it serves."""
    restore(context)
    supervise.restart_component(context.settings, _find_component(context), variables)


def wait_for_consistency(context: CheckpointContext, since: datetime) -> None:
    """Wait until every machine that replicates is consistent at a time after `since`, with nothing left to copy."""
    url = f"{context.settings.console_url}/_rehearsal/replication"

    def find_missing() -> str:
        machines = requests.get(url, timeout=10).json()["machines"]
        return next(
            (reason for one in machines if one["status"] == "STARTED" and (reason := _describe_wait(one, since))), ""
        )

    wait_until(find_missing, "a consistent replica", CONSISTENT_SECONDS)


def _describe_wait(machine: Json, since: datetime) -> str:
    info: dict[str, Any] = machine["info"]
    if machine["problem"]:
        return f"{machine['name']}: {machine['problem']}"
    last = info.get("lastConsistencyDateTime")
    if last is None or datetime.fromisoformat(last) < since:
        return f"{machine['name']} was consistent last at {last}"
    left = {key: info[key] for key in ("backloggedStorageBytes", "rescannedStorageBytes") if info[key]}
    return f"{machine['name']}: {left}" if left else ""


def _copy(context: CheckpointContext) -> bool:
    """Return whether the copy is complete: the records name files, and a point in time that is given up meanwhile takes its file along."""
    kept, replicas = context.folder / "replicas", context.settings.pool / "replicas"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    text = _locate_state_file(context).read_text()
    try:
        for machine, record in json.loads(text)["replication"].items():
            (kept / machine).mkdir()
            names = [*(f"{point['id']}.raw" for point in record["points"]), f"base-{record['current']}.raw"]
            for name in names:
                disks.clone(replicas / machine / name, kept / machine / name)
    except FileNotFoundError:
        return False
    (context.folder / "console.json").write_text(text)
    return True


def _clone_tree(source: Path, target: Path) -> None:
    target.mkdir()
    for folder in source.iterdir():
        (target / folder.name).mkdir()
        for file in folder.iterdir():
            disks.clone(file, target / folder.name / file.name)


def _find_component(context: CheckpointContext) -> Component:
    return describe_console(context.settings)


def _locate_state_file(context: CheckpointContext) -> Path:
    return context.settings.home / "cloudendure" / "state.json"
