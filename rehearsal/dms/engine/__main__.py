"""`python -m rehearsal.dms.engine run | probe | assess`: reads and writes JSON lines, and logs to standard error.

run      {the job}, then commands (see commands) and {"command": "report", "id": n}
         -> {"event": "running"} {"event": "report", "id": n, …} {"event": "stopped", "reason": …} {"event": "failed", "message": …}
probe    {one server} -> {"error": "" or why not}
assess   {the job} -> {"results": [{"name", "status", "details"}]}
The engine ends when its input does: it never outlives its supervisor.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from typing import Any

import pymysql

from rehearsal.dms.engine.assess import run_assessments
from rehearsal.dms.engine.commands import Commands
from rehearsal.dms.engine.databases import Server
from rehearsal.dms.engine.failures import format_error
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.task import run

_log = logging.getLogger("rehearsal.dms.engine")
_writing = threading.Lock()


def send_message(message: dict[str, Any]) -> None:
    """Write one message to the parent as a line of JSON. Threads take turns."""
    with _writing:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def listen(commands: Commands, progress: Progress) -> None:
    """Execute commands until the input ends, which ends the process."""
    for line in sys.stdin:
        message = json.loads(line)
        if message["command"] == "report":
            send_message({"event": "report", "id": message["id"], **progress.snapshot()})
        else:
            commands.take(message)
    os._exit(0)


def main(verb: str) -> int:
    """Run the verb with the first message of the input. Return the exit code."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    # Its warnings are about names and signs that the log does not give; the engine has them from information_schema.
    logging.getLogger("pymysqlreplication").setLevel(logging.ERROR)
    first = json.loads(sys.stdin.readline())
    if verb == "probe":
        try:
            Server(**first).connect().close()
            send_message({"error": ""})
        except (pymysql.err.MySQLError, OSError) as error:
            send_message({"error": format_error(error)})
        return 0
    job = Job.parse(first)
    if verb == "assess":
        send_message({"results": run_assessments(job)})
        return 0
    commands, progress = Commands(), Progress()
    threading.Thread(target=listen, args=(commands, progress), name="commands", daemon=True).start()
    outcome = run(job, commands, progress, running=lambda: send_message({"event": "running"}))
    send_message({**outcome, **progress.snapshot()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
