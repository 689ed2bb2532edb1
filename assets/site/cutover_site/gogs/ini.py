"""Gogs's dialect of INI: reading every form it accepts, writing only forms that every version reads the same.

Source: gopkg.in/ini.v1 with IgnoreInlineComment, as Gogs uses it since 0.11.54: a `#` or `;` after the `=` belongs to the value.
Keys before the first section are in the section named "". Comments are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cutover_site.errors import NotConfigured

DOLLAR = "GOGS_DOLLAR"
"""Gogs 0.14 expands environment variables in every value and knows no way to quote a `$`. The unit sets this variable to `$`."""


@dataclass
class Ini:
    sections: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, section: str, key: str, default: str = "") -> str:
        return self.sections.get(section, {}).get(key, default)

    def set(self, section: str, key: str, value: str) -> None:
        self.sections.setdefault(section, {})[key] = value

    def remove(self, section: str, key: str) -> None:
        self.sections.get(section, {}).pop(key, None)


def parse(text: str) -> Ini:
    """Values as Gogs sees them before it expands anything. Raises NotConfigured with the line's number."""
    ini = Ini()
    section = ini.sections.setdefault("", {})
    lines = text.removeprefix("\ufeff").splitlines()
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        number, at = at + 1, at + 1
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            if "]" not in line:
                raise NotConfigured(f"app.ini line {number}: the section's bracket is not closed")
            section = ini.sections.setdefault(line[1 : line.rindex("]")].strip(), {})
            continue
        key, rest = _key(line, number)
        section[key], at = _value(rest, lines, at, number)
    return ini


def render(ini: Ini) -> str:
    """Text that Gogs 0.9 to 0.14 reads back as the same values (0.14: with the variable of DOLLAR set)."""
    blocks: list[str] = []
    for name, keys in ini.sections.items():
        if not keys:
            continue
        head = [f"[{name}]"] if name else []
        blocks.append("\n".join([*head, *(f"{key} = {value_text(value)}".rstrip() for key, value in keys.items())]))
    return "\n\n".join(blocks) + "\n"


def literal(value: str) -> str:
    """A value that Gogs 0.14 must see exactly so: its `$` survives the expansion. Raises NotConfigured for what cannot be written."""
    if "%(" in value:
        raise NotConfigured(
            "a value of app.ini contains %(, which Gogs always interpolates", next_action="choose another password"
        )
    return value.replace("$", "${" + DOLLAR + "}")


def value_text(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise NotConfigured("a value of app.ini has more than one line")
    plain = value == value.strip() and not any(mark in value for mark in "#;\"'`\\")
    if plain:
        return value
    if "`" not in value:
        return f"`{value}`"
    if '"""' not in value and not value.endswith('"'):
        return f'"""{value}"""'
    raise NotConfigured(
        "a value of app.ini holds both a backtick and triple quotes", next_action="choose another password"
    )


def _key(line: str, number: int) -> tuple[str, str]:
    """The key and what follows the delimiter (the first of `=` and `:`). A key may be quoted."""
    for quote in ('"""', '"', "`"):
        if line.startswith(quote):
            end = line.find(quote, len(quote))
            if end < 0:
                raise NotConfigured(f"app.ini line {number}: the key's quote is not closed")
            key, rest = line[len(quote) : end], line[end + len(quote) :].lstrip()
            if not rest or rest[0] not in "=:":
                raise NotConfigured(f"app.ini line {number}: no '=' after the key")
            return key, rest[1:].strip()
    ends = [position for position in (line.find("="), line.find(":")) if position > 0]
    if not ends:
        raise NotConfigured(f"app.ini line {number}: neither a section, a comment nor 'key = value'")
    return line[: min(ends)].strip(), line[min(ends) + 1 :].strip()


def _value(rest: str, lines: list[str], at: int, number: int) -> tuple[str, int]:
    """The value that starts in `rest`, and the number of the next line to read."""
    for quote in ('"""', "`"):
        if rest.startswith(quote):
            body = rest[len(quote) :]
            while quote not in body:
                if at >= len(lines):
                    raise NotConfigured(f"app.ini line {number}: the value's quote is not closed")
                body, at = f"{body}\n{lines[at]}", at + 1
            return body[: body.index(quote)], at
    while rest.endswith("\\") and at < len(lines):
        rest, at = rest[:-1] + lines[at].strip(), at + 1
    if len(rest) >= 2 and rest[0] == rest[-1] and rest[0] in "\"'" and rest[0] not in rest[1:-1]:
        return rest[1:-1], at
    return rest, at
