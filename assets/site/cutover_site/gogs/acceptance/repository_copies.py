"""Put a copy of a migrated repository in the place of one that the acceptance user has just created."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.acceptance.repositories import Repository

PLAIN = ("HEAD", "packed-refs", "shallow", "description")


def put_copy(original: Repository, site: LocalSite, username: str, name: str) -> Path:
    """Return the folder of the copy. It uses the original's objects and has no custom hooks."""
    folder = site.repositories / username.lower() / f"{name.lower()}{'.wiki' if original.wiki else ''}.git"
    owner = original.path.stat()
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("hooks", "info", "objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (folder / part).mkdir(parents=True)
    for part in PLAIN:
        if (original.path / part).is_file():
            shutil.copy2(original.path / part, folder / part)
    shutil.copytree(original.path / "refs", folder / "refs", dirs_exist_ok=True)
    (folder / "config").write_text(original.config)
    (folder / "objects/info/alternates").write_text(f"{original.path / 'objects'}\n")
    for hook in original.hooks:
        shutil.copy2(original.path / "hooks" / hook.name, folder / "hooks" / hook.name)
    _change_owner(folder, owner.st_uid, owner.st_gid)
    return folder


def _change_owner(folder: Path, user: int, group: int) -> None:
    os.chown(folder, user, group)
    for path in folder.rglob("*"):
        os.chown(path, user, group, follow_symlinks=False)
