"""Publish the one report of a launched machine in any case, so that the procedure does not wait until its limit."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any, Literal

from cutover_site.acceptance.results import CheckResult, describe_failures
from cutover_site.machine import Machine
from cutover_site.system import textfiles

LOG = logging.getLogger(__name__)
VERSION = 1
REASON_LIMIT = 2000


@dataclass
class Report:
    run_id: str
    instance_id: str
    launch: str
    checks: list[CheckResult] = field(default_factory=list)
    reason: str = ""

    @property
    def outcome(self) -> Literal["pass", "fail"]:
        """Return `pass` only when at least one check passed and none failed."""
        passed = any(check.outcome == "pass" for check in self.checks)
        return "pass" if passed and not self.reason and not describe_failures(self.checks) else "fail"

    def build_message(self) -> dict[str, Any]:
        """Return the report as docs/reference.md describes it."""
        reason = (
            self.reason or describe_failures(self.checks) or ("" if self.outcome == "pass" else "nothing was checked")
        )
        return {
            "version": VERSION,
            "run_id": self.run_id,
            "instance_id": self.instance_id,
            "launch": self.launch,
            "outcome": self.outcome,
            "checks": [{**check.to_facts(), "reason": check.reason[:REASON_LIMIT]} for check in self.checks],
            "reason": reason[:REASON_LIMIT],
        }


def publish(machine: Machine, report: Report) -> dict[str, Any]:
    """Publish the report with the instance's role, and store it on the disk for `find_published`.

    Raises the error of AWS when it cannot be published: the unit then fails and systemd starts it again. The procedure's wait
    has its own limit.
    """
    message = report.build_message()
    subject = f"Cutover {report.launch} launch: {report.outcome}"
    machine.aws.publish(str(machine.target["topic_arn"]), subject, json.dumps(message, ensure_ascii=False))
    textfiles.replace(machine.layout.state / "report.json", json.dumps(message, ensure_ascii=False))
    LOG.info("published: %s %s", report.outcome, report.reason)
    return message


def find_published(machine: Machine, run_id: str) -> dict[str, Any] | None:
    """Return the report that this instance has already published for this run. None when there is none."""
    try:
        message = json.loads((machine.layout.state / "report.json").read_text())
    except (OSError, ValueError):
        return None
    if message.get("run_id") == run_id and message.get("instance_id") == machine.instance_id:
        return dict(message)
    return None
