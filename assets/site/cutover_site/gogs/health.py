"""Whether Gogs really works: the body of its health page. Its status is 200 even without a database (seen up to 0.14.3)."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from applications.gogs.profile import PROFILE

from cutover_site.errors import SiteError
from cutover_site.layout import GOGS_HTTP_PORT, HTTP_PORT

URL = f"http://127.0.0.1:{GOGS_HTTP_PORT}{PROFILE.health.path}"
PROXY_URL = f"http://127.0.0.1:{HTTP_PORT}/cutover/health"


class Unhealthy(SiteError):
    """Gogs did not become healthy in time. The reason is what it said last."""


def problem(status: int, body: str) -> str:
    """Why this answer of the health page is not healthy; empty when it is."""
    if status != 200:
        return f"{PROFILE.health.path} answered {status}"
    if PROFILE.health.expected in body:
        return ""
    line = re.search(PROFILE.health.detail, body)
    return (
        f"Gogs reports its database connection as: {line.group(1).strip()}"
        if line
        else "the health page has no database line"
    )


def ask(url: str = URL, timeout: float = 5.0) -> str:
    """What is wrong with Gogs at this moment; empty when nothing is."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return problem(answer.status, answer.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        return problem(error.code, "")
    except (urllib.error.URLError, OSError) as error:
        return f"Gogs does not answer: {error}"


def ask_proxy(timeout: float = 5.0) -> str:
    """What is wrong with the site as this machine's own proxy sees it; empty when nothing is."""
    try:
        with urllib.request.urlopen(PROXY_URL, timeout=timeout):
            return ""
    except (urllib.error.URLError, OSError) as error:
        return f"the proxy on this machine: {error}"


def wait(timeout: float, asked: Callable[[], str] = ask, *, pause: float = 0.1) -> float:
    """Seconds until nothing was wrong any more. Raises Unhealthy after `timeout` seconds."""
    began = time.monotonic()
    while trouble := asked():
        if time.monotonic() - began > timeout:
            raise Unhealthy(
                f"not healthy after {timeout:.0f} s: {trouble}",
                next_action="journalctl -u gogs.service -u haproxy.service",
            )
        time.sleep(pause)  # it offers no event to wait for
    return time.monotonic() - began
