"""The verb that runs a hook of the site's owner."""

from __future__ import annotations

import argparse
import json
import re
from typing import Any

from cutover_site.cli import RUN, Option, Verb
from cutover_site.errors import Refused
from cutover_site.launch.secrets import find_readable_secrets
from cutover_site.machine import Machine
from cutover_site.owner_hooks import process
from cutover_site.owner_hooks.executable import require_trusted
from cutover_site.owner_hooks.journal import Journal
from cutover_site.owner_hooks.output import clean_output
from cutover_site.system.locks import hold_lock

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


def run_hook(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Run the executable, once for each run, point and name. Return how it ended; a hook that fails is no failure of the verb."""
    machine.require_role("source-app", "source-database", "replica", "target")
    machine.require_root()
    if not all(NAME.fullmatch(text) for text in (options.run, options.point, options.name)):
        raise Refused("the names of run, point and hook have letters, digits, hyphens and underscores only")
    folder = machine.layout.state / "hooks"
    with hold_lock(folder / "lock"):
        journal = Journal(folder, options.run, machine.instance_id)
        known = journal.find(options.point, options.name)
        if known is not None:
            return {**known, "repeated": True}
        result = _run(machine, options)
        journal.write(options.point, options.name, result)
        return result


def _run(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    path = require_trusted(options.command)
    ended = process.run(path, _build_input(machine, options.input), seconds=options.seconds, user=options.user)
    outcome = "timed-out" if ended.exit_code is None else "failed" if ended.exit_code else "passed"
    lines = clean_output(ended.output, lambda: find_readable_secrets(machine), machine.layout.application.logs)
    return {
        "outcome": outcome,
        "exit_code": ended.exit_code,
        "seconds": round(ended.seconds, 3),
        "lines": lines,
    }


def _build_input(machine: Machine, text: str) -> bytes:
    """Return the JSON for the hook: that of the procedure, and which machine this is. Raises Refused."""
    try:
        facts = json.loads(text)
    except ValueError as error:
        raise Refused(f"--input is not JSON: {error}") from None
    facts["machine"] = {"id": machine.instance_id, "roles": list(machine.roles)}
    return (json.dumps(facts) + "\n").encode()


VERBS = (
    Verb(
        "hook",
        "run a hook of the site's owner: an executable that only root can change, once for each run",
        run_hook,
        (
            RUN,
            Option("point", required=True, help="where the run is: docs/hooks.md"),
            Option("name", required=True, help="name of the hook"),
            Option("command", required=True, help="absolute path of the executable"),
            Option("user", default="root", help="user that runs it"),
            Option("seconds", kind=float, required=True, help="time limit"),
            Option("input", default="{}", help="JSON for its standard input"),
        ),
    ),
)
