"""The three hooks by which git calls Gogs at every push. Each names the program and app.ini by absolute path: after somebody has moved a site,
they may name another Gogs. Reads go on then and the files are equal on both sides, but no push comes through, or it is noted in another database.

Source: `createDelegateHooks` of Gogs 0.11 to 0.14, and the one hook `update` of 0.9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cutover_site.gogs.hook_calls import NAMES, find_call, is_same_file
from cutover_site.gogs.layout import GogsLayout

EXAMPLES = 5
"""repositories that a problem names"""
MOST = 8
"""problems: an answer through Systems Manager is limited"""
_MIRROR = re.compile(r"^\s*mirror\s*=\s*(true|yes|on|1)\s*$", re.MULTILINE | re.IGNORECASE)


def problems(layout: GogsLayout) -> list[str]:
    """Return a sentence for each thing that is wrong, with the number of repositories and up to EXAMPLES names; empty when nothing is."""
    found: dict[str, list[str]] = {}
    for repository in sorted(layout.repositories.glob("*/*.git")):
        if not repository.is_dir():
            continue  # a link to nothing: other checks name it
        name = str(repository.relative_to(layout.repositories))
        for problem in sorted(set(_of(repository, layout))):
            found.setdefault(problem, []).append(name)
    most = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))[:MOST]
    more = [f"hooks: {len(found) - MOST} more kinds of trouble"] if len(found) > MOST else []
    return [_sentence(problem, names) for problem, names in most] + more


def _sentence(problem: str, names: list[str]) -> str:
    more = f" and {len(names) - EXAMPLES} more" if len(names) > EXAMPLES else ""
    return f"hooks: {problem}, in {len(names)} repositories ({', '.join(names[:EXAMPLES])}{more})"


def _of(repository: Path, layout: GogsLayout) -> Iterator[str]:
    folder = repository / "hooks"
    if folder.is_symlink():
        yield f"the folder is a symbolic link to {folder.readlink()}"
    for name in NAMES:
        hook = folder / name
        try:
            text = hook.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            if not _is_mirror(repository):  # nobody pushes to a mirror, and Gogs writes no hooks for one
                yield f"{name} is missing"
            continue
        except OSError as error:
            yield f"{name} cannot be read: {error.strerror}"
            continue
        # By the bits, not by os.access: root may run what git may not.
        if not hook.stat().st_mode & 0o111:
            yield f"{name} is not executable"
        yield from _paths(name, text, layout)


def _paths(name: str, text: str, layout: GogsLayout) -> Iterator[str]:
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
