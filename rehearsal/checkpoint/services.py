"""Wait for what serves: the site by its public name, and each member of a group by itself."""

from __future__ import annotations

import os
import subprocess
import sys

from rehearsal.checkpoint import wait_for_http
from rehearsal.checkpoint.context import CheckpointContext, Json
from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import shapes
from rehearsal.settings import DNS_NAME
from rehearsal.world import CLIENT
from rehearsal.world.authority import Authority

HEALTH = "/cutover/health"
"""The proxy returns 200 only while the application reports that its database is available."""
SERVE_SECONDS = 60.0


def wait_for_site(context: CheckpointContext, names: Json, seconds: float = SERVE_SECONDS) -> None:
    """Wait until the site responds to its users, in a world that has one (`names` as in records). Raises RehearsalError."""
    if any(one["Name"] == f"{DNS_NAME}." for records in names.values() for one in records):
        # The proxy in front of a source below a path passes on nothing else; a target's proxy has its page beside the path.
        paths = dict.fromkeys(["", shapes.load(context.settings).path])
        urls = [f"http://{DNS_NAME}{path}{HEALTH}" for path in paths]
        _wait_for_http(context, CLIENT, "|".join(urls), seconds)


def wait_for_members(context: CheckpointContext, members: list[str]) -> None:
    """Wait until each member responds on its own port 80. The health that a balancer reports may be ten seconds old."""
    for member in members:
        _wait_for_http(context, member, f"http://127.0.0.1{HEALTH}", SERVE_SECONDS)


def _wait_for_http(context: CheckpointContext, endpoint: str, url: str, seconds: float) -> None:
    prefix = ["ip", "netns", "exec", context.settings.name_namespace(endpoint)]
    command = [
        *prefix,
        sys.executable,
        wait_for_http.__file__,
        str(seconds),
        url,
    ]  # by its file: the package would load boto3
    # A site of its own owner redirects its users to HTTPS.
    trusted = context.settings.state / "authority.crt"
    trusted.write_bytes(Authority(context.settings.cache).certificate)
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, "SSL_CERT_FILE": str(trusted)},
        check=False,
        timeout=seconds + 30,
    )
    if done.returncode:
        raise RehearsalError(f"nobody serves, asked from {endpoint}: {done.stderr.strip()[-200:]}")
