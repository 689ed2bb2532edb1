"""Find the paths in which the live tree differs from the source's, and separate those that only changed since a moment.

The source serves meanwhile, so a line of a digest can differ as long as somebody works in that repository. A path that changed since the
moment needs no attention: the copy in the window covers it, and it is compared again. A path that did not change and differs will stay
different.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from cutover_site.files import efs
from cutover_site.files.changes import ChangedPaths, Moment
from cutover_site.files.delta import build_ssh_command, check_host, format_user_at_host, request_changes
from cutover_site.files.entries import list_entries, parse_entries
from cutover_site.machine import Machine
from cutover_site.system.commands import run


@dataclass(frozen=True)
class Differences:
    """The paths that differ."""

    different: tuple[str, ...]
    """paths that differ and did not change"""
    changed_since: tuple[str, ...]
    """paths that differ because the source changed them"""
    looked_at: int


def compare(machine: Machine, host: str, *, since: str, lines: list[str], timeout: float) -> Differences:
    """Compare the live tree with the source's. Raises CommandFailed, ClockWasSet, OSError.

    `lines`: the lines of a digest that differ. The source lists its changes last, so the list includes what changes during the comparison.
    """
    moment = Moment.parse(since)
    shell = build_ssh_command(machine, check_host(host))
    request = json.dumps(lines).encode()
    listing = run(
        *shlex.split(shell), format_user_at_host(machine, host), "entries", stdin=request, timeout=timeout
    ).stdout
    theirs = parse_entries(listing)
    ours = dict(list_entries(machine.layout.application.files, efs.mount_tree(machine, "live"), lines))
    differing = [path for path in sorted({*theirs, *ours}) if theirs.get(path) != ours.get(path)]
    changed = request_changes(machine, host, shell, moment) if differing else ChangedPaths((), ())
    return split_differences(differing, theirs, ours, changed)


def split_differences(
    differing: list[str], theirs: Mapping[str, str], ours: Mapping[str, str], changed: ChangedPaths
) -> Differences:
    """Separate the differing paths by whether a change on the source explains them. Pure.

    A change of a folder explains a path below it that exists on one side only: it was added, removed, or moved with that folder.
    """
    files, folders = frozenset(changed.files), frozenset(changed.folders)
    different: list[str] = []
    changed_since: list[str] = []
    for path in differing:
        one_sided = path not in theirs or path not in ours
        is_explained = path in files or path in folders or (one_sided and _was_moved(path, theirs, ours, folders))
        (changed_since if is_explained else different).append(path)
    return Differences(tuple(different), tuple(changed_since), len({*theirs, *ours}))


def _was_moved(path: str, theirs: Container[str], ours: Container[str], folders: Container[str]) -> bool:
    """Return whether a changed folder above `path` has gained or lost the entry that leads to `path`.

    An entry that exists on both sides was neither added nor removed: then the copy in the window looks at nothing below it. Of an owner's
    folder the listings may contain only the repositories; then these decide.
    """
    inner = path
    for parent in PurePosixPath(path).parents:
        outer = "" if str(parent) == "." else str(parent)
        if outer in folders and not (inner in theirs and inner in ours):
            return True
        if outer in theirs or outer in ours:
            inner = outer
    return False
