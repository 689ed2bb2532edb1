"""What an adoption changed, and the copies of what was there before. It is in a folder that only root can read, because settings name secrets.

Each entry is on the disk before its change is made. So whatever interrupts an adoption, the next call knows what to undo.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cutover_site.errors import NotConfigured
from cutover_site.system import textfiles
from cutover_site.system.erase import erase

ADOPTING, ADOPTED, RELEASING, RELEASED = "adopting", "adopted", "releasing", "released"
"""RELEASED: everything is undone, and only the journal is left"""
STATE = "state.json"
MODE = 0o700


@dataclass
class Journal:
    """The journal of one machine. `entries`: in the order of the changes; each names a copy in `folder` where a file was replaced."""

    folder: Path
    state: str = ""
    site: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path) -> Journal:
        """Read the journal; an empty one when the machine was never adopted. Raises NotConfigured for a damaged one."""
        try:
            raw = json.loads((folder / STATE).read_text())
            return cls(folder, raw["state"], raw["site"], dict(raw["arguments"]), list(raw["entries"]))
        except FileNotFoundError:
            return cls(folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotConfigured(
                f"{folder / STATE} is damaged: {error}",
                next_action=f"restore by hand what the copies in {folder} have, then remove this folder",
            ) from error

    def begin(self, site: str, arguments: dict[str, Any]) -> None:
        """Begin the adoption for a site."""
        self.folder.mkdir(mode=MODE, parents=True, exist_ok=True)
        self.folder.chmod(MODE)
        self.state, self.site, self.arguments, self.entries = ADOPTING, site, arguments, []
        self.store()

    def add(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Add what is about to be changed, with what is there now."""
        self.entries.append(entry)
        self.store()
        return entry

    def set_state(self, state: str) -> None:
        """Store another state."""
        self.state = state
        self.store()

    def store(self) -> None:
        """Write the journal. After the return it survives a crash of the machine."""
        facts = {"state": self.state, "site": self.site, "arguments": self.arguments, "entries": self.entries}
        textfiles.replace(self.folder / STATE, json.dumps(facts, indent=1) + "\n", mode=0o600)

    def keep(self, path: Path) -> dict[str, Any]:
        """Return what a file is now, and keep a copy of its content. None as the copy: there is no file, or it is a symbolic link."""
        if path.is_symlink():  # the adoption puts a file in its place, and leaves the file that it leads to
            return {"copy": None, "link": str(path.readlink())}
        if not path.exists():
            return {"copy": None}
        access_list = textfiles.read_access_list(path)
        status, name = path.stat(), f"{len(self.entries):03}-before"
        textfiles.replace_bytes(self.folder / name, path.read_bytes(), mode=0o600)
        return {
            "copy": name,
            "mode": stat.S_IMODE(status.st_mode),
            "owner": [status.st_uid, status.st_gid],
            "modified_ns": status.st_mtime_ns,
            **({"access_list": access_list.hex()} if access_list else {}),
        }

    def keep_adopted(self, content: bytes) -> str:
        """Keep what a settings file was changed to. Return the name of the copy."""
        name = f"{len(self.entries):03}-adopted"
        textfiles.replace_bytes(self.folder / name, content, mode=0o600)
        return name

    def read_copy(self, name: str) -> bytes:
        """Return a kept content."""
        return (self.folder / name).read_bytes()

    def remove(self) -> None:
        """Remove the journal with its copies, whose content is overwritten first."""
        # The state file is the last, so that an interrupted removal is repeated, and never an undo whose copies are gone.
        self.set_state(RELEASED)
        for path in sorted(self.folder.glob("*"), key=lambda one: one.name == STATE):
            erase(path)
        shutil.rmtree(self.folder, ignore_errors=True)


def restore_file(path: Path, before: dict[str, Any], content: bytes | None) -> None:
    """Make a file what it was: content, mode, owner, access control list and time of change. Safe to repeat.

    `content`: None removes it, and restores the symbolic link if there was one.
    """
    if content is None:
        erase(path)
        if "link" in before:
            path.symlink_to(before["link"])
        return
    mode, owner = int(before["mode"]), (int(before["owner"][0]), int(before["owner"][1]))
    status = path.stat() if path.exists() else None
    is_same = (
        status is not None
        and stat.S_IMODE(status.st_mode) == mode
        and (status.st_uid, status.st_gid) == owner
        and path.read_bytes() == content
    )
    if not is_same:
        path.unlink(missing_ok=True)  # else a file of equal content would keep its mode
        textfiles.replace_bytes(path, content, mode=mode, owner=owner if os.geteuid() == 0 else None)
    if "access_list" in before and textfiles.read_access_list(path) != bytes.fromhex(before["access_list"]):
        os.setxattr(path, textfiles.ACCESS_LIST, bytes.fromhex(before["access_list"]))
    modified = int(before["modified_ns"])
    # The kernel refuses this call for an immutable file, which the adoption could not change.
    if path.stat().st_mtime_ns != modified:
        os.utime(path, ns=(modified, modified))
