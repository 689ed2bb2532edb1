"""Change single settings of an app.ini and leave every other byte as it is: comments, order, line ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from cutover_site.errors import NotConfigured
from cutover_site.gogs.ini import format_line, parse
from cutover_site.gogs.ini_parser import Entry, iterate_entries, split_lines

Changes = Mapping[tuple[str, str], Optional[str]]
"""raw values by section and key; None removes the key"""
BYTE_ORDER_MARK = "\ufeff"


def edit(text: str, changes: Changes) -> str:
    """Return the text with these settings. Raises NotConfigured when Gogs would not read exactly these settings in the result.

    The last line of a key counts for Gogs, so that line is replaced. A new key follows the last key of its section.
    """
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    body = text[len(mark) :]
    lines, end = split_lines(body), "\r\n" if "\r\n" in body else "\n"
    entries = list(iterate_entries(body))
    # Lines that are inserted in front of a line, and lines that are dropped or replaced, by the number of the line.
    inserted: dict[int, list[str]] = {}
    replaced: dict[int, str] = {}
    appended: dict[str, list[str]] = {}
    for (section, key), value in changes.items():
        found = [entry for entry in entries if entry.section == section and entry.key == key]
        if value is None:
            replaced.update({number: "" for entry in found for number in range(entry.start, entry.end)})
            continue
        line = format_line(section, key, value) + end
        if found:
            replaced.update(dict.fromkeys(range(found[-1].start, found[-1].end), ""))
            replaced[found[-1].start] = line
        elif (place := _find_end(entries, section)) is not None:
            inserted.setdefault(place, []).append(line)
        else:
            appended.setdefault(section, []).append(line)
    made = [line for number in range(len(lines) + 1) for line in _render_line(lines, number, inserted, replaced, end)]
    for section, more in appended.items():
        made += [end if made and section else "", f"[{section}]{end}" if section else "", *more]
    result = mark + "".join(made)
    _require_only(text, result, changes)
    return result


def _find_end(entries: list[Entry], section: str) -> int | None:
    """Return the number of the line after the last key of a section; None when the file has no such section."""
    last = [entry.end for entry in entries if entry.section == section]
    return last[-1] if last else 0 if not section else None


def _render_line(
    lines: list[str], number: int, inserted: Mapping[int, list[str]], replaced: Mapping[int, str], end: str
) -> list[str]:
    before = inserted.get(number, [])
    if number == len(lines):
        # A last line without a line end would continue in the line that follows.
        return [end, *before] if before and lines and not lines[-1].endswith("\n") else before
    return [*before, replaced.get(number, lines[number])]


def _require_only(old: str, new: str, changes: Changes) -> None:
    wanted = {name: dict(keys) for name, keys in parse(old).sections.items()}
    for (section, key), value in changes.items():
        if value is None:
            wanted.get(section, {}).pop(key, None)
        else:
            wanted.setdefault(section, {})[key] = value
    try:
        is_exact = parse(new).sections == wanted
    except NotConfigured:
        is_exact = False
    if not is_exact:
        names = ", ".join(f"[{section}] {key}" for section, key in changes)
        raise NotConfigured(
            f"app.ini has a form in which {names} cannot be changed without another change",
            next_action="write these settings on lines of their own, then try again",
        )
