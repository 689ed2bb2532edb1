"""What each step of a run does, on which machine, and what it changes: the words of `cutover plan`. tests/unit/operate has every step of the plan here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

RECORD: Final = "run record"
PROVIDER: Final = "provider"
SOURCE_APP: Final = "source-app"
SOURCE_DATABASE: Final = "source-database"
SOURCE: Final = "source machines"
REPLICA: Final = "replica"
TARGETS: Final = "targets"
REPLICATION: Final = "replication task"
NOTHING: Final = ""
"""a step that only reads"""


@dataclass(frozen=True)
class StepText:
    """One step. `changes` is NOTHING for a step that only reads."""

    where: str
    does: str
    changes: str = NOTHING


TEXTS: Mapping[str, StepText] = {
    "lock": StepText(RECORD, "takes the lock of the site", "no other run can begin"),
    "preflight": StepText(SOURCE, "checks both replications, machines, files and permissions, and waits until both have caught up"),
    "take-over": StepText(RECORD, "takes the launch or the replica of a suspended run over, or removes it", "what the suspended run has kept"),
    "prepare-launch": StepText(PROVIDER, "sets where the replica is launched", "launch settings and tags of the source server"),
    "launch": StepText(PROVIDER, "launches a replica", "a new instance with its disks, which is billed"),
    "await-job": StepText(PROVIDER, "waits until the replica is launched"),
    "await-report": StepText(REPLICA, "waits for the acceptance suite", "a scratch copy of the database and the files"),
    "await-image": StepText(REPLICA, "waits for the image of the replica", "a new image with its snapshots, which are billed"),
    "clean-up-test": StepText(REPLICA, "removes the replica", "the replica of the test is gone"),
    "finish": StepText(RECORD, "writes the outputs", "the lock is released"),
    "accept-scratch": StepText(TARGETS, "serves the scratch copy and runs the acceptance suite", "traffic of the acceptance client is allowed"),
    "mark-ready-for-cutover": StepText(PROVIDER, "marks the source server as ready", "its state at the provider"),
    "await-bulk": StepText(REPLICA, "copies all files to the shared file system", "files of the target"),
    "allow-delta": StepText(SOURCE_APP, "lets the replica read the source's files", "one SSH key of the application's user, removed later"),
    "stand-by": StepText(SOURCE, "prepares every machine for the window", "the source's proxy is reloaded and knows the target"),
    "verify": StepText(REPLICA, "compares every row", "tables of the target that differ are loaded again"),
    "verify-files": StepText(REPLICA, "compares every file", "files of the target that differ are copied again"),
    "verify-program": StepText(TARGETS, "compares the program and its settings"),
    "sync-auto-increment": StepText(REPLICA, "syncs AUTO_INCREMENT", "next numbers of the target's tables"),
    "await-go": StepText(RECORD, "waits for the go, the maintenance window and a site that is ready"),
    "freeze": StepText(SOURCE_APP, "holds writes at the proxy", "WRITES ARE HELD from here on; reads go on"),
    "freeze-database": StepText(SOURCE_DATABASE, "closes the database", "the database is read-only; one marker row"),
    "drain": StepText(REPLICATION, "waits until every row is on the target", "the task is stopped"),
    "delta": StepText(REPLICA, "copies the files that changed", "files of the target"),
    "verify-changes": StepText(REPLICA, "compares the rows and files that changed"),
    "activate": StepText(TARGETS, "serves the live data to the acceptance client", "mode of every target"),
    "accept-live": StepText(TARGETS, "runs the acceptance suite on the live data", "test data, which is removed after the commit"),
    "stop-replication": StepText(REPLICATION, "waits until it has stopped, and proves that nobody wrote", "the task is stopped"),
    "commit": StepText(RECORD, "commits", "POINT OF NO RETURN: one conditional write"),
    "admit": StepText(TARGETS, "allows traffic of everyone", "security group of the load balancers"),
    "forward": StepText(SOURCE_APP, "forwards held and new requests to the target", "the source's application is stopped for good"),
    "point-name": StepText("public names", "points them to the target", "record sets of the zone"),
    "tidy": StepText(TARGETS, "removes what the acceptance suite made", "its test data; held webhooks are sent"),
    "deny-delta": StepText(SOURCE_APP, "ends the access of the replica", "that SSH key"),
    "finalize": StepText(PROVIDER, "ends the replication of the server for good", "state of the source server"),
    "clean-up": StepText(REPLICA, "removes the replica", "the replica is gone"),
    "await-names": StepText("public names", "waits until somebody has moved them in their zone"),
}  # fmt: skip
