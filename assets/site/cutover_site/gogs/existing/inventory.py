"""The inventory of an existing Gogs: everything that a migration must know about it. It has no secret value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cutover_site.gogs.existing.places import Place

BUILT_IN, OPENSSH, DISABLED = "built in", "OpenSSH", "disabled"
MYSQL = "mysql"


@dataclass(frozen=True)
class DataRoot:
    """A folder with data of the site. `name`: what is in it. `setting`: where app.ini names it."""

    name: str
    setting: str
    path: Path


@dataclass(frozen=True)
class Http:
    """How users reach Gogs by HTTP. `socket`: the path of the Unix socket, then `port` is 0. `sub_path`: empty, or /path without a last slash."""

    url: str
    protocol: str
    address: str
    port: int
    socket: str
    host: str
    sub_path: str


@dataclass(frozen=True)
class Ssh:
    """How users reach repositories by SSH. `mode`: BUILT_IN, OPENSSH or DISABLED. `domain` and `port` are in clone addresses."""

    mode: str
    domain: str
    port: int
    listen_address: str
    listen_port: int
    authorized_keys: str
    """the file that OpenSSH reads; empty in the other modes"""


@dataclass(frozen=True)
class DatabasePlace:
    """The database that app.ini names. `socket`: the path of the Unix socket, then `host` is empty."""

    kind: str
    host: str
    port: int
    socket: str
    schema: str
    user: str
    has_tls: bool


@dataclass(frozen=True)
class Inventory:
    """One installation. `version` is empty when the program does not say it."""

    place: Place
    version: str
    run_user: str
    is_installed: bool
    roots: tuple[DataRoot, ...]
    http: Http
    ssh: Ssh
    database: DatabasePlace
    session_provider: str
    session_folder: str
    """the folder of the sessions in files; empty for another provider"""
    cache: str
    customized: tuple[str, ...]
    """what is in the custom directory besides conf/app.ini"""
    repositories_count: int
    data_folder: Path
    """APP_DATA_PATH"""
    log_folder: Path
    old_names: tuple[str, ...] = ()
    """settings under a name that Gogs ignores since 0.13"""

    def get_root(self, name: str) -> Path:
        """Return the folder of one kind of data. Raises KeyError."""
        return {root.name: root.path for root in self.roots}[name]

    # What `gogs.hooks` checks hooks against.
    @property
    def binary(self) -> Path:
        """Return the program."""
        return self.place.program

    @property
    def app_ini(self) -> Path:
        """Return the settings file."""
        return self.place.app_ini

    @property
    def repositories(self) -> Path:
        """Return the folder of the repositories."""
        return self.get_root("repositories")

    def to_facts(self) -> dict[str, Any]:
        """Return the inventory for the result of the verb."""
        place, account = self.place, self.place.account
        return {
            "program": str(place.program),
            "version": self.version,
            "work_folder": str(place.work_folder),
            "custom_folder": str(place.custom_folder),
            "app_ini": str(place.app_ini),
            "unit": place.unit,
            "pid": place.pid,
            "user": account.name if account else "",
            "uid": account.uid if account else -1,
            "gid": account.gid if account else -1,
            "home": place.home,
            "run_user": self.run_user,
            "data_folder": str(self.data_folder),
            "log_folder": str(self.log_folder),
            "data": {root.name: str(root.path) for root in self.roots},
            "http": asdict(self.http),
            "ssh": asdict(self.ssh),
            "database": asdict(self.database),
            "sessions": {"provider": self.session_provider, "folder": self.session_folder},
            "cache": self.cache,
            "custom": list(self.customized),
            "repositories": self.repositories_count,
        }
