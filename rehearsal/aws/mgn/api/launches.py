"""Tests, cutovers and terminations, and the jobs that do them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.api.listing import cut_page
from rehearsal.aws.mgn.jobs import Jobs
from rehearsal.aws.mgn.launching import Launcher
from rehearsal.aws.mgn.life_cycle import NO_TERMINATION_IN, STARTS_FROM, Initiator, LifeCycleState
from rehearsal.aws.mgn.models import Attempt, Job, Json, SourceServer
from rehearsal.aws.mgn.responses import format_job, format_log_item
from rehearsal.aws.mgn.state import State
from rehearsal.aws.registry import Action, Caller
from rehearsal.replication_engine.dates import now

SERVERS_IN_ONE_JOB = 200
_BECOMES: dict[Initiator, LifeCycleState] = {"START_TEST": "TESTING", "START_CUTOVER": "CUTTING_OVER"}
_VERBS: dict[Initiator, str] = {"START_TEST": "StartTest", "START_CUTOVER": "StartCutover"}


class Launches:
    """The operations on jobs. `caller` returns who makes the request: MGN works with that permissions."""

    def __init__(self, state: State, jobs: Jobs, launcher: Launcher, caller: Callable[[], Caller]) -> None:
        self._state, self._jobs, self._launcher, self._caller = state, jobs, launcher, caller
        self.actions: dict[str, Action] = {
            "StartTest": partial(self.start, "START_TEST"),
            "StartCutover": partial(self.start, "START_CUTOVER"),
            "TerminateTargetInstances": self.terminate,
            "DescribeJobs": self.describe,
            "DescribeJobLogItems": self.describe_log,
            "DeleteJob": self.delete,
        }

    def start(self, initiator: Initiator, source_server_ids: list[str], tags: dict[str, str] | None = None) -> Json:
        """Start a launch job. The servers' states change at once, while the job is PENDING. `tags` are the job's."""
        caller = self._caller()
        with self._state.lock:
            servers = self._find_servers(source_server_ids)
            for server in servers:
                if busy := self._state.find_active_job([server.id]):
                    raise exceptions.server_in_job(server.id, busy.id)
                if server.state not in STARTS_FROM[initiator] or not server.is_launchable:
                    raise exceptions.wrong_state(_VERBS[initiator], server.id, server.state)
                self._launcher.check_quota(server)
            before = {server.id: server.state for server in servers}
            work = partial(self._launcher.launch, caller=caller, before=before)
            job = self._jobs.start(initiator, source_server_ids, tags or {}, work)
            for server in servers:
                server.state = _BECOMES[initiator]
                self._record(server, initiator, job)
            return {"job": format_job(job)}

    def terminate(self, source_server_ids: list[str], tags: dict[str, str] | None = None) -> Json:
        """Start a job that terminates the launched instances. Refused while a server is in a test or a cutover."""
        caller = self._caller()
        with self._state.lock:
            for server in self._find_servers(source_server_ids):
                if server.state in NO_TERMINATION_IN:
                    raise exceptions.wrong_state("TerminateTargetInstances", server.id, server.state)
                if not server.launched:
                    raise exceptions.invalid(f"Source server {server.id} has no launched instance")
            work = partial(self._launcher.terminate, caller=caller)
            return {"job": format_job(self._jobs.start("TERMINATE", source_server_ids, tags or {}, work))}

    def describe(
        self, filters: dict[str, Any] | None = None, max_results: int | None = None, next_token: str | None = None
    ) -> Json:
        """Return the jobs that match, newest first. There is no filter by server."""
        wanted = filters or {}
        from_, to = _parse_date(wanted, "fromDate"), _parse_date(wanted, "toDate")
        with self._state.lock:
            self._state.require_initialized()
            found = [
                job
                for job in reversed(self._state.jobs.values())
                if job.id in (wanted.get("jobIDs") or [job.id])
                and (from_ is None or job.created >= from_)
                and (to is None or job.created <= to)
            ]
            return cut_page([format_job(job) for job in found], max_results, next_token)

    def describe_log(self, job_id: str, max_results: int | None = None, next_token: str | None = None) -> Json:
        """Return the log of a job."""
        with self._state.lock:
            self._state.require_initialized()
            if job_id not in self._state.jobs:
                raise exceptions.invalid(f"Job {job_id} does not exist", field="jobID")
            return cut_page([format_log_item(one) for one in self._state.jobs[job_id].log], max_results, next_token)

    def delete(self, job_id: str) -> None:
        """Delete a job that is COMPLETED."""
        with self._state.lock:
            job = self._state.get_job(job_id)
            if job.is_active:
                raise exceptions.conflict(f"Job {job_id} is {job.status}.", exceptions.JOB, [job_id])
            del self._state.jobs[job_id]

    def _find_servers(self, identifiers: list[str]) -> list[SourceServer]:
        """Return the servers. The starts declare no error for one that does not exist: it is not valid."""
        self._state.require_initialized()
        if not 1 <= len(identifiers) <= SERVERS_IN_ONE_JOB:
            raise exceptions.invalid(f"must have 1 to {SERVERS_IN_ONE_JOB} ids", field="sourceServerIDs")
        for identifier in identifiers:
            if identifier not in self._state.servers:
                raise exceptions.invalid(f"Source server {identifier} does not exist", field="sourceServerIDs")
        return [self._state.servers[identifier] for identifier in identifiers]

    @staticmethod
    def _record(server: SourceServer, initiator: Initiator, job: Job) -> None:
        attempt = Attempt(initiated=(now(), job.id))
        if initiator == "START_TEST":
            server.last_test = attempt
        else:
            server.last_cutover = attempt


def _parse_date(filters: dict[str, Any], name: str) -> datetime | None:
    """Return a date of the filters, in any form that the model's pattern allows. Raises ApiError."""
    if name not in filters:
        return None
    try:
        return datetime.fromisoformat(filters[name])
    except ValueError:
        raise exceptions.invalid("must be a date and time with Z or an offset", field=f"filters.{name}") from None
