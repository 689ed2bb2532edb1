"""Check what the tool and the playbooks require of every source machine: systemd, a synchronized clock, free space, an earlier preparation."""

from __future__ import annotations

import ctypes
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from cutover_site.existing.findings import Finding, not_checked, stop, warn
from cutover_site.existing.host import Host

SYNCHRONIZED = "run/systemd/timesync/synchronized"
LEAST_FREE_SHARE = 0.05
"""of a disk; preflight refuses less"""
TIMEX_BYTES = 512
"""more than struct timex has on any architecture"""
UNSYNCHRONIZED = 5
"""TIME_ERROR of adjtimex(2)"""


def check_system(
    host: Host, *, site: str = "", is_clock_synchronized: Callable[[], bool | None] | None = None
) -> Iterator[Finding]:
    """Yield the findings. `site`: the name of the site that this machine is to be migrated as, empty when it does not matter."""
    if not host.find("run/systemd/system").is_dir():
        yield stop("systemd", "systemd does not run this machine", "migrate a machine that systemd runs")
    yield from check_clock((is_clock_synchronized or partial(read_clock, host))())
    yield from check_space("/", host)
    yield from _check_preparation(host, site)


def check_clock(is_synchronized: bool | None) -> Iterator[Finding]:
    """Yield a finding when the clock is not synchronized; the end of a freeze lease is a time of day."""
    if is_synchronized is None:
        yield not_checked("clock", "whether the clock is synchronized cannot be read", "look at timedatectl")
    elif not is_synchronized:
        yield stop(
            "clock",
            "the clock is not synchronized, and the end of a freeze lease is a time of day",
            "enable NTP (systemd-timesyncd or chrony), then look at timedatectl",
        )


def read_clock(host: Host, adjust: Callable[[Any], int] | None = None) -> bool | None:
    """Return whether the kernel's clock is synchronized (adjtimex(2) without a change); None when it cannot be read.

    A container may not call adjtimex. Then the file counts that systemd-timesyncd.service(8) touches when the clock is synchronized.
    """
    try:
        call = adjust or ctypes.CDLL(None, use_errno=True).adjtimex
        state = call(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        state = -1
    if state >= 0:
        return bool(state != UNSYNCHRONIZED)
    return True if host.find(SYNCHRONIZED).exists() else None


def check_space(path: str, host: Host, check: str = "free-space") -> Iterator[Finding]:
    """Yield a finding when the disk of a folder is almost full."""
    try:
        use = shutil.disk_usage(host.find(path))
    except OSError as error:
        yield not_checked(check, f"the free space of {path} cannot be read: {error}", "correct this")
        return
    if use.free < use.total * LEAST_FREE_SHARE:
        yield stop(
            check,
            f"{path} has {use.free // 2**20} MiB left of {use.total // 2**20}, and {LEAST_FREE_SHARE:.0%} must be free",
            f"free space in {path}",
        )


def _check_preparation(host: Host, site: str) -> Iterator[Finding]:
    if host.find("etc/cutover/target").exists():
        yield stop(
            "preparation", "this machine was launched as a target of a migration", "run this on the source machine"
        )
        return
    adopted = _read_json(host, "var/lib/cutover/adopted/state.json")
    if adopted is None or adopted.get("state", "adopted") != "adopted":
        what = "is damaged" if adopted is None else f"for the site {adopted.get('site')} is half {adopted.get('state')}"
        yield stop(
            "preparation",
            f"the adoption of this machine {what}",
            "run `cutover-site release-source`, which undoes it, or adopt the machine again",
        )
        return
    if not host.find("etc/cutover/site.json").exists():
        return
    found = _read_json(host, "etc/cutover/site.json")
    if found is None:
        yield stop(
            "preparation",
            "/etc/cutover/site.json is damaged: an earlier preparation did not end",
            "run the playbook again, or remove /etc/cutover when no migration uses this machine",
        )
        return
    name = str(found.get("site", ""))
    if site and name != site:
        yield stop(
            "preparation",
            f"this machine was prepared for the site {name}, not for {site}",
            f"finish or release the migration of {name} first, or correct the name",
        )
    elif not host.find("var/lib/cutover/configured-for").exists() and "source-app" in (
        found.get("roles") or [found.get("role")]
    ):
        yield stop(
            "preparation",
            f"a preparation for the site {name} began and did not end",
            "run the playbook of that site again until it ends without an error",
        )
    else:
        yield warn("preparation", f"this machine is prepared for the site {name}", "nothing, when that is the site")
    for path in ("var/lib/cutover/freeze.json", "var/lib/cutover/freeze-database.json"):
        state = _read_json(host, path) or {}
        if state.get("name", "open") != "open":
            yield stop(
                "preparation",
                f"the source is {state.get('name')} for the run {state.get('run', '')}",
                "let that run end, or roll it back (cutover rollback)",
            )
            return


def _read_json(host: Host, path: str) -> dict[str, Any] | None:
    try:
        found = json.loads(host.find(path).read_text())
    except (OSError, ValueError):
        return {} if not host.find(path).exists() else None
    return found if isinstance(found, dict) else None
