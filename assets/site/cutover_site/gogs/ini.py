"""Read and write app.ini exactly as the library of Gogs does.

Source of each rule: gopkg.in/ini.v1 1.67 with IgnoreInlineComment, which is how Gogs 0.11.54 to 0.14 loads the file. A `#` or `;` after the
`=` is part of the value. Keys before the first section, and those of [DEFAULT], are in the section "". Comments are not kept.

No Python library reads this dialect: backticks, a backslash that continues a line, keys named `-`. Of the 84 forms in
tests/unit/site/goini_forms.json configparser reads 37 differently, ConfigObj 48.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from cutover_site.errors import NotConfigured
from cutover_site.gogs.ini_parser import ROOT, SPACE, parse_sections

DOLLAR = "GOGS_DOLLAR"
"""Gogs 0.14 expands environment variables in every value, and a `$` cannot be quoted. So the systemd unit sets this variable to `$`."""
REFERENCE = re.compile(r"%\(([^)]+)\)s")


@dataclass
class Ini:
    """Keys and raw values by section."""

    sections: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, section: str, key: str, default: str = "") -> str:
        """Return a raw value."""
        return self.sections.get(section, {}).get(key, default)

    def has(self, section: str, key: str) -> bool:
        """Return whether a section has the key itself."""
        return key in self.sections.get(section, {})

    def set(self, section: str, key: str, value: str) -> None:
        """Set a raw value. Creates the section."""
        self.sections.setdefault(section, {})[key] = value

    def remove(self, section: str, key: str) -> None:
        """Remove a key if it exists."""
        self.sections.get(section, {}).pop(key, None)


def load(path: Path) -> Ini:
    """Read a file. Raises NotConfigured when it is not UTF-8, or when Gogs could not read it either."""
    try:
        return parse(path.read_bytes().decode())
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise NotConfigured(
            f"app.ini line {line}: this is not UTF-8", next_action=f"convert {path} to UTF-8, then try again"
        ) from None


def parse(text: str) -> Ini:
    """Return the raw values, before Gogs expands anything. Raises NotConfigured with the number of the line, never its content."""
    return Ini(parse_sections(text))


def render(ini: Ini) -> str:
    """Return text that Gogs 0.14 reads as the same values, when the variable DOLLAR is set. Raises NotConfigured for a value without such a form."""
    blocks: list[str] = []
    for name in sorted(ini.sections, key=bool):  # stable: only "" moves, to the top
        keys = ini.sections[name]
        if not keys:
            continue
        head = [f"[{name}]"] if name else []
        blocks.append("\n".join([*head, *(format_line(name, key, value) for key, value in keys.items())]))
    return "\n\n".join(blocks) + "\n"


def format_value(value: str) -> str:
    """Return the raw value for which Gogs 0.14 uses exactly this value. Raises NotConfigured when there is none."""
    if REFERENCE.search(value):
        raise NotConfigured(
            "a value of app.ini contains %(NAME)s, which Gogs always interpolates",
            next_action="choose another password",
        )
    return hide_dollars(value)


def hide_dollars(value: str) -> str:
    """Return the value with each `$` in a form that Gogs 0.14 expands to `$`."""
    return value.replace("$", "${" + DOLLAR + "}")


def format_line(section: str, key: str, value: str) -> str:
    """Return a line that Gogs reads as this key with this raw value. Raises NotConfigured when there is none."""
    for name in _list_key_forms(key):
        for text in _list_value_forms(value):
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


def _list_key_forms(key: str) -> list[str]:
    quoted = [f"`{key}`", f'"{key}"', f'"""{key}"""']
    plain = key.strip(SPACE) == key and key[:1] not in tuple("[#;\"'`-") and "=" not in key and ":" not in key
    return [key, *quoted] if plain else [*quoted, key]


def _list_value_forms(value: str) -> list[str]:
    """Return forms to try. The plain form is first only for values that old and new releases of the library read in the same way."""
    quoted = [f"`{value}`", f'"""{value}"""']
    plain = value == value.strip(SPACE) and not any(mark in value for mark in "#;\"'`\\\n\r")
    return [value, *quoted] if plain else [*quoted, value]
