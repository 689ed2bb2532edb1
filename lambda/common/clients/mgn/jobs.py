"""Jobs: launches and terminations. A job has no status FAILED, so its outcome is that of its server. It takes no client token, so it is adopted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.clients.mgn.recent import Recent
from common.clients.mgn.service import Service
from common.clients.mgn.times import parse_moment
from common.clients.provider import Job, JobStatus
from common.clock import Clock, format_iso
from common.errors import Missing
from common.run import Launch

INITIATED_BY: Mapping[Launch, str] = {"TEST": "START_TEST", "CUTOVER": "START_CUTOVER"}
OPERATION: Mapping[Launch, str] = {"TEST": "start_test", "CUTOVER": "start_cutover"}
RUNNING = frozenset({"PENDING", "STARTED"})
SUCCEEDED: Mapping[str, str] = {"LAUNCH": "LAUNCHED", "TERMINATE": "TERMINATED"}
STALE = frozenset({"SNAPSHOT_FAIL", "USING_PREVIOUS_SNAPSHOT"})
"""Events of a launch from an older snapshot. The job is COMPLETED and its server LAUNCHED all the same."""
STALE_REASON = "MGN could not take a new snapshot and launched from an older one. The agent must run and be connected while the snapshot is taken"
LOG_SECONDS, ANNOUNCED_LOG_SECONDS = 30.0, 180.0
"""how old the log of a running job may be: it is only shown. The second for a job whose end is an event"""
LONGEST_SECONDS = 86400.0
"""no job runs longer: the history of a server is longer than what can still be running"""
LATEST_SECONDS = 2 * LONGEST_SECONDS
"""of which the latest launch is looked for: longer than a launch is kept for a later run"""
RawJob = Mapping[str, Any]


class Jobs:
    """The jobs of the account in one region."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._logs: Recent[list[dict[str, Any]]] = Recent(
            clock, longest_seconds=LOG_SECONDS, announced_seconds=ANNOUNCED_LOG_SECONDS
        )

    def start(self, operation: str, source_server_id: str) -> str:
        """Start a job for one server and return its id. Conflict: the server is in a job, or in a state that forbids it.

        RetryableProviderError also when only the response was lost: the caller repeats its step, which looks for the job first.
        """
        response = self._service.call(operation, repeatable=False, sourceServerIDs=[source_server_id])
        return str(response["job"]["jobID"])

    def list_since(self, moment: float, source_server_id: str) -> list[RawJob]:
        """Return the jobs of the server that were created since a moment (epoch seconds), newest first."""
        jobs = self._service.items("describe_jobs", filters={"fromDate": format_iso(moment)})
        return [job for job in jobs if source_server_id in _list_participants(job) and _is_since(job, moment)]

    def find_running(self, source_server_id: str, *, now: float, job_type: str = "") -> RawJob | None:
        """Return the job of the server that still runs, of this type or of any. None: there is none."""
        return find_running(self.list_since(now - LONGEST_SECONDS, source_server_id), job_type)

    def find_latest(self, source_server_id: str, *, now: float, job_type: str) -> RawJob | None:
        """Return the latest job of the server of this type, ended or not. None: there is none of the last LATEST_SECONDS."""
        jobs = self.list_since(now - LATEST_SECONDS, source_server_id)
        return next((job for job in jobs if job.get("type") == job_type), None)

    def find_launch(
        self, source_server_id: str, kind: Launch, *, since: float, now: float
    ) -> tuple[str, RawJob | None]:
        """Return the launch of this kind that may be adopted, empty when there is none; then also the job of the server that still runs.

        A launch may be adopted that has this server alone, was started since then, and has not failed.
        """
        jobs = self.list_since(min(since, now - LONGEST_SECONDS), source_server_id)
        for job in jobs:
            ours = job.get("initiatedBy") == INITIATED_BY[kind] and _list_participants(job) == [source_server_id]
            if ours and _is_since(job, since) and (is_running(job) or _has_succeeded(job)):
                return str(job["jobID"]), None
        return "", find_running(jobs)

    def read(self, job_id: str) -> RawJob:
        """Return the job. Missing when the service does not have it."""
        found = self._service.items("describe_jobs", filters={"jobIDs": [job_id]})
        if not found:
            raise Missing(f"MGN has no job {job_id}", next_action="look at the launch history in the MGN console")
        return found[0]

    def evaluate(self, job: RawJob, *, announced: bool = False) -> Job:
        """Return the job as the procedure sees it, with its log.

        While a launch runs, its log is a recent one. A job that has not started has none, and that of a running termination is not read.

        `announced`: an event is expected at the end of the job.
        """
        job_id = str(job["jobID"])
        if job.get("status") == "PENDING" or (is_running(job) and job.get("type") == "TERMINATE"):
            return evaluate(job, [])
        recent = self._logs.get(job_id) if is_running(job) else None
        if recent is None:
            recent = self._logs.keep(job_id, self._read_log(job_id), announced=announced)
        return evaluate(job, recent)

    def has_launched(self, job_id: str) -> bool:
        """Return whether the launch succeeded. False for a job that the service no longer has."""
        try:
            return _has_succeeded(self.read(job_id))
        except Missing:
            return False

    def _read_log(self, job_id: str) -> list[dict[str, Any]]:
        return self._service.items("describe_job_log_items", jobID=job_id)


