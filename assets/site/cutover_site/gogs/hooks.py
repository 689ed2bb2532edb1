"""Check the three hooks through which git calls Gogs at every push.

Each hook has the absolute paths of the program and of app.ini. After somebody has moved a site they may lead to another Gogs. Then reads still
work and the files are equal on both sides, but every push fails, or is recorded in another database.

Source: `createDelegateHooks` of Gogs 0.11 to 0.14, and the one hook `update` of 0.9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from cutover_site.gogs.hook_calls import NAMES, find_call, is_same_file

MAX_EXAMPLES = 5
"""names of repositories per problem"""
MAX_PROBLEMS = 8
"""a result through Systems Manager is limited"""
_MIRROR = re.compile(r"^\s*mirror\s*=\s*(true|yes|on|1)\s*$", re.MULTILINE | re.IGNORECASE)


class Places(Protocol):
    """The paths that hooks are checked against: those of a machine's layout, or of an existing installation."""

    @property
    def repositories(self) -> Path: ...

    @property
    def binary(self) -> Path: ...

    @property
    def app_ini(self) -> Path: ...


def find_problems(layout: Places) -> list[str]:
    """Return a sentence for each problem, with the number of repositories and up to MAX_EXAMPLES names."""
    found: dict[str, list[str]] = {}
    for repository in sorted(layout.repositories.glob("*/*.git")):
        if not repository.is_dir():
            continue  # a broken link, which other checks report
        name = str(repository.relative_to(layout.repositories))
        for problem in sorted(set(_check_repository(repository, layout))):
            found.setdefault(problem, []).append(name)
    most = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))[:MAX_PROBLEMS]
    more = [f"hooks: {len(found) - MAX_PROBLEMS} more kinds of problems"] if len(found) > MAX_PROBLEMS else []
    return [_format_problem(problem, names) for problem, names in most] + more


def _format_problem(problem: str, names: list[str]) -> str:
    more = f" and {len(names) - MAX_EXAMPLES} more" if len(names) > MAX_EXAMPLES else ""
    return f"hooks: {problem}, in {len(names)} repositories ({', '.join(names[:MAX_EXAMPLES])}{more})"


def _check_repository(repository: Path, layout: Places) -> Iterator[str]:
    folder = repository / "hooks"
    if folder.is_symlink():
        yield f"the folder is a symbolic link to {folder.readlink()}"
    for name in NAMES:
        hook = folder / name
        try:
            text = hook.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            if not _is_mirror(repository):  # a mirror needs no hooks, and Gogs writes none for it
                yield f"{name} is missing"
            continue
        except OSError as error:
            yield f"{name} cannot be read: {error.strerror}"
            continue
        # By the mode, not by os.access: root may execute files that the user git may not.
        if not hook.stat().st_mode & 0o111:
            yield f"{name} is not executable"
        yield from _check_paths(name, text, layout)


def _check_paths(name: str, text: str, layout: Places) -> Iterator[str]:
    call = find_call(text)
    if call is None or not call.settings:
        yield f"{name} does not call Gogs"
        return
    if not is_same_file(call.program, layout.binary):
        yield f"they call {call.program:.200}, not {layout.binary}"
    if not is_same_file(call.settings, layout.app_ini):
        yield f"they read {call.settings:.200}, not {layout.app_ini}"


def _is_mirror(repository: Path) -> bool:
    try:
        return bool(_MIRROR.search((repository / "config").read_text(errors="replace")))
    except OSError:
        return False
