"""The site as the acceptance user sees it: API, web pages with their CSRF token, git. Shared by the checks of one visit."""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from cutover_site.acceptance.transport import TIMEOUT, address_of, session
from cutover_site.errors import CommandFailed
from cutover_site.system.commands import run

CSRF = re.compile(r'name="_csrf" (?:content|value)="([^"]*)"')
GIT_SECONDS = 120
PREFIX = "cutover-acceptance-"
"""of everything that a visit makes: its repository, key, tokens"""


class CheckFailed(Exception):
    """The site does not do what it must. The message says what was expected and what came, without secrets."""


class CheckSkipped(Exception):
    """The check does not apply to this visit. Only for what the caller did not ask for; never for what could not run."""


@dataclass
class Visit:
    """One run of the suite. `repository` is private, made by the first check that needs it, and removed at the end."""

    url: str
    username: str
    password: str
    resolve: str = ""
    ssh: str = ""
    """HOST:PORT of the site's SSH, empty: not asked for"""
    nonce: str = field(default_factory=lambda: secrets.token_hex(6))
    token: str = ""

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        self.web = session(self.url, self.resolve)
        self.plain = session(self.url, self.resolve)
        self.work = Path(tempfile.mkdtemp(prefix="cutover-acceptance-"))

    def close(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        self.web.close()
        self.plain.close()

    @property
    def repository(self) -> str:
        return PREFIX + self.nonce

    @property
    def full_name(self) -> str:
        return f"{self.username}/{self.repository}"

    def api(self, method: str, path: str, expected: int, *, json: Any = None) -> Any:
        """The answer of the API, called with the token. Raises CheckFailed for another status than `expected`."""
        headers = {"Authorization": f"token {self.token}"}
        answer = self.request(self.plain, method, f"/api/v1{path}", headers=headers, json=json)
        if answer.status_code != expected:
            raise CheckFailed(
                f"{method} /api/v1{path} answered {answer.status_code}, expected {expected}: {answer.text[:200]}"
            )
        return answer.json() if answer.content and "json" in answer.headers.get("Content-Type", "") else None

    def request(self, via: requests.Session, method: str, path: str, **options: Any) -> requests.Response:
        """One request, redirects not followed. Raises CheckFailed when the site does not answer."""
        try:
            return via.request(method, self.url + path, timeout=TIMEOUT, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise CheckFailed(f"{method} {path}: {type(error).__name__}: {error}") from error

    def page(self, path: str) -> str:
        answer = self.request(self.web, "GET", path)
        if answer.status_code != 200:
            raise CheckFailed(f"page {path} answered {answer.status_code}")
        return answer.text

    def form(
        self, page: str, action: str, data: dict[str, str], files: dict[str, Any] | None = None
    ) -> requests.Response:
        """Opens the page for its CSRF token, then posts as a browser does. Raises CheckFailed when there is no token."""
        found = CSRF.search(self.page(page))
        if not found:
            raise CheckFailed(f"page {page} has no CSRF token")
        return self.request(
            self.web, "POST", action, data={"_csrf": found[1], **data}, files=files, headers={"X-CSRF-Token": found[1]}
        )

    def git(self, *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> str:
        """git, with the password in the environment of the process only. Raises CheckFailed with what git said."""
        credentials = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        configuration = [("http.extraHeader", f"Authorization: Basic {credentials}"), ("user.name", self.username),
                         ("user.email", f"{self.username}@localhost"), ("http.curloptResolve", self._pin())]  # fmt: skip
        set_up = {"GIT_CONFIG_COUNT": str(len(configuration))}
        for number, (key, value) in enumerate(configuration):
            set_up |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        base = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.work),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        try:
            command = ("git", *(("-C", str(cwd)) if cwd else ()), *arguments)
            done = run(*command, timeout=GIT_SECONDS, environment={**base, **set_up, **(environment or {})})
        except CommandFailed as error:
            raise CheckFailed(error.reason) from error
        return done.stdout.decode(errors="replace").strip()

    @property
    def clone_url(self) -> str:
        return f"{self.url}/{quote(self.full_name)}.git"

    def _pin(self) -> str:
        """curl's way to say where the name points; an empty value changes nothing."""
        if not self.resolve:
            return ""
        parts = urlsplit(self.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return f"{parts.hostname}:{port}:{address_of(self.resolve)}"
