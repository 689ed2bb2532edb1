"""The client of Gogs's web interface: the API with a token, the pages with a browser's cookies and their CSRF token. One user's.

The acceptance suite and the demo content use it. (The rehearsal judges with a client of its own, which shares no code with the product.)
A method that returns a response leaves its status to the caller. The others raise UnexpectedResponse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import requests

from cutover_site.acceptance.errors import UnexpectedResponse
from cutover_site.acceptance.retries import WRITES
from cutover_site.acceptance.session import Session

_CSRF = re.compile(r'name="_csrf" (?:content|value)="([^"]*)"')
_LOGIN = "/user/login"
_SETTINGS = "/user/settings"
"""a page that only a signed-in user sees, and that names the user"""
_APPLICATIONS = "/user/settings/applications"
_MAX_TOKENS = 50
ATTACHMENTS = "/issues/attachments"


@dataclass
class GogsClient(Session):
    """One user of a Gogs site. `token` is empty until `create_token`."""

    token: str = ""

    def get_retry_delay(self, method: str, response: requests.Response) -> float | None:
        """Return 0 for a write that was answered with 500 as well: it may be the effect of another request at the same moment.

        InnoDB ends one of two transactions that wait for each other (error 1213) or that take the same number (1062, `UQE_issue_repo_index`).
        Gogs 0.14 rolls back and answers 500. It hides the cause: the API answers one fixed sentence, a page the template of status 500
        (`internal/context/api.go` and `context.go`, `Error`). So a 500 is all that HTTP shows of a deadlock. A fault that lasts answers 500 again.
        """
        if method in WRITES and response.status_code == 500:
            return 0.0
        return super().get_retry_delay(method, response)

    def call_api(self, method: str, path: str, expected: int, *, json: Any = None) -> Any:
        """Return the document of the API's response, None when it has none. Raises UnexpectedResponse for another status than `expected`."""
        response = self.call(method, path, json=json)
        if response.status_code != expected:
            raise UnexpectedResponse(
                f"{method} /api/v1{path} answered {response.status_code}, expected {expected}: {response.text[:200]}"
            )
        return response.json() if response.content and "json" in response.headers.get("Content-Type", "") else None

    def call(self, method: str, path: str, *, json: Any = None) -> requests.Response:
        """Return the response of the API, called with the token."""
        headers = {"Authorization": f"token {self.token}"}
        return self.request(self.plain, method, f"/api/v1{path}", headers=headers, json=json)

    def get_page(self, path: str) -> str:
        """Return a page as the browser's user sees it."""
        return self._open_page(path).text

    def submit_form(
        self, page: str, action: str, fields: Mapping[str, Any], files: dict[str, Any] | None = None
    ) -> requests.Response:
        """Open the page for its CSRF token, then post to `action` as a browser does. Raises UnexpectedResponse when there is no token."""
        return self.post_form(action, fields, files, csrf=self.get_csrf_token(page))

    def post_form(
        self, action: str, fields: Mapping[str, Any], files: dict[str, Any] | None = None, *, csrf: str
    ) -> requests.Response:
        """Post a form with a CSRF token of the same browser."""
        data = {"_csrf": csrf, **fields}
        return self.request(self.browser, "POST", action, data=data, files=files, headers={"X-CSRF-Token": csrf})

    def get_csrf_token(self, path: str) -> str:
        """Return the CSRF token of a page; of its cookie when a template of the site's own does not show it.

        The cookie is marked as secure exactly when the site's own address is HTTPS (cmd/gogs/web.go): its visitors send secure cookies.
        """
        response = self._open_page(path)
        shown = _CSRF.search(response.text)
        cookies = [cookie for cookie in self.browser.cookies if cookie.domain_specified and cookie.value]
        token = shown[1] if shown else unquote(cookies[0].value or "") if len(cookies) == 1 else ""
        if not token:
            raise UnexpectedResponse(f"page {path} has no CSRF token")
        if any(cookie.secure and unquote(cookie.value or "") == token for cookie in self.browser.cookies):
            self.browser.allow_secure_cookies()
        return token

    def submit_login(self, password: str) -> requests.Response:
        """Return the response to the login form with this password."""
        fields = {"user_name": self.username, "password": password, "login_source": "0"}
        return self.submit_form(_LOGIN, _LOGIN, fields)

    def sign_in(self) -> None:
        """Sign the browser in as the user. Raises UnexpectedResponse."""
        response = self.submit_login(self.password)
        if response.status_code != 302:
            raise UnexpectedResponse(f"login answered {response.status_code}, expected 302")
        seen = self.request(self.browser, "GET", _SETTINGS)
        if seen.status_code == 200 and self.username in seen.text:
            return
        if any(cookie.secure for cookie in self.browser.cookies) and self.url.startswith("http://"):
            raise UnexpectedResponse(
                "the session's cookie is only for HTTPS ([session] COOKIE_SECURE), and the site's own address is HTTP:"
                " no browser stays signed in"
            )
        raise UnexpectedResponse(
            f"after the login {_SETTINGS} answered {seen.status_code}, expected the user's own page"
        )

    def request_token(self, name: str, password: str) -> requests.Response:
        """Return the response to the request for an access token, made with this password."""
        return self.request(self.plain, "POST", self._tokens, auth=(self.username, password), json={"name": name})

    def create_token(self, name: str) -> None:
        """Create the access token that `api` and `call` send from now on."""
        response = self.request_token(name, self.password)
        if response.status_code != 201:
            raise UnexpectedResponse(f"POST {self._tokens} answered {response.status_code}, expected 201")
        self.token = str(response.json()["sha1"])

    def list_tokens(self) -> list[str]:
        """Return the names of the user's access tokens. Asks with the password, so no token is needed."""
        response = self.request(self.plain, "GET", self._tokens, auth=(self.username, self.password))
        if response.status_code != 200:
            raise UnexpectedResponse(f"GET {self._tokens} answered {response.status_code}, expected 200")
        return [str(token["name"]) for token in response.json()]

    def delete_tokens(self, prefix: str) -> None:
        """Delete the access tokens whose name begins with `prefix`. The browser must be signed in.

        The API cannot delete tokens; the settings page can. The button of each token carries its id, after its name.
        """
        button = re.compile(rf'{re.escape(prefix)}.*?data-id="(\d+)"', re.DOTALL)
        for _ in range(_MAX_TOKENS):
            page = self.get_page(_APPLICATIONS)
            if prefix not in page:
                return
            found = button.search(page)
            if not found:
                raise UnexpectedResponse(f"a token {prefix}… has no button to delete it on {_APPLICATIONS}")
            self.submit_form(_APPLICATIONS, f"{_APPLICATIONS}/delete", {"id": found[1]})

    def create_repository(self, name: str, **fields: Any) -> requests.Response:
        """Return the response to the request for a private repository of the user."""
        return self.call("POST", "/user/repos", json={"name": name, "private": True, **fields})

    def create_issue(self, full_name: str, title: str, body: str) -> requests.Response:
        """Return the API's response to a new issue."""
        return self.call("POST", f"/repos/{full_name}/issues", json={"title": title, "body": body})

    def upload_attachment(self, file: tuple[str, bytes, str], *, csrf: str) -> requests.Response:
        """Return the response to a file (name, content, MIME type), uploaded with the CSRF token of a form that accepts files."""
        return self.post_form(ATTACHMENTS, {}, {"file": file}, csrf=csrf)

    def add_key(self, title: str, public_key: str) -> requests.Response:
        """Return the response to a new SSH key of the user."""
        return self.call("POST", "/user/keys", json={"title": title, "key": public_key})

    @property
    def _tokens(self) -> str:
        return f"/api/v1/users/{self.username}/tokens"

    def _open_page(self, path: str) -> requests.Response:
        response = self.request(self.browser, "GET", path)
        if response.status_code != 200:
            raise UnexpectedResponse(f"page {path} answered {response.status_code}")
        return response
