"""app.ini as Gogs reads it: every form that its library accepts, and text that this library reads back the same.

Source of each rule: gopkg.in/ini.v1 1.67 with IgnoreInlineComment, which is how Gogs 0.11.54 to 0.14 loads the file. A `#` or `;` behind the
`=` belongs to the value. Keys before the first section, and those of [DEFAULT], are in the section named "". Comments are not kept.

No library for Python reads this dialect: neither backticks, nor a backslash that continues a line, nor keys called `-`. Of the 84 forms in
tests/unit/site/goini_forms.json configparser reads 37 otherwise, ConfigObj 48.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from cutover_site.errors import NotConfigured

DOLLAR = "GOGS_DOLLAR"
"""Gogs 0.14 expands environment variables in every value and knows no way to quote a `$`. The unit sets this variable to `$`."""
ROOT = "DEFAULT"
"""how the file may call the section of the keys that stand before all others"""
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""what Go's unicode.IsSpace is true for; Python's str.strip takes more"""
REFERENCE = re.compile(r"%\(([^)]+)\)s")


@dataclass
class Ini:
    sections: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, section: str, key: str, default: str = "") -> str:
        return self.sections.get(section, {}).get(key, default)

    def has(self, section: str, key: str) -> bool:
        return key in self.sections.get(section, {})

    def set(self, section: str, key: str, value: str) -> None:
        self.sections.setdefault(section, {})[key] = value

    def remove(self, section: str, key: str) -> None:
        self.sections.get(section, {}).pop(key, None)


def load(path: Path) -> Ini:
    """Read a file. Raises NotConfigured for one that is not UTF-8 or that Gogs could not read either."""
    try:
        return parse(path.read_bytes().decode())
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise NotConfigured(
            f"app.ini line {line}: this is not UTF-8", next_action=f"convert {path} to UTF-8, then try again"
        ) from None


def parse(text: str) -> Ini:
    """Return the raw values, before Gogs expands anything. Raises NotConfigured with the number of the line, never its content."""
    ini = Ini()
    section = ini.sections.setdefault("", {})
    lines = _Lines(text[1:] if text.startswith("\ufeff") else text)
    unnamed = 1
    while lines.left():
        line = lines.read().lstrip(SPACE)
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            name, unnamed = _section(line, lines.number), 1
            section = ini.sections.setdefault("" if name == ROOT else name, {})
            continue
        number = lines.number
        key, rest = _key(line, number)
        value = _value(rest, lines)
        if key == "-":  # a list without names: go-ini counts its keys, from 1 in each section header
            key, unnamed = f"#{unnamed}", unnamed + 1
        if not key:
            raise NotConfigured(f"app.ini line {number}: the key has no name")
        section[key] = value
    return ini


def render(ini: Ini) -> str:
    """Return text that Gogs 0.14 reads as the same values (with the variable of DOLLAR set). Raises NotConfigured for what cannot be written."""
    blocks: list[str] = []
    for name in sorted(ini.sections, key=bool):  # stable: only "" moves, to the top
        keys = ini.sections[name]
        if not keys:
            continue
        head = [f"[{name}]"] if name else []
        blocks.append("\n".join([*head, *(_line(name, key, value) for key, value in keys.items())]))
    return "\n\n".join(blocks) + "\n"


def literal(value: str) -> str:
    """Return the text for a value that Gogs 0.14 must see exactly so. Raises NotConfigured for what cannot be written."""
    if REFERENCE.search(value):
        raise NotConfigured(
            "a value of app.ini contains %(NAME)s, which Gogs always interpolates",
            next_action="choose another password",
        )
    return hide_dollars(value)


def hide_dollars(value: str) -> str:
    """Return the value in a form whose `$` survive the expansion of Gogs 0.14."""
    return value.replace("$", "${" + DOLLAR + "}")


