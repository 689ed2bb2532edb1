"""The site as its users meet it: the API with the administrator's token, forms with a user's browser, git with a password.

A response that is not the expected one raises UnexpectedResponse; its message names the request.
"""

import hashlib
import hmac
import threading
from typing import Any

import requests
from cutover_site.acceptance.errors import UnexpectedResponse
from cutover_site.gogs.web import GogsClient

TOKEN_NAME = "demo-content"
SETTINGS = "/user/settings"


class Site:
    """The clients of the site's users. Safe to use from several threads: each has clients of its own."""

    def __init__(self, url: str, admin: str, password: str, *, connect: str = "") -> None:
        """`connect`: name or address where the site listens; empty where its own name leads there."""
        self.url = url.rstrip("/")
        self.connect = connect
        self._admin, self._password = admin, password
        self._token = ""
        self._threads = threading.local()

    def open(self) -> None:
        """Create the administrator's token. One that an interrupted run has left is deleted first."""
        client, _ = self._signed_in(self._admin)
        client.delete_tokens(TOKEN_NAME)
        client.create_token(TOKEN_NAME)
        self._token = client.token

    def close(self) -> None:
        """Delete the administrator's token."""
        self._signed_in(self._admin)[0].delete_tokens(TOKEN_NAME)

    def password_of(self, user: str) -> str:
        """Return the user's password, derived from the administrator's: the same at every run, stored nowhere."""
        if user == self._admin:
            return self._password
        return hmac.new(self._password.encode(), user.encode(), hashlib.sha256).hexdigest()[:24]

    def client(self, user: str) -> GogsClient:
        """Return a new client of this user, not signed in."""
        return GogsClient(self.url, user, self.password_of(user), resolve=self.connect)

    def api(self, method: str, path: str, *, accept: tuple[int, ...] = (), json: Any = None) -> requests.Response:
        """Call the API with the administrator's token. Raises UnexpectedResponse unless the status is good or in `accept`."""
        if not hasattr(self._threads, "administrator"):
            self._threads.administrator = self.client(self._admin)
        administrator: GogsClient = self._threads.administrator
        administrator.token = self._token
        response = administrator.call(method, path, json=json)
        if response.status_code >= 300 and response.status_code not in accept:
            raise UnexpectedResponse(f"{method} {path}: {response.status_code} {response.text[:200]}")
        return response

    def pages(self, path: str) -> list[dict[str, Any]]:
        """Return every item of a list that the API gives in pages."""
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
        """Post a form as this user. Raises UnexpectedResponse when it is not accepted (with a redirect, or JSON)."""
        client, csrf = self._signed_in(user)
        response = client.post_form(path, fields, files, csrf=csrf)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        if response.status_code != 302 and not (response.status_code == 200 and is_json):
            raise UnexpectedResponse(f"form {path} as {user}: {response.status_code}")
        return response

    def page(self, user: str, path: str) -> str:
        """Return a page as this user sees it; empty when the site redirects, as from the list of pages of an empty wiki."""
        client, _ = self._signed_in(user)
        response = client.request(client.browser, "GET", path)
        if response.status_code not in (200, 302):
            raise UnexpectedResponse(f"page {path} as {user}: {response.status_code}")
        return response.text if response.status_code == 200 else ""

    def _signed_in(self, user: str) -> tuple[GogsClient, str]:
        """Return this thread's client of the user, and the CSRF token of its browser."""
        clients: dict[str, tuple[GogsClient, str]] = self._threads.__dict__.setdefault("clients", {})
        if user not in clients:
            client = self.client(user)
            client.sign_in()
            clients[user] = client, client.get_csrf_token(SETTINGS)
        return clients[user]
