"""Run `gogs web`: the server."""

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
from ..store.creation import create_missing
from ..store.database import Database
from ..transport import ssh
from ..web.application import build_application
from ..web.sessions import make_sessions
from ..web.site import Site

_log = logging.getLogger(__name__)
_THREADS = 24


def run(config: Config) -> int:
    """Serve until SIGTERM or SIGINT. Raises ConfigError or pymysql.MySQLError when the server cannot start."""
    _check(config)
    _prepare_git()
    _prepare_folders(config)
    database = Database(config)
    with database.open_session() as db:
        created = create_missing(db)
    if created:
        _log.info("%s tables were missing and are there now", created)
    deliveries = Deliveries(config, database)
    site = Site(config=config, database=database, sessions=make_sessions(config))
    server = wsgi.Server(
        (config.http_address, config.http_port), build_application(site), numthreads=_THREADS, request_queue_size=128
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
        # In another thread, because the server's own loop must continue until it notices the request.
        threading.Thread(target=server.stop).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.prepare()
    deliveries.start()
    _log.info("serving %s on %s:%s", config.external_url, config.http_address, config.http_port)
    server.serve()


def _check(config: Config) -> None:
    user = os.environ.setdefault("USER", getpass.getuser())
    if config.run_user != user:
        raise ConfigError(f"RUN_USER is {config.run_user}, and this process runs as {user}")
    if config.protocol != "http":
        raise ConfigError(f"[server] PROTOCOL {config.protocol!r}: this build serves http only")
    if not config.installed or not config.secret_key:
        raise ConfigError("[security] this build has no page to install itself: it needs INSTALL_LOCK and SECRET_KEY")


def _prepare_git() -> None:
    """Write the values that Gogs writes into ~/.gitconfig at a start.

    Values of the site stay. Raises ConfigError.
    """
    if not os.environ.get("HOME"):
        raise ConfigError("HOME is not set, so git has no configuration to write to")

    def run_git(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", "config", "--global", *arguments], capture_output=True, text=True, check=False)

    for name, value in (("user.name", "Gogs"), ("user.email", "gogs@fake.local"), ("core.quotepath", "false")):
        if run_git(name).returncode and (done := run_git(name, value)).returncode:
            raise ConfigError(f"git cannot be configured below HOME: {done.stderr.strip()}")


def _prepare_folders(config: Config) -> None:
    """Empty this machine's work space and create the shared folders. Their content stays."""
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
