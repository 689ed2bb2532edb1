"""app.ini on this machine, and the folders that Gogs needs beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutover_site.gogs.app_ini import Instance, configure, extract_own_settings
from cutover_site.gogs.ini import load, parse, render
from cutover_site.gogs.layout import PER_INSTANCE, GogsLayout
from cutover_site.system import textfiles
from cutover_site.system.erase import erase


def write_app_ini(layout: GogsLayout, instance: Instance, *, volatile: bool) -> bool:
    """Write app.ini, readable by git alone. Return whether it changed. `volatile`: in memory, behind a link (replica and target)."""
    path = layout.app_ini
    old = load(path) if path.exists() else parse(instance.inherited)
    text = render(configure(old, instance, layout))
    owner = layout.application.owner.ids if os.geteuid() == 0 else None
    if not volatile:
        with _erase_old_content(path):
            return textfiles.replace(path, text, mode=0o640, owner=owner)
    changed = textfiles.replace(layout.volatile_app_ini, text, mode=0o640, owner=owner)
    replace_by_link(path, layout.volatile_app_ini)
    return changed


@contextmanager
def _erase_old_content(path: Path) -> Iterator[None]:
    """Overwrite with zeros what `path` held before it was replaced: a copy of the disk carries its free blocks too."""
    before = path.with_name(f".{path.name}.before")
    _erase_unless_same(before, path)
    if path.exists() and not path.is_symlink():
        os.link(path, before)
    try:
        yield
    finally:
        _erase_unless_same(before, path)


def _erase_unless_same(before: Path, path: Path) -> None:
    if before.exists() and path.exists() and before.samefile(path):
        before.unlink()
    else:
        erase(before)


def read_own_settings(layout: GogsLayout, instance: Instance) -> str:
    """Return the site's own settings as app.ini has them now: what a target needs besides ours. They may name passwords. Raises OSError."""
    return render(extract_own_settings(load(layout.app_ini), instance, layout)).strip()


def replace_by_link(path: Path, target: Path) -> None:
    """Make `path` a symbolic link to `target`. A file that was there is overwritten with zeros first (it held secrets)."""
    if path.is_symlink() and path.readlink() == target:
        return
    erase(path)
    path.symlink_to(target)


def prepare_folders(layout: GogsLayout, instance_id: str) -> None:
    """Make what Gogs needs on this machine alone, and its own folder for incoming LFS objects beside the shared ones."""
    own = [
        layout.own_data,
        layout.logs,
        layout.shared / PER_INSTANCE[0] / instance_id,
    ]
    for folder in own:
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, *layout.application.owner.ids)
    (layout.data / "ssh").mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(layout.data / "ssh", *layout.application.owner.ids)
    # Gogs keeps its SSH host keys below APP_DATA_PATH, which is this machine's own; the keys must be the same everywhere.
    # Where the site has a folder of its own for them, that folder is a mount of the shared one (`files.data_roots`).
    keys = layout.own_data / "ssh"
    if layout.get_place("data/ssh") == layout.data / "ssh" and not keys.is_symlink():
        keys.symlink_to(layout.data / "ssh")