def evaluate(job: RawJob, log: Sequence[Mapping[str, Any]]) -> Job:
    """Return the job with its outcome. A CUTOVER launch from an older snapshot has failed, a TEST launch from one has a warning.

    COMPLETED means only that the job has ended. Events outside of the enumeration (LAUNCH_END) are text.
    """
    lines = [_format(item) for item in log]
    status = JobStatus.RUNNING if is_running(job) else JobStatus.COMPLETED if _has_succeeded(job) else JobStatus.FAILED
    warnings: list[str] = []
    if status is JobStatus.FAILED:
        lines.append(f"MGN reports: {_describe_outcome(job)}")
    elif any(item.get("event") in STALE for item in log):
        if job.get("initiatedBy") == INITIATED_BY["CUTOVER"]:
            # Known before the job ends, and the same then. A job that still runs must end before anything else can be done.
            status = status if status is JobStatus.RUNNING else JobStatus.FAILED
            lines.append(STALE_REASON)
        else:
            warnings.append(STALE_REASON)
    return Job(job_id=str(job["jobID"]), status=status, log=tuple(lines), warnings=tuple(warnings))


def find_running(jobs: Iterable[RawJob], job_type: str = "") -> RawJob | None:
    """Return the first job that still runs, of this type or of any. None: there is none."""
    return next((one for one in jobs if is_running(one) and job_type in ("", one.get("type"))), None)


def is_running(job: RawJob) -> bool:
    """Return whether the job has not ended."""
    return job.get("status") in RUNNING


def _has_succeeded(job: RawJob) -> bool:
    wanted = SUCCEEDED.get(str(job.get("type")))
    servers = job.get("participatingServers") or []
    return not is_running(job) and bool(servers) and all(one.get("launchStatus") == wanted for one in servers)


def _describe_outcome(job: RawJob) -> str:
    servers: Iterable[Mapping[str, Any]] = job.get("participatingServers") or []
    outcomes = ", ".join(
        f"{one.get('sourceServerID')} {one.get('launchStatus') or 'without a status'}" for one in servers
    )
    return f"job {job.get('status')}, {outcomes or 'no server'}"


def _list_participants(job: RawJob) -> list[str]:
    return [str(one.get("sourceServerID")) for one in job.get("participatingServers") or []]


def _is_since(job: RawJob, moment: float) -> bool:
    created = parse_moment(job.get("creationDateTime"))
    return created is not None and created >= moment


def _format(item: Mapping[str, Any]) -> str:
    """Return the event with the error and the attempt, as `LAUNCH_FAILED: VPCIdNotSpecified… (attempt 1 of 3)`."""
    data = item.get("eventData") or {}
    text = str(item.get("event") or "event without a name")
    text += f": {data['rawError']}" if data.get("rawError") else ""
    attempt = data.get("attemptCount")
    return f"{text} (attempt {attempt} of {data.get('maxAttemptsCount', '?')})" if attempt else text
