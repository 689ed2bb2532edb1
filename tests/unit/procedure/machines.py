"""The machines as Systems Manager reaches them: what each verb returns, and what can happen to a command on its way."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from common.clients.machines import CommandResult
from common.clients.nodes import NodeProblem
from common.errors import RetryableCommandError

if TYPE_CHECKING:
    from tests.unit.procedure.world import World

APP, DATABASE, REPLICA, TARGETS = "i-source-app", "i-source-database", "i-replica", ("i-target-a", "i-target-b")
TABLES = {"user": {"rows": 5, "digest": "aa"}, "issue": {"rows": 40, "digest": "bb"}}
FILES = {"what": "files", "moment": "7.0:5.0", "digests": {"org/one.git": "11", "data/attachments": "22"}}
ROLES = {APP: "app", DATABASE: "database"}
LOGS = base64.b64encode(zlib.compress(b"==== journal of gogs.service\nit broke\n")).decode()
QUIET = frozenset(
    {
        "collect-logs",
        "count-requests",
        "check",
        "digest-database",
        "table-digests",
        "stuck-rows",
        "digest-files",
        "compare-files",
        "digest-program",
        "accept",
        "delta-key",
        "wait-marker",
        "changed-tables",
        "prove-frozen",
        "attend",
        "hook",
        "continue-launch",
    }
)
"""verbs that change nothing"""
PASSED = [{"name": "login", "outcome": "pass", "reason": "", "seconds": 0.2}]


@dataclass(frozen=True)
class Waiting:
    """A command that waits on its machine for a milestone of its run."""

    run: str
    milestone: str
    start: Callable[[], None]


class FakeMachines:
    """Every verb takes one poll before it returns, so that the procedure really waits for each command."""

    DATA: Mapping[str, dict[str, Any]] = {
        "check": {
            "mode": "open", "freeze": "open", "gogs": "active", "proxy": "active", "health": "ok", "hold": "ok", "delta": "ok", "disks": {},
            "hooks": [], "identity": {"enabled": False}, "home": {"names": [], "problem": ""}, "places": [],
            "files": {"files": 40, "bytes": 4000, "complete": True, "lost": {}, "told": {}},
            "repositories": {"broken": {"total": 0, "names": []}, "looked_at": 2, "not_looked_at": 0},
            "database": {"binlog_format": "ROW", "binlog_row_image": "FULL", "log_bin": 1, "read_only": 0, "server_id": 1,
                         "binlog_retention_seconds": 604800, "tables_without_primary_key": [], "prepared_transactions": [], "other_servers": [], "log_encodings": {},
                         "accounts_not_held": [], "target_refuses": [], "unlogged_schemas": []},
        },
        "digest-database": {"tables": TABLES},
        "collect-logs": {"logs": LOGS},
        "count-requests": {"columns": ["second"], "rows": [[1]], "incomplete": []},
        "stuck-rows": {"stuck": {}, "settled": []},
        "digest-files": FILES,
        "carry-counters": {"carried": {}},
        "digest-program": {"digests": {"opt/gogs/gogs": "33", "opt/gogs/custom/templates": "44"}},
        "delta-key": {"public_key": "ssh-ed25519 AAAA"},
        "accept": {"checks": PASSED},
        "changed-tables": {"position": "bin.1:4", "idle_cores": 2, "tables": [], "other_statements": 0},
        "freeze-database": {"tables": [], "other_statements": 0},
        "hook": {"outcome": "passed", "exit_code": 0, "seconds": 0.3, "lines": ["began", "done"]},
    }  # fmt: skip

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, instance_id: str, verb: str, options: Mapping[str, Any], *, seconds: int, comment: str = "") -> str:  # noqa: ARG002
        """The machine does it at once. What it says is kept until it is asked."""
        world, command = self._world, f"c{len(self._world.sent)}"
        if world.unreachable(instance_id, verb, options):
            raise RetryableCommandError("the machine is not connected to Systems Manager", machine=instance_id)
        world.sent[command] = (instance_id, verb, dict(options))
        line = f"{verb} on {instance_id}" + (f" {options['mode']}" if "mode" in options else "")
        do = partial(self._do, instance_id, verb, options)
        fault = world.commands and world.commands.struck(line)

        def start() -> None:
            world.command_results.pop(command, None)
            if verb not in QUIET:
                world.action_log.append(line)
            if fault:
                world.command_results[command] = fault.sent(do)
            elif verb not in world.responses:
                world.command_results[command] = _always(do())
            world.changed(line)

        if options.get("after"):
            world.command_results[command] = lambda: None
            world.waiting_commands[command] = Waiting(options["run"], options["after"], start)
            world.start_waiting()
        else:
            start()
        return command

    def poll(self, command_id: str, instance_id: str, verb: str) -> CommandResult | None:
        world = self._world
        world.start_waiting()  # a run record of another client does not notify this world
        sent_to, sent_verb, options = world.sent[command_id]
        assert (sent_to, sent_verb) == (instance_id, verb)
        if command_id in world.command_results:
            return self._add_identity(world.command_results[command_id](), instance_id, verb)
        answer = world.responses[verb](instance_id, options)
        if answer is not None and answer.ok:
            self._do(instance_id, verb, options)
        return self._add_identity(answer, instance_id, verb)

    def find_node_problem(self, instance_id: str) -> NodeProblem | None:
        """What Systems Manager knows of a node, as far as a test sets it."""
        return self._world.node_problems.get(instance_id)

    def _add_identity(self, answer: CommandResult | None, instance_id: str, verb: str) -> CommandResult | None:
        """Every machine says in `check` which one it is."""
        if answer is None or verb != "check":
            return answer
        identity = {"instance_id": instance_id, **self._world.source.identify(ROLES.get(instance_id, ""))}
        return CommandResult(ok=answer.ok, facts={**identity, **answer.facts})

    def _do(self, instance_id: str, verb: str, options: Mapping[str, Any]) -> CommandResult:
        world = self._world
        refused = world.source.do(ROLES.get(instance_id, ""), verb, options)
        if refused is not None and not refused.ok:
            return refused
        if verb == "activate":
            world.modes[instance_id] = options["mode"]
        if verb == "compare-files":
            return self._compare_files()
        if verb == "continue-launch":
            return self._continue_launch(options)
        written = {"tables": ["issue"]} if verb in ("changed-tables", "freeze-database") and world.change_count else {}
        reported = {"reported": world.source.can_report} if verb == "freeze" else {}
        return CommandResult(ok=True, facts={"ok": True, **self.DATA.get(verb, {}), **written, **reported})

    def _continue_launch(self, options: Mapping[str, Any]) -> CommandResult:
        """As the tool does: refused for a run that is over, done once for each run. The record must expect the report by then."""
        world, run_id = self._world, options["run"]
        record = world.runs.read()
        if record.run_id != run_id or record.decision:
            return CommandResult(ok=False, facts={"ok": False, "reason": f"run {run_id} is over"})
        if not options.get("check") and world.works_for != run_id:
            assert record.expected_report == "CUTOVER"
            assert record.expected_report_until > world.clock.now()
            assert world.run is not None
            world.works_for = run_id
            world.report_for(world.run)
        return CommandResult(ok=True, facts={"ok": True})

    def _compare_files(self) -> CommandResult:
        """What differs is what `digest-files` would return for the two sides now: nothing changed meanwhile, unless a test sets it."""
        source, live = (self._digest_files(side) for side in ("source", "live"))
        names = sorted(name for name in {*source, *live} if source.get(name) != live.get(name))
        different = {"total": len(names), "names": names}
        return CommandResult(
            ok=True, facts={"ok": True, "different": different, "changed_since": {"total": 0, "names": []}}
        )

    def _digest_files(self, side: str) -> Mapping[str, str]:
        respond = self._world.responses.get("digest-files")
        answer = respond(REPLICA if side == "live" else APP, {"side": side}) if respond else None
        facts: Mapping[str, Any] = answer.facts if answer else FILES
        return dict(facts["digests"])


class CommandFaults(Protocol):
    """What happens to commands on their way, and to their responses."""

    def struck(self, line: str) -> CommandFault | None:
        """Of the command that is sent now; None when nothing is wrong with it."""
        ...


class CommandFault(Protocol):
    def sent(self, do: Callable[[], CommandResult]) -> Callable[[], CommandResult | None]:
        """Execute it, or not; return what a poll gets."""
        ...


def _always(answer: CommandResult) -> Callable[[], CommandResult]:
    return lambda: answer
