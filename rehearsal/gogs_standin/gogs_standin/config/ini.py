"""Parse the syntax of app.ini.

There are no comments behind values. Quotes and backticks are removed, then environment variables are expanded, then
references.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|(\w+))")
_REFERENCE = re.compile(r"%\(([^)]+)\)s")
_SECTION = re.compile(r"\[\s*(.+?)\s*\]")
_ASSIGNMENT = re.compile(r"([^=:]+?)\s*[=:]\s*(.*)")
_QUOTED = re.compile(r"""("{3}|["'`])(.*)\1""")
_DEEPEST = 20


class Ini:
    """Values by section and key, both case-sensitive.

    A later value replaces an earlier one. The first section has no name.
    """

    def __init__(self, environ: Mapping[str, str], defaults: Mapping[tuple[str, str], str] | None = None) -> None:
        self._environ = environ
        self._values = dict(defaults or {})

    def read(self, text: str) -> None:
        """Read a file's text. Raises ValueError for a line that is neither a section, a comment nor `key = value`."""
        section = ""
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            if not line or line.startswith((";", "#")):
                continue
            if heading := _SECTION.fullmatch(line):
                section = heading[1] if heading[1] != "DEFAULT" else ""
            elif assignment := _ASSIGNMENT.fullmatch(line):
                quoted = _QUOTED.fullmatch(assignment[2])
                self._values[section, assignment[1]] = quoted[2] if quoted else assignment[2]
            else:
                raise ValueError(f"line {number} is neither [section] nor key = value: {line}")

    def get(self, section: str, key: str) -> str:
        """Return a value, or an empty text for a missing key.

        `$NAME` and `${NAME}` of the environment are expanded first, then `%(KEY)s` of the section.
        """
        return self._expand(section, self._values.get((section, key), ""), 0)

    def _expand(self, section: str, raw: str, depth: int) -> str:
        if depth > _DEEPEST:
            raise ValueError(f"[{section}] references go round in circles: {raw}")

        def expand_reference(found: re.Match[str]) -> str:
            other = self._values.get((section, found[1]), self._values.get(("", found[1]), ""))
            return self._expand(section, other, depth + 1)

        value = _VARIABLE.sub(lambda found: self._environ.get(found[1] or found[2], ""), raw)
        return _REFERENCE.sub(expand_reference, value)
