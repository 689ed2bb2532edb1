"""Parse the lines of app.ini. Source of each rule: the parser of gopkg.in/ini.v1 1.67 with IgnoreInlineComment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cutover_site.errors import NotConfigured

ROOT = "DEFAULT"
"""another name of the section of the keys before the first section"""
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""the characters for which Go's unicode.IsSpace is true; Python's str.strip removes more"""


@dataclass(frozen=True)
class Entry:
    """A key with its raw value, or the header of a section (`key` is empty). It takes the lines from `start` up to, but without, `end`."""

    section: str
    key: str
    value: str
    start: int
    end: int


def parse_sections(text: str) -> dict[str, dict[str, str]]:
    """Return keys and raw values by section. Raises NotConfigured with the number of the line, never its content."""
    sections: dict[str, dict[str, str]] = {"": {}}
    for entry in iterate_entries(text):
        section = sections.setdefault(entry.section, {})
        if entry.key:
            section[entry.key] = entry.value
    return sections


def iterate_entries(text: str) -> Iterator[Entry]:
    """Yield the headers and keys in the order of the file, with their lines, which end at line feeds. Raises NotConfigured like `parse_sections`."""
    section, unnamed = "", 1
    lines = _Lines(text[1:] if text.startswith("\ufeff") else text)
    while lines.has_more():
        start = lines.number
        line = lines.read().lstrip(SPACE)
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            name, unnamed = _parse_section(line, lines.number), 1
            section = "" if name == ROOT else name
            yield Entry(section, "", "", start, lines.number)
            continue
        number = lines.number
        key, rest = _parse_key(line, number)
        value = _parse_value(rest, lines)
        if key == "-":  # a list without names: go-ini counts its keys, from 1 in each section header
            key, unnamed = f"#{unnamed}", unnamed + 1
        if not key:
            raise NotConfigured(f"app.ini line {number}: the key has no name")
        yield Entry(section, key, value, start, lines.number)


def split_lines(text: str) -> list[str]:
    """Return the lines with their ends, split at line feeds only, as go-ini does."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


class _Lines:
    def __init__(self, text: str) -> None:
        self._lines = split_lines(text)
        self.number = 0

    def has_more(self) -> bool:
        return self.number < len(self._lines)

    def read(self) -> str:
        """Return the next line; empty after the last one."""
        line = self._lines[self.number] if self.has_more() else ""
        self.number += 1
        return line


def _parse_section(line: str, number: int) -> str:
    end = line.rfind("]")
    if end < 0:
        raise NotConfigured(f"app.ini line {number}: the section's bracket is not closed")
    if end == 1:
        raise NotConfigured(f"app.ini line {number}: the section has no name")
    return line[1:end]


def _parse_key(line: str, number: int) -> tuple[str, str]:
    """Return the key and the text after the delimiter (the first `=` or `:`). Text between a quoted key and the delimiter is dropped."""
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


def _parse_value(rest: str, lines: _Lines) -> str:
    rest = rest.lstrip(SPACE)
    if not rest:
        return ""
    quote = '"""' if rest.startswith('"""') and len(rest.encode()) > 3 else "`" if rest[0] == "`" else ""
    if quote:
        body = rest[len(quote) :]
        # The last quote of the line ends the value: there may be others inside.
        return body[: body.rindex(quote)] if quote in body else _read_quoted_lines(body, quote, lines)
    rest = rest.rstrip(SPACE)
    if rest.endswith("\\"):
        return _read_continued(rest[:-1], lines)
    if len(rest) >= 2 and rest[0] in "\"'" and rest.find(rest[0], 1) == len(rest) - 1:
        return rest[1:-1]
    return rest


def _read_quoted_lines(value: str, quote: str, lines: _Lines) -> str:
    number = lines.number
    while lines.has_more():
        line = lines.read()
        if quote in line:
            return value + line[: line.rindex(quote)]
        value += line
    raise NotConfigured(f"app.ini line {number}: the value's quote is not closed")


def _read_continued(value: str, lines: _Lines) -> str:
    """Return a value that goes on over several lines. An empty line ends it too."""
    while line := lines.read().strip(SPACE):
        value += line
        if not value.endswith("\\"):
            break
        value = value[:-1]
    return value
