"""Send HTTP to the site under its own name, to an address that may differ from the one in DNS."""

from __future__ import annotations

import socket
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from cutover_site.errors import SiteError

TIMEOUT_SECONDS = (5, 60)
"""limit for the connection, and between two parts of a response"""


class NoAddress(SiteError):
    """The name to connect to does not resolve."""


def resolve_address(name: str) -> str:
    """Return an IPv4 address of `name`. Raises NoAddress."""
    try:
        return str(socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise NoAddress(f"{name} does not resolve: {error}") from error


class PinnedAdapter(HTTPAdapter):
    """Connects to one address. Host header, cookies and certificate check still use the site's name."""

    def __init__(self, host: str, address: str) -> None:
        self._host, self._address = host, address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, server_hostname=self._host, assert_hostname=self._host)

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        url = request.url or ""
        parts = urlsplit(url)
        request.headers["Host"] = parts.netloc
        port = f":{parts.port}" if parts.port else ""
        request.url = urlunsplit(parts._replace(netloc=self._address + port))
        if parts.scheme == "http":
            self.poolmanager.connection_pool_kw.pop("server_hostname", None)
            self.poolmanager.connection_pool_kw.pop("assert_hostname", None)
        response = super().send(request, *arguments, **options)
        response.url = url
        return response


class Browser(requests.Session):
    """A session with the cookies of a browser. It ignores this machine's environment (proxies, .netrc)."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Return the request with the cookies that this session's policy allows.

        requests itself would select them by the default policy.
        """
        prepared = super().prepare_request(request)
        prepared.headers.pop("Cookie", None)
        prepared.prepare_cookies(self.cookies)
        return prepared

    def allow_secure_cookies(self) -> None:
        """Send secure cookies over HTTP too.

        A proxy behind the end of TLS needs that: users come by HTTPS, and the session connects to the proxy by HTTP.
        """
        self.cookies.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))


def open_browser(url: str, resolve: str) -> Browser:
    """Return a new browser. Raises NoAddress.

    `resolve`: name or address to connect to instead of the one from DNS; empty: DNS.
    """
    browser = Browser()
    host = urlsplit(url).hostname or ""
    if resolve:
        for scheme in ("http", "https"):
            browser.mount(f"{scheme}://{host}", PinnedAdapter(host, resolve_address(resolve)))
    return browser
