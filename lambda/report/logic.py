"""Parse reports and decide which ones are accepted. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.acceptance import has_passed

if TYPE_CHECKING:
    from common.clients.compute import Instance
    from common.clients.run_record import Record

VERSION = 1
REASON_CHARACTERS = 2000


@dataclass(frozen=True, kw_only=True)
class Report:
    """The report of one launched replica."""

    run_id: str
    instance_id: str
    launch: str
    outcome: str
    checks: tuple[Mapping[str, Any], ...]
    reason: str

    def is_passed(self, required: Collection[str]) -> bool:
        """Return whether the outcome is pass and the checks confirm it."""
        return self.outcome == "pass" and has_passed(self.checks, required)

    def build_message(self, *, image_id: str = "", reason: str = "", outcome: str = "") -> dict[str, Any]:
        """Return the message for the queue."""
        body: dict[str, Any] = {
            "run_id": self.run_id,
            "instance_id": self.instance_id,
            "launch": self.launch,
            "outcome": outcome or self.outcome,
            "checks": [dict(check) for check in self.checks],
            "reason": reason or self.reason,
        }
        return {**body, "image_id": image_id} if image_id else body


def parse(text: str) -> Report:
    """Return the report of a message. ValueError with the problem: any publisher to the topic can send any text."""
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise ValueError("the message is not JSON") from error
    if not isinstance(raw, dict) or raw.get("version") != VERSION:
        raise ValueError(f"the message is not a report of version {VERSION}")
    for key in ("run_id", "instance_id", "launch", "outcome"):
        if not isinstance(raw.get(key), str) or not raw[key]:
            raise ValueError(f"{key} is missing")
    if raw["launch"] not in ("TEST", "CUTOVER"):
        raise ValueError(f"launch is {raw['launch']!r:.40}")
    if raw["outcome"] not in ("pass", "fail"):
        raise ValueError(f"outcome is {raw['outcome']!r:.40}")
    checks = raw.get("checks", [])
    if not isinstance(checks, list) or not all(isinstance(check, dict) for check in checks):
        raise ValueError("checks is not a list of objects")
    return Report(
        run_id=raw["run_id"],
        instance_id=raw["instance_id"],
        launch=raw["launch"],
        outcome=raw["outcome"],
        checks=tuple(checks),
        reason=str(raw.get("reason") or "")[:REASON_CHARACTERS],
    )


def find_rejection_reason(report: Report, record: Record, instance: Instance | None, now: float) -> str:
    """Return why the report is rejected, empty when it is not. The conditional write that accepts it decides finally."""
    if record.run_id != report.run_id:
        return f"run {report.run_id} is not the current run ({record.run_id or 'none'})"
    if record.expected_report != report.launch:
        return f"no {report.launch} report is expected (expected: {record.expected_report or 'none'})"
    if record.expected_report_until <= now:
        return "it came after its time limit"
    if record.decision:
        return f"the run is decided: {record.decision}"
    if record.report_by and record.report_by != report.instance_id:
        return f"{record.report_by} has reported before"
    if record.posted:
        return "it was accepted before"
    if instance is None or instance.state in ("terminated", "shutting-down"):
        return "there is no such instance"
    tags = instance.tags
    if tags.get("cutover:run-id") != _get_launching_run(record) or tags.get("cutover:launch") != report.launch:
        return "the instance was not launched by this run, nor by the one that it has taken over"
    if tags.get("cutover:role") != "replica":
        return f"the instance is no replica but {tags.get('cutover:role') or 'untagged'}"
    return ""


def _get_launching_run(record: Record) -> str:
    """Return the run that launched the expected replica: the current one, or the one whose launch it has taken over."""
    checkpoint = record.finished
    return checkpoint.launched_by if checkpoint is not None and checkpoint.taken_over_from else record.run_id


def select_image_tags(instance: Instance) -> dict[str, str]:
    """Return the tags of the instance without those that begin with `aws:`, which only AWS may write."""
    return {key: value for key, value in instance.tags.items() if not key.startswith("aws:")}
