# ruff: noqa: ARG002  (the fakes have the clients' signatures)
"""The provider of the world: it launches one replica, which reports at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.clients.provider import Job, JobStatus, Readiness, SourceServer
from common.clients.reports import Message
from common.run import Launch, Run
from common.settings import LaunchSettings

from tests.unit.procedure.machines import PASSED, REPLICA


@dataclass
class FakeProvider:
    """Implements common.clients.provider.Provider, as a part of the world."""

    replica: str = ""
    finalized: bool = False
    """the provider no longer replicates the source server"""
    waiting: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    job_status: JobStatus = JobStatus.COMPLETED
    messages: list[Message] = field(default_factory=list)
    run: Run | None = None
    reports_default: bool = True
    works_for: str = ""
    """the run that the replica has been asked to work for, beside the one that launched it"""
    last_launch: str = ""
    """the latest launch job"""
    imaged: str = ""
    """the run that an image was made for"""

    def note(self, line: str) -> None:
        raise NotImplementedError

    operator_tool = "the provider's own tool"

    def find_source_server(self, name: str) -> SourceServer:
        return SourceServer(source_server_id="m-1", name=name)

    def check_readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        return Readiness(waiting=self.waiting, blocked=self.blocked, facts={"tested": tested})

    def prepare_launch(
        self, source_server_id: str, *, launch_settings: LaunchSettings, tags: Mapping[str, str]
    ) -> Mapping[str, Any]:
        self.tags = dict(tags)
        return {"tags": tags}

    def mark_ready_for_cutover(self, source_server_id: str) -> Mapping[str, Any]:
        return {}

    def launch(self, source_server_id: str, kind: Launch, *, since: float) -> str:
        if self.replica:
            return f"job-{kind}"  # requested again after a lost response, the real provider finds its job
        self.replica, self.last_launch, self.works_for = REPLICA, f"job-{kind}", ""
        if self.reports_default and self.run is not None:
            self.messages.append(Message(receipt="r", body=self.body(self.run)))
        self.note(f"launch {kind}")
        return f"job-{kind}"

    def body(self, run: Run, **changes: Any) -> dict[str, Any]:
        self.imaged = run.run_id if run.launch == "TEST" else self.imaged
        body = {
            "run_id": run.run_id,
            "instance_id": REPLICA,
            "launch": run.launch,
            "outcome": "pass",
            "checks": PASSED,
            "reason": "",
        }
        return {**body, **({"image_id": "ami-1"} if run.launch == "TEST" else {}), **changes}

    def read_job(self, job_id: str) -> Job:
        status = JobStatus.COMPLETED if job_id == "job-cleanup" else self.job_status
        return Job(
            job_id=job_id, status=status, log=("Started", "No capacity") if status is JobStatus.FAILED else ("Started",)
        )

    def refresh(self) -> None: ...

    def find_launched_instance(self, source_server_id: str) -> str:
        return self.replica

    def find_launch_job(self, _machine_id: str) -> str:
        return "job-launch" if self.replica and self.job_status is JobStatus.RUNNING else ""

    def find_last_launch(self, _machine_id: str) -> str:
        return self.last_launch

    def report_for(self, run: Run) -> None:
        """The replica has copied the files for a run that has taken it over, and reports."""
        if self.reports_default and self.replica:
            self.messages.append(Message(receipt=f"r {run.run_id}", body=self.body(run)))

    def remove_replica(self, source_server_id: str) -> str:
        if not self.replica:
            return ""
        self.replica = ""
        self.note("clean up")
        return "job-cleanup"

    def finalize(self, source_server_id: str) -> Mapping[str, Any]:
        if not self.finalized:
            self.finalized = True
            self.note("finalize")
        return {"state": "finalized"}
