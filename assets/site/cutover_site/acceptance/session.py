"""One user's session with a site: where the site is asked, a browser with its cookies, requests that may be sent once more."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from cutover_site.acceptance.errors import UnexpectedResponse
from cutover_site.acceptance.notes import add_retried
from cutover_site.acceptance.retries import get_retry_delay
from cutover_site.acceptance.transport import TIMEOUT_SECONDS, open_browser


@dataclass(frozen=True)
class SiteAddress:
    """Where the site is asked, and how carefully."""

    url: str
    public_url: str
    """what users type: TLS may have ended before `url`"""
    resolve: str = ""
    """name or address to connect to instead of the one that DNS gives; empty: DNS"""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """HOST:PORT of the ports that are not HTTP, by the port's name; one that is missing or empty is not checked"""
    live: bool = False
    """users wait for the suite: it does only what the live data can change, and leaves what it made to the cleanup"""


@dataclass
class Session:
    """HTTP to one site as one user. What only one application knows is in a class of the application that extends this one."""

    url: str
    username: str
    password: str
    resolve: str = ""
    live: bool = False

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        self.browser = open_browser(self.url, self.resolve)
        self.plain = open_browser(self.url, self.resolve)
        """for requests that carry their own credentials, or none: it never gets the browser's cookies"""
        self.began = time.time()

    def close(self) -> None:
        self.browser.close()
        self.plain.close()

    @property
    def is_local(self) -> bool:
        """Return whether the session asks this very machine, past any load balancer."""
        try:
            return ipaddress.ip_address(self.resolve).is_loopback
        except ValueError:
            return False

    def get_retry_delay(self, method: str, response: requests.Response) -> float | None:
        """Return the seconds after which the request is sent once more; None: the response counts. Applications add what they know."""
        return get_retry_delay(method, response)

    def request(self, via: requests.Session, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request without following redirects; once more when the response may be the effect of another request, which is noted.

        Raises UnexpectedResponse when the site does not respond.
        """
        response = self._send(via, method, path, options)
        delay_seconds = self.get_retry_delay(method, response)
        if delay_seconds is None:
            return response
        add_retried(f"{method} {path}: answered {response.status_code}, sent once more after {delay_seconds:.0f} s")
        time.sleep(delay_seconds)  # as long as the site itself asks for
        return self._send(via, method, path, options)

    def _send(self, via: requests.Session, method: str, path: str, options: dict[str, Any]) -> requests.Response:
        try:
            return via.request(method, self.url + path, timeout=TIMEOUT_SECONDS, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise UnexpectedResponse(f"{method} {path}: {type(error).__name__}: {error}") from error
