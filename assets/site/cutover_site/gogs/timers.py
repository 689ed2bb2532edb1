"""The timers of an adopted Gogs, which fetches mirrors by them: off for the time of a freeze."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cutover_site.gogs.ini import load
from cutover_site.gogs.ini_edit import Changes, edit
from cutover_site.gogs.layout import GogsLayout
from cutover_site.system import textfiles
from cutover_site.system.erase import erase

KEPT_SETTINGS = "app.ini-before-freeze"
"""app.ini of an adopted source while its timers are off, in the folder of the tool's state"""


def switch_background(layout: GogsLayout, *, on: bool) -> None:
    """Switch the background work of an adopted source in its app.ini. On again, the file is what it was, byte by byte.

    The file of such a site is not ours: nothing but the timers is changed, and for the time of a freeze only.
    """
    path, kept = layout.app_ini.resolve(), layout.state / KEPT_SETTINGS
    if on:
        if kept.exists():
            status = kept.stat()
            _replace_content(path, kept.read_bytes())
            os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))
            erase(kept)
        return
    # First, because a copy that is kept without a change would replace what an administrator writes later.
    source = kept if kept.exists() else path
    timers_off = _list_timers_off(source)
    changed = edit(source.read_bytes().decode(), timers_off).encode()
    if source == path:
        status = path.stat()
        textfiles.replace_bytes(kept, path.read_bytes(), mode=0o600)
        os.utime(kept, ns=(status.st_mtime_ns, status.st_mtime_ns))
    _replace_content(path, changed)


def has_kept_settings(layout: GogsLayout) -> bool:
    """Return whether the timers are off, or a change of them was interrupted."""
    return (layout.state / KEPT_SETTINGS).exists()


def _list_timers_off(path: Path) -> Changes:
    """Return the settings that switch each timer off. A section of a timer inherits from [cron] what it does not set itself."""
    own = [name for name, keys in load(path).sections.items() if name.startswith("cron.") and "ENABLED" in keys]
    return {(section, "ENABLED"): "false" for section in ("cron", *own)}


def _replace_content(path: Path, content: bytes) -> None:
    status = path.stat()
    owner = (status.st_uid, status.st_gid) if os.geteuid() == 0 else None
    textfiles.replace_bytes(path, content, mode=stat.S_IMODE(status.st_mode), owner=owner)
