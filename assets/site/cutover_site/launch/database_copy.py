"""Stop the copy of the source's database on a replica, and remove it before an image is made. Only a source with both roles has one on its disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from cutover_site.machine import Machine
from cutover_site.system import systemd
from cutover_site.system.commands import read_output

UNITS = ("mariadb.service", "mysql.service", "mysqld.service")
DEFAULT_FOLDER = "var/lib/mysql"
GROUPS = ("mysqld", "server", "mariadb", "mariadbd")
"""of the option files; each product reads its own"""
FOLDER_OPTIONS = ("datadir", "innodb-data-home-dir", "innodb-log-group-home-dir", "innodb-undo-directory")
LOG_OPTIONS = ("log-bin", "relay-log")
"""paths of files; the folder is removed only below the default one, the files by their name"""


def has_copy(machine: Machine) -> bool:
    """Return whether the disk was that of a server with the database."""
    return "source-database" in machine.config.roles and not machine.config.has_managed_database


def stop_copy(machine: Machine) -> None:
    """Stop the database server, and keep it from starting again. It must not connect to other servers with the source's identity."""
    if not has_copy(machine):
        return
    for unit in UNITS:
        if systemd.is_loaded(unit):
            systemd.stop(unit, timeout=120)
            systemd.mask(unit)


def remove_copy(machine: Machine) -> None:
    """Remove the data of the database server, also below mount points. `stop_copy` must have run before."""
    if has_copy(machine):
        stop_copy(machine)
        for path in find_data(machine):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def find_data(machine: Machine) -> list[Path]:
    """Return what is in the data folders of the database server, and its logs of changes; empty on any other disk."""
    if not has_copy(machine):
        return []
    return sorted(set(_list_data(machine.layout.root)))


def _list_data(root: Path) -> Iterator[Path]:
    options = read_options(root)
    for folder in {DEFAULT_FOLDER, *(options[name] for name in FOLDER_OPTIONS if name in options)}:
        if (root / folder).is_dir():
            yield from (root / folder).iterdir()
    for name in LOG_OPTIONS:
        path = root / options.get(name, "")
        if name in options and "/" in options[name] and path.parent.is_dir():
            yield from path.parent.glob(f"{path.stem}.*")


def read_options(root: Path) -> dict[str, str]:
    """Return the options with a path, relative to the root; none when the program that reads the option files is not installed."""
    if not shutil.which("my_print_defaults") or root != Path("/"):
        return {}
    found = {}
    for line in read_output("my_print_defaults", *GROUPS).splitlines():
        name, _, value = line.removeprefix("--").partition("=")
        found[name.replace("_", "-")] = value.strip().lstrip("/")
    return {name: value for name, value in found.items() if value and name in (*FOLDER_OPTIONS, *LOG_OPTIONS)}
