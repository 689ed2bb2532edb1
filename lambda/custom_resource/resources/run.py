"""Custom::TestLaunch and Custom::Cutover: a resource that exists when its run has succeeded.

The first is_complete starts the run, on_event does not. A crash of on_event makes the framework fail the resource and skip its Delete: a run that
had started would go on to its commit while CloudFormation removes the target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from common.clients.evidence import OUTPUTS, Evidence
from common.clients.executions import Execution, Executions
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.clients.stacks import Stacks
from common.clock import Clock, format_iso
from common.errors import CutoverError, Retryable, RetryableServiceError, StepFailed
from common.follow_up import FollowUp
from common.run import Kind
from common.suspended_replica import Removal, SuspendedReplica

from custom_resource.event import Progress, Request, Started
from custom_resource.resources.orphaned import OrphanedResources
from custom_resource.runs import build_run_id, format_reason, is_run_of, truncate

COMMIT_WITHIN_SECONDS = 52 * 60
"""of the hour that CloudFormation gives a resource: it must never take a committed site for a failed one"""
GIVE_UP_SECONDS = 58 * 60
"""then a run that has not committed fails the deploy. The framework's own end comes later: it counts looks, and each takes its time"""
FINISH_WITHIN_SECONDS = 300
"""after the commit the resource is there; what follows may take longer, but not the deploy. Long enough for all retries of one step, so that the
deploy reports its failure."""
DEADLINE = "Deadline"
"""what on_event leaves for is_complete: no commit after this moment (epoch)"""
FORBIDDEN = "forbidden"
"""evidence of a run that was deleted before it began"""
DESTROYED = "DELETE_IN_PROGRESS"
"""status of a stack that somebody destroys. CloudFormation also deletes the resource of a failed run, while it rolls the stack back"""
ATTRIBUTES: Mapping[Kind, Mapping[str, str]] = {
    "test-launch": {},
    "cutover": {"Committed": "yes", "WindowSeconds": "unknown", "Warnings": "none"},
}
"""the attributes of a resource, with defaults for those that the run did not write"""
SHORT_BYTES, ATTRIBUTE_BYTES = 200, {"Warnings": 1200}
"""CloudFormation accepts responses of 4096 bytes and fails the resource above that. The whole text is in the evidence."""


class RunFailed(Exception):
    """Its message is what CloudFormation shows."""


