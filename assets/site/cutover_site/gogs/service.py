"""Gogs on this machine: its configuration file, whose it is, starting and stopping it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cutover_site.gogs import health
from cutover_site.gogs.app_ini import Instance, configure, foreign
from cutover_site.gogs.ini import load, parse, render
from cutover_site.layout import GIT_ID, PER_INSTANCE, Layout
from cutover_site.system import systemd, textfiles
from cutover_site.system.erase import erase

LOG = logging.getLogger(__name__)
UNIT = "gogs.service"
Mode = Literal["source", "scratch", "live"]


@dataclass(frozen=True)
class ConfiguredFor:
    """Who may run the Gogs on this disk. A launched copy of the disk has another instance id, and so may not."""

    instance_id: str
    mode: Mode
    background: bool


def read_configured_for(layout: Layout) -> ConfiguredFor | None:
    """None when nobody may: no file, or one that cannot be understood."""
    try:
        raw = json.loads(layout.configured_for.read_text())
        return ConfiguredFor(str(raw["instance_id"]), raw["mode"], bool(raw["background"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_configured_for(layout: Layout, owner: ConfiguredFor) -> bool:
    """True if that is a change."""
    facts = {"instance_id": owner.instance_id, "mode": owner.mode, "background": owner.background}
    return textfiles.replace(layout.configured_for, json.dumps(facts) + "\n")


def objection(layout: Layout, instance_id: str) -> str:
    """Why Gogs must not start here; empty when it may."""
    owner = read_configured_for(layout)
    if owner is None:
        return "Gogs on this disk is configured for no machine yet"
    if owner.instance_id != instance_id:
        return f"Gogs on this disk is configured for {owner.instance_id}, this is {instance_id}"
    if owner.mode != "source" and not layout.shared.is_mount():
        return f"the shared file system is not mounted at {layout.shared}"
    return ""


def write_app_ini(layout: Layout, instance: Instance, *, volatile: bool) -> bool:
    """app.ini is there, readable by git alone; true if it changed. `volatile`: in memory, behind a link (replica and target)."""
    path = layout.app_ini
    old = load(path) if path.exists() else parse(instance.inherited)
    text = render(configure(old, instance, layout))
    owner = (GIT_ID, GIT_ID) if os.geteuid() == 0 else None
    if not volatile:
        with _old_overwritten(path):
            return textfiles.replace(path, text, mode=0o640, owner=owner)
    changed = textfiles.replace(layout.volatile_app_ini, text, mode=0o640, owner=owner)
    link(path, layout.volatile_app_ini)
    return changed


@contextmanager
def _old_overwritten(path: Path) -> Iterator[None]:
    """What `path` held before it was replaced is overwritten with zeros: a copy of the disk carries its free blocks too."""
    before = path.with_name(f".{path.name}.before")
    _forget(before, path)
    if path.exists() and not path.is_symlink():
        os.link(path, before)
    try:
        yield
    finally:
        _forget(before, path)


def _forget(before: Path, path: Path) -> None:
    if before.exists() and path.exists() and before.samefile(path):
        before.unlink()
    else:
        erase(before)


def inherited(layout: Layout, instance: Instance) -> str:
    """The site's own settings, as app.ini has them now: what a target needs besides ours. They may name passwords."""
    return render(foreign(load(layout.app_ini), instance, layout)).strip()


def link(path: Path, target: Path) -> None:
    """`path` is a symbolic link to `target`; a file that was there is overwritten with zeros first (it held secrets)."""
    if path.is_symlink() and path.readlink() == target:
        return
    erase(path)
    path.symlink_to(target)


def prepare_folders(layout: Layout, instance_id: str) -> None:
    """What Gogs needs on this machine alone, and its own folder for incoming LFS objects beside the shared ones."""
    own = [
        layout.home / "data",
        layout.home / "sessions",
        layout.home / "log",
        layout.shared / PER_INSTANCE[0] / instance_id,
    ]
    for folder in own:
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, GIT_ID, GIT_ID)
    (layout.data / "ssh").mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(layout.data / "ssh", GIT_ID, GIT_ID)
    # Gogs keeps its SSH host keys below APP_DATA_PATH, which is this machine's own; the keys must be the same everywhere.
    keys = layout.home / "data/ssh"
    if not keys.is_symlink():
        keys.symlink_to(layout.data / "ssh")


def start(timeout: float = 60) -> float:
    """Seconds until Gogs was healthy, and its proxy had seen it. Raises CommandFailed or Unhealthy."""
    systemd.start(UNIT, timeout=timeout)
    return health.wait(timeout) + health.wait(timeout, health.ask_proxy)


def stop() -> None:
    systemd.stop(UNIT)
