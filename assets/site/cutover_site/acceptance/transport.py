"""HTTP to the site under its own name, wherever that name may point at the moment."""

from __future__ import annotations

import socket
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from cutover_site.errors import SiteError

TIMEOUT = (5, 60)


class NoAddress(SiteError):
    """The name to connect to does not resolve."""


def address_of(name: str) -> str:
    """An IPv4 address. Raises NoAddress."""
    try:
        return str(socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise NoAddress(f"{name} does not resolve: {error}") from error


class PinnedAdapter(HTTPAdapter):
    """Connects to one address; Host header, cookies and certificate check stay with the site's name."""

    def __init__(self, host: str, address: str) -> None:
        self._host, self._address = host, address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, server_hostname=self._host, assert_hostname=self._host)

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        asked = request.url or ""
        parts = urlsplit(asked)
        request.headers["Host"] = parts.netloc
        port = f":{parts.port}" if parts.port else ""
        request.url = urlunsplit(parts._replace(netloc=self._address + port))
        if parts.scheme == "http":
            self.poolmanager.connection_pool_kw.pop("server_hostname", None)
            self.poolmanager.connection_pool_kw.pop("assert_hostname", None)
        answer = super().send(request, *arguments, **options)
        answer.url = asked
        return answer


class Browser(requests.Session):
    """A browser's memory (cookies), nothing of this machine's environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """With the cookies that this session's own policy returns: requests itself asks a jar of the default policy."""
        prepared = super().prepare_request(request)
        prepared.headers.pop("Cookie", None)
        prepared.prepare_cookies(self.cookies)
        return prepared

    def allow_secure_cookies(self) -> None:
        """Send secure cookies by HTTP too: for a site whose visitors come by HTTPS, asked at the proxy behind which TLS has ended."""
        self.cookies.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))


def session(url: str, resolve: str) -> Browser:
    """`resolve`: name or address to connect to instead of the one that DNS gives; empty: DNS."""
    made = Browser()
    host = urlsplit(url).hostname or ""
    if resolve:
        for scheme in ("http", "https"):
            made.mount(f"{scheme}://{host}", PinnedAdapter(host, address_of(resolve)))
    return made
