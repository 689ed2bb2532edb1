"""The site as the acceptance user sees it: API, web pages with their CSRF token, git. Shared by the checks of one visit."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import requests

from cutover_site.acceptance import features
from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.acceptance.features import Attachments
from cutover_site.acceptance.git import run_git
from cutover_site.acceptance.local import LocalSite
from cutover_site.acceptance.notes import add_retried
from cutover_site.acceptance.settings import SiteSettings
from cutover_site.acceptance.texts import Text, get_text
from cutover_site.acceptance.transient import get_retry_delay
from cutover_site.acceptance.transport import TIMEOUT, session

__all__ = ["PREFIX", "CheckFailed", "CheckSkipped", "Visit"]
CSRF = re.compile(r'name="_csrf" (?:content|value)="([^"]*)"')
PREFIX = "cutover-acceptance-"
"""of everything that a visit makes: its repositories, key, tokens"""


@dataclass
class Visit:
    """One run of the suite. `repository` is private, made by the first check that needs it, and removed at the end.

    What the site does is found out by asking it. Where the caller passes `settings`, the site must do exactly what they say.
    """

    url: str
    username: str
    password: str
    resolve: str = ""
    ssh: str = ""
    """HOST:PORT of the site's SSH, empty: not asked for"""
    nonce: str = field(default_factory=lambda: secrets.token_hex(6))
    token: str = ""
    key: str = ""
    """the name of the visit's SSH key, once the user has it"""
    settings: SiteSettings | None = None
    """what the source's app.ini says; None: not known"""
    charset: str = ""
    """the character set of the source's tables of issues, as `texts.TEXTS` names it; empty: not known"""
    local: LocalSite | None = None
    """the Gogs of this machine, when it belongs to the site; None: its files cannot be seen from here"""
    live: bool = False
    """users wait for the suite"""

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        self.web = session(self.url, self.resolve)
        self.plain = session(self.url, self.resolve)
        self.work = Path(tempfile.mkdtemp(prefix="cutover-acceptance-"))
        self.began = time.time()
        self.no_repository: CheckSkipped | None = None
        """why the acceptance user may have no repository on this site"""
        self.writing = threading.RLock()
        """held by whoever writes rows of the acceptance user's repositories: Gogs answers 500 when two such writes meet in InnoDB"""
        if self.settings:
            self.adopt(self.settings)

    def adopt(self, settings: SiteSettings) -> None:
        """The site must do what these settings say."""
        self.settings = settings
        if settings.https:
            self.web.allow_secure_cookies()

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

    def require_repository(self) -> None:
        """Raises CheckSkipped when the site's settings let the acceptance user have no repository."""
        if self.no_repository:
            raise CheckSkipped(self.no_repository.reason, setting=self.no_repository.setting)

    @cached_property
    def closed(self) -> bool:
        """A visitor must sign in to see anything. Raises CheckFailed, as all of these, when the site does not do what its settings say."""
        return self._agreed(features.is_closed(self), "sign_in_to_view", "[auth] REQUIRE_SIGNIN_VIEW")

    @cached_property
    def http_git(self) -> bool:
        return self._agreed(features.has_http_git(self), "http_git", "[repository] DISABLE_HTTP_GIT")

    @cached_property
    def offers_ssh(self) -> bool:
        shown = features.offers_ssh(self)
        if shown is None:  # a template of the site's own
            return self.settings.ssh if self.settings else True
        return self._agreed(shown, "ssh", "[server] DISABLE_SSH")

    @cached_property
    def attachments(self) -> Attachments:
        shown = features.get_attachments(self)
        self._agreed(shown.enabled, "attachments", "[attachment] ENABLED")
        return shown

    def _agreed(self, shown: bool, name: str, setting: str) -> bool:
        if self.settings and getattr(self.settings, name) != shown:
            raise CheckFailed(
                f"the source's {setting} says {name} = {getattr(self.settings, name)}, the site shows {name} = {shown}"
            )
        return shown

    @property
    def text(self) -> Text:
        return get_text(self.charset)

    def api(self, method: str, path: str, expected: int, *, json: Any = None) -> Any:
        """The answer of the API, called with the token. Raises CheckFailed for another status than `expected`."""
        answer = self.call(method, path, json=json)
        if answer.status_code != expected:
            raise CheckFailed(
                f"{method} /api/v1{path} answered {answer.status_code}, expected {expected}: {answer.text[:200]}"
            )
        return answer.json() if answer.content and "json" in answer.headers.get("Content-Type", "") else None

    def call(self, method: str, path: str, *, json: Any = None) -> requests.Response:
        """Return the answer of the API, called with the token, whatever its status."""
        headers = {"Authorization": f"token {self.token}"}
        return self.request(self.plain, method, f"/api/v1{path}", headers=headers, json=json)

    def request(self, via: requests.Session, method: str, path: str, **options: Any) -> requests.Response:
        """One request, redirects not followed; sent once more when the answer may be another request's doing, which is noted.

        Raises CheckFailed when the site does not answer.
        """
        answer = self._send(via, method, path, options)
        delay = get_retry_delay(method, answer)
        if delay is None:
            return answer
        add_retried(f"{method} {path}: answered {answer.status_code}, sent once more after {delay:.0f} s")
        time.sleep(delay)  # as long as the site itself asks for
        return self._send(via, method, path, options)

    def _send(self, via: requests.Session, method: str, path: str, options: dict[str, Any]) -> requests.Response:
        try:
            return via.request(method, self.url + path, timeout=TIMEOUT, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise CheckFailed(f"{method} {path}: {type(error).__name__}: {error}") from error

    def page(self, path: str) -> str:
        return self._page(path).text

    def _page(self, path: str) -> requests.Response:
        answer = self.request(self.web, "GET", path)
        if answer.status_code != 200:
            raise CheckFailed(f"page {path} answered {answer.status_code}")
        return answer

    def form(
        self, page: str, action: str, data: dict[str, str], files: dict[str, Any] | None = None
    ) -> requests.Response:
        """Opens the page for its CSRF token, then posts as a browser does. Raises CheckFailed when there is no token."""
        token = self._csrf(page)
        return self.request(
            self.web, "POST", action, data={"_csrf": token, **data}, files=files, headers={"X-CSRF-Token": token}
        )

    def _csrf(self, path: str) -> str:
        """The token of a page; of its cookie when a template of the site's own does not show it.

        The cookie is marked as secure exactly when the site's own address is HTTPS (cmd/gogs/web.go): its visitors send secure cookies.
        """
        answer = self._page(path)
        shown = CSRF.search(answer.text)
        cookies = [one for one in self.web.cookies if one.domain_specified and one.value]
        token = shown[1] if shown else unquote(cookies[0].value or "") if len(cookies) == 1 else ""
        if not token:
            raise CheckFailed(f"page {path} has no CSRF token")
        if any(one.secure and unquote(one.value or "") == token for one in self.web.cookies):
            self.web.allow_secure_cookies()
        return token

    def git(self, *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> str:
        """git, with the password in the environment of the process only. Raises CheckFailed with what git said."""
        return run_git(self, *arguments, cwd=cwd, environment=environment)

    @property
    def clone_url(self) -> str:
        return self.clone_url_of(self.full_name)

    def clone_url_of(self, full_name: str) -> str:
        return f"{self.url}/{quote(full_name)}.git"
