"""Calls the API of a Gogs. It is the one client of all tests that run their own Gogs."""

from __future__ import annotations

import secrets
from typing import Any

import requests

TIMEOUT_SECONDS = 30
Headers = dict[str, str]


def create_token(url: str, name: str, password: str) -> Headers:
    """Return a header with a new token of a user."""
    body = {"name": secrets.token_hex(4)}
    response = requests.post(
        f"{url}/api/v1/users/{name}/tokens", auth=(name, password), json=body, timeout=TIMEOUT_SECONDS
    )
    response.raise_for_status()
    return {"Authorization": f"token {response.json()['sha1']}"}


def call(url: str, method: str, path: str, headers: Headers, body: dict[str, Any] | None = None) -> requests.Response:
    """Send one API call that must succeed; return its response. Raises HTTPError."""
    response = requests.request(method, f"{url}/api/v1{path}", headers=headers, json=body, timeout=TIMEOUT_SECONDS)
    response.raise_for_status()
    return response


def create_repository(url: str, headers: Headers, name: str, **options: Any) -> None:
    """Create a repository of the token's user. Raises HTTPError."""
    call(url, "POST", "/user/repos", headers, {"name": name, **options})
