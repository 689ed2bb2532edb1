"""`gogs web`: the server."""

from __future__ import annotations

import getpass
import logging
import os
import shutil
import signal
import subprocess
import threading
from types import FrameType

from cheroot import wsgi

from ..config.config import Config, ConfigError
from ..domain.delivery import Deliveries
from ..store import schema
from ..store.database import Database
from ..transport import ssh
from ..web.application import application
from ..web.sessions import sessions
from ..web.site import Site

_log = logging.getLogger(__name__)
_THREADS = 24


def run(config: Config) -> int:
    """Serves until SIGTERM or SIGINT. Raises ConfigError, pymysql.MySQLError when it cannot start."""
    _check(config)
    _prepare_git()
    _prepare_folders(config)
    database = Database(config)
    with database.session() as db:
        created = schema.create_missing(db)
    if created:
        _log.info("Created %s tables", created)
    deliveries = Deliveries(config, database)
    site = Site(config=config, database=database, deliveries=deliveries, sessions=sessions(config))
    server = wsgi.Server(
        (config.http_address, config.http_port), application(site), numthreads=_THREADS, request_queue_size=128
    )
    server.server_name = "gogs"
    shell = ssh.start(config) if config.ssh_server and not config.ssh_disabled else None
    try:
        _serve(server, deliveries, config)
    finally:
        if shell:
            shell.terminate()
            shell.wait()
    return 0


def _serve(server: wsgi.Server, deliveries: Deliveries, config: Config) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # From another thread: the server's own loop has to go on until it has noticed.
        threading.Thread(target=server.stop).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.prepare()
    deliveries.start()
    _log.info("Listen on http://%s:%s, available on %s", config.http_address, config.http_port, config.external_url)
    server.serve()


def _check(config: Config) -> None:
    user = os.environ.get("USER") or getpass.getuser()
    os.environ["USER"] = user
    if config.run_user != user:
        raise ConfigError(f'user configured to run Gogs is "{config.run_user}", but the current user is "{user}"')
    if config.protocol != "http":
        raise ConfigError(f"[server] PROTOCOL {config.protocol!r}: this build serves http only")
    if not config.installed:
        raise ConfigError("[security] INSTALL_LOCK is not true, and this build has no install page")


def _prepare_git() -> None:
    """Gogs writes these into ~/.gitconfig at every start, and does not start when it cannot."""
    if not os.environ.get("HOME"):
        raise ConfigError("HOME is not set")
    wanted = {"user.name": ("Gogs", False), "user.email": ("gogs@fake.local", False), "core.quotepath": ("false", True)}
    for name, (value, always) in wanted.items():
        there = subprocess.run(["git", "config", "--global", "--get", name], capture_output=True, check=False).stdout
        if always or not there.strip():
            done = subprocess.run(
                ["git", "config", "--global", name, value], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise ConfigError(f"cannot set git's {name}: {done.stderr.strip()}")


def _prepare_folders(config: Config) -> None:
    """This machine's work space is emptied, what is shared is not touched."""
    for folder in (config.tmp, config.lfs_incoming):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (
        config.repositories,
        config.attachments,
        config.avatars,
        config.repository_avatars,
        config.lfs_objects,
    ):
        folder.mkdir(parents=True, exist_ok=True)
