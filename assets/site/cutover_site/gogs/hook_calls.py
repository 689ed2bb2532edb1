"""Parse how a repository's hook calls Gogs.

Gogs writes `"PROGRAM" hook --config='APP_INI' NAME` since 0.10 (before: `PROGRAM update …`), and an upgrade of Gogs does not rewrite the hooks.
Source: `createDelegateHooks` of Gogs 0.11 to 0.14, and the one hook `update` of 0.9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

NAMES = ("pre-receive", "update", "post-receive")
_CALL = re.compile(
    r"""^\s*(?:exec\s+)?(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s"']+))\s+(?P<verb>hook|update)\b(?P<rest>[^\n]*)$""",
    re.MULTILINE,
)
_CONFIG = re.compile(r"""(?:--config|-c)[= ]\s*(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s"']+))""")


@dataclass(frozen=True)
class Call:
    """A call of Gogs in a hook.

    `settings`: the app.ini in the call, empty when there is none. `verb`: `hook`, or `update` for Gogs 0.9 and older.
    """

    program: str
    verb: str
    settings: str


def find_call(text: str) -> Call | None:
    """Return the first call of Gogs in a hook, None when there is none. Calls of other programs with the same words are skipped."""
    for found in _CALL.finditer(text):
        config = _CONFIG.search(found["rest"])
        call = Call(_get_value(found), str(found["verb"]), _get_value(config) if config else "")
        if "gogs" in Path(call.program).name.lower() or (call.verb == "hook" and "config" in found["rest"]):
            return call
    return None


def _get_value(match: re.Match[str]) -> str:
    return str(match["double"] or match["single"] or match["bare"])


def is_same_file(path: str, expected: Path) -> bool:
    """Return whether both paths lead to the same file, also through a symbolic link."""
    if path == str(expected):
        return True
    try:
        return bool(path) and Path(path).samefile(expected)
    except OSError:
        return False
