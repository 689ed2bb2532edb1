"""Process one report: check it, prepare the disk, make the image, post the message. Every part may be repeated: SNS may deliver twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from common.clients.compute import Compute, Instance, build_image_name
from common.clients.machines import Machines
from common.clients.reports import Reports
from common.clients.runs import Runs
from common.clock import Clock
from common.errors import CutoverError, Retryable, RetryableCommandError, StepFailed

from report.logic import Report, find_rejection_reason, parse, select_image_tags

PREPARE_SECONDS = 240
PAUSE_SECONDS = 1.0
LogOutcome = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class ReportService:
    """Processes the reports of one site."""

    site: str
    required_checks: Collection[str]
    runs: Runs
    compute: Compute
    machines: Machines
    queue: Reports
    clock: Clock
    log_outcome: LogOutcome

    def take(self, text: str) -> bool:
        """Process one message. Return False when it was ignored, which is logged. Raises Retryable errors only: SNS delivers again."""
        try:
            report = parse(text)
        except ValueError as error:
            return self._ignore(str(error), {})
        record = self.runs.read()
        facts = {"run_id": report.run_id, "instance_id": report.instance_id, "launch": report.launch}
        if record.run_id != report.run_id:  # before EC2 is asked about an instance that anyone may have named
            return self._ignore(find_rejection_reason(report, record, None, self.clock.now()), facts)
        instance = self.compute.find_instance(report.instance_id)
        if why := find_rejection_reason(report, record, instance, self.clock.now()):
            return self._ignore(why, facts)
        assert instance is not None
        taken = self.runs.accept_report(
            report.run_id, report.launch, report.instance_id, {**report.build_message(), "version": 1}
        )
        if taken is None:
            return self._ignore("another report was accepted in the same moment", facts)
        message = self._build_message(report, instance)
        # The image of another delivery may have rebooted the machine under this one.
        if message["outcome"] == "fail" and self.runs.read().posted:
            return self._ignore("another delivery of it was processed in the same time", facts)
        self._post(message)
        return True

    def _build_message(self, report: Report, instance: Instance) -> dict[str, Any]:
        """Make the image of a passed TEST launch, and return the message for the procedure.

        A failure on the way to the image becomes a failed report, so that the procedure does not wait until its time limit.
        """
        if not report.is_passed(self.required_checks):
            return report.build_message(outcome="fail")
        if report.launch != "TEST":
            return report.build_message()
        try:
            name = build_image_name(self.site, report.run_id)
            if self.compute.find_image_by_name(name) is None:  # else an earlier delivery came as far as the image
                self._prepare(instance.instance_id)
            image_id = self.compute.create_image(
                instance.instance_id,
                name=name,
                description=f"{self.site}: replica {instance.instance_id} of run {report.run_id}, accepted",
                tags=select_image_tags(instance),
            )
        except Retryable:
            raise
        except CutoverError as error:
            self.log_outcome("image failed", error.to_facts())
            return report.build_message(outcome="fail", reason=f"no image could be made: {error.reason}")
        return report.build_message(image_id=image_id)

    def _prepare(self, instance_id: str) -> None:
        command = self.machines.send(instance_id, "prepare-image", {}, seconds=PREPARE_SECONDS, comment="report")
        deadline = self.clock.now() + PREPARE_SECONDS
        while (result := self.machines.poll(command, instance_id, "prepare-image")) is None:
            if self.clock.now() >= deadline:
                raise RetryableCommandError(
                    f"prepare-image has not ended after {PREPARE_SECONDS} s", machine=instance_id
                )
            self.clock.sleep(PAUSE_SECONDS)
        if not result.ok:
            raise StepFailed(str(result.facts.get("reason") or "prepare-image failed"), machine=instance_id)
        self.log_outcome("image prepared", {"instance_id": instance_id, "free_blocks": result.facts.get("free_blocks")})

    def _post(self, message: Mapping[str, Any]) -> None:
        self.queue.post(message)
        self.runs.update_facts(str(message["run_id"]), posted=self.clock.now())
        self.log_outcome(
            "posted", {key: message.get(key) for key in ("run_id", "instance_id", "launch", "outcome", "image_id")}
        )

    def _ignore(self, why: str, facts: Mapping[str, Any]) -> bool:
        self.log_outcome("ignored", {**facts, "why": why})
        return False
