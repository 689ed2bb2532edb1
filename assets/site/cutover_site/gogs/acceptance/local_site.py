"""Find the Gogs server of this machine: its program, its app.ini and its folders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cutover_site.gogs.acceptance.settings import SiteSettings
from cutover_site.gogs.ini import Ini, parse
from cutover_site.gogs.layout import GogsLayout
from cutover_site.layout import Layout
from cutover_site.system import processes
from cutover_site.system.processes import Process

CONFIG = "--config="


@dataclass(frozen=True)
class LocalSite:
    """One Gogs server of this machine, and the folders that its app.ini names."""

    binary: Path
    app_ini: Path

    @classmethod
    def from_layout(cls, layout: Layout) -> LocalSite:
        here = GogsLayout.extend(layout)
        return cls(here.binary, here.app_ini)

    @classmethod
    def find(cls) -> LocalSite | None:
        """Return the only Gogs server in this network namespace, by the arguments with which it was started.

        None when there is no server or more than one, or when the caller is not root.
        """
        if os.geteuid() != 0:
            return None
        found = {site for process in processes.find(_is_local_server) if (site := _read_site(process))}
        return found.pop() if len(found) == 1 else None

    @cached_property
    def ini(self) -> Ini:
        """Return app.ini as it is on the disk now."""
        return parse(self.app_ini.read_text())

    @property
    def settings(self) -> SiteSettings:
        return SiteSettings.from_ini(self.ini)

    @property
    def repositories(self) -> Path:
        return Path(self.ini.get("repository", "ROOT"))

    @property
    def avatars(self) -> Path:
        return Path(self.ini.get("picture", "AVATAR_UPLOAD_PATH"))

    @property
    def attachments(self) -> Path:
        return Path(self.ini.get("attachment", "PATH"))

    @property
    def lfs_objects(self) -> Path:
        return Path(self.ini.get("lfs", "OBJECTS_PATH"))


def _is_local_server(process: Process) -> bool:
    """Return whether this is the web server of a Gogs in this network namespace."""
    return process.arguments[1:2] == ("web",) and _read_namespace(str(process.pid)) == _read_namespace("self")


def _read_namespace(pid: str) -> str:
    try:
        return str(Path("/proc", pid, "ns/net").readlink())
    except OSError:  # the process has ended
        return ""


def _read_site(process: Process) -> LocalSite | None:
    """Return the site that the process serves, None when its program or its app.ini does not exist."""
    config = next((word[len(CONFIG) :] for word in process.arguments if word.startswith(CONFIG)), "")
    site = LocalSite(Path(process.arguments[0]), Path(config)) if config else None
    return site if site and site.binary.is_file() and site.app_ini.is_file() else None
