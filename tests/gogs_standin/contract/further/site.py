"""Query a Gogs and keep its normalised responses by name."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

Json = dict[str, Any]
Sql = Callable[..., list[tuple[object, ...]]]
HEADERS = (
    "Content-Type", "Content-Disposition", "Content-Range", "Accept-Ranges", "Link", "Location", "WWW-Authenticate",
    "X-Content-Type-Options", "X-Frame-Options", "Content-Length",
)  # fmt: skip
LFS_TYPE = "application/vnd.git-lfs+json"
PASSWORD = "Al1ce-pass"
OPEN_SECONDS = 3.0
"""A session that has not ended by then stays open."""


@dataclass
class Site:
    """A Gogs to query. `sql` runs statements on its schema; `locked_issue` inserts an issue of a repository and commits at its end."""

    url: str
    ssh_port: int
    administrator: tuple[str, str]
    sql: Sql
    locked_issue: Callable[[int, int], AbstractContextManager[None]]
    admin_command: Callable[..., subprocess.CompletedProcess[str]]
    folder: Path
    responses: dict[str, Json] = field(default_factory=dict)

    def record(self, name: str, **response: object) -> None:
        """Keep the normalised response under a name that is not yet taken."""
        assert name not in self.responses, name
        self.responses[name] = {key: normalise(value, self.url) for key, value in response.items()}

    def record_request(
        self, name: str, method: str, path: str, *, session: Any = requests, **options: Any
    ) -> requests.Response:
        """Send one request and record its response without the text of a page, which differs between programs."""
        response: requests.Response = session.request(
            method, self.url + path, timeout=30, allow_redirects=False, **options
        )
        page = response.headers.get("Content-Type", "").startswith("text/html")
        try:
            body: object = response.json()
        except ValueError:
            body = (
                "<page>"
                if page and response.text
                else response.text
                if response.content[:2] != b"\x1f\x8b"
                else "<gzip>"
            )
        kept = [
            key
            for key in HEADERS
            if key in response.headers and (key != "Content-Length" or response.status_code == 206)
        ]
        self.record(
            name,
            request=f"{method} {path}",
            status=response.status_code,
            headers={key: response.headers[key] for key in kept},
            cookies=sorted(f"{one.name} {sorted(one._rest)} {one.path}" for one in response.cookies),  # type: ignore[attr-defined]
            body=body,
        )
        return response

    def record_command(
        self, name: str, command: list[str], *, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> int:
        """Run a command that must end by itself. Record its exit code and the messages of Git and Gogs. Return the exit code."""
        done = subprocess.run(
            command, cwd=cwd or self.folder, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", **(env or {})}, check=False,
        )  # fmt: skip
        said = [line.rstrip() for line in done.stderr.splitlines() if re.match("remote:|fatal:|Gogs:| ! ", line)]
        self.record(name, exit=done.returncode, said=said)
        return done.returncode


def normalise(value: object, url: str) -> object:
    """Replace times, hashes, keys, ports and the site's address by placeholders."""
    if isinstance(value, dict):
        return {key: normalise(item, url) for key, item in value.items()}
    if isinstance(value, list):
        return [normalise(item, url) for item in value]
    if not isinstance(value, str):
        return value
    address = re.escape(url.rstrip("/"))
    value = re.sub(address.replace("http://", "http://(?:[^@/]*@)?"), "<url>", value)
    value = re.sub(r"localhost:\d+|127\.0\.0\.1:\d+", "<address>", value)
    value = re.sub(r"ssh-ed25519 [A-Za-z0-9+/=]+", "ssh-ed25519 <key>", value)
    value = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "<time>", value)
    value = re.sub(r"https?://(secure|www)\.gravatar\.com/\S+", "<gravatar>", value)
    return re.sub(r"\b([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{10})\b", "<hash>", value)
