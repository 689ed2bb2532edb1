"""The provider in a dry run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.clients.provider import Job, JobStatus, Provider, Readiness, ReplicationSettings, SourceServer
from common.run import Launch
from common.settings import LaunchSettings

from procedure.dry_clients.results import DRY, DRY_RESULT, LogChange


class DryProvider:
    def __init__(self, real: Provider, log_change: LogChange) -> None:
        self._real, self._log_change = real, log_change

    @property
    def operator_tool(self) -> str:
        return self._real.operator_tool

    def initialize(self, defaults: ReplicationSettings) -> Mapping[str, Any]:  # noqa: ARG002 (the interface's)
        self._log_change("prepare the provider in this account and region")
        return DRY_RESULT

    def find_source_server(self, name: str) -> SourceServer:
        return self._real.find_source_server(name)

    def check_readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        return self._real.check_readiness(source_server_id, tested=tested)

    def prepare_launch(
        self, source_server_id: str, *, launch_settings: LaunchSettings, tags: Mapping[str, str]
    ) -> Mapping[str, Any]:
        self._log_change(f"set {launch_settings} and tags {dict(tags)} in the launch settings of {source_server_id}")
        return DRY_RESULT

    def mark_ready_for_cutover(self, source_server_id: str) -> Mapping[str, Any]:
        self._log_change(f"mark {source_server_id} as ready for its cutover")
        return DRY_RESULT

    def launch(self, source_server_id: str, kind: Launch, *, since: float) -> str:  # noqa: ARG002 (the interface's)
        self._log_change(f"start a {kind} launch of {source_server_id}")
        return DRY

    def read_job(self, job_id: str) -> Job:
        return (
            Job(job_id=job_id, status=JobStatus.COMPLETED, log=("dry run",))
            if job_id == DRY
            else self._real.read_job(job_id)
        )

    def refresh(self) -> None:
        self._real.refresh()

    def find_launched_instance(self, source_server_id: str) -> str:  # noqa: ARG002
        return DRY

    def find_launch_job(self, source_server_id: str) -> str:  # noqa: ARG002
        return ""

    def find_last_launch(self, source_server_id: str) -> str:  # noqa: ARG002
        return ""

    def remove_replica(self, source_server_id: str) -> str:
        self._log_change(f"remove the replica of {source_server_id}")
        return ""

    def finalize(self, source_server_id: str) -> Mapping[str, Any]:
        self._log_change(f"end the replication of {source_server_id} for good")
        return DRY_RESULT

    def configure_replication(self, settings: ReplicationSettings) -> Mapping[str, Any]:
        self._log_change(f"set the replication settings {settings}")
        return DRY_RESULT
