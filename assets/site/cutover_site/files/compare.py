"""Which paths of the live tree differ from the source's, told apart from those that only changed since a moment.

The source goes on serving: a line of a digest can differ for as long as somebody works in one of its repositories. A path that changed since
the moment is no concern, because the window carries it over and compares it again. A path that did not change and differs would stay so.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from cutover_site.files import efs
from cutover_site.files.changes import Changes, Moment
from cutover_site.files.delta import ask_changes, checked_host, login, remote_shell
from cutover_site.files.entries import list_entries, parse_entries
from cutover_site.machine import Machine
from cutover_site.system.commands import run


@dataclass(frozen=True)
class Differences:
    stay: tuple[str, ...]
    """paths that differ and did not change"""
    changed_since: tuple[str, ...]
    """paths that differ because the source changed them"""
    looked_at: int


def compare(machine: Machine, host: str, *, since: str, lines: list[str], timeout: float) -> Differences:
    """`lines`: of a digest's answer, those that differ. Raises CommandFailed, ClockWasSet, OSError.

    The source is asked for its changes last: what changes while both sides are read is among them.
    """
    moment = Moment.parse(since)
    shell = remote_shell(machine, checked_host(host))
    asked = run(*shlex.split(shell), login(machine, host), "entries", stdin=json.dumps(lines).encode(), timeout=timeout)
    theirs = parse_entries(asked.stdout)
    ours = dict(list_entries(machine.layout.application.files, efs.tree(machine, "live"), lines))
    differing = [path for path in sorted({*theirs, *ours}) if theirs.get(path) != ours.get(path)]
    changed = ask_changes(machine, host, shell, moment) if differing else Changes((), ())
    return separate(differing, theirs, ours, changed)


def separate(differing: list[str], theirs: Mapping[str, str], ours: Mapping[str, str], changed: Changes) -> Differences:
    """Return which paths stay different. Pure.

    A path that is on one side only is explained by a change of a folder above it: it came, went, or was moved with that folder.
    """
    files, folders = frozenset(changed.files), frozenset(changed.folders)
    stay: list[str] = []
    since: list[str] = []
    for path in differing:
        one_sided = path not in theirs or path not in ours
        explained = path in files or path in folders or (one_sided and _was_moved(path, theirs, ours, folders))
        (since if explained else stay).append(path)
    return Differences(tuple(stay), tuple(since), len({*theirs, *ours}))


def _was_moved(path: str, theirs: Container[str], ours: Container[str], folders: Container[str]) -> bool:
    """Return whether a changed folder above `path` has gained or lost what leads to it.

    What is in that folder on both sides did not come or go: then the window looks at nothing below it. Of an owner's folder only the
    repositories may be known: these tell it then.
    """
    inner = path
    for parent in PurePosixPath(path).parents:
        outer = "" if str(parent) == "." else str(parent)
        if outer in folders and not (inner in theirs and inner in ours):
            return True
        if outer in theirs or outer in ours:
            inner = outer
    return False
