"""The way in. A push starts the hook `update` once for each ref, and mostly there is nothing to do: told before anything is imported."""

from __future__ import annotations

import os
from collections.abc import Sequence


def main(arguments: Sequence[str], binary: str) -> int:
    """Exit code."""
    if _idle_hook(arguments):
        return 0
    from pathlib import Path

    from .commands.cli import main as command_line

    return command_line(arguments, Path(binary).absolute())


def _idle_hook(arguments: Sequence[str]) -> bool:
    """A push by the site itself has no business with hooks; `update` only calls the repository's own hook of that name."""
    if arguments[:1] != ["hook"]:
        return False
    if not os.environ.get("SSH_ORIGINAL_COMMAND"):
        return True
    folder = os.environ.get("GOGS_REPO_CUSTOM_HOOKS_PATH", "")
    return "update" in arguments and not os.path.isfile(f"{folder}/update")  # noqa: PTH113  (pathlib takes longer than the rest)
