"""Jobs: accepted at once, done on a thread of their own, followed by their log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.models import is_busy
from rehearsal.cloudendure.responses import Json, format_date, generate_id, now
from rehearsal.cloudendure.store import Store
from rehearsal.errors import RehearsalError

logger = logging.getLogger(__name__)


class JobFailed(RehearsalError):
    """The job ends as FAILED; the message is the last line of its log."""


class Job:
    """The running job, as its work uses it: for its log, and for waits that end when the console stops."""

    def __init__(self, store: Store, id_: str, ending: threading.Event) -> None:
        self.id, self._store, self._ending = id_, store, ending

    def log(self, message: str) -> None:
        """Add a message to the job's log."""
        logger.info("job %s: %s", self.id, message)
        with self._store.edit() as state:
            state["jobs"][self.id]["log"].append({"message": message, "logDateTime": format_date(now())})

    def pause(self, seconds: float) -> None:
        """Wait for the service time. Raises JobFailed when the console stops meanwhile."""
        if self._ending.wait(seconds) if seconds else self._ending.is_set():
            raise JobFailed("The console is shutting down")


Work = Callable[[Job], None]


class Jobs:
    """Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ending = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def resume(self) -> None:
        """Fail the jobs that were running, after a start of the console. No job survives its process."""
        with self._store.edit() as state:
            for job in state["jobs"].values():
                if job["status"] in ("PENDING", "STARTED"):
                    job["log"].append(
                        {"message": "Job interrupted: the console was restarted", "logDateTime": format_date(now())}
                    )
                    job.update(status="FAILED", endDateTime=format_date(now()))

    def end(self, timeout: float = 8.0) -> None:
        """End every job."""
        self._ending.set()
        for thread in list(self._threads.values()):
            thread.join(timeout)

    def wait(self, id_: str, timeout: float) -> None:
        """Return when the job has ended, or after `timeout` seconds."""
        if thread := self._threads.get(id_):
            thread.join(timeout)

    def start(self, kind: str, machines: list[str], user: str, work: Work) -> Json:
        """Start a job; return its record. Raises ApiError 409 when one of the machines has a job already."""
        job = {
            "id": generate_id(),
            "type": kind,
            "status": "PENDING",
            "participatingMachines": machines,
            "log": [],
            "creationDateTime": format_date(now()),
            "initiatedBy": user,
        }
        with self._store.edit() as state:
            for machine in machines:
                if is_busy(state, machine):
                    raise ApiError(409, f"machine {machine} already participates in a job", code="machineBusy")
            state["jobs"][job["id"]] = job
            response = {**job, "log": []}
        thread = threading.Thread(target=self._run, args=(str(job["id"]), work), name=f"job-{job['id']}", daemon=True)
        self._threads = {**{id_: old for id_, old in self._threads.items() if old.is_alive()}, str(job["id"]): thread}
        thread.start()
        return response

    def _run(self, id_: str, work: Work) -> None:
        job = Job(self._store, id_, self._ending)
        self._set_status(id_, "STARTED")
        try:
            work(job)
        except (RehearsalError, OSError) as error:
            job.log(str(error))
            self._set_status(id_, "FAILED")
        except Exception:
            job.log("Internal error in the console: see its log")
            self._set_status(id_, "FAILED")
            raise
        else:
            self._set_status(id_, "COMPLETED")

    def _set_status(self, id_: str, status: str) -> None:
        with self._store.edit() as state:
            state["jobs"][id_]["status"] = status
            if status in ("COMPLETED", "FAILED"):
                state["jobs"][id_]["endDateTime"] = format_date(now())