@dataclass(frozen=True, kw_only=True)
class RunResource:
    kind: Kind
    runs: Runs
    executions: Callable[[str], Executions]
    """by ARN of the state machine"""
    evidence: Callable[[str], Evidence]
    """by run id"""
    orphaned: OrphanedResources
    suspended: SuspendedReplica
    stacks: Stacks
    clock: Clock

    def start(self, request: Request) -> Started:
        cutover_id = str(request.properties["CutoverId"])
        if request.kind == "Delete":
            with suppress(CutoverError):  # `check_progress` repeats it
                self._forbid(request)
            self._request_abort(request.physical_id)
            return Started(physical_id=request.physical_id)
        if request.kind == "Update" and is_run_of(request.physical_id, self.kind, cutover_id):
            # Also what CloudFormation sends when it rolls an update back: that run was done long ago.
            return Started(physical_id=request.physical_id)
        name = build_run_id(self.kind, cutover_id, request.identity)
        return Started(physical_id=name, data={DEADLINE: str(round(self.clock.now() + COMMIT_WITHIN_SECONDS))})

    def _begin(self, request: Request, name: str) -> None:
        """Start the execution. StepFailed when the run was deleted before."""
        if self.evidence(name).read(FORBIDDEN) is not None:
            raise StepFailed("the run was deleted before it began", phase="Lock", next_action="deploy again when ready")
        run = {**self._build_run(request, name), "deadline": self._compute_deadline(request)}
        self._create_executions(request).start(name, {"run": run, "memory": {}})

    def _compute_deadline(self, request: Request) -> float:
        """Return the deadline of the commit. It counts from the request, as the framework's time limit does."""
        return float(request.data.get(DEADLINE) or self.clock.now() + COMMIT_WITHIN_SECONDS)

    def _forbid(self, request: Request) -> None:
        """Forbid the start of a run that Step Functions does not know (yet): its Create may still be in progress. Harmless to repeat."""
        evidence = self.evidence(request.physical_id)
        if self._create_executions(request).describe(request.physical_id) is None and evidence.read(FORBIDDEN) is None:
            evidence.write(FORBIDDEN, {"forbidden": format_iso(self.clock.now())})

    def check_progress(self, request: Request) -> Progress:
        """Return whether the run is over. Never fails for a committed run, because CloudFormation would remove its target."""
        if request.kind == "Delete":
            return self._check_deletion(request)
        name, record = request.physical_id, self._read_record()
        if record is not None and record.run_id == name and record.committed:
            return self._check_steps_after_commit(request, record)
        execution = self._create_executions(request).describe(name)
        if execution is None:
            return self._start_unless_done(request)
        if execution.running:
            self._check_time_limit(execution, record)
            return Progress(complete=False)
        if execution.status == "SUCCEEDED":
            return Progress(complete=True, data=self._read_outputs(name, execution))
        if record is None:
            raise RetryableServiceError("what became of the run is not known: its record cannot be read")
        there = record.run_id == name and record.lock_expires > 0
        raise RunFailed(
            format_reason(
                execution.status,
                execution.cause,
                phase=f"Step {record.phase}" if there else "Failure",
                billed=str(request.properties.get("Billed") or ""),
            )
        )

    def _check_time_limit(self, execution: Execution, record: Record | None) -> None:
        """Check the time limit of the run. RunFailed when it is exceeded, unless the record cannot be read: the run may have committed."""
        deadline = float(execution.given.get("run", {}).get("deadline", self.clock.now()))
        if record is not None and self.clock.now() > deadline - COMMIT_WITHIN_SECONDS + GIVE_UP_SECONDS:
            raise RunFailed(
                f"the run has not ended within {GIVE_UP_SECONDS // 60} minutes, and could commit for {COMMIT_WITHIN_SECONDS // 60}."
                " Next: find what took so long in its evidence, then deploy again"
            )

    def _read_record(self) -> Record | None:
        """Return the run record, None when it cannot be read."""
        try:
            return self.runs.read()
        except CutoverError:
            return None

    def _start_unless_done(self, request: Request) -> Progress:
        """Start a run that has no execution (yet), or return the outputs of a run whose execution is no longer kept."""
        if self.evidence(request.physical_id).read(OUTPUTS) is not None:
            return Progress(complete=True, data=self._read_outputs(request.physical_id, None))
        self._begin(request, request.physical_id)
        return Progress(complete=False)

    def _check_steps_after_commit(self, request: Request, record: Record) -> Progress:
        """Wait a while for the steps after the commit, so that the deploy reports them."""
        execution, is_settled = None, False
        with suppress(Retryable):
            try:
                execution = self._create_executions(request).describe(request.physical_id)
                working = execution is not None and execution.running
                is_settled = not working and self._is_settled(request)
            except StepFailed:
                is_settled = True  # what is missing is in the warnings
        if not is_settled and self.clock.now() - record.decided_at <= FINISH_WITHIN_SECONDS:
            return Progress(complete=False)
        return Progress(complete=True, data=self._read_outputs(request.physical_id, execution))

    def _request_abort(self, name: str) -> None:
        """Request that the run stops. Repeated while its execution runs: a run that has not acquired the lock yet is not in the record."""
        try:
            self.runs.request_abort(name, "the stack or the resource is being deleted")
        except Retryable:
            return  # `check_progress` repeats the request

    def _check_deletion(self, request: Request) -> Progress:
        name = request.physical_id
        with suppress(StepFailed):  # without the bucket of evidence, no run begins either
            self._forbid(request)
        execution = self._create_executions(request).describe(name)
        if execution is not None and execution.running:
            self._request_abort(name)
            return Progress(complete=False)
        left = self._follow_up(request).find_interrupted(name)
        if left is not None and not left.committed and not self._is_settled(request):
            return Progress(complete=False)
        return Progress(complete=self.orphaned.remove(self.kind, name) and self._remove_suspended(request))

    def _remove_suspended(self, request: Request) -> bool:
        """Remove the replica of a suspended run if somebody destroys the stack. Return whether nothing is left to do. Call until then.

        CloudFormation's own Delete after a failed run keeps it for the next run. A stack whose status cannot be read counts as not destroyed: the
        replica is removed when its time is over.
        """
        if self.runs.read().suspension is None or not request.stack_id:
            return True
        try:
            is_destroyed = self.stacks.read(request.stack_id).status == DESTROYED
        except StepFailed:
            return True
        return not is_destroyed or self.suspended.remove() is not Removal.RUNNING

    def _is_settled(self, request: Request) -> bool:
        return self._follow_up(request).is_settled(self._build_run(request, request.physical_id))

    def _follow_up(self, request: Request) -> FollowUp:
        return FollowUp(runs=self.runs, executions=self._create_executions(request))

    def _build_run(self, request: Request, name: str) -> dict[str, Any]:
        """Return the input of every execution of the run."""
        return {
            "run_id": name,
            "kind": self.kind,
            "cutover_id": str(request.properties["CutoverId"]),
            "target": dict(request.properties.get("Target") or {}),
        }

    def _read_outputs(self, name: str, execution: Execution | None) -> dict[str, Any]:
        """Return CloudFormation's attributes, which are strings: ImageId, WindowSeconds, Warnings … Must not fail after a commit."""
        try:
            written = self.evidence(name).read(OUTPUTS)
        except CutoverError:
            written = None
        if written is None and execution is not None:
            memory = execution.output.get("memory", {})
            written = {**memory["outputs"], "warnings": memory.get("warnings", [])} if memory.get("outputs") else None
        if not written and self.kind == "test-launch":
            raise StepFailed(f"run {name} left no outputs", next_action="change cutover_id for a new run")
        if not written:
            written = {"warnings": f"run {name} left no outputs: look at what its execution did after the commit"}
        attributes = {_to_camel_case(key): _format_value(value) for key, value in (written or {}).items()}
        return {
            **ATTRIBUTES[self.kind],
            **{key: truncate(text, ATTRIBUTE_BYTES.get(key, SHORT_BYTES)) for key, text in attributes.items()},
        }

    def _create_executions(self, request: Request) -> Executions:
        return self.executions(str(request.properties["StateMachineArn"]))


def _to_camel_case(key: str) -> str:
    return "".join(word.capitalize() for word in key.split("_"))


def _format_value(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    return str(value)
