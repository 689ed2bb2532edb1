"""Find where a Gogs is: its program, work directory, custom directory, app.ini, user and home.

Source: `AppPath`, `WorkDir`, `CustomDir` and `HomeDir` of Gogs 0.14 (computed.go), and `NewContext` of 0.9 to 0.12, which finds the same places.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from cutover_site.existing.host import Account, Host
from cutover_site.existing.running import Running, find_running
from cutover_site.existing.unit_files import Unit, find_units

CONFIG_OPTIONS = ("--config", "-c", "-config")


@dataclass(frozen=True)
class Place:
    """One installation. `environment` may include secrets: it is in no repr.

    `unit`: the systemd unit that starts it; empty when none was found. `unit_user`: the user that the unit names, root when it names none.
    """

    program: Path
    work_folder: Path
    custom_folder: Path
    app_ini: Path
    unit: str = ""
    unit_user: str = ""
    account: Account | None = None
    home: str = ""
    folder: str = ""
    """the working directory of the process"""
    pid: int = 0
    is_in_container: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def find_places(host: Host) -> list[Place]:
    """Return every Gogs of this machine: those that run, then those of units, then those in containers.

    A unit whose Gogs runs is not a second one. The paths of one in a container are those inside of it.
    """
    running = [_from_process(host, process) for process in find_running(host, is_web_command)]
    contained = [place for place in running if place.is_in_container]
    units = [_from_unit(host, unit) for unit in find_units(host, is_web_command)]
    found: dict[Path, Place] = {}
    for place in (*(place for place in running if place not in contained), *units):
        found.setdefault(place.app_ini, place)
    return [*found.values(), *contained]


def create_place(host: Host, app_ini: Path, user: str) -> Place:
    """Return the installation for an app.ini that no process and no unit names, by the place of the file."""
    custom = app_ini.parent.parent if app_ini.parent.name == "conf" else app_ini.parent
    work = custom.parent if custom.name == "custom" else custom
    account = host.find_account(user) if user else None
    return Place(
        work / "gogs", work, custom, app_ini, account=account, home=account.home if account else "", folder=str(work)
    )


def find_place_of_unit(host: Host, name: str) -> Place | None:
    """Return the installation that this unit starts; None when it starts none."""
    return next((_from_unit(host, unit) for unit in find_units(host, is_web_command) if unit.name == name), None)


def is_web_command(command: tuple[str, ...]) -> bool:
    """Return whether a command line starts Gogs's server: `gogs web`, whatever the program's folder and the rest of its name."""
    return bool(command) and PurePath(command[0]).name.lower().startswith("gogs") and "web" in command[1:]


def _from_process(host: Host, process: Running) -> Place:
    account = host.find_account(uid=process.uid)
    units = [unit for unit in find_units(host, is_web_command) if unit.name == process.unit]
    return _build_place(
        _find_program(process),
        process.arguments[1:],
        process.environment,
        process.folder,
        unit=units[0].name if units else "",
        unit_user=(units[0].user or "root") if units else "",
        account=account,
        pid=process.pid,
        is_in_container=process.is_in_container,
    )


def _from_unit(host: Host, unit: Unit) -> Place:
    account = host.find_account(unit.user) if unit.user else host.find_account(uid=0)
    folder = unit.working_folder
    if folder.startswith("~") or not folder:
        folder = account.home if account and folder else "/"
    program = _make_absolute(unit.command[0], folder)
    # systemd sets HOME and USER of the unit's user itself.
    home = {"HOME": account.home} if account and unit.user else {}
    return _build_place(
        program,
        unit.command[1:],
        {**home, **unit.environment},
        folder,
        unit=unit.name,
        unit_user=unit.user or "root",
        account=account,
    )


def _build_place(
    program: Path,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    folder: str,
    *,
    unit: str,
    unit_user: str,
    account: Account | None,
    pid: int = 0,
    is_in_container: bool = False,
) -> Place:
    work = _make_absolute(environment.get("GOGS_WORK_DIR") or str(program.parent), folder)
    custom = _make_absolute(environment.get("GOGS_CUSTOM") or str(work / "custom"), folder)
    chosen = next(_list_config_options(arguments), "")
    return Place(
        program=program,
        work_folder=work,
        custom_folder=custom,
        app_ini=_make_absolute(chosen, folder) if chosen else custom / "conf/app.ini",
        unit=unit,
        unit_user=unit_user,
        account=account,
        home=environment.get("HOME", account.home if account else ""),
        folder=folder,
        pid=pid,
        is_in_container=is_in_container,
        environment=environment,
    )


def _find_program(process: Running) -> Path:
    """Return the path by which Gogs knows its own program. It takes the path of its command, and resolves no link in it."""
    named = process.arguments[0]
    if "/" in named:
        return _make_absolute(named, process.folder)
    return Path(process.executable or named)


def _list_config_options(arguments: tuple[str, ...]) -> Iterator[str]:
    for place, word in enumerate(arguments):
        name, _, value = word.partition("=")
        if name in CONFIG_OPTIONS:
            yield value or (arguments[place + 1] if place + 1 < len(arguments) else "")


def _make_absolute(path: str, folder: str) -> Path:
    return Path(os.path.normpath(Path(folder or "/") / path))
