"""All records of MGN in memory."""

from __future__ import annotations

import threading
from collections.abc import Collection

from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.models import Job, SourceServer, Template


class State:
    """All records. Whoever reads or changes them holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.initialized = False
        self.servers: dict[str, SourceServer] = {}
        self.jobs: dict[str, Job] = {}
        self.replication_templates: dict[str, Template] = {}
        self.launch_templates: dict[str, Template] = {}

    def get_server(self, identifier: str) -> SourceServer:
        """Return a server. Raises ApiError: not initialized, not found."""
        self.require_initialized()
        if identifier not in self.servers:
            raise exceptions.not_found("SOURCE_SERVER", identifier)
        return self.servers[identifier]

    def get_job(self, identifier: str) -> Job:
        """Return a job. Raises ApiError: not initialized, not found."""
        self.require_initialized()
        if identifier not in self.jobs:
            raise exceptions.not_found("JOB", identifier)
        return self.jobs[identifier]

    def require_initialized(self) -> None:
        """Raise ApiError before InitializeService."""
        if not self.initialized:
            raise exceptions.uninitialized()

    def find_active_job(self, servers: Collection[str]) -> Job | None:
        """Return a job that works on one of the servers."""
        return next(
            (
                job
                for job in self.jobs.values()
                if job.is_active and any(one.server_id in servers for one in job.participants)
            ),
            None,
        )
