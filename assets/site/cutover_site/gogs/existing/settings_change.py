"""Compute the change of an existing app.ini with which Gogs listens at ports of its own, and revert it.

Gogs has no other way to another port: `gogs web --port` changes the address of the site too, and nothing sets the port of the SSH server. A copy
of app.ini would be another file than the one that the hooks name. So app.ini itself is changed, in as few lines as possible.
"""

from __future__ import annotations

from collections.abc import Mapping

from cutover_site.gogs import effective
from cutover_site.gogs.existing.settings import DEFAULTS
from cutover_site.gogs.ini import Ini, format_value, parse
from cutover_site.gogs.ini_edit import edit

LOCAL = "127.0.0.1"
Settings = Mapping[tuple[str, str], str]


def compute_changes(raw: Ini, environment: Mapping[str, str], listens: Mapping[str, int], *, has_ssh: bool) -> Settings:
    """Return the raw values that let Gogs listen at these ports of the machine itself, and keep every other setting as Gogs uses it now.

    Other settings may refer to the port or be derived from it, as the address of the site is. They get the value that they have.
    """
    wanted = {
        ("server", "HTTP_ADDR"): LOCAL,
        ("server", "HTTP_PORT"): str(listens["http"]),
        # The hooks of a push call Gogs at this address. Through the proxy a freeze would hold them, and wait for their push.
        ("server", "LOCAL_ROOT_URL"): f"http://{LOCAL}:{listens['http']}/",
    }
    if has_ssh:
        wanted |= {("server", "SSH_LISTEN_HOST"): LOCAL, ("server", "SSH_LISTEN_PORT"): str(listens["ssh"])}
    before, after = _merge(raw, {}), _merge(raw, wanted)
    kept = {}
    for section, keys in before.sections.items():
        for key in keys:
            now = effective.get_effective_value(before, section, key, environment=environment)
            if (section, key) not in wanted and now != effective.get_effective_value(
                after, section, key, environment=environment
            ):
                kept[section, key] = format_value(now)
    return {**kept, **wanted}


def describe_changes(old: Ini, changes: Settings) -> list[str]:
    """Return a line for each change: the setting, its value in the file before, and its new value."""
    return [
        f"[{section}] {key} = {old.get(section, key) or '(default)'} -> {value}"
        for (section, key), value in changes.items()
    ]


def revert_settings(current: bytes, before: bytes, adopted: bytes) -> bytes:
    """Return app.ini as it is now, with the values that it had before in each setting that the adoption changed.

    A comment that somebody has added may have bytes that are not UTF-8. They stay.
    """
    old, new = parse(before.decode()), parse(adopted.decode())
    changed = {
        (section, key)
        for ini in (old, new)
        for section, keys in ini.sections.items()
        for key in keys
        if old.sections.get(section, {}).get(key) != new.sections.get(section, {}).get(key)
    }
    values = {(section, key): old.sections.get(section, {}).get(key) for section, key in sorted(changed)}
    return edit(current.decode(errors="surrogateescape"), values).encode(errors="surrogateescape")


def _merge(raw: Ini, more: Settings) -> Ini:
    merged = {name: dict(keys) for name, keys in DEFAULTS.items()}
    for name, keys in raw.sections.items():
        merged.setdefault(name, {}).update(keys)
    for (section, key), value in more.items():
        merged.setdefault(section, {})[key] = value
    return Ini(merged)
