"""What the hooks of a repository run. They are read, never started: a program of another path may be another Gogs, with another database.

Gogs writes `"PROGRAM" hook --config='APP_INI' NAME` since 0.10 (before: `PROGRAM update …`), and writes them anew for none of its upgrades.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cutover_site.acceptance.local import LocalSite

NAMES = ("pre-receive", "update", "post-receive")
OF_GOGS = re.compile(
    r"""^\s*(?:exec\s+)?(?P<q>["']?)(?P<program>[^"'\n]*?)(?P=q)\s+(?P<verb>hook|update)\b(?P<rest>[^\n]*)$""",
    re.MULTILINE,
)
CONFIG = re.compile(r"""(?:--config|-c)[= ](?P<q>["']?)(?P<path>[^"'\n]*?)(?P=q)(?:\s|$)""")


@dataclass(frozen=True)
class Hook:
    name: str
    text: str
    of_gogs: bool
    """written by Gogs, of whatever release and path"""
    problem: str = ""
    """why nobody can push with it on this site"""


def read_hooks(repository: Path, site: LocalSite) -> list[Hook]:
    """Return the server-side hooks that a bare repository has. Raises FileNotFoundError when the repository has gone meanwhile."""
    if not repository.is_dir():
        raise FileNotFoundError(repository)
    found = []
    for name in NAMES:
        try:
            text = (repository / "hooks" / name).read_text(errors="replace")
        except FileNotFoundError:
            continue
        except OSError as error:
            found.append(Hook(name, "", False, f"hooks/{name} cannot be read: {error.strerror}"))
            continue
        found.append(_read(name, text, site))
    return found


def _read(name: str, text: str, site: LocalSite) -> Hook:
    line = OF_GOGS.search(text)
    if not line:
        return Hook(name, text, of_gogs=False)
    program = line["program"]
    config = CONFIG.search(line["rest"])
    if line["verb"] == "update":
        problem = f"hooks/{name} was written by a Gogs of 0.9 or older ({program} update)"
    elif not _same(program, site.binary):
        state = "another program" if Path(program).is_file() else "no program"
        problem = f"hooks/{name} runs {program}, which is {state}; this site's is {site.binary}"
    elif config and not _same(config["path"], site.app_ini):
        problem = f"hooks/{name} reads {config['path']}; this site's is {site.app_ini}"
    else:
        problem = ""
    return Hook(name, text, True, problem)


def _same(path: str, expected: Path) -> bool:
    """The same file, also by way of a symbolic link."""
    if path == str(expected):
        return True
    try:
        return bool(path) and Path(path).samefile(expected)
    except OSError:
        return False
