"""Runs one or more instances of Gogs, the stand-in or the release, as the user git."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.gogs_standin import client
from tests.gogs_standin.served.database import MariaDb
from tests.rehearsal.ports import find_free_port

GIT_ID = 990
START_SECONDS = 60
ADMIN = ("root", "R00t-pass")


@dataclass
class Gogs:
    """One instance with its own folder and ports. It can share its schema and repositories with another instance."""

    folder: Path
    database: MariaDb
    schema: str
    repositories: Path
    name_parameters: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    http: int = field(default_factory=find_free_port)
    ssh: int = field(default_factory=find_free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.http}"

    @property
    def app_ini(self) -> Path:
        return self.folder / "custom/conf/app.ini"

    def install(self, archive: Path) -> None:
        """Install as a playbook does: unpack the archive, write app.ini, and use an existing user git."""
        self.folder.mkdir(parents=True)
        unpacked = self.folder / "unpacked"
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        for part in (unpacked / "gogs").iterdir():  # a release has more than the program
            part.rename(self.folder / part.name)
        shutil.rmtree(unpacked)
        self.app_ini.parent.mkdir(parents=True)
        (self.folder / "home").mkdir()
        self.repositories.mkdir(exist_ok=True)
        self.app_ini.write_text(self._ini())
        for file, line in (
            ("passwd", f"git:x:{GIT_ID}:{GIT_ID}::{self.folder}/home:/bin/bash\n"),
            ("group", f"git:x:{GIT_ID}:\n"),
        ):
            others = [
                old for old in Path("/etc", file).read_text().splitlines(keepends=True) if not old.startswith("git:")
            ]
            (self.folder / file).write_text("".join(others) + line)
        subprocess.run(["chown", "-R", f"{GIT_ID}:{GIT_ID}", str(self.folder), str(self.repositories)], check=True)

    def _ini(self) -> str:
        return f"""\
BRAND_NAME = Gogs
RUN_USER = git
RUN_MODE = prod
[server]
EXTERNAL_URL = {self.url}/
DOMAIN = localhost
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {self.http}
START_SSH_SERVER = true
SSH_PORT = 2222
SSH_LISTEN_HOST = 127.0.0.1
SSH_LISTEN_PORT = {self.ssh}
[repository]
ROOT = {self.repositories}
[database]
TYPE = mysql
HOST = 127.0.0.1:{self.database.port}
NAME = {self.schema}{self.name_parameters}
USER = app
PASSWORD = ${{APP_PASSWORD}}
[lfs]
OBJECTS_PATH = {self.repositories}/lfs-objects
OBJECTS_TEMP_PATH = {self.repositories}/incoming-{self.http}
[attachment]
PATH = {self.repositories}/attachments
[security]
INSTALL_LOCK = true
SECRET_KEY = `a%secret;#key`
LOCAL_NETWORK_ALLOWLIST = 127.0.0.1
[session]
PROVIDER = file
PROVIDER_CONFIG = {self.folder}/sessions
[log]
ROOT_PATH = {self.folder}/log
"""

    def command(self, *arguments: str) -> list[str]:
        """Return a command that runs as the user git. The user exists only in the mount namespace of the command."""
        mounts = " && ".join(f"mount --bind {self.folder}/{file} /etc/{file}" for file in ("passwd", "group"))
        setting = {
            "HOME": f"{self.folder}/home",
            "USER": "git",
            "APP_PASSWORD": "app-pass",
            "PATH": os.environ["PATH"],
            **self.environment,
        }
        words = " ".join(f"{name}='{value}'" for name, value in setting.items())
        program = " ".join(f"'{word}'" for word in (str(self.folder / "gogs"), *arguments, "-c", str(self.app_ini)))
        inner = f"{mounts} && exec setpriv --reuid {GIT_ID} --regid {GIT_ID} --clear-groups env -i {words} {program}"
        return ["unshare", "--mount", "sh", "-c", inner]

    def start(self) -> None:
        """Start and wait until it responds. Raises AssertionError with its output if it ends or does not respond."""
        output = self.folder / "output.log"
        with output.open("a") as log:
            self.process = subprocess.Popen(self.command("web"), cwd=self.folder, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_responding():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(output.read_text())
            time.sleep(0.05)

    def is_responding(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthcheck", timeout=5).ok
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def admin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command("admin", *arguments), capture_output=True, text=True, check=False)

    def create_admin(self) -> None:
        done = self.admin(
            "create-user", "--name", ADMIN[0], "--password", ADMIN[1], "--email", "root@example.com", "--admin"
        )
        assert done.stdout == f'New user "{ADMIN[0]}" has been successfully created!\n', done.stderr

    def token(self) -> dict[str, str]:
        """Return a header with a new token of the administrator."""
        return client.create_token(self.url, *ADMIN)

    def create_repository(self, name: str, **options: object) -> None:
        """Create a repository of the administrator."""
        client.create_repository(self.url, self.token(), name, **options)


@contextmanager
def running(gogs: Gogs) -> Iterator[Gogs]:
    gogs.start()
    try:
        yield gogs
    finally:
        gogs.stop()
