"""Where things are on a machine. The same on source, replica and target, so that no git hook ever changes.

Everything hangs below `root`, which is `/` on a machine and a temporary folder in a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

GIT_USER = "git"
GIT_ID = 2990
"""uid and gid, fixed: ownership must mean the same on every machine and on the shared file system"""

HTTP_PORT = 80
SSH_PORT = 2222
GOGS_HTTP_PORT = 3000
GOGS_SSH_PORT = 2223

SCHEMA = "gogs"
SCRATCH_SCHEMA = "gogs_scratch"
MARKER_SCHEMA = "cutover"

PER_INSTANCE = ("data/lfs-incoming", "data/uploads")
"""below /srv/gogs, but work space of one process: never compared, never carried over"""
LEFT_OUT = (*PER_INSTANCE, "lost+found")
"""neither is what a disk of its own that is mounted at /srv/gogs has, for root alone"""


@dataclass(frozen=True)
class Layout:
    root: Path = Path("/")

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
        return self.root / "srv/gogs"

    @property
    def repositories(self) -> Path:
        return self.shared / "repositories"

    @property
    def data(self) -> Path:
        return self.shared / "data"

    @property
    def home(self) -> Path:
        """HOME of Gogs: temporary files, sessions, logs; never shared."""
        return self.root / "var/lib/gogs"

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
