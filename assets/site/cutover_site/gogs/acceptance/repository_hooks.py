"""Read which program the hooks of a repository run. The hooks are never started.

A program of another path may be another Gogs, with another database.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.hook_calls import NAMES, Call, find_call, is_same_file


@dataclass(frozen=True)
class Hook:
    """One server-side hook, and whether a push can succeed with it on this site."""

    name: str
    text: str
    of_gogs: bool
    """a hook that Gogs wrote, of any release and path: it calls Gogs and does nothing else"""
    problem: str = ""
    """why a push cannot succeed with it on this site; empty when it can"""


def read_hooks(repository: Path, site: LocalSite) -> list[Hook]:
    """Return the server-side hooks of a bare repository.

    Raises FileNotFoundError when the repository was deleted meanwhile.
    """
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
    call = find_call(text)
    if call is None:
        return Hook(name, text, of_gogs=False)
    commands = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return Hook(name, text, of_gogs=len(commands) == 1, problem=_find_problem(name, call, site))


def _find_problem(name: str, call: Call, site: LocalSite) -> str:
    if call.verb == "update":
        return f"hooks/{name} was written by a Gogs of 0.9 or older ({call.program:.200} update)"
    if not is_same_file(call.program, site.binary):
        state = "another program" if Path(call.program).is_file() else "no program"
        return f"hooks/{name} runs {call.program:.200}, which is {state}; this site's is {site.binary}"
    if call.settings and not is_same_file(call.settings, site.app_ini):
        return f"hooks/{name} reads {call.settings:.200}; this site's is {site.app_ini}"
    return ""
