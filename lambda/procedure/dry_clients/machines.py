"""Commands on machines in a dry run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from common.clients.machines import CommandResult, Machines, build_command_line
from common.clients.nodes import NodeProblem

from procedure.dry_clients.results import CHECKS, DRY, DRY_RESULT, LogChange

READING_VERBS = frozenset({"check", "changed-tables"})
MACHINE_RESULT = {
    **DRY_RESULT,
    "checks": CHECKS,
    "public_key": DRY,
    "digests": {"dry run": "not compared"},
    "moment": DRY,
    "what": DRY,
    "carried": {},
    "different": {"total": 0, "names": []},
    "tables": [],
    "other_statements": 0,
    "outcome": "passed",
}
NOT_COMPARED = {"rows": 0, "digest": "dry run: not compared"}


class DryMachines:
    """Sends verbs that only read; logs all others and returns a made-up result."""

    def __init__(self, real: Machines, log_change: LogChange, tables: Callable[[], Iterable[str]]) -> None:
        self._real, self._log_change, self._tables = real, log_change, tables

    def send(
        self, instance_id: str, verb: str, options: Mapping[str, str | int | bool], *, seconds: int, comment: str = ""
    ) -> str:
        if verb in READING_VERBS:
            return self._real.send(instance_id, verb, options, seconds=seconds, comment=comment)
        self._log_change(f"run on {instance_id}: {build_command_line(verb, options)}")
        return DRY

    def find_node_problem(self, instance_id: str) -> NodeProblem | None:
        return self._real.find_node_problem(instance_id)

    def poll(self, command_id: str, instance_id: str, verb: str) -> CommandResult | None:
        if command_id != DRY:
            return self._real.poll(command_id, instance_id, verb)
        if verb == "digest-database":
            return CommandResult(ok=True, facts={**DRY_RESULT, "tables": dict.fromkeys(self._tables(), NOT_COMPARED)})
        return CommandResult(ok=True, facts=MACHINE_RESULT)
