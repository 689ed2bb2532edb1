"""Running programs, with what /proc shows about how each was started (proc(5))."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from cutover_site.existing.host import Host

_UNIT = re.compile(r"/([^/]+\.service)(?:/|$)")
_INTERPRETER = re.compile(r"python[\d.]*|sh|bash|dash")
_CONTAINER = re.compile(r"docker|containerd|kubepods|libpod|crio|/lxc|machine\.slice")


@dataclass(frozen=True)
class Running:
    """A running program. `environment` may include secrets: it is in no repr."""

    pid: int
    executable: str
    """the file that runs, with all links resolved; empty when it cannot be read"""
    arguments: tuple[str, ...]
    """its command line; of a script that of the script, without its interpreter"""
    folder: str
    """its working directory"""
    uid: int
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    unit: str = ""
    """the systemd unit that it belongs to; empty when it was not started by one"""
    is_in_container: bool = False


def find_running(host: Host, is_wanted: Callable[[tuple[str, ...]], bool]) -> list[Running]:
    """Return the programs whose command line `is_wanted`, by process id."""
    found = (_read_process(folder, is_wanted) for folder in _list_folders(host))
    return sorted((process for process in found if process is not None), key=lambda process: process.pid)


def read_unit(host: Host, pid: int) -> str:
    """Return the systemd unit of a process; empty when there is none."""
    return _find_unit(host.read(f"proc/{pid}/cgroup"))


def read_program(host: Host, pid: int) -> str:
    """Return the name of a process's program."""
    return host.read(f"proc/{pid}/comm").strip()


def _list_folders(host: Host) -> Iterator[Path]:
    try:
        yield from (folder for folder in host.find("proc").iterdir() if folder.name.isdigit())
    except OSError:
        return


def _read_process(folder: Path, is_wanted: Callable[[tuple[str, ...]], bool]) -> Running | None:
    try:
        arguments = _skip_interpreter(_split((folder / "cmdline").read_bytes()))
        if not arguments or not is_wanted(arguments):
            return None
        groups = _read_text(folder / "cgroup")
        words = (word.split("=", 1) for word in _split(_read_bytes(folder / "environ")) if "=" in word)
        return Running(
            pid=int(folder.name),
            executable=_read_link(folder / "exe").replace(" (deleted)", ""),
            arguments=arguments,
            folder=_read_link(folder / "cwd"),
            uid=_find_uid(_read_text(folder / "status")),
            environment={word[0]: word[1] for word in words},
            unit=_find_unit(groups),
            is_in_container=bool(_CONTAINER.search(groups)) or _has_own_processes(folder),
        )
    except OSError:
        return None  # it ended meanwhile


def _skip_interpreter(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command line of a script. The kernel puts its interpreter and the interpreter's options before it (execve(2))."""
    if not arguments or not _INTERPRETER.fullmatch(PurePath(arguments[0]).name):
        return arguments
    script = tuple(itertools.dropwhile(lambda word: word.startswith("-"), arguments[1:]))
    return script or arguments


def _has_own_processes(folder: Path) -> bool:
    """Return whether a process is in another PID namespace than this one: in a container, of any kind."""
    own, other = (_read_link(place / "ns/pid") for place in (folder.parent / "self", folder))
    return bool(own and other) and own != other


def _find_uid(status: str) -> int:
    """Return the effective user. The folder in /proc belongs to root where the program may not be dumped."""
    found = re.search(r"^Uid:\s+\d+\s+(\d+)", status, re.MULTILINE)
    return int(found[1]) if found else -1


def _find_unit(groups: str) -> str:
    units = _UNIT.findall(groups.replace("\n", "/"))
    # A program that a user started is in user@1000.service, which does not start it at boot.
    return "" if not units or units[-1].startswith("user@") else str(units[-1])


def _split(raw: bytes) -> tuple[str, ...]:
    return tuple(part.decode(errors="surrogateescape") for part in raw.split(b"\0") if part)


def _read_link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def _read_text(path: Path) -> str:
    return _read_bytes(path).decode(errors="replace")


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
