"""Access to the site as its users have it: the API with the administrator's token, the forms with a user's session, git with a password.

An unexpected response raises UnexpectedResponse, whose message names the request.
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
    """The clients of the site's users. Several threads may use it, because each thread gets its own clients."""

    def __init__(self, url: str, admin: str, password: str, *, connect: str = "") -> None:
        """Store how to reach the site. `connect` is the host name or address on which the site listens. Empty: the host of `url`."""
        self.url = url.rstrip("/")
        self.connect = connect
        self._admin, self._password = admin, password
        self._token = ""
        self._threads = threading.local()

    def open(self) -> None:
        """Create the administrator's token. First delete a token that an interrupted run may have left."""
        client, _ = self._get_signed_in_client(self._admin)
        client.delete_tokens(TOKEN_NAME)
        client.create_token(TOKEN_NAME)
        self._token = client.token

    def close(self) -> None:
        """Delete the administrator's token."""
        self._get_signed_in_client(self._admin)[0].delete_tokens(TOKEN_NAME)

    def derive_password(self, user: str) -> str:
        """Return the user's password, which is derived from the administrator's. It is the same in every run and stored nowhere."""
        if user == self._admin:
            return self._password
        return hmac.new(self._password.encode(), user.encode(), hashlib.sha256).hexdigest()[:24]

    def create_client(self, user: str) -> GogsClient:
        """Return a new client of this user, not signed in."""
        return GogsClient(self.url, user, self.derive_password(user), resolve=self.connect)

    def call_api(self, method: str, path: str, *, accept: tuple[int, ...] = (), json: Any = None) -> requests.Response:
        """Call the API with the administrator's token. Raises UnexpectedResponse unless the status is good or in `accept`."""
        if not hasattr(self._threads, "administrator"):
            self._threads.administrator = self.create_client(self._admin)
        administrator: GogsClient = self._threads.administrator
        administrator.token = self._token
        response = administrator.call(method, path, json=json)
        if response.status_code >= 300 and response.status_code not in accept:
            raise UnexpectedResponse(f"{method} {path}: {response.status_code} {response.text[:200]}")
        return response

    def list_items(self, path: str) -> list[dict[str, Any]]:
        """Return every item of a list that the API returns in pages."""
        found: list[dict[str, Any]] = []
        number = 1
        while batch := self.call_api("GET", f"{path}{'&' if '?' in path else '?'}page={number}").json():
            if found and batch[0]["id"] == found[0]["id"]:
                break  # a list without pages returns the same items again
            found += batch
            number += 1
        return found

    def post_form(
        self, user: str, path: str, fields: dict[str, Any], files: dict[str, tuple[str, bytes, str]] | None = None
    ) -> requests.Response:
        """Post a form as this user. Raises UnexpectedResponse unless the site accepts it with a redirect or with JSON."""
        client, csrf = self._get_signed_in_client(user)
        response = client.post_form(path, fields, files, csrf=csrf)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        if response.status_code != 302 and not (response.status_code == 200 and is_json):
            raise UnexpectedResponse(f"form {path} as {user}: {response.status_code}")
        return response

    def get_page(self, user: str, path: str) -> str:
        """Return a page as this user sees it.

        Returns an empty text when the site redirects, for example from the list of pages of an empty wiki. Raises UnexpectedResponse.
        """
        client, _ = self._get_signed_in_client(user)
        response = client.request(client.browser, "GET", path)
        if response.status_code not in (200, 302):
            raise UnexpectedResponse(f"page {path} as {user}: {response.status_code}")
        return response.text if response.status_code == 200 else ""

    def _get_signed_in_client(self, user: str) -> tuple[GogsClient, str]:
        """Return this thread's client of the user, and the CSRF token of its browser."""
        clients: dict[str, tuple[GogsClient, str]] = self._threads.__dict__.setdefault("clients", {})
        if user not in clients:
            client = self.create_client(user)
            client.sign_in()
            clients[user] = client, client.get_csrf_token(SETTINGS)
        return clients[user]
