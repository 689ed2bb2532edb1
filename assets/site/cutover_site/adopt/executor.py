"""Make the changes of an adoption one after another, and undo them in the opposite order."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover_site.adopt.changes import Change, FileChange, FolderChange, MarkersChange, UnitChange
from cutover_site.adopt.journal import Journal, restore_file
from cutover_site.adopt.markers import Markers
from cutover_site.adopt.units import Units
from cutover_site.errors import SiteError
from cutover_site.layout import Layout
from cutover_site.system import textfiles

LOG = logging.getLogger(__name__)
UNIT_FILES = "/etc/systemd/system/"

RevertSettings = Callable[[bytes, bytes, bytes], bytes]
"""returns the settings without what an adoption changed: of the file as it is now, as it was, and as the adoption made it"""


@dataclass
class Executor:
    """Changes one machine. Each change is in the journal before it is made."""

    layout: Layout
    journal: Journal
    units: Units
    get_markers: Callable[[], Markers]
    revert_settings: RevertSettings
    _is_reload_needed: bool = False

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the changes. Raises SiteError, OSError at the first one that fails; the journal then has what to undo."""
        for change in changes:
            LOG.info("adopt: %s", change.name)
            if isinstance(change, FolderChange):
                self._create_folder(change)
            elif isinstance(change, FileChange):
                self._write(change)
            elif isinstance(change, MarkersChange):
                self._create_markers()
            else:
                self._change_unit(change)
        self._reload()

    def undo(self) -> list[str]:
        """Undo every change in the journal, the last one first. Return a sentence for each thing that stays.

        Raises SiteError; the next call then repeats what is left. A file that cannot be restored, or a unit that cannot be stopped or
        started, does not keep the others from being undone: it is the error at the end.
        """
        kept: list[str] = []
        failed: list[str] = []
        for entry in reversed(self.journal.entries):
            try:
                kept += self._undo(entry)
            except SiteError as error:
                failed.append(error.reason)
            except OSError as error:  # an immutable file, a full disk
                failed.append(str(error))
        self._reload()
        if failed:
            raise SiteError(
                f"not everything could be undone: {'; '.join(failed)}",
                next_action="correct this, then run `cutover-site release-source`",
            )
        return kept

    def find_changed(self) -> list[str]:
        """Return the files that are not as the adoption made them, without those that the tool itself changes."""
        return [
            str(entry["path"])
            for entry in self.journal.entries
            if entry["kind"] == "file" and not entry["is_volatile"] and self._digest(entry) != entry["digest"]
        ]

    def _create_folder(self, change: FolderChange) -> None:
        path = self.layout.find(change.path)
        if path.is_dir():
            return
        self.journal.add({"kind": "folder", "path": change.path})
        path.mkdir(mode=change.mode)
        path.chmod(change.mode)
        if change.owner and os.geteuid() == 0:
            os.chown(path, *change.owner)

    def _write(self, change: FileChange) -> None:
        path = self.layout.find(change.path)
        if path.exists() and path.read_bytes() == change.content:
            return
        before = self.journal.keep(path)
        adopted = self.journal.keep_adopted(change.content) if change.is_settings else None
        self.journal.add(
            {
                "kind": "file",
                "path": change.path,
                "before": before,
                "adopted": adopted,
                "digest": hashlib.sha256(change.content).hexdigest(),
                "is_volatile": change.is_volatile,
            }
        )
        owner = change.owner or ((before["owner"][0], before["owner"][1]) if before["copy"] else None)
        mode = change.mode if change.mode is not None else before.get("mode", 0o644)
        textfiles.replace_bytes(path, change.content, mode=mode, owner=owner if os.geteuid() == 0 else None)
        self._is_reload_needed |= change.path.startswith(UNIT_FILES)

    def _change_unit(self, change: UnitChange) -> None:
        self._reload()
        before = self.units.read(change.unit)
        self.journal.add(
            {
                "kind": "unit",
                "unit": change.unit,
                "is_active": None if change.is_active is None else before.is_active,
                "is_enabled": None if change.is_enabled is None else before.is_enabled,
            }
        )
        if change.is_enabled is not None and before.is_enabled != change.is_enabled:
            self.units.set_enabled(change.unit, is_enabled=change.is_enabled)
        if change.is_active is not None and before.is_active != change.is_active:
            self.units.set_active(change.unit, is_active=change.is_active)

    def _create_markers(self) -> None:
        markers = self.get_markers()
        before = markers.read()
        if not before.has_table:
            self.journal.add({"kind": "markers", "has_schema": before.has_schema})
            markers.create()

    def _undo(self, entry: dict[str, Any]) -> list[str]:
        if entry["kind"] == "markers":
            return self.get_markers().remove(with_schema=not entry["has_schema"])
        if entry["kind"] == "unit":
            self._undo_unit(entry)
            return []
        path = self.layout.find(entry["path"])
        if entry["kind"] == "folder":
            return self._remove_folder(path)
        return self._restore(path, entry)

    def _undo_unit(self, entry: dict[str, Any]) -> None:
        self._reload()
        unit, now = entry["unit"], self.units.read(entry["unit"])
        if entry["is_active"] is not None and now.is_active != entry["is_active"]:
            self.units.set_active(unit, is_active=entry["is_active"])
        if entry["is_enabled"] is not None and now.is_enabled != entry["is_enabled"]:
            self.units.set_enabled(unit, is_enabled=entry["is_enabled"])

    def _remove_folder(self, path: Path) -> list[str]:
        """Remove a folder that the adoption created. It stays when somebody has put something into it."""
        if not path.is_dir():
            return []
        if any(path.iterdir()):
            return [f"{path} stays, because it is not empty"]
        path.rmdir()
        return []

    def _restore(self, path: Path, entry: dict[str, Any]) -> list[str]:
        before = entry["before"]
        content = self.journal.read_copy(before["copy"]) if before["copy"] else None
        kept: list[str] = []
        if entry["adopted"] and content is not None and path.exists():
            current, adopted = path.read_bytes(), self.journal.read_copy(entry["adopted"])
            if current not in (adopted, content):
                content = self.revert_settings(current, content, adopted)
                kept = [f"{path} keeps what was changed in it since the adoption"]
                before = {**before, "modified_ns": path.stat().st_mtime_ns}
        restore_file(path, before, content)
        self._is_reload_needed |= entry["path"].startswith(UNIT_FILES)
        return kept

    def _digest(self, entry: dict[str, Any]) -> str:
        try:
            return hashlib.sha256(self.layout.find(entry["path"]).read_bytes()).hexdigest()
        except OSError:
            return ""

    def _reload(self) -> None:
        if self._is_reload_needed:
            self.units.reload_files()
            self._is_reload_needed = False
