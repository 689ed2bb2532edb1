"""Remove the orphaned resources of a deleted run: the image of its replica, and the replica. Never a resource of a committed site."""

from __future__ import annotations

from dataclasses import dataclass

from common.clients.compute import Compute, build_image_name
from common.clients.provider import Provider
from common.clients.runs import Runs
from common.run import Kind


@dataclass(frozen=True, kw_only=True)
class OrphanedResources:
    """Removes what a deleted run has left."""

    site: str
    runs: Runs
    compute: Compute
    provider: Provider

    def remove(self, kind: Kind, run_id: str) -> bool:
        """Remove the orphaned resources. Return whether nothing is left. Call until then."""
        record = self.runs.read()
        if record.committed:
            return True  # the target lives on its image, and no replica is left after a finished run
        if record.run_id == run_id and record.source_server_id and record.expected_report:
            # Only the current run's: the provider knows one replica per machine, and it may be a newer run's.
            if self.provider.find_launch_job(record.source_server_id):
                return False
            self.provider.remove_replica(record.source_server_id)
            self.runs.update_facts(run_id, expected_report="")
        if kind == "test-launch":
            image = self.compute.find_image_by_name(build_image_name(self.site, run_id))
            if image is not None and image.state == "pending":
                return False
            if image is not None:
                self.compute.delete_image(image)
        return True
