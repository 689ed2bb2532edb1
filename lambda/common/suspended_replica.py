"""Remove the replica of a suspended run, also one whose launch still runs: when its time is over, or because somebody destroys the migration.

Nobody holds the site then. A claim in the run record keeps every run from beginning until the removal was requested, so that it can never
concern the replica of a run that has begun meanwhile. A run itself removes such a replica under its own lock (procedure.steps.take_over).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from common.clients.provider import JobStatus, Provider
from common.clients.runs import Runs
from common.kept_launch import is_current
from common.suspension import Suspension


class Removal(StrEnum):
    """What became of the replica."""

    NOTHING = "no run is suspended"
    KEPT = "it is kept"
    HELD = "a run holds the site, or somebody else removes it"
    RUNNING = "its removal was requested"
    REMOVED = "it is removed"


@dataclass(frozen=True, kw_only=True)
class SuspendedReplica:
    """The replica of the suspended run, if there is one."""

    runs: Runs
    provider: Provider

    def remove(self, is_due: Callable[[Suspension], bool] = lambda _: True) -> Removal:
        """Remove the replica if it is due. Call again while it returns RUNNING."""
        suspension = self.runs.read().suspension
        if suspension is None:
            return Removal.NOTHING
        if not is_due(suspension):
            return Removal.KEPT
        claim = self.runs.claim_removal(suspension)
        if not claim:
            return Removal.HELD
        is_gone = False
        try:
            is_gone = self._request_removal(suspension)
        finally:
            # The claim ends in any case. Without it, the next run would wait for a removal that nobody works on.
            self.runs.end_removal(suspension, claim=claim, is_gone=is_gone)
        return Removal.REMOVED if is_gone else Removal.RUNNING

    def _request_removal(self, suspension: Suspension) -> bool:
        """Request the removal. Return whether nothing is left of the replica."""
        server_id = suspension.checkpoint.source_server_id
        if not is_current(self.provider, suspension.checkpoint):
            return True
        if self.provider.find_launch_job(server_id):
            return False
        job_id = self.provider.remove_replica(server_id)
        return not job_id or self.provider.read_job(job_id).status is JobStatus.COMPLETED
