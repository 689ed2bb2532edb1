"""INI as gopkg.in/ini.v1 reads it for Gogs: no inline comments, quotes and backticks taken off, environment expanded."""

from __future__ import annotations

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|(\w+))")
_REFERENCE = re.compile(r"%\(([^)]+)\)s")
_QUOTES = ('"""', "`", '"', "'")


class Ini:
    """Sections of keys; later files overwrite earlier ones. A key is looked up with its case."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._sections: dict[str, dict[str, str]] = {"": {}}

    def read(self, text: str) -> None:
        """Raises ValueError for a line that is neither section, comment nor `key = value`."""
        section = self._sections[""]
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            if not line or line[0] in ";#":
                continue
            if line[0] == "[":
                name = line[1 : line.rindex("]")].strip() if "]" in line else ""
                if not name:
                    raise ValueError(f"line {number}: unclosed section: {line}")
                section = self._sections.setdefault("" if name == "DEFAULT" else name, {})
                continue
            found = re.match(r"([^=:]+?)\s*[=:]\s*(.*)$", line)
            if not found:
                raise ValueError(f"line {number}: key-value delimiter not found: {line}")
            section[found.group(1)] = _unquoted(found.group(2))

    def get(self, section: str, key: str, default: str = "") -> str:
        """The value with `$NAME` and `${NAME}` of the environment expanded first, then `%(KEY)s` of the section."""
        raw = self._sections.get(section, {}).get(key)
        return default if raw is None else self._expanded(section, raw)

    def _expanded(self, section: str, raw: str, depth: int = 0) -> str:
        value = _VARIABLE.sub(lambda found: self._environ.get(found.group(1) or found.group(2), ""), raw)
        if depth > 20:
            raise ValueError(f"[{section}]: references go round in circles: {raw}")

        def referred(found: re.Match[str]) -> str:
            name = found.group(1)
            other = self._sections.get(section, {}).get(name, self._sections[""].get(name, ""))
            return self._expanded(section, other, depth + 1)

        return _REFERENCE.sub(referred, value)


def _unquoted(value: str) -> str:
    for quote in _QUOTES:
        if len(value) >= 2 * len(quote) and value.startswith(quote) and value.endswith(quote):
            return value[len(quote) : -len(quote)]
    return value
