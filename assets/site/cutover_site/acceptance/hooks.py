"""What the hooks of a repository run. They are read, never started: a program of another path may be another Gogs, with another database.

Gogs writes `"PROGRAM" hook --config='APP_INI' NAME` since 0.10 (before: `PROGRAM update …`), and writes them anew for none of its upgrades.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cutover_site.acceptance.local import LocalSite

NAMES = ("pre-receive", "update", "post-receive")
CALL = re.compile(
    r"""^\s*(?:exec\s+)?(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s"']+))\s+(?P<verb>hook|update)\b(?P<rest>[^\n]*)$""",
    re.MULTILINE,
)
CONFIG = re.compile(r"""(?:--config|-c)[= ](?P<q>["']?)(?P<path>[^"'\n]*?)(?P=q)(?:\s|$)""")


@dataclass(frozen=True)
class Hook:
    name: str
    text: str
    of_gogs: bool
    """as Gogs writes it, of whatever release and path: it calls Gogs and does nothing else"""
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
    call = next((one for one in CALL.finditer(text) if _is_of_gogs(one)), None)
    if call is None:
        return Hook(name, text, of_gogs=False)
    commands = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return Hook(name, text, of_gogs=len(commands) == 1, problem=_find_problem(name, call, site))


def _find_problem(name: str, call: re.Match[str], site: LocalSite) -> str:
    program, config = _program(call), CONFIG.search(call["rest"])
    if call["verb"] == "update":
        return f"hooks/{name} was written by a Gogs of 0.9 or older ({program:.200} update)"
    if not _same(program, site.binary):
        state = "another program" if Path(program).is_file() else "no program"
        return f"hooks/{name} runs {program:.200}, which is {state}; this site's is {site.binary}"
    if config and not _same(config["path"], site.app_ini):
        return f"hooks/{name} reads {config['path']:.200}; this site's is {site.app_ini}"
    return ""


def _is_of_gogs(call: re.Match[str]) -> bool:
    """Another program may have such a word for its argument too."""
    return "gogs" in Path(_program(call)).name.lower() or (call["verb"] == "hook" and "config" in call["rest"])


def _program(call: re.Match[str]) -> str:
    return str(call["double"] or call["single"] or call["bare"])


def _same(path: str, expected: Path) -> bool:
    """The same file, also by way of a symbolic link."""
    if path == str(expected):
        return True
    try:
        return bool(path) and Path(path).samefile(expected)
    except OSError:
        return False
