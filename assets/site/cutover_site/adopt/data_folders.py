"""The changes that show the data of the application below the data root. They move and copy nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from applications.installation import Installation
from applications.profile import Profile

from cutover_site.adopt.changes import Change, FolderChange, UnitChange
from cutover_site.adopt.present import Present, write_file
from cutover_site.files import data_roots


def list_data_changes(profile: Profile, found: Installation, present: Present) -> Iterator[Change]:
    """Yield the folders that are missing, then a mount unit for each folder with data."""
    shared, owner = f"/{profile.files.root}", (found.uid, found.gid)
    missing = {
        str(folder)
        for path in found.roots.values()
        for folder in (PurePosixPath(path), *PurePosixPath(path).parents)
        if not present.is_folder(str(folder))
    }
    for folder in sorted(missing):
        yield FolderChange(folder, "the application may create it at any moment", owner=owner)
    units = data_roots.render_units(found, shared)
    places = [f"{shared}/{name}" for name, path in sorted(found.roots.items()) if f"{shared}/{name}" != path]
    for folder in _list_parents(shared, places):
        if not present.is_folder(folder):
            yield FolderChange(folder, "the tool sees the data of each site below this folder", mode=0o750, owner=owner)
    for name, text in units.items():
        yield write_file(
            present,
            f"/etc/systemd/system/{name}",
            text,
            "the tool reads this folder at a place that is equal on all sites",
        )
    for name in units:
        yield UnitChange(name, "nothing is copied or moved", is_active=True, is_enabled=True)


def _list_parents(shared: str, places: Sequence[str]) -> list[str]:
    """Return the data root, the folders in which places are, and the places, each folder before its content."""
    found = {shared, *places}
    for place in places:
        found |= {str(folder) for folder in PurePosixPath(place).parents if str(folder).startswith(f"{shared}/")}
    return sorted(found) if places else []
