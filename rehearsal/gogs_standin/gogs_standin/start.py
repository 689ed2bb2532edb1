"""Start the program.

Git starts a hook for each ref of a push, and most hooks have nothing to do. That is decided before the imports.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from . import PROTECTED_VARIABLE, PUSH_VARIABLE


def run() -> None:
    """Run the command of an installed package, and exit with its code."""
    sys.exit(main(sys.argv[1:], sys.argv[0]))


def main(arguments: Sequence[str], binary: str) -> int:
    """Run one command line and return its exit code. `binary` is the executable that hooks and sshd will call."""
    if _is_idle_hook(arguments):
        return 0
    from pathlib import Path

    from .commands.cli import main as command_line

    return command_line(arguments, Path(binary).absolute())


def _is_idle_hook(arguments: Sequence[str]) -> bool:
    """Return whether this is a hook with nothing to do.

    A hook works only in a push. Of the three, pre-receive and update only call the repository's own hook, if it has one.
    """
    if arguments[:1] != ["hook"]:
        return False
    if PUSH_VARIABLE not in os.environ:
        return True
    if PROTECTED_VARIABLE in os.environ and "pre-receive" in arguments:
        return False
    own = [name for name in ("pre-receive", "update") if name in arguments]
    return bool(own) and not os.path.isfile(f"custom_hooks/{own[0]}")  # noqa: PTH113  (pathlib takes longer than the rest)
