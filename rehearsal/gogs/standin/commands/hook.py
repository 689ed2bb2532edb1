"""`gogs hook`: what git's three hooks delegate to. Each imports only what it needs: a push waits for all three."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ..config.config import Config


def run(config: Config, name: str, arguments: Sequence[str]) -> int:
    """Exit code. A push by the site itself, without SSH_ORIGINAL_COMMAND, is none of the hooks' business."""
    if not os.environ.get("SSH_ORIGINAL_COMMAND"):
        return 0
    if name == "update":
        return _custom(name, arguments, b"")
    lines = sys.stdin.buffer.read()
    changes = [(old, new, ref) for old, new, ref in (line.split() for line in lines.decode().splitlines())]
    wiki = ".wiki.git/" in os.environ.get("GOGS_REPO_CUSTOM_HOOKS_PATH", "")
    if not wiki:
        if name == "pre-receive":
            from .pre_receive import problem

            if found := problem(config, changes):
                print(f"Gogs: {found}", file=sys.stderr)
                return 1
        else:
            from .post_receive import note

            note(config, changes)
    return _custom(name, arguments, lines)


def _custom(name: str, arguments: Sequence[str], lines: bytes) -> int:
    """The repository's own hook of this name, when there is one."""
    folder = os.environ.get("GOGS_REPO_CUSTOM_HOOKS_PATH", "")
    hook = Path(folder) / name
    if not folder or not hook.is_file():
        return 0
    return subprocess.run([str(hook), *arguments], cwd=hook.parent.parent, input=lines, check=False).returncode
