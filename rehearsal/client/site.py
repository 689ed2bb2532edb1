"""Use the site as its users do: API, web forms and Git through its public name, nothing else.

This is the rehearsal's own client of Gogs, beside the one in the product, on purpose. It judges a migration independently:
if it shared the product's client, a defect there could hide a lost write from the check that should find it. It imports
nothing of the product.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

TIMEOUT_SECONDS = 20
CSRF = re.compile(r'name="_csrf" (?:content|value)="([^"]*)"')


@dataclass(frozen=True)
class Account:
    """A user of the site and the token it works with. Made for one run; the password is in no file but the run's own."""

    name: str
    password: str
    token: str


class Site:
    """Sends each request on a connection of its own, as a new visitor does, so that a moved name is seen at once."""

    def __init__(self, url: str, account: Account | None = None) -> None:
        self.url = url.rstrip("/")
        self.account = account

    @property
    def host(self) -> str:
        """Return the host name of the site's address."""
        return urlsplit(self.url).hostname or ""

    def request(self, method: str, path: str, **options: object) -> requests.Response:
        """Send one request and return the response, whatever its status. API calls carry the account's token."""
        headers = {"Connection": "close", **options.pop("headers", {})}  # type: ignore[dict-item]
        if self.account and "auth" not in options and path.startswith("/api/"):
            headers["Authorization"] = f"token {self.account.token}"
        return requests.request(
            method,
            self.url + path,
            headers=headers,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
            **options,  # type: ignore[arg-type]
        )

    def call_api(self, method: str, path: str, **options: object) -> dict[str, object]:
        """Return the decoded response of an API call. Raises HTTPError for anything but success."""
        response = self.request(method, "/api/v1" + path, **options)
        response.raise_for_status()
        return response.json() if response.content else {}

    def sign_in(self) -> requests.Session:
        """Return a browser's session with the account signed in. Raises HTTPError when the site refuses."""
        assert self.account
        session = requests.Session()
        session.headers["Connection"] = "close"
        page = session.get(f"{self.url}/user/login", timeout=TIMEOUT_SECONDS)
        page.raise_for_status()
        response = session.post(
            f"{self.url}/user/login",
            data={
                "_csrf": parse_csrf_token(page.text),
                "user_name": self.account.name,
                "password": self.account.password,
                "login_source": "0",
            },
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        if response.status_code != requests.codes.found:
            raise requests.HTTPError(f"the sign-in returned {response.status_code}", response=response)
        return session


def parse_csrf_token(page: str) -> str:
    """Return the form's token. Raises ValueError when the page holds no form."""
    found = CSRF.search(page)
    if not found:
        raise ValueError("the page holds no form")
    return found.group(1)


def create_administrator_token(url: str, admin: tuple[str, str]) -> str:
    """Return a new token of the administrator. Raises HTTPError if the site refuses."""
    name = f"ledger-{secrets.token_hex(4)}"
    made = Site(url).call_api("POST", f"/users/{admin[0]}/tokens", auth=admin, json={"name": name})
    return str(made["sha1"])


def make_account(url: str, administrator: str, name: str) -> Account:
    """Make a new user of the site, through the API, with the administrator's token. Raises HTTPError if the site refuses."""
    site = Site(url)
    password = secrets.token_urlsafe(24)
    site.call_api(
        "POST",
        "/admin/users",
        headers={"Authorization": f"token {administrator}"},
        json={"username": name, "email": f"{name}@example.com", "password": password},
    )
    token = site.call_api("POST", f"/users/{name}/tokens", auth=(name, password), json={"name": "ledger"})
    return Account(name=name, password=password, token=str(token["sha1"]))


def save_credentials(url: str, account: Account, file: Path) -> None:
    """Write the file in which git looks the password up, so that it is in no command line and no remote's address."""
    scheme, _, host = url.partition("://")
    file.touch(mode=0o600)
    file.write_text(f"{scheme}://{account.name}:{account.password}@{host}\n")
