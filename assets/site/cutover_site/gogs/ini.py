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
from cutover_site.gogs.ini_parser import ROOT, SPACE, parse_sections

DOLLAR = "GOGS_DOLLAR"
"""Gogs 0.14 expands environment variables in every value and knows no way to quote a `$`. The unit sets this variable to `$`."""
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
    return Ini(parse_sections(text))


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
