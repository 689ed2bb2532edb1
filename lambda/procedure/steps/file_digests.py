"""Digests of the files of source and target: sent to both at once, collected together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from procedure.context import Context
from procedure.logic.verification import DigestPair
from procedure.state.commands import Command

Side = Literal["source", "live"]
SIDES: tuple[Side, Side] = ("source", "live")
ALL_FILES: tuple[tuple[Command, Side], ...] = (
    (Command.DIGEST_SOURCE_FILES, "source"),
    (Command.DIGEST_TARGET_FILES, "live"),
)
CHANGED_FILES: Mapping[Side, Command] = {
    "source": Command.DIGEST_CHANGED_SOURCE_FILES,
    "live": Command.DIGEST_CHANGED_TARGET_FILES,
}


def send_file_digests(context: Context) -> None:
    """Start the digest of all files on both machines."""
    for command, side in ALL_FILES:
        context.commands.send_once(command, _get_machine(context, side), {"side": side}, limit=context.limits.verify)


def poll_file_digests(context: Context) -> DigestPair | None:
    """Return the digests of all files, of the source and of the live tree; None while one of them works."""
    source, live = (_poll_file_digest(context, command, side) for command, side in ALL_FILES)
    return (source, live) if source is not None and live is not None else None


def poll_changed_file_digests(context: Context, side: Side) -> dict[str, Any] | None:
    """Return the window's digest of one side: files changed since the full comparison, and all refs of the repositories that have such files.

    None while the machine works. When the source does not know what changed, both sides digest every ref, and every file of the lines that
    differed in the full comparison.
    """
    since = context.require(context.state.source.files_compared_since, "when the files were compared")
    whole = context.state.comparison.different_file_lines
    return _poll_file_digest(context, CHANGED_FILES[side], side, refs=True, since=since, whole=whole)


def _poll_file_digest(context: Context, command: Command, side: Side, **options: str | bool) -> dict[str, Any] | None:
    machine = _get_machine(context, side)
    return context.commands.poll(command, machine, {"side": side, **options}, limit=context.limits.verify)


def _get_machine(context: Context, side: Side) -> str:
    return context.replication.source_app_instance_id if side == "source" else context.replica
