"""The machine of these tests, and what is asked of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.world import enter
from tests.rehearsal.world.lab import Lab

MACHINE = "i-0adf0adf0adf0adf0"
INSTALL = Path(__file__).with_name("install.sh")
TOOL = "/opt/cutover/bin/cutover-site"
CURL = "curl -sS --cacert /etc/ssl/certs/forge.crt --resolve git.example.test:443:127.0.0.1"
WATCHED = "/etc /home/git /root/.ssh /srv /usr/local /opt"
"""what a release must leave as it was; not the packages, the tool itself, the data of the database"""
LISTING = f"""
find {WATCHED} -xdev \\( -path /opt/cutover -o -path '/home/git/gogs/log' -o -path '/home/git/gogs/data/sessions' -o -path /etc/cutover \\) -prune -o -type f \\
    ! -name 'machine-id' -printf '%p %m %U %G %T@ ' -exec sha256sum {{}} \\; | sed 's/  .*//' | sort
find {WATCHED} -xdev \\( -path /opt/cutover -o -path /etc/cutover \\) -prune -o -type l -printf '%p -> %l\\n' | sort
systemctl list-unit-files --no-legend --no-pager | awk '{{print $1, $2}}' | grep -v cutover- | sort
systemctl list-units --no-legend --no-pager --plain --state=active --type=service,mount | awk '{{print $1, $4}}' | grep -v 'run-\\|user\\|session' | sort
"""


@dataclass
class Server:
    """A machine with a site of somebody else."""

    lab: Lab

    def run(self, script: str, *, text: str | None = None, seconds: float = 120.0, code: int = 0) -> str:
        """Run a script of bash. Return its output. `code`: the exit code that it must have."""
        done = enter.run(self.lab.world.settings, MACHINE, ["bash", "-c", script], input=text, timeout=seconds)
        assert done.exit_code == code, f"{script[:200]}: {done.exit_code}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def copy(self, source: Path, target: str) -> None:
        shutil.copy(source, self.lab.world.settings.mounts / MACHINE / target.lstrip("/"))

    def install(self) -> None:
        """Run the administrator's script, and unpack the product's assets."""
        self.run("mkdir -p /root/assets && tar -xf /root/assets.tar -C /root/assets")
        self.run("cat >/root/install.sh", text=INSTALL.read_text())
        self.run("bash /root/install.sh", text="ARCHIVE=/root/gogs.tar.gz\nSECRET_KEY=key-of-the-forge\n", seconds=180)

    def call(self, verb: str, *, code: int = 0) -> dict[str, Any]:
        """Run a verb of the tool. Return its result."""
        found = json.loads(self.run(f"{TOOL} {verb}", seconds=180, code=code).splitlines()[-1])
        assert isinstance(found, dict)
        return found

    def read_listing(self) -> list[str]:
        """Return mode, owner, time and digest of every file, every link, and the units that are enabled or run."""
        return self.run(LISTING).splitlines()

    def read_status(self, path: str = "/healthcheck", *options: str) -> int:
        """Return the status of a request of a user, through nginx."""
        words = f"{CURL} {' '.join(options)} -o /dev/null -w '%{{http_code}}' https://git.example.test{path}"
        return int(self.run(words))
