"""Whether the application of this machine works: the body of its health page, as its profile describes it."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from applications.profile import HTTP_PORT, Profile

from cutover_site.errors import SiteError

PROXY_CONFIGURATION = Path("/etc/haproxy/haproxy.cfg")
_BIND = re.compile(r"^frontend site\n(?:.*\n)*?\s*bind (\S+)", re.MULTILINE)
EVERY_ADDRESS = ("", "*", "0.0.0.0", "::", "[::]")


class Unhealthy(SiteError):
    """The application did not become healthy in time. The reason is its last response."""


def find_problem(application: Profile, status: int, body: str) -> str:
    """Return why this response of the health page is not healthy; empty when it is."""
    health = application.health
    if status != 200:
        return f"{health.path} answered {status}"
    if health.expected in body:
        return ""
    detail = re.search(health.detail, body) if health.detail else None
    if detail:
        return f"{application.title} reports on its health page: {detail.group(1).strip()}"
    return f"the health page does not contain {health.expected!r}"


def find_application_problem(application: Profile, timeout_seconds: float = 5.0) -> str:
    """Return what is wrong with the application at this moment; empty when nothing is."""
    url = f"http://127.0.0.1:{application.http.upstream}{application.health.path}"
    try:
        with urllib.request.urlopen(url, timeout=timeout_seconds) as response:
            return find_problem(application, response.status, response.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        return find_problem(application, error.code, "")
    except (urllib.error.URLError, OSError) as error:
        return f"{application.title} does not answer: {error}"


def find_proxy_problem(timeout_seconds: float = 5.0, *, configuration: Path = PROXY_CONFIGURATION) -> str:
    """Return what is wrong with the site as this machine's own proxy sees it; empty when nothing is."""
    url = f"http://{find_proxy_address(configuration)}/cutover/health"
    try:
        with urllib.request.urlopen(url, timeout=timeout_seconds):
            return ""
    except (urllib.error.URLError, OSError) as error:
        return f"the proxy on this machine: {error}"


def find_proxy_address(configuration: Path) -> str:
    """Return HOST:PORT at which the proxy of this machine serves HTTP, by its settings; port 80 when they cannot be read."""
    try:
        found = _BIND.search(configuration.read_text())
    except OSError:
        found = None
    host, _, port = found[1].rpartition(":") if found else ("", "", str(HTTP_PORT))
    return f"{'127.0.0.1' if host in EVERY_ADDRESS else host}:{port}"


def wait_until_healthy(
    find: Callable[[], str], timeout_seconds: float, *, advice: str = "", interval_seconds: float = 0.1
) -> float:
    """Return the seconds until `find` found no problem. Raises Unhealthy after `timeout_seconds`."""
    began = time.monotonic()
    while problem := find():
        if time.monotonic() - began > timeout_seconds:
            raise Unhealthy(f"not healthy after {timeout_seconds:.0f} s: {problem}", next_action=advice)
        time.sleep(interval_seconds)  # it offers no event to wait for
    return time.monotonic() - began
