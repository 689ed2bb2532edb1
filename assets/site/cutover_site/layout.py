"""Define where things are on a machine. The paths are the same on source, replica and target, so a path that the application stored stays valid.

Everything is below `root`, which is `/` on a machine and a temporary folder in a test. An application's own paths are in its own folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import applications
from applications.installation import Installation, InvalidInstallation, adapt_profile
from applications.profile import Profile

from cutover_site.errors import NotConfigured

MARKER_SCHEMA = "cutover"


@cache
def read_installed_profile(site_file: Path) -> Profile:
    """Return the profile of the application of this machine, from the file that the playbook wrote. Raises NotConfigured.

    It is the default application when the file names none or cannot be read. Code that needs more of the file raises its own
    error (`SiteConfig.load`).
    """
    try:
        name = str(json.loads(site_file.read_text()).get("application") or applications.DEFAULT)
    except (OSError, ValueError, AttributeError):
        name = applications.DEFAULT
    try:
        profile, installation = applications.load(name), read_installation(site_file)
        return adapt_profile(profile, installation) if installation else profile
    except applications.UnknownApplication as error:
        raise NotConfigured(f"{site_file}: {error}", next_action="run the playbook of this release") from error


@cache
def read_installation(site_file: Path) -> Installation | None:
    """Return where this site has its application; None when it is installed as its profile states. Raises NotConfigured."""
    try:
        raw = json.loads(site_file.read_text()).get("installation")
    except (OSError, ValueError, AttributeError):
        return None
    if raw is None:
        return None
    try:
        return Installation.parse(raw)
    except (InvalidInstallation, AttributeError, TypeError) as error:
        raise NotConfigured(
            f"{site_file}: {error}", next_action="run `cutover-site adopt` of this release on the source again"
        ) from error


def forget_site_file() -> None:
    """Read the site file again when it is needed next. The verb that writes the file calls this."""
    read_installed_profile.cache_clear()
    read_installation.cache_clear()


@dataclass(frozen=True)
class Layout:
    """The paths of one machine."""

    root: Path = Path("/")
    chosen: Profile | None = None
    """the profile in a test; on a machine the site file decides"""

    @property
    def application(self) -> Profile:
        """Return the profile of the application that this machine runs, with the places of this site. Raises NotConfigured."""
        if self.chosen is None:
            return read_installed_profile(self.site_file)
        return adapt_profile(self.chosen, self.installation) if self.installation else self.chosen

    @property
    def installation(self) -> Installation | None:
        """Return where this site has its application; None when it is installed as its profile states. Raises NotConfigured."""
        return read_installation(self.site_file)

    def find(self, path: str) -> Path:
        """Return where an absolute path of the machine is."""
        return self.root / path.lstrip("/")

    @property
    def site_file(self) -> Path:
        return self.root / "etc/cutover/site.json"

    @property
    def target_seal(self) -> Path:
        """Return a file that exists only on disks that were made from the image of a target."""
        return self.root / "etc/cutover/target"

    @property
    def state(self) -> Path:
        return self.root / "var/lib/cutover"

    @property
    def configured_for(self) -> Path:
        """Return the file that names the machine for which the application on this disk was configured (`cutover_site.configured_for`)."""
        return self.state / "configured-for"

    @property
    def freeze_file(self) -> Path:
        return self.state / "freeze.json"

    @property
    def database_freeze_file(self) -> Path:
        """Return the freeze state of the database on a server that has the application too (`freeze.store`)."""
        return self.state / "freeze-database.json"

    @property
    def shared(self) -> Path:
        """Return the data root: the folder of the site that all its servers share."""
        return self.root / self.application.files.root

    @property
    def home(self) -> Path:
        """Return the HOME of the application's user. It has temporary files, sessions and logs, and is never shared."""
        return self.root / self.application.owner.home

    @property
    def efs(self) -> Path:
        return self.root / "mnt/efs"

    @property
    def proxy(self) -> Path:
        return self.root / "etc/haproxy/cutover"

    @property
    def proxy_configuration(self) -> Path:
        return self.root / "etc/haproxy/haproxy.cfg"

    @property
    def proxy_socket(self) -> Path:
        """Return the socket of HAProxy's master process."""
        return self.root / "run/haproxy-master.sock"

    @property
    def database_socket(self) -> Path:
        return self.root / "run/mysqld/mysqld.sock"

    @property
    def database_lockout(self) -> Path:
        """Return the file that lists what the freeze of the database has closed besides read_only. The resume opens it again."""
        return self.state / "database-lockout.json"

    @property
    def database_freeze(self) -> tuple[Path, ...]:
        """Return the files that keep a restarted database server read-only while it is frozen.

        Each is in the folder that the distribution reads last (MariaDB's, MySQL's; both when both exist), and is read after the
        role's own zz-cutover.cnf.
        """
        base = self.root / "etc/mysql"
        last = [base / name for name in ("mariadb.conf.d", "mysql.conf.d") if (base / name).is_dir()]
        return tuple(folder / "zzz-cutover-freeze.cnf" for folder in last or [base / "conf.d"])
