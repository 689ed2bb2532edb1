"""Define one user's session with a site: its address, a browser with cookies, and requests that may be repeated."""

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
    """The address of the site, and the limits of what a session may do there."""

    url: str
    public_url: str
    """the URL that users type; TLS may end before `url`"""
    resolve: str = ""
    """name or address to connect to instead of the one from DNS; empty: DNS"""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """HOST:PORT of the ports that are not HTTP, by the port's name; one that is missing or empty is not checked"""
    live: bool = False
    """users wait for the suite: it checks only what depends on the live data, and leaves its data to the later cleanup"""


@dataclass
class Session:
    """HTTP to one site as one user. Each application extends this class by what is specific to it."""

    url: str
    username: str
    password: str
    resolve: str = ""
    live: bool = False

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        self.browser = open_browser(self.url, self.resolve)
        self.plain = open_browser(self.url, self.resolve)
        """for requests with their own credentials, or without any: it never has the browser's cookies"""
        self.began = time.time()

    def close(self) -> None:
        """Close all connections. The session cannot be used afterwards."""
        self.browser.close()
        self.plain.close()

    @property
    def is_local(self) -> bool:
        """Return whether the session connects to this machine itself, without a load balancer."""
        try:
            return ipaddress.ip_address(self.resolve).is_loopback
        except ValueError:
            return False

    def get_retry_delay(self, method: str, response: requests.Response) -> float | None:
        """Return the seconds after which to send the request again. None: the response is final.

        Applications extend this method by their own temporary errors.
        """
        return get_retry_delay(method, response)

    def request(self, via: requests.Session, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request, and once more after a temporary error. Raises UnexpectedResponse when the site does not respond.

        It follows no redirects. `get_retry_delay` recognizes the temporary errors; a note records the repetition.
        """
        response = self._send(via, method, path, options)
        delay_seconds = self.get_retry_delay(method, response)
        if delay_seconds is None:
            return response
        add_retried(f"{method} {path}: answered {response.status_code}, sent once more after {delay_seconds:.0f} s")
        time.sleep(delay_seconds)  # the delay that the site itself requests
        return self._send(via, method, path, options)

    def _send(self, via: requests.Session, method: str, path: str, options: dict[str, Any]) -> requests.Response:
        try:
            return via.request(method, self.url + path, timeout=TIMEOUT_SECONDS, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise UnexpectedResponse(f"{method} {path}: {type(error).__name__}: {error}") from error
