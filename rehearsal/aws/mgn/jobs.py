"""Jobs: accepted at once, done on a thread of their own, followed by their log. There is no status FAILED."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.identifiers import generate_id
from rehearsal.aws.mgn.life_cycle import Initiator, LaunchStatus
from rehearsal.aws.mgn.models import Job, LogItem, Participant
from rehearsal.aws.mgn.state import State
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.dates import now

CONCURRENT_JOBS = 20
JOBS_QUOTA = ("concurrent jobs", "L-FE2EBE17", CONCURRENT_JOBS)
_log = logging.getLogger(__name__)


class LaunchFailed(RehearsalError):
    """The launch of one server failed. `event` is that of the log, the message its rawError."""

    def __init__(self, event: str, message: str) -> None:
        super().__init__(message)
        self.event = event


class Progress:
    """Given to the work of a job: where it logs and waits."""

    def __init__(self, state: State, job: Job, ending: threading.Event) -> None:
        self.job, self._state, self._ending = job, state, ending

    def log(self, event: str, server_id: str = "", **data: str) -> None:
        """Add an event to the job's log. `data` has names of eventData."""
        _log.info("job %s: %s %s %s", self.job.id, event, server_id, data or "")
        about = {**({"sourceServerID": server_id} if server_id else {}), **data}
        with self._state.lock:
            self.job.log.append(LogItem(event, about))

    def set_status(self, participant: Participant, status: LaunchStatus, instance_id: str = "") -> None:
        """Set the launch status of one server."""
        with self._state.lock:
            participant.launch_status = status
            participant.instance_id = instance_id or participant.instance_id

    def pause(self, seconds: float) -> None:
        """Wait for the service time of a phase. Raises LaunchFailed when the jobs are ended meanwhile."""
        if self._ending.wait(seconds) if seconds else self._ending.is_set():
            raise LaunchFailed("JOB_CANCEL", "The local AWS ends its jobs")


Work = Callable[[Progress], None]


class Jobs:
    """Thread-safe."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._ending = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def start(self, initiator: Initiator, servers: Sequence[str], tags: dict[str, str], work: Work) -> Job:
        """Start a job; the caller holds the state's lock. Raises ApiError: a server is in a job (409), too many jobs (402)."""
        if busy := self._state.find_active_job(servers):
            known = next(one.server_id for one in busy.participants if one.server_id in servers)
            raise exceptions.server_in_job(known, busy.id)
        if sum(job.is_active for job in self._state.jobs.values()) >= CONCURRENT_JOBS:
            raise exceptions.quota_exceeded(*JOBS_QUOTA)
        job = Job(generate_id("mgnjob"), initiator, [Participant(server) for server in servers], dict(tags))
        self._state.jobs[job.id] = job
        thread = threading.Thread(target=self._run, args=(job, work), name=job.id, daemon=True)
        self._threads = {**{id_: one for id_, one in self._threads.items() if one.is_alive()}, job.id: thread}
        thread.start()
        return job

    def interrupt(self) -> None:
        """Let every job end at its next wait. Does not wait for it: a job may wait for the engine."""
        self._ending.set()

    def end(self, timeout: float = 8.0) -> list[str]:
        """End every job. Return the ids of those that did not end in time. Jobs may start again when all have ended."""
        self.interrupt()
        deadline = time.monotonic() + timeout
        for thread in list(self._threads.values()):
            thread.join(max(0.0, deadline - time.monotonic()))
        left = [job_id for job_id, thread in self._threads.items() if thread.is_alive()]
        if not left:
            self._ending = threading.Event()
        return left

    def _run(self, job: Job, work: Work) -> None:
        progress = Progress(self._state, job, self._ending)
        with self._state.lock:
            job.status = "STARTED"
        progress.log("JOB_START")
        try:
            work(progress)
        finally:
            progress.log("JOB_END")
            with self._state.lock:
                job.status, job.ended = "COMPLETED", now()
