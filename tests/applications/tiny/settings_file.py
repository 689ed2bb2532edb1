"""The settings of the second application: one JSON file. On a target it is in memory, because an image must not
contain it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cutover_site.errors import NotConfigured
from cutover_site.instance import InstanceSettings
from cutover_site.layout import Layout
from cutover_site.system import textfiles


def find_path(layout: Layout) -> Path:
    return layout.root / "etc/tiny/settings.json"


def find_volatile_path(layout: Layout) -> Path:
    return layout.root / "run/tiny/settings.json"


def read(layout: Layout) -> dict[str, Any]:
    """Return the settings, or an empty object if the file does not exist."""
    try:
        return dict(json.loads(find_path(layout).read_text()))
    except FileNotFoundError:
        return {}


def write(layout: Layout, settings: InstanceSettings) -> bool:
    """Write the settings and return whether the file changed. The settings below `own` belong to the site."""
    database = settings.database
    own = read(layout).get("own") or json.loads(settings.secret.get("tiny_settings") or "{}")
    made = {
        "url": settings.site_url,
        **{name: getattr(database, name) for name in ("host", "port", "user", "password")},
        "tls": database.verify,
        "content": settings.schemas["tiny_content"],
        "users": settings.schemas["tiny_users"],
        "key": settings.secret["token_key"],
        "sends_mail": not settings.is_copy,
        "works_in_background": settings.is_background_allowed,
        "own": own,
    }
    text = json.dumps(made, sort_keys=True)
    uid = layout.application.owner.uid
    owner = (uid, uid) if os.geteuid() == 0 else None
    if settings.is_source:
        return textfiles.replace(find_path(layout), text, mode=0o600, owner=owner)
    seal(layout)
    return textfiles.replace(find_volatile_path(layout), text, mode=0o600, owner=owner)


def seal(layout: Layout) -> None:
    """Replace the file by a link into memory."""
    path = find_path(layout)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(find_volatile_path(layout))


def check_key(layout: Layout, settings: InstanceSettings) -> None:
    """Raise NotConfigured if the disk was written with another key."""
    if read(layout).get("key", settings.secret["token_key"]) != settings.secret["token_key"]:
        raise NotConfigured("the key of settings.json is not the one in the site's secret")


def pack_own(layout: Layout) -> str:
    """Return the site's own settings, or an empty text if it has none."""
    own = read(layout).get("own")
    return json.dumps(own, sort_keys=True) if own else ""


def find_secrets(layout: Layout, own: str) -> set[str]:
    """Return the secrets in the site's own settings and in the file of this machine."""
    found = read(layout)
    values = {str(found[name]) for name in ("key", "password") if name in found}
    return values | {str(value) for key, value in json.loads(own or "{}").items() if "password" in key}
