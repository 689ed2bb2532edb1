"""The site as its users meet it: the API with the administrator's token, forms with a browser's session, git with a password.

SiteRefused: an answer that was not expected; the message says to what.
"""

import hashlib
import hmac
import re
import threading
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

TIMEOUT_SECONDS = 60
TOKEN_NAME = "demo-content"
_CSRF = re.compile(r'name="_csrf" (?:content|value)="([^"]*)"')


class SiteRefused(Exception):
    """What was asked, and what the site said."""


class _Elsewhere(HTTPAdapter):
    """Connects to one address whatever the URL's name says; the Host header stays."""

    def __init__(self, base: str, address: str) -> None:
        parts = urlsplit(base)
        self._base, self._name = base, parts.netloc
        self._real = f"{parts.scheme}://{address}:{parts.port}" if parts.port else f"{parts.scheme}://{address}"
        super().__init__()

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        assert request.url
        request.headers["Host"] = self._name
        request.url = request.url.replace(self._base, self._real, 1)
        return super().send(request, *arguments, **options)


class Site:
    """Safe to use from several threads: each has its own connections and sessions."""

    def __init__(self, url: str, admin: str, password: str, *, connect: str = "") -> None:
        self.url = url.rstrip("/")
        self.connect = connect
        self._admin, self._password = admin, password
        self._token = ""
        self._threads = threading.local()

    def password_of(self, user: str) -> str:
        """Derived from the administrator's: the same at every run, stored nowhere."""
        if user == self._admin:
            return self._password
        return hmac.new(self._password.encode(), user.encode(), hashlib.sha256).hexdigest()[:24]

    def session(self) -> requests.Session:
        """A fresh one, with no cookies."""
        session = requests.Session()
        session.trust_env = False
        if self.connect:
            session.mount(self.url, _Elsewhere(self.url, self.connect))
        return session

    def api(self, method: str, path: str, *, accept: tuple[int, ...] = (), **options: Any) -> requests.Response:
        """With the administrator's token. Raises SiteRefused unless the status is good or in `accept`."""
        if "auth" not in options:
            options["headers"] = {"Authorization": f"token {self._token}"}
        if not hasattr(self._threads, "plain"):
            self._threads.plain = self.session()
        answer: requests.Response = self._threads.plain.request(
            method, f"{self.url}/api/v1{path}", timeout=TIMEOUT_SECONDS, **options
        )
        if answer.status_code >= 400 and answer.status_code not in accept:
            raise SiteRefused(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    def pages(self, path: str) -> list[dict[str, Any]]:
        """Every item of a list that the API gives in pages."""
        found: list[dict[str, Any]] = []
        number = 1
        while batch := self.api("GET", f"{path}{'&' if '?' in path else '?'}page={number}").json():
            if found and batch[0]["id"] == found[0]["id"]:
                break  # a list without pages: the same again
            found += batch
            number += 1
        return found

    def form(
        self, user: str, path: str, fields: dict[str, Any], files: dict[str, tuple[str, bytes, str]] | None = None
    ) -> requests.Response:
        """Post a form as this person. Raises SiteRefused when it is not accepted (with a redirect, or JSON)."""
        browser, csrf = self._browser(user)
        answer = browser.post(
            self.url + path,
            data={"_csrf": csrf, **fields},
            files=files,
            headers={"X-CSRF-Token": csrf},
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        json_answer = answer.headers.get("Content-Type", "").startswith("application/json")
        if answer.status_code != 302 and not (answer.ok and json_answer):
            raise SiteRefused(f"form {path} as {user}: {answer.status_code}")
        return answer

    def page(self, user: str, path: str) -> str:
        browser, _ = self._browser(user)
        answer = browser.get(self.url + path, timeout=TIMEOUT_SECONDS)
        if not answer.ok:
            raise SiteRefused(f"page {path} as {user}: {answer.status_code}")
        return answer.text

    def open(self) -> None:
        """Make the administrator's token; one that a broken-off run has left is removed first."""
        self._forget_token()
        answer = self.api(
            "POST", f"/users/{self._admin}/tokens", auth=(self._admin, self._password), json={"name": TOKEN_NAME}
        )
        self._token = answer.json()["sha1"]

    def close(self) -> None:
        self._forget_token()

    def _forget_token(self) -> None:
        """The API cannot do it; the settings page names each token and, on its button, the token's id."""
        text = self.page(self._admin, "/user/settings/applications")
        found = re.search(rf"<strong>{TOKEN_NAME}</strong>.*?data-id=\"(\d+)\"", text, re.DOTALL)
        if found:
            self.form(self._admin, "/user/settings/applications/delete", {"id": found.group(1)})

    def _browser(self, user: str) -> tuple[requests.Session, str]:
        browsers: dict[str, tuple[requests.Session, str]] = self._threads.__dict__.setdefault("browsers", {})
        if user not in browsers:
            browsers[user] = self._signed_in(user)
        return browsers[user]

    def _signed_in(self, user: str) -> tuple[requests.Session, str]:
        browser = self.session()
        fields = {"user_name": user, "password": self.password_of(user), "login_source": "0"}
        fields["_csrf"] = self._csrf(browser, "/user/login")
        answer = browser.post(f"{self.url}/user/login", data=fields, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        if answer.status_code != 302:
            raise SiteRefused(f"signing in as {user}: {answer.status_code}")
        return browser, self._csrf(browser, "/user/settings")

    def _csrf(self, browser: requests.Session, path: str) -> str:
        text = browser.get(self.url + path, timeout=TIMEOUT_SECONDS).text
        found = _CSRF.search(text)
        if not found:
            raise SiteRefused(f"page {path} has no form")
        return found.group(1)
