"""Read systemd units from their files, with drop-ins (systemd.unit(5), systemd.service(5), systemd.exec(5)). Asks no running systemd."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cutover_site.existing.host import Host

FOLDERS = ("etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system", "lib/systemd/system")  # fmt: skip
"""in the order in which systemd searches them: the first file with a name counts"""
LISTS = ("ExecStart", "Environment", "EnvironmentFile")
"""settings that may be repeated; an empty one clears those before it. Of any other setting the last one counts"""
PREFIXES = "@-:+!|"
_ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$")


@dataclass(frozen=True)
class Unit:
    """What a service unit states about how it starts its program. `environment` may include secrets: it is in no repr."""

    name: str
    file: Path
    command: tuple[str, ...]
    user: str = ""
    group: str = ""
    working_folder: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def find_units(host: Host, is_wanted: Callable[[tuple[str, ...]], bool]) -> list[Unit]:
    """Return the service units whose command `is_wanted`, by name. A masked unit does not count."""
    seen: dict[str, Path] = {}
    for folder in FOLDERS:
        for file in sorted(host.find(folder).glob("*.service")):
            seen.setdefault(file.name, file)
    units = (_read_unit(host, name, file) for name, file in sorted(seen.items()) if not _is_masked(file))
    return [unit for unit in units if unit is not None and is_wanted(unit.command)]


def _is_masked(file: Path) -> bool:
    return file.is_symlink() and str(file.readlink()) == "/dev/null"


def _read_unit(host: Host, name: str, file: Path) -> Unit | None:
    drop_ins: dict[str, Path] = {}
    for folder in FOLDERS:
        for one in sorted(host.find(f"{folder}/{name}.d").glob("*.conf")):
            drop_ins.setdefault(one.name, one)
    values: dict[str, list[str]] = {}
    for source in (file, *(drop_ins[key] for key in sorted(drop_ins))):
        for key, value in _list_service_settings(_read_text(source)):
            if key not in LISTS:
                values[key] = [value]
            elif value:
                values.setdefault(key, []).append(value)
            else:
                values[key] = []
    commands = values.get("ExecStart", [])
    if not commands:
        return None
    return Unit(
        name,
        file,
        parse_command(commands[-1]),
        user=_get(values, "User"),
        group=_get(values, "Group"),
        working_folder=_get(values, "WorkingDirectory").lstrip("-"),
        environment=_read_environment(values),
    )


def parse_command(text: str) -> tuple[str, ...]:
    """Return program and arguments of an ExecStart, without the characters before the program that change how it is started."""
    plain = text.lstrip(PREFIXES)
    words = _split(plain)
    if "@" in text[: len(text) - len(plain)]:
        words = words[:1] + words[2:]  # the second word is only the name that the program sees
    return tuple(words)


def _read_environment(values: Mapping[str, list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in values.get("Environment", []):
        found.update(word.split("=", 1) for word in _split(line) if "=" in word)  # type: ignore[misc]
    for name in values.get("EnvironmentFile", []):
        for line in _join_lines(_read_text(Path(name.lstrip("-")))):
            if assignment := _ASSIGNMENT.match(line):
                found[assignment[1]] = " ".join(_split(assignment[2]))
    return found


def _list_service_settings(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in _join_lines(text):
        if line.startswith("["):
            section = line.strip()
        elif section == "[Service]" and "=" in line:
            key, value = line.split("=", 1)
            yield key.strip(), value.strip().replace("%%", "%")


def _join_lines(text: str) -> Iterator[str]:
    """Yield lines without comments. A backslash at the end continues a line, also over comments."""
    pending = ""
    for line in text.splitlines():
        if line.lstrip()[:1] in ("#", ";"):
            continue
        if line.endswith("\\"):
            pending += f"{line[:-1]} "
            continue
        yield (pending + line).strip()
        pending = ""
    if pending:
        yield pending.strip()


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is not closed
        return text.split()


def _get(values: Mapping[str, list[str]], key: str) -> str:
    return (values.get(key) or [""])[-1]


def _read_text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
