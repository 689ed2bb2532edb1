"""Save and restore what MGN keeps: source servers, jobs, templates, replicated disks, and the launch templates in EC2.

The local AWS goes on meanwhile. Roles and installers stay as they are, because no migration changes them.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rehearsal.aws.commands import Command
from rehearsal.aws.mgn.engine import Engine
from rehearsal.aws.mgn.jobs import Jobs
from rehearsal.aws.mgn.life_cycle import ENDED
from rehearsal.aws.mgn.models import Job, Json, SourceServer, Template
from rehearsal.aws.mgn.state import State
from rehearsal.aws.mgn.timers import Timers
from rehearsal.aws.registry import Registry
from rehearsal.errors import RehearsalError
from rehearsal.world import disks

FILE, REPLICAS = "mgn.json", "mgn-replicas"
END_SECONDS = 60.0
LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass
class Snapshot:
    """The saved records. `ec2_templates`: the launch template of each server, with all its versions."""

    initialized: bool
    servers: dict[str, SourceServer]
    jobs: dict[str, Job]
    replication_templates: dict[str, Template]
    launch_templates: dict[str, Template]
    ec2_templates: dict[str, Json]


_SNAPSHOT = TypeAdapter(Snapshot)


class Checkpoint:
    """The control commands of a checkpoint. `replicas`: the folder of the engine's disks."""

    def __init__(
        self,
        registry: Registry,
        state: State,
        *,
        engine: Engine,
        jobs: Jobs,
        timers: Timers,
        replicate: Callable[[SourceServer], None],
        is_away: Callable[[SourceServer], bool],
        replicas: Path,
    ) -> None:
        self._registry, self._state, self._engine, self._jobs = registry, state, engine, jobs
        self._timers, self._replicate, self._is_away, self._replicas = timers, replicate, is_away, replicas

    @property
    def commands(self) -> Mapping[str, Command]:
        """Return the control commands."""
        return {
            "mgn/save": self.save,
            "mgn/halt": self.halt,
            "mgn/put-back": self.put_back,
            "mgn/replication": self.describe_replication,
        }

    def save(self, folder: str) -> None:
        """Save records and disks while servers replicate. Raises RehearsalError while a job, a removal or an initial sync goes on."""
        state = self._state
        with state.lock:  # the engine neither names nor removes a file without it
            self._require_rest()
            for server in state.servers.values():
                source = self._replicas / server.id
                _clone_folder(source, Path(folder) / REPLICAS / server.id) if source.is_dir() else None
            kept = Snapshot(
                state.initialized,
                state.servers,
                state.jobs,
                state.replication_templates,
                state.launch_templates,
                self._read_ec2_templates(),
            )
            (Path(folder) / FILE).write_bytes(_SNAPSHOT.dump_json(kept))

    def halt(self) -> None:
        """End jobs, removals and replication. Raises RehearsalError that names a job which does not end."""
        self._jobs.interrupt()
        if not self._engine.end():  # a job that waits for a snapshot gets none
            raise RehearsalError("the replication of MGN did not end in time.")
        if left := self._jobs.end(END_SECONDS):
            raise RehearsalError(f"the job {', '.join(left)} of MGN did not end within {END_SECONDS:.0f} s.")
        if not self._timers.cancel():
            raise RehearsalError("MGN still removes the resources of a server whose replication has ended.")

    def put_back(self, folder: str) -> None:
        """Restore records and disks, and replicate again as soon as the agents are back. Call `halt` before."""
        kept = _SNAPSHOT.validate_json((Path(folder) / FILE).read_bytes())
        shutil.rmtree(self._replicas, ignore_errors=True)
        for source in sorted((Path(folder) / REPLICAS).glob("*")):
            _clone_folder(source, self._replicas / source.name)
        state = self._state
        with state.lock:
            self._remove_later_ec2_templates(kept)
            for server in kept.servers.values():
                server.seen = LONG_AGO  # its machine has not booted yet: the first heartbeat sets replication going
            state.initialized, state.servers, state.jobs = kept.initialized, kept.servers, kept.jobs
            state.replication_templates, state.launch_templates = kept.replication_templates, kept.launch_templates
        self._put_ec2_templates(kept.ec2_templates)
        for server in kept.servers.values():
            if server.replication == "STARTED":
                self._replicate(server)

    def describe_replication(self) -> Json:
        """Return how far each server is replicated. Unlike the API this does not look for errors, so no event is sent."""
        with self._state.lock:
            return {"servers": [self._describe(one) for one in self._state.servers.values()]}

    def _describe(self, server: SourceServer) -> Json:
        record = server.record
        return {
            "name": server.names[0],
            "replication": server.replication,
            "problem": "its agent is away" if self._is_away(server) else record["problem"],
            "lastConsistent": record.get("lastConsistent"),
            "left": {name: record[name] for name in ("backloggedBytes", "rescannedBytes") if record.get(name)},
        }

    def _require_rest(self) -> None:
        state = self._state
        if busy := [job.id for job in state.jobs.values() if job.is_active]:
            raise RehearsalError(
                f"MGN's job {', '.join(busy)} is under way: a checkpoint is taken before it, or after it."
            )
        if self._timers.has_pending():
            raise RehearsalError("MGN is about to remove the resources of a server: a checkpoint is taken after it.")
        replicated = [one for one in state.servers.values() if one.replication == "STARTED" and one.state not in ENDED]
        if any(one.record["phase"] != "continuous" for one in replicated):
            raise RehearsalError("the initial sync goes on: a checkpoint is taken after it.")

    def _read_ec2_templates(self) -> dict[str, Json]:
        store = self._registry.get_records("ec2", "launch_templates")
        ids = [server.launch_template_id for server in self._state.servers.values()]
        return {id_: copy.deepcopy(dict(store[id_])) for id_ in ids if id_ in store}

    def _remove_later_ec2_templates(self, kept: Snapshot) -> None:
        """Remove the launch templates of servers that were registered after the checkpoint."""
        for server in self._state.servers.values():
            if server.id not in kept.servers:
                self._registry.remove_record("ec2", "launch_templates", server.launch_template_id)

    def _put_ec2_templates(self, kept: Mapping[str, Any]) -> None:
        for id_, template in kept.items():
            self._registry.put_record("ec2", "launch_templates", id_, template)
            self._registry.put_record("ec2", "tags", id_, template.get("Tags", []))


def _clone_folder(source: Path, target: Path) -> None:
    """Copy the disks of a folder, which share their blocks with the copies."""
    target.mkdir(parents=True)
    for file in source.glob("[!.]*.raw"):
        disks.clone(file, target / file.name)
