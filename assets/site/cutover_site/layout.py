"""Where things are on a machine. The same on source, replica and target, so that no path which the application has stored ever changes.

Everything is below `root`, which is `/` on a machine and a temporary folder in a test. What only one application has is in its own folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import applications
from applications.profile import Profile

from cutover_site.errors import NotConfigured

MARKER_SCHEMA = "cutover"


@cache
def read_installed_profile(site_file: Path) -> Profile:
    """Return the profile of the application of this machine, as the playbook wrote it down. Raises NotConfigured for an unknown one.

    The default application where the file names none, or cannot be read: who needs more of it raises its own error (`SiteConfig.load`).
    """
    try:
        name = str(json.loads(site_file.read_text()).get("application") or applications.DEFAULT)
    except (OSError, ValueError, AttributeError):
        name = applications.DEFAULT
    try:
        return applications.load(name)
    except applications.UnknownApplication as error:
        raise NotConfigured(f"{site_file}: {error}", next_action="run the playbook of this release") from error


@dataclass(frozen=True)
class Layout:
    root: Path = Path("/")
    chosen: Profile | None = None
    """for a test; a machine goes by its site file"""

    @property
    def application(self) -> Profile:
        """Return what is known of the application that this machine runs. Raises NotConfigured."""
        return self.chosen or read_installed_profile(self.site_file)

    @property
    def site_file(self) -> Path:
        return self.root / "etc/cutover/site.json"

    @property
    def target_seal(self) -> Path:
        """Exists in the image of a target and nowhere else."""
        return self.root / "etc/cutover/target"

    @property
    def state(self) -> Path:
        return self.root / "var/lib/cutover"

    @property
    def configured_for(self) -> Path:
        """The machine that the application on this disk was configured for (`cutover_site.configured_for`)."""
        return self.state / "configured-for"

    @property
    def freeze_file(self) -> Path:
        return self.state / "freeze.json"

    @property
    def shared(self) -> Path:
        """The data root: the folder of the site that all its servers share."""
        return self.root / self.application.files.root

    @property
    def home(self) -> Path:
        """HOME of the application's user: temporary files, sessions, logs; never shared."""
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
        """Of HAProxy's master process."""
        return self.root / "run/haproxy-master.sock"

    @property
    def database_socket(self) -> Path:
        return self.root / "run/mysqld/mysqld.sock"

    @property
    def database_lockout(self) -> Path:
        """What the freeze of the database server has shut besides read_only, and must open again."""
        return self.state / "database-lockout.json"

    @property
    def database_freeze(self) -> tuple[Path, ...]:
        """Read after every other file of the server's configuration, so a restarted server is still read-only.

        In the folder that the distribution reads last (MariaDB's, MySQL's; both where both are), after the role's own zz-cutover.cnf.
        """
        base = self.root / "etc/mysql"
        last = [base / name for name in ("mariadb.conf.d", "mysql.conf.d") if (base / name).is_dir()]
        return tuple(folder / "zzz-cutover-freeze.cnf" for folder in last or [base / "conf.d"])
