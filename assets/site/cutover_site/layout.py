"""Where things are on a machine. The same on source, replica and target, so that no git hook ever changes.

Everything hangs below `root`, which is `/` on a machine and a temporary folder in a test.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import applications
from applications.profile import Profile

from cutover_site.errors import NotConfigured

_DEFAULT = applications.load(applications.DEFAULT)
GIT_USER, GIT_ID = _DEFAULT.owner.user, _DEFAULT.owner.uid
HTTP_PORT, GOGS_HTTP_PORT = _DEFAULT.http.number, _DEFAULT.http.upstream
SSH_PORT, GOGS_SSH_PORT = _DEFAULT.tcp[0].number, _DEFAULT.tcp[0].upstream
SCHEMA = _DEFAULT.database.primary
SCRATCH_SCHEMA = _DEFAULT.database.scratch(SCHEMA)
PER_INSTANCE = _DEFAULT.files.per_instance
LEFT_OUT = _DEFAULT.files.left_out
MARKER_SCHEMA = "cutover"


@cache
def installed(site_file: Path) -> Profile:
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
        return self.chosen or installed(self.site_file)

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
        """The instance id that Gogs on this disk was configured for."""
        return self.state / "configured-for"

    @property
    def freeze_file(self) -> Path:
        return self.state / "freeze.json"

    @property
    def binary(self) -> Path:
        return self.root / "opt/gogs/gogs"

    @property
    def app_ini(self) -> Path:
        return self.root / "opt/gogs/custom/conf/app.ini"

    @property
    def volatile_app_ini(self) -> Path:
        """Where a target's app.ini really is: memory, so that no secret can get into an image."""
        return self.root / "run/gogs/app.ini"

    @property
    def shared(self) -> Path:
        """The data root: the folder of the site that all its servers share."""
        return self.root / self.application.files.root

    @property
    def repositories(self) -> Path:
        return self.shared / "repositories"

    @property
    def data(self) -> Path:
        return self.shared / "data"

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
