"""Copy files that differ in the full comparison by content, then compare them again, path by path.

A line of the comparison stands for a repository, or for a bucket of repositories, and differs while users work in it. So the replica returns
the paths that differ and did not change since the comparison began. Paths that changed since then are copied and compared in the window.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.verification import Comparison
from procedure.state.commands import Command

COPIES = (
    (Command.COPY_BY_CONTENT, Command.COMPARE_FILES),
    (Command.COPY_BY_CONTENT_AGAIN, Command.COMPARE_FILES_AGAIN),
)
"""A path may change its type between a copy and its comparison (a folder replaces a file): so there is one second try."""
MAX_LINE_CHARACTERS = 4_000
"""characters of the lines in one command; when they are longer, every file is compared"""
EVERYTHING = '["*"]'


def resolve_file_differences(context: Context, compared: Comparison) -> dict[str, Any] | None:
    """Resolve the differences of the full comparison, and return what was done; None while a machine works.

    StepFailed names the paths that still differ. The source serves.
    """
    if not compared.different:
        return {}
    lines = serialize_names(compared)
    context.state.comparison.different_file_lines = lines
    different: Mapping[str, Any] = {}
    for copy, (copy_command, compare_command) in enumerate(COPIES, start=1):
        copied = _copy_by_content(context, copy_command)
        if copied is None:
            return None
        found = _compare(context, compare_command, lines)
        if found is None:
            return None
        different = found.get("different") or {}
        if "total" not in different:
            raise StepFailed("files that differed were not compared again", machine=context.replica)
        if not different["total"]:
            return {**copied, "copies": copy, "changed_since": found.get("changed_since", {})}
    raise StepFailed(
        f"{different['total']} files differ on source and target, also after they were copied by content: {_format_names(different)}",
        machine=context.replica,
        next_action="look at these files on the source and below /mnt/efs/live: can the user"
        f" {context.settings.profile.owner.user} read them, who else writes to the target?",
    )


def serialize_names(compared: Comparison) -> str:
    """Return the lines that differ as a JSON list, the form of the verbs' option, without the key of the result before each."""
    text = json.dumps(sorted(name.removeprefix("digests/") for name in compared.different))
    return text if len(text) <= MAX_LINE_CHARACTERS else EVERYTHING


def _copy_by_content(context: Context, command: Command) -> dict[str, Any] | None:
    limit = context.limits.verify
    options: dict[str, str | int | bool] = {
        "source": _require_source_address(context),
        "timeout": limit,
        "checksum": True,
    }
    return context.commands.poll(command, context.replica, options, limit=limit)


def _compare(context: Context, command: Command, lines: str) -> dict[str, Any] | None:
    limit = context.limits.verify
    options: dict[str, str | int | bool] = {
        "source": _require_source_address(context),
        "since": context.require(context.state.source.files_compared_since, "when the files were compared"),
        "lines": lines,
        "timeout": limit,
    }
    return context.commands.poll(command, context.replica, options, limit=limit)


def _require_source_address(context: Context) -> str:
    return context.require(context.state.source.address, "the source's private address")


def _format_names(different: Mapping[str, Any]) -> str:
    names = [str(name) for name in different.get("names", [])]
    more = int(different["total"]) - len(names)
    return "; ".join(names) + (f"; and {more} more" if more > 0 else "")
