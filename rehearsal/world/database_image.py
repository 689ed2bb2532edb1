"""The image `rds`: the stock system with a database server that does not run yet.

MySQL, as on RDS, if its package is available; MariaDB if REHEARSAL_DATABASE names it or if MySQL is not available.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world import disks
from rehearsal.world.cache import Report, compute_digest, make_once
from rehearsal.world.database_roots import make_mysql_root, read_version
from rehearsal.world.images import make_image, run_inside, work_on_mounted
from rehearsal.world.shell import run

Product = Literal["mysql", "mariadb"]
MYSQL_ROOT = Path("opt/mysql")
"""Where MySQL's own root is on the machine's disk."""
_KEPT = "database.json"
_REVISION = "1"
_CLIENTS = ("mysql", "mysqladmin")
_UNIT = """[Unit]
Description=MySQL, in a root of its own

[Service]
Type=notify
User=mysql
RootDirectory=/opt/mysql
MountAPIVFS=yes
ExecStart=/usr/sbin/mysqld --defaults-file=/etc/mysql/rds/server.cnf
LimitNOFILE=65536
TimeoutSec=120
Restart=on-failure
RestartSec=1

[Install]
WantedBy=multi-user.target
"""
_CLIENT_OPTIONS = "[client]\nsocket = /var/lib/mysql/mysqld.sock\n"
_CLIENT = '#!/bin/sh\nexec chroot /opt/mysql /usr/bin/{name} "$@"\n'
_SETUP = """set -eu
useradd --system --no-create-home --shell /usr/sbin/nologin mysql
chroot /opt/mysql /usr/sbin/mysqld --no-defaults --initialize-insecure --user=root --datadir=/var/lib/mysql --secure-file-priv=NULL
rm -f /opt/mysql/var/lib/mysql/auto.cnf
chown -R mysql:mysql /opt/mysql/var/lib/mysql
ln -s /opt/mysql/var/lib/mysql /var/lib/mysql
systemctl --quiet enable mysql.service
"""


@dataclass(frozen=True)
class DatabaseImage:
    """`name` with the version where it is known; `why` is one sentence when it is not MySQL."""

    product: Product
    name: str
    why: str
    disk: str


def choose_database_image(settings: Settings, report: Report) -> DatabaseImage:
    """Return the image of this world: the choice is made once, and kept as long as the world lasts.

    Raises RehearsalError when REHEARSAL_DATABASE names MySQL and MySQL is not available.
    """
    kept = settings.state / _KEPT
    if (known := read_choice(settings)) is not None and Path(known.disk).exists():
        return known
    found = _choose(settings, report)
    settings.state.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(asdict(found)))
    report(f"RDS: {found.name}" + (f" ({found.why})" if found.why else ""))
    return found


def read_choice(settings: Settings) -> DatabaseImage | None:
    """Return the choice of a running world; None when none was made."""
    try:
        return DatabaseImage(**json.loads((settings.state / _KEPT).read_text()))
    except FileNotFoundError:
        return None


def _choose(settings: Settings, report: Report) -> DatabaseImage:
    why = "REHEARSAL_DATABASE names it"
    if settings.database != "mariadb":
        try:
            root = make_mysql_root(settings.cache, report)
        except RehearsalError as error:
            if settings.database == "mysql":
                raise
            why = str(error)
        else:
            disk = _make_mysql_disk(root, settings.cache, report)
            return DatabaseImage("mysql", f"MySQL {read_version(root)}", "", str(disk))
    return DatabaseImage("mariadb", "MariaDB", why, str(make_image("rds", settings.cache, report)))


def _make_mysql_disk(root: Path, cache: Path, report: Report) -> Path:
    base = make_image("debian-12", cache, report)
    return make_once(
        cache,
        f"rds-{compute_digest(base.name, root.name, _REVISION, _UNIT, _CLIENT_OPTIONS, _CLIENT, _SETUP, *_CLIENTS)}.raw",
        lambda half: _install(base, root, half),
        starting=lambda: report("machine image: rds with MySQL (once, about 20 s)"),
    )


def _install(base: Path, root: Path, target: Path) -> None:
    disks.copy_ranges(base, target, disks.list_data_ranges(base))

    def install(machine: Path) -> None:
        own = machine / MYSQL_ROOT
        own.mkdir(parents=True)
        # Programs that the machine does not run are a third of the size.
        needless = [
            f"--exclude=./usr/bin/{one.name}" for one in (root / "usr/bin").iterdir() if one.name not in _CLIENTS
        ]
        run("sh", "-c", 'into=$1; shift; tar -c "$@" . | tar -x -C "$into"', "sh", own, *needless, cwd=root)
        (own / "var/lib/mysql").mkdir(parents=True, exist_ok=True)
        (own / "etc/mysql").mkdir(exist_ok=True)
        (own / "etc/mysql/my.cnf").unlink(missing_ok=True)
        (own / "etc/mysql/my.cnf").write_text(_CLIENT_OPTIONS)
        (machine / "etc/systemd/system/mysql.service").write_text(_UNIT)
        for name in _CLIENTS:
            program = machine / "usr/local/bin" / name
            program.write_text(_CLIENT.format(name=name))
            program.chmod(0o755)
        run_inside(machine, _SETUP)

    work_on_mounted(target, install)
