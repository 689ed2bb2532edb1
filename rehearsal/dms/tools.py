"""Short runs of the engine's other verbs (`probe`, `assess`) in a replication instance's namespace."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from rehearsal.dms.ports import Network

PROBE_SECONDS = 30.0
ASSESS_SECONDS = 600.0


def command(verb: str) -> list[str]:
    """Return the command line of a tool."""
    return [sys.executable, "-m", "rehearsal.dms.engine", verb]


class ToolFailed(Exception):
    """The tool gave no result."""


def ask(network: Network, instance: str, verb: str, work: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Return a tool's result. Its input goes through a pipe: the passwords are in no argument and no file."""
    process = network.start_process(instance, command(verb), stderr=subprocess.PIPE)
    try:
        output, errors = process.communicate(json.dumps(work).encode() + b"\n", seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise ToolFailed(f"no result within {seconds:.0f} s") from None
    if process.returncode:
        raise ToolFailed(errors.decode(errors="replace").strip().splitlines()[-1:] or ["no output"])
    found: dict[str, Any] = json.loads(output)
    return found
