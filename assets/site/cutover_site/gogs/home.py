"""Carry what the user git has in its home besides Gogs's own files.

It may be keys and known hosts of mirrors over SSH, .netrc and .gitconfig with a proxy or credentials, and scripts that hooks
call. It includes secrets, so it is handled like app.ini: it is in no image, the playbook stores it in the site's secret, and a
target restores it at every start. Files whose format is public (known hosts, which may be many, and public keys) stay in the
image instead.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from applications.gogs.profile import PROFILE

from cutover_site.errors import NotConfigured, Refused
from cutover_site.gogs.git_config import select_site_lines
from cutover_site.layout import Layout
from cutover_site.system import textfiles

SECRET = PROFILE.secret.inherited[1]
"""key of the site's secret"""
MOST_BYTES = 1 << 20
MOST_CHARACTERS = 32_000
"""of the compressed and encoded text. A secret can hold 65,536 bytes, and has the settings of app.ini too"""
GOGS = frozenset(("data", "sessions", "log"))
IGNORED = frozenset((".ansible", ".bash_history", ".cache", ".lesshst", ".python_history", ".viminfo", ".wget-hsts"))
"""no settings, only traces of people and programs"""
AUTHORIZED = ".ssh/authorized_keys"
"""read by sshd, which Gogs's own SSH server replaces; it has the key of the delta"""


def list_own_paths(layout: Layout) -> list[Path]:
    """Return the site's own paths, each folder before its content."""
    home = layout.home
    if not home.is_dir():
        return []
    found = [path for path in _walk_home(layout, GOGS | IGNORED) if _is_own(path, layout)]
    # A folder alone does not count: the delta creates .ssh for a file that is left out.
    needed = {folder for path in found if path.is_symlink() or not path.is_dir() for folder in path.parents}
    return [path for path in found if path.is_symlink() or not path.is_dir() or path in needed]


def list_public_files(layout: Layout) -> list[Path]:
    """Return the files without secrets, which the image keeps."""
    found = {path for pattern in layout.application.program.files for path in layout.root.glob(pattern)}
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def list_removable_paths(layout: Layout) -> list[Path]:
    """Return everything in the home except the public files, each folder after its content."""
    kept = set(list_public_files(layout))
    needed = {folder for path in (*kept, *list_other_places(layout)) for folder in path.parents}
    return [path for path in _walk_home(layout) if path not in kept and path not in needed][::-1]


def clear_home(layout: Layout) -> None:
    """Remove everything in the home except the public files. The caller has overwritten the files' content (see `list_secret_files`)."""
    for path in list_removable_paths(layout):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()


def pack(layout: Layout) -> str:
    """Return the site's own paths without the public files, as text for the site's secret; empty when there are none.

    The same content gives the same text. Raises Refused when the text would be too long.
    """
    kept = set(list_public_files(layout))
    paths = [path for path in list_own_paths(layout) if path not in kept]
    size = sum(path.lstat().st_size for path in paths if not path.is_dir())
    if size > MOST_BYTES:
        raise _build_size_error(layout, paths)
    entries = [_build_entry(path, layout.home) for path in paths]
    if not entries:
        return ""
    text = base64.b64encode(zlib.compress(json.dumps(entries, sort_keys=True).encode(), 9)).decode()
    if len(text) > MOST_CHARACTERS:
        raise _build_size_error(layout, paths)
    return text


def describe_home(layout: Layout) -> dict[str, Any]:
    """Return the names of the site's own paths, and why they cannot be carried; the reason is empty when they can."""
    try:
        pack(layout)
        problem = ""
    except Refused as error:
        problem = f"{error.reason}: {error.next_action}"
    return {
        "names": sorted({path.relative_to(layout.home).parts[0] for path in list_own_paths(layout)}),
        "problem": problem,
    }


def restore(layout: Layout, packed: str) -> None:
    """Write the files, folders and links that `pack` read into the home. Other files stay. Raises NotConfigured for a text that `pack` did not write."""
    for entry in _parse_entries(packed):
        path = layout.home / _check_path(layout, str(entry["path"]))
        if path.is_symlink() and "link" not in entry:
            path.unlink()
        if "link" in entry:
            if not path.is_symlink() or str(path.readlink()) != entry["link"]:
                path.unlink(missing_ok=True)
                path.symlink_to(str(entry["link"]))
        elif "content" in entry:
            _write(layout, path, base64.b64decode(entry["content"]), int(entry["mode"]))
        else:
            if path.exists() and not path.is_dir():
                path.unlink()
            path.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(path, *layout.application.owner.ids, follow_symlinks=False)
        if "link" not in entry:
            path.chmod(int(entry["mode"]))  # last: a change of the owner removes setuid and setgid


