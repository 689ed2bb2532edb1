"""The control plane of DMS with a script in place of the engine."""

from __future__ import annotations

from typing import Any

from tests.unit.dms.fakes import Site
from tests.waiting import wait_until

# An engine that runs at once, reports a table, stops and fails on command, and exits on the command "reload".
SCRIPT = """
import json, sys
def send(**message): print(json.dumps(message), flush=True)
first = json.loads(sys.stdin.readline())
if sys.argv[1] == "probe":
    send(error="" if first["password"] == "right" else "Access denied (error 1045)"); sys.exit()
table = {"schema": "site", "table": "issue", "state": "Table completed", "reason": "", "counters": {"FullLoadRows": 3, "Inserts": 1},
         "times": {"start": 1700000000.5, "end": 1700000001.0}, "validation": {"state": "Validated", "pending": 0}}
state = {"tables": [table], "checkpoint": "binlog.000001:4", "full_load_started": 1700000000.5, "full_load_finished": None,
         "latency_source": 0.0, "latency_target": 1.5}
send(event="running")
for line in sys.stdin:
    command = json.loads(line)
    if command["command"] == "report": send(event="report", id=command["id"], **state)
    if command["command"] == "stop": send(event="stopped", reason="Stop Reason NORMAL", **state); break
    if command["command"] == "fail": send(event="failed", message=command["message"], **state); break
    if command["command"] == "reload": sys.exit(9)
"""


LOGIN = {"username": "dms", "password": "right", "host": "10.10.1.5", "port": 3306}


def start(site: Site, kind: str = "start-replication") -> dict[str, Any]:
    response = site.api("StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType=kind)
    wait_until(lambda: site.describe()["Status"] == "running")
    task: dict[str, Any] = response["ReplicationTask"]
    return task
