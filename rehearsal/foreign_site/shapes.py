"""The shapes of an existing site: what the owner of each chose. None of it is a default of anybody else.

`home`: everything is in the home of one user, as the release's archive unpacks. `spread`: a site of many years, whose parts are in many places.
`managed`: as `home`, with its database at a managed service.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rehearsal.foreign_site import facts
from rehearsal.settings import Settings


@dataclass(frozen=True)
class Shape:
    """One way of installing the site. Paths are absolute.

    `port`: where Gogs listens behind nginx. `script`: installs the site. `settings_owner`: user and mode of app.ini. `own_files`: what an adoption may touch, as patterns of a shell.
    `path`: of its address, empty where it has the whole host name. `has_second_factor`: whether one user has one. `is_managed`: its database is a
    managed service, and not on its server.
    """

    script: str
    port: int
    ssh_port: int
    schema: str
    database_user: str
    user: str
    user_id: int
    home: str
    unit: str
    program: str
    settings_file: str
    settings_owner: str
    repositories: str
    own_files: tuple[str, ...]
    has_second_factor: bool
    path: str = ""
    is_managed: bool = False

    @property
    def url(self) -> str:
        """Return the public address, without a slash at its end."""
        return f"https://{facts.DNS}{self.path}"

    @property
    def ssh(self) -> str:
        """Return the public address of Git over SSH: USER@HOST:PORT."""
        return f"{self.user}@{facts.SSH_DNS}:{self.ssh_port}"


_COMMON_FILES = ("/etc/nginx", "/etc/mysql")
_HOME = Shape(
    script="install_home.sh",
    port=3000,
    ssh_port=2200,
    schema="forge",
    database_user="forge_app",
    user="git",
    user_id=1000,
    home="/home/git",
    unit="gogs.service",
    program="/home/git/gogs/gogs",
    settings_file="/home/git/gogs/custom/conf/app.ini",
    settings_owner="git 600",
    repositories="/home/git/gogs-repositories",
    own_files=(*_COMMON_FILES, "/etc/systemd/system/gogs.service*", "/home/git/gogs/custom"),
    has_second_factor=True,
)
SHAPES = {
    "home": _HOME,
    "spread": Shape(
        script="install_spread.sh",
        port=6000,
        ssh_port=2022,
        schema="team-forge",
        database_user="forge-app",
        user="forge",
        user_id=997,
        home="/var/lib/forge",
        unit="forge.service",
        program="/opt/forge/gogs",
        settings_file="/etc/forge/conf/app.ini",
        settings_owner="root 640",
        repositories="/data/git/repositories",
        own_files=(*_COMMON_FILES, "/etc/systemd/system/forge.service*", "/etc/forge"),
        has_second_factor=False,
        path="/git",
    ),
    "managed": replace(
        _HOME,
        own_files=(*_HOME.own_files, "/usr/local/share/ca-certificates"),
        has_second_factor=False,
        is_managed=True,
    ),
}


def load(settings: Settings) -> Shape:
    """Return the shape of the existing site of a world."""
    return SHAPES[settings.shape]
