"""Is the source fit to be frozen and copied? Judges what `cutover-site check` says of its two machines."""

from collections.abc import Mapping
from typing import Any

from procedure.logic import site

BINLOG_RETENTION_SECONDS = 86_400
LEAST_FREE_SHARE = 0.05


def application(facts: Mapping[str, Any]) -> list[str]:
    """Reasons against going on. A fact that is missing is one."""
    wanted = {"mode": "open", "freeze": "open", "gogs": "active", "proxy": "active", "health": "ok"}
    names = {
        "mode": "its proxy",
        "freeze": "its freeze state",
        "gogs": "Gogs",
        "proxy": "HAProxy",
        "health": "Gogs's health",
    }
    wrong = [
        f"{names[key]} is {facts.get(key, 'not known')!s:.200}, not {value}"
        for key, value in wanted.items()
        if facts.get(key) != value
    ]
    return wrong + site.problems(facts) + _full_disks(facts)


def database(facts: Mapping[str, Any]) -> list[str]:
    settings = facts.get("database")
    if not isinstance(settings, Mapping):
        return ["its database settings are not known"]
    wrong = []
    for name, value in (("binlog_format", "ROW"), ("binlog_row_image", "FULL")):
        if str(settings.get(name)).upper() != value:
            wrong.append(f"{name} is {settings.get(name)}, not {value}")
    if not _on(settings.get("log_bin")):
        wrong.append("it writes no binary log")
    if _on(settings.get("read_only", "1")):
        wrong.append("it is read-only")
    if int(settings.get("server_id") or 0) < 1:
        wrong.append("server_id is 0")
    if int(settings.get("binlog_retention_seconds") or 0) < BINLOG_RETENTION_SECONDS:
        wrong.append(
            f"the binary log is kept for {settings.get('binlog_retention_seconds')} s, {BINLOG_RETENTION_SECONDS} s are needed"
        )
    if without := settings.get("tables_without_primary_key"):
        wrong.append(f"tables without a primary key cannot be compared: {', '.join(without)}")
    return wrong + _full_disks(facts)


def not_carried(facts: Mapping[str, Any]) -> list[str]:
    """`view name`, `trigger name`, … of the site's schema: neither the schema's copy nor replication brings them."""
    return [str(name) for name in facts.get("database", {}).get("not_carried", [])]


def _full_disks(facts: Mapping[str, Any]) -> list[str]:
    disks = facts.get("disks") or {}
    return [
        f"{path} has {use['free'] // 2**20} MiB left of {use['total'] // 2**20}"
        for path, use in disks.items()
        if use["free"] < use["total"] * LEAST_FREE_SHARE
    ]


def _on(value: Any) -> bool:
    return str(value).upper() in ("1", "ON", "TRUE")