def format_listing(packed: str) -> str:
    """Return the text by which two homes are compared. Raises NotConfigured."""
    return json.dumps(_parse_entries(packed), sort_keys=True)


def list_secret_files(layout: Layout) -> list[Path]:
    """Return every file whose content must not even be in the free blocks of an image."""
    kept = set(list_public_files(layout))
    return [path for path in _walk_home(layout, GOGS) if path.is_file() and not path.is_symlink() and path not in kept]


def _build_size_error(layout: Layout, paths: list[Path]) -> Refused:
    sizes: dict[str, int] = {}
    for path in paths:
        if not path.is_dir():
            top = path.relative_to(layout.home).parts[0]
            sizes[top] = sizes.get(top, 0) + path.lstat().st_size
    largest = sorted(sizes.items(), key=lambda one: -one[1])[:5]
    return Refused(
        f"the home of the user git holds more of its own than can be carried to the targets: {', '.join(f'{name} ({size} bytes)' for name, size in largest)}",
        next_action=f"leave in {layout.home} what fits into {MOST_CHARACTERS} characters, compressed; move programs to /usr/local, which is in the"
        " image, and what nobody needs away; then run the playbook again",
    )


def list_other_places(layout: Layout) -> frozenset[Path]:
    """Return what an existing site may have below the home of its user, and what is no part of the home: program, settings, data, logs."""
    found = layout.installation
    return frozenset(layout.find(path) for path in found.own_places) if found else frozenset()


def _walk_home(layout: Layout, without: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Yield everything in the home. `without`: names of its own entries. Other places of an existing site are left out with all below them."""
    others = list_other_places(layout)
    if others:  # the folders of GOGS are those of the profile's own layout; elsewhere these names may be anything
        without -= GOGS
    for top in sorted(layout.home.iterdir()) if layout.home.is_dir() else ():
        if top.name not in without:
            yield from _walk_tree(top, others)


def _walk_tree(path: Path, without: frozenset[Path]) -> Iterator[Path]:
    if path in without:
        return
    yield path
    if path.is_dir() and not path.is_symlink():
        for below in sorted(path.iterdir()):
            yield from _walk_tree(below, without)


def _is_own(path: Path, layout: Layout) -> bool:
    name = str(path.relative_to(layout.home))
    mode = path.lstat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)) or name.startswith(AUTHORIZED):
        return False
    if stat.S_ISREG(mode):
        if name == ".gitconfig":
            return bool(_read_content(path).strip())
        skeleton = layout.root / "etc/skel" / name
        return not (skeleton.is_file() and skeleton.read_bytes() == path.read_bytes())
    return True


def _build_entry(path: Path, home: Path) -> dict[str, Any]:
    status = path.lstat()
    entry: dict[str, Any] = {"path": str(path.relative_to(home)), "mode": stat.S_IMODE(status.st_mode)}
    if stat.S_ISLNK(status.st_mode):
        return {"path": entry["path"], "link": str(path.readlink())}
    if stat.S_ISREG(status.st_mode):
        entry["content"] = base64.b64encode(_read_content(path)).decode()
    return entry


def _read_content(path: Path) -> bytes:
    found = path.read_bytes()
    return select_site_lines(found) if path.name == ".gitconfig" else found


def _write(layout: Layout, path: Path, content: bytes, mode: int) -> None:
    if path.is_file() and _read_content(path) == content and stat.S_IMODE(path.stat().st_mode) == mode:
        return
    owner = layout.application.owner.ids if os.geteuid() == 0 else None
    textfiles.replace_bytes(path, content, mode=mode, owner=owner)


def _parse_entries(packed: str) -> list[dict[str, Any]]:
    if not packed:
        return []
    try:
        found = json.loads(zlib.decompress(base64.b64decode(packed, validate=True)))
        return [dict(entry) for entry in found]
    except (binascii.Error, zlib.error, ValueError, TypeError) as error:
        raise NotConfigured(
            f"{SECRET} in the site's secret is damaged", next_action="run the playbook on the source again"
        ) from error


def _check_path(layout: Layout, name: str) -> Path:
    path, others = Path(name), list_other_places(layout)
    is_inside = not path.is_absolute() and ".." not in path.parts and bool(path.parts)
    whole = layout.home / path
    if not is_inside or any(one in others for one in (whole, *whole.parents)) or (not others and path.parts[0] in GOGS):
        raise NotConfigured(
            f"{SECRET} in the site's secret names a path outside the home",
            next_action="run the playbook on the source again",
        )
    return path