def _line(section: str, key: str, value: str) -> str:
    for name in _key_forms(key):
        for text in _value_forms(value):
            line = f"{name} = {text}".rstrip(" ")
            try:
                if parse(line + "\n").sections == {"": {key: value}}:
                    return line
            except NotConfigured:
                continue
    raise NotConfigured(
        f"app.ini: [{section or ROOT}] {key} cannot be written in any form that Gogs reads back the same",
        next_action="give it a value of one line, or one without backticks or without triple quotes",
    )


def _key_forms(key: str) -> list[str]:
    quoted = [f"`{key}`", f'"{key}"', f'"""{key}"""']
    plain = key.strip(SPACE) == key and key[:1] not in tuple("[#;\"'`-") and "=" not in key and ":" not in key
    return [key, *quoted] if plain else [*quoted, key]


def _value_forms(value: str) -> list[str]:
    """Forms to try. The plain one is first only for values that old and new releases of the library read alike."""
    quoted = [f"`{value}`", f'"""{value}"""']
    plain = value == value.strip(SPACE) and not any(mark in value for mark in "#;\"'`\\\n\r")
    return [value, *quoted] if plain else [*quoted, value]


class _Lines:
    """Lines with their ends, split at line feeds only, as go-ini does."""

    def __init__(self, text: str) -> None:
        self._lines = re.findall(r"[^\n]*\n|[^\n]+", text)
        self.number = 0

    def left(self) -> bool:
        return self.number < len(self._lines)

    def read(self) -> str:
        """Return the next line; empty after the last one."""
        line = self._lines[self.number] if self.left() else ""
        self.number += 1
        return line


def _section(line: str, number: int) -> str:
    end = line.rfind("]")
    if end < 0:
        raise NotConfigured(f"app.ini line {number}: the section's bracket is not closed")
    if end == 1:
        raise NotConfigured(f"app.ini line {number}: the section has no name")
    return line[1:end]


def _key(line: str, number: int) -> tuple[str, str]:
    """Return the key and what follows the delimiter (the first of `=` and `:`). What stands between a quoted key and it is dropped."""
    quote = next((mark for mark in ('"""', '"', "`") if line.startswith(mark)), "")
    if quote == '"""' and len(line.encode()) <= 6:
        quote = '"'
    start = len(quote)
    after = line.find(quote, start) + start if quote else 0
    if after < start:
        raise NotConfigured(f"app.ini line {number}: the key's quote is not closed")
    ends = [place for place in (line.find("=", after), line.find(":", after)) if place >= 0]
    if not ends or (not quote and min(ends) == 0):
        raise NotConfigured(f"app.ini line {number}: neither a section, a comment nor 'key = value'")
    key = line[start : after - start] if quote else line[: min(ends)]
    return key.strip(SPACE), line[min(ends) + 1 :]


def _value(rest: str, lines: _Lines) -> str:
    rest = rest.lstrip(SPACE)
    if not rest:
        return ""
    quote = '"""' if rest.startswith('"""') and len(rest.encode()) > 3 else "`" if rest[0] == "`" else ""
    if quote:
        body = rest[len(quote) :]
        # The last quote of the line ends the value: there may be others inside.
        return body[: body.rindex(quote)] if quote in body else _several_lines(body, quote, lines)
    rest = rest.rstrip(SPACE)
    if rest.endswith("\\"):
        return _continued(rest[:-1], lines)
    if len(rest) >= 2 and rest[0] in "\"'" and rest.find(rest[0], 1) == len(rest) - 1:
        return rest[1:-1]
    return rest


def _several_lines(value: str, quote: str, lines: _Lines) -> str:
    number = lines.number
    while lines.left():
        line = lines.read()
        if quote in line:
            return value + line[: line.rindex(quote)]
        value += line
    raise NotConfigured(f"app.ini line {number}: the value's quote is not closed")


def _continued(value: str, lines: _Lines) -> str:
    """An empty line ends the value too."""
    while line := lines.read().strip(SPACE):
        value += line
        if not value.endswith("\\"):
            break
        value = value[:-1]
    return value
