"""Sign-in by a header: protects a site whose Gogs uses reverse-proxy authentication.

Gogs then takes the user's name from a header, and trusts whoever connects to it. On this site that is the front (HAProxy), which forwards the
clients' headers. So the front must delete this header from every request.
"""

from __future__ import annotations

import re
from typing import Any

from cutover_site.errors import NotConfigured, SiteError
from cutover_site.gogs import effective
from cutover_site.gogs.ini import Ini, load
from cutover_site.gogs.layout import GogsLayout
from cutover_site.gogs.renames import modernize
from cutover_site.proxy.runtime import Runtime

DEFAULT = "X-WEBAUTH-USER"
"""the header that Gogs reads when its settings name none; the front always deletes it"""
TABLE = "identity_senders"
"""table in haproxy.cfg: the addresses that have sent such a header since the proxy was started"""
MAX_SENDERS = 5
NEVER_DELETED = frozenset(
    ("authorization", "connection", "content-length", "content-type", "cookie", "host", "transfer-encoding")
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
_DELETED = re.compile(r"^\s*http-request\s+del-header\s+(\S+)\s*$", re.MULTILINE)
_SENDER = re.compile(r"\bkey=(\S+) .*\bhttp_req_cnt=(\d+)")


def is_enabled(ini: Ini) -> bool:
    """Return whether users are signed in by a header."""
    return effective.is_true(ini, "auth", "ENABLE_REVERSE_PROXY_AUTHENTICATION")


def list_headers(old: Ini) -> list[str]:
    """Return the names of the headers that the front must delete. Raises NotConfigured for a name that is not valid."""
    ini = modernize(old)
    name = effective.get_effective_value(ini, "auth", "REVERSE_PROXY_AUTHENTICATION_HEADER") or DEFAULT
    if not is_enabled(ini) or name.lower() == DEFAULT.lower():
        return [DEFAULT]
    if not _NAME.fullmatch(name) or name.lower() in NEVER_DELETED:
        raise NotConfigured(
            "app.ini: [auth] REVERSE_PROXY_AUTHENTICATION_HEADER is not the name of a header that the front could delete from every request",
            next_action="name a header of letters, digits and hyphens that serves nothing else, or switch"
            " [auth] ENABLE_REVERSE_PROXY_AUTHENTICATION off",
        )
    return [DEFAULT, name]


def read_deleted_headers(layout: GogsLayout) -> set[str]:
    """Return the names, in lower case, of the headers that this machine's front deletes from every request. Raises OSError."""
    return {name.lower() for name in _DELETED.findall(layout.proxy_configuration.read_text())}


def require_deletion(layout: GogsLayout, ini: Ini) -> None:
    """Raise NotConfigured when users are signed in by a header and a client could send it itself."""
    if is_enabled(modernize(ini)) and (reason := _find_problem(layout, ini)):
        raise NotConfigured(reason, next_action="run the playbook on the source, then make a new test launch")


def read_facts(layout: GogsLayout) -> dict[str, Any]:
    """Return the facts that preflight checks.

    `problem` is empty when no client can sign in by its own header. `warning`: what changes for users.
    """
    try:
        ini = load(layout.app_ini)
    except OSError as error:
        return {
            "enabled": True,
            "problem": f"whether users are signed in by a header cannot be read: {error}",
            "senders": [],
            "warning": "",
        }
    if not is_enabled(modernize(ini)):
        return {"enabled": False}
    senders = read_senders(Runtime(layout.proxy_socket))
    return {
        "enabled": True,
        "problem": _find_problem(layout, ini),
        "senders": senders,
        "warning": _describe_senders(senders),
    }


def _describe_senders(senders: list[str]) -> str:
    sent = (
        f"a proxy in front of it still sends one: {', '.join(senders)}"
        if senders
        else "nobody has sent one since it was started"
    )
    return f"the site signs users in by a header, which the front deletes from every request, on the source and on the targets; {sent}"


def read_senders(runtime: Runtime) -> list[str]:
    """Return the addresses that have sent such a header, with how often. A proxy in front of this one is among them.

    The front forgets them when it is restarted.
    """
    try:
        shown = "\n".join(runtime.query(f"show table {TABLE}").values())
    except SiteError:
        return []
    found: dict[str, int] = {}
    for address, count in _SENDER.findall(shown):
        found[address] = found.get(address, 0) + int(count)
    most = sorted(found.items(), key=lambda one: -one[1])[:MAX_SENDERS]
    return [f"{address} ({count} requests)" for address, count in most]


def _find_problem(layout: GogsLayout, ini: Ini) -> str:
    try:
        missing = [name for name in list_headers(ini) if name.lower() not in read_deleted_headers(layout)]
    except NotConfigured as error:
        return error.reason
    except OSError as error:
        return f"whether the front deletes the header that names a user cannot be read: {error}"
    return (
        f"the front hands on {' and '.join(missing)}, and Gogs believes the user's name in it from any client"
        if missing
        else ""
    )
