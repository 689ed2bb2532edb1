"""A task from its start to its end: sessions one after another, as long as a retry can help."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pymysql

from rehearsal.dms.engine.commands import Commands
from rehearsal.dms.engine.failures import EngineError, Recoverable, format_error, is_transient
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.session import Reason, Session
from rehearsal.dms.engine.snapshot import View, snapshot

_log = logging.getLogger(__name__)
FIRST_WAIT_SECONDS = 0.2


def run(
    job: Job, commands: Commands, progress: Progress, *, running: Callable[[], None], view: View = snapshot
) -> dict[str, Any]:
    """Run the task, and return {"event": "stopped", "reason"} or {"event": "failed", "message"}."""
    from_start = job.start != "resume-processing"
    attempts = 0

    def record_beginning() -> None:
        nonlocal from_start, attempts
        from_start, attempts = False, 0

    while True:
        try:
            session = Session(job, commands, progress, running=running, view=view)
            return {"event": "stopped", "reason": session.run(from_start=from_start, begun=record_beginning).value}
        except (EngineError, pymysql.err.MySQLError, OSError) as error:
            if not (isinstance(error, Recoverable) or is_transient(error)):
                _log.error("the task has failed: %s", format_error(error))
                return {"event": "failed", "message": format_error(error)}
            attempts += 1
            most = int(job.settings["ErrorBehavior"]["RecoverableErrorCount"])
            if 0 <= most < attempts:
                return {"event": "failed", "message": f"{format_error(error)}; {most} attempts to recover failed"}
            wait = min(
                FIRST_WAIT_SECONDS * 2 ** min(attempts - 1, 10),
                float(job.settings["ErrorBehavior"]["RecoverableErrorInterval"]),
            )
            _log.warning("%s; next attempt in %.1f s", format_error(error), wait)
            if commands.stopping.wait(wait):
                return {"event": "stopped", "reason": Reason.NORMAL.value}
        except Exception as error:  # noqa: BLE001  a mistake of ours is a failed task with a message, not a crash loop
            _log.exception("the engine made a mistake")
            return {"event": "failed", "message": f"{type(error).__name__}: {error}"}
