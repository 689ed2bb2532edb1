"""The folders of an existing site that are in other places than the data root of its profile (`Installation.roots`).

The tool sees every site below one data root, so that digests and copies of all sites have the same form. On the source, and on a replica until
the bulk copy is made, each folder of the site is mounted at its place below the data root: units of systemd do this. On a target it is the
other way round: the shared file system is at the data root, and each of its folders is mounted at the path that the application knows.
Nothing is copied or moved, and every stored path stays valid.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from applications.installation import Installation

from cutover_site.errors import NotChecked
from cutover_site.files.mounts import list_mount_points
from cutover_site.layout import Layout
from cutover_site.system.commands import run

MOUNT_OPTIONS = "rbind,rslave"
"""with mounts below the folder. rslave: their unmounting at one path must not unmount them at the other (mount_namespaces(7))"""
UNIT = """\
# `cutover-site adopt` wrote this file, `cutover-site release-source` removes it.
[Unit]
Description=Cutover: {path} at the place at which the tool reads it

[Mount]
What={path}
Where={place}
Type=none
Options={options}

[Install]
WantedBy=multi-user.target
"""


def list_roots(layout: Layout) -> list[tuple[Path, Path]]:
    """Return the place below the data root and the application's own path of each folder that is elsewhere; none for a profile's own layout."""
    found = layout.installation
    pairs = [(layout.shared / name, layout.find(path)) for name, path in sorted(found.roots.items())] if found else []
    return [(place, path) for place, path in pairs if place != path]


def name_unit(place: str) -> str:
    """Return the name that systemd requires for the mount unit of this place (systemd-escape(1))."""
    escaped = "".join(_escape(character) for character in place.strip("/"))
    return f"{escaped}.mount"


def _escape(character: str) -> str:
    if character == "/":
        return "-"
    if character.isascii() and (character.isalnum() or character in ":_."):
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


def render_units(found: Installation, shared: str) -> dict[str, str]:
    """Return the text of each mount unit of the source by its name. `shared`: the data root, an absolute path."""
    places = {f"{shared}/{name}": path for name, path in sorted(found.roots.items())}
    return {
        name_unit(place): UNIT.format(path=path, place=place, options=MOUNT_OPTIONS)
        for place, path in places.items()
        if place != path
    }


def list_units(layout: Layout) -> list[str]:
    """Return the names of the mount units of this site's source."""
    found = layout.installation
    return [*render_units(found, f"/{layout.application.files.root}")] if found else []


def find_problem(layout: Layout) -> str:
    """Return which folder of the source is not at its place below the data root; empty when all are.

    The tool would take such a folder for an empty one.
    """
    for place, path in list_roots(layout):
        if not path.is_dir():
            return f"{path} does not exist, which is a data folder of this site"
        if not place.is_dir() or not place.samefile(path):
            return f"{path} is not mounted at {place}"
    return ""


def require_exposed(layout: Layout) -> None:
    """Raise NotChecked unless each folder of the source is at its place below the data root."""
    if problem := find_problem(layout):
        raise NotChecked(
            f"the files of this site cannot be read: {problem}",
            next_action="mount its disk, and start the units that `cutover-site adopt` made: systemctl start '*.mount'",
        )


def expose(layout: Layout) -> None:
    """Mount each folder of this disk at its place below the data root, as the source has it. Does nothing for one that is there already."""
    for place, path in list_roots(layout):
        if not place.is_dir() or not place.samefile(path):
            place.mkdir(parents=True, exist_ok=True)
            run("mount", "-o", MOUNT_OPTIONS, str(path), str(place))


def bind_shared(layout: Layout) -> None:
    """Mount each folder of the shared data root at the application's own path. The data root must be mounted."""
    for place, path in list_roots(layout):
        for folder in (place, path):
            if not folder.is_dir():  # sessions, for example, are not part of the bulk copy
                folder.mkdir(parents=True)
                os.chown(folder, *layout.application.owner.ids)
        run("mount", "--bind", str(place), str(path))


def unbind(layout: Layout) -> None:
    """Unmount everything that `expose` and `bind_shared` mounted, the last mount first. Disks of the site stay mounted."""
    pairs = list_roots(layout)
    while mounted := next(_list_bound(pairs), None):
        run("umount", "--recursive", str(mounted))


def find_missing_bind(layout: Layout) -> str:
    """Return the path of the application at which the shared folder is not mounted; empty when all are."""
    return next(
        (str(path) for place, path in list_roots(layout) if not _is_same(place, path)),
        "",
    )


def _list_bound(pairs: list[tuple[Path, Path]]) -> Iterator[Path]:
    points = list_mount_points()
    for place, path in reversed(pairs):
        # The kernel lists no symbolic link, and the path that the application knows may be one.
        mounted = path.resolve()
        if str(place) in points:
            yield place
        # A disk that the site has at this path is no mount of ours: then the two paths show different folders.
        elif str(mounted) in points and _is_same(place, path):
            yield mounted


def _is_same(place: Path, path: Path) -> bool:
    return place.is_dir() and path.is_dir() and place.samefile(path)
