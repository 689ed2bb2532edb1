"""The way in. Git starts a hook for each ref of a push, and mostly there is nothing to do: told before anything is imported."""

from __future__ import annotations

import os
from collections.abc import Sequence

from . import PROTECTED_VARIABLE, PUSH_VARIABLE


def main(arguments: Sequence[str], binary: str) -> int:
    """Exit code."""
    if _idle(arguments):
        return 0
    from pathlib import Path

    from .commands.cli import main as command_line

    return command_line(arguments, Path(binary).absolute())


def _idle(arguments: Sequence[str]) -> bool:
    """Only a push has hooks to run, and all but the last of the three only call the repository's own hook, if it has one."""
    if arguments[:1] != ["hook"]:
        return False
    if PUSH_VARIABLE not in os.environ:
        return True
    if PROTECTED_VARIABLE in os.environ and "pre-receive" in arguments:
        return False
    own = [name for name in ("pre-receive", "update") if name in arguments]
    return bool(own) and not os.path.isfile(f"custom_hooks/{own[0]}")  # noqa: PTH113  (pathlib takes longer than the rest)
