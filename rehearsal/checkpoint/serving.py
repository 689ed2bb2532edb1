"""Who serves: the site by its public name, and each member of a group by itself."""

from __future__ import annotations

import subprocess
import sys

from rehearsal.checkpoint import knock
from rehearsal.checkpoint.scene import Json, Scene
from rehearsal.demo_settings import DNS_NAME
from rehearsal.errors import RehearsalError
from rehearsal.world import CLIENT

HEALTH = "/cutover/health"
"""The proxy answers it 200 only when Gogs says that its database is there."""
SERVE_SECONDS = 60.0


def await_site(scene: Scene, names: Json, seconds: float = SERVE_SECONDS) -> None:
    """The site answers its users, in a world that has one (`names` as in records). Raises RehearsalError."""
    if any(one["Name"] == f"{DNS_NAME}." for records in names.values() for one in records):
        _knock(scene, CLIENT, f"http://{DNS_NAME}{HEALTH}", seconds)


def await_members(scene: Scene, members: list[str]) -> None:
    """Each answers on its own port 80: a balancer's opinion may be ten seconds old."""
    for member in members:
        _knock(scene, member, f"http://127.0.0.1{HEALTH}", SERVE_SECONDS)


def _knock(scene: Scene, endpoint: str, url: str, seconds: float) -> None:
    prefix = ["ip", "netns", "exec", scene.settings.namespace(endpoint)]
    command = [*prefix, sys.executable, knock.__file__, str(seconds), url]  # by its file: the package would load boto3
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 30)
    if done.returncode:
        raise RehearsalError(f"nobody serves, asked from {endpoint}: {done.stderr.strip()[-200:]}")
