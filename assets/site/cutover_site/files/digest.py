"""Digests of the site's files: equal exactly when content, ownership and modes are equal. Also digests of git refs only.

The tree is divided into places: each repository, each group of the application's profile, and OTHER for the rest. A result has one line per
place, or on a large site one per bucket of places (see lines.py).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from applications.profile import Files

from cutover_site.errors import NotChecked
from cutover_site.files.changes import ChangedPaths
from cutover_site.files.lines import arrange, get_bucket
from cutover_site.files.names import escape_name
from cutover_site.files.references import digest_references
from cutover_site.files.tree import GONE, list_folder, list_sites, read_entry, walk

WORKERS = 8
MAX_LINES = 150
"""places with a line of their own; fewer where their names are long"""
OTHER = "other"
"""what belongs to no repository and no group: owners' folders, other files of the site"""
ALL = "*"
DEPTH = 2
"""of a repository, below the folder of repositories"""


def list_repositories(rules: Files, root: Path) -> list[str]:
    """Return `owner/name.git` of every repository and wiki, sorted. Includes symbolic links to repositories, but not what is below a linked owner."""
    found: list[str] = []
    if rules.repositories is None:
        return found
    base = root / rules.repositories.folder
    if base.is_symlink() or not base.is_dir():
        return found
    with os.scandir(base) as owners:
        for owner in owners:
            if owner.is_dir(follow_symlinks=False):
                found += [f"{owner.name}/{one.name}" for one in Path(owner.path).iterdir() if one.name.endswith(".git")]
    return sorted(found)


def list_places(rules: Files, root: Path) -> list[str]:
    """Return every place below `root`."""
    groups = [group for group in rules.groups if (root / group).exists() or (root / group).is_symlink()]
    return [*list_repository_paths(rules, root), *groups, OTHER]


def list_repository_paths(rules: Files, root: Path) -> list[str]:
    """Return the path of every repository and wiki below `root`."""
    folder = rules.repositories.folder if rules.repositories else ""
    return [f"{folder}/{name}" for name in list_repositories(rules, root)]


def walk_place(rules: Files, root: Path, place: str) -> Iterator[Path]:
    """Yield every path of one place."""
    if place != OTHER:
        yield from walk(root / place, {str(root / path) for path in _list_caches(rules, place)})
        return
    without = {str(root / path) for path in (*list_places(rules, root), *rules.left_out)}
    yield from (path for path in walk(root, without) if path != root)


def _list_caches(rules: Files, path: str) -> list[str]:
    """Return the folders in a repository that are neither copied nor compared, by their path below the root; none elsewhere."""
    known = rules.repositories
    if known is None or not path.startswith(f"{known.folder}/") or not path.endswith(".git"):
        return []
    depth = path.count("/") - known.folder.count("/")
    return [f"{path}/{name}" for name in known.caches] if depth == DEPTH else []


def digest_files(rules: Files, root: Path, *, check_links: bool = True) -> dict[str, str]:
    """Return a digest of the content of every place, as lines. Raises NotChecked when a file cannot be read, or a link leads out of `root`.

    `check_links`: False for a copy of the source's tree, because the same links lead elsewhere there.
    """
    sites = list_sites(rules, root) if check_links else ()
    found = _run_parallel(
        {place: partial(digest_place, rules, root, place, sites) for place in list_places(rules, root)}
    )
    repositories = frozenset(list_repository_paths(rules, root))
    others = {name: text for name, text in found.items() if name not in repositories}
    return _to_lines({name: text for name, text in found.items() if name in repositories}) | others


def digest_refs(rules: Files, root: Path, whole: Collection[str] = (), *, check_links: bool = True) -> dict[str, str]:
    """Return a digest of every ref and HEAD of every repository and wiki, as lines.

    `whole`: lines whose places are compared by all their content too; the line `whole` of the result has the digest of these places.
    """
    sites = list_sites(rules, root) if check_links else ()
    names = list_repository_paths(rules, root)
    found = _to_lines(_run_parallel({name: partial(digest_references, root / name) for name in names}))
    chosen = _run_parallel(
        {place: partial(digest_place, rules, root, place, sites) for place in select_places(rules, root, whole)}
        if whole
        else {}
    )
    digest = hashlib.sha256("\n".join(f"{escape_name(name)} {text}" for name, text in sorted(chosen.items())).encode())
    return found | ({"whole": f"{len(chosen)} places, {digest.hexdigest()[:32]}"} if whole else {})


def select_places(rules: Files, root: Path, lines: Collection[str]) -> list[str]:
    """Return the places that these lines of a digest are about; every place when ALL is among the lines."""
    found = list_places(rules, root)
    if ALL in lines:
        return found
    return [place for place in found if escape_name(place) in lines or get_bucket(escape_name(place)) in lines]


def digest_changes(rules: Files, root: Path, changed: ChangedPaths, *, check_links: bool = True) -> dict[str, str]:
    """Return a digest of the changed paths, as lines: each file, each folder with the names in it, and the refs of each repository they are in."""
    sites = list_sites(rules, root) if check_links else ()
    found_in: dict[str, list[str]] = {}
    for path in sorted({*changed.files, *changed.folders}):
        found_in.setdefault(_find_place(rules, path), []).append(path)
    folders = frozenset(changed.folders)
    found = _run_parallel(
        {place: partial(_digest_paths, rules, root, place, paths, folders, sites) for place, paths in found_in.items()}
    )
    return {"changed": f"{sum(len(paths) for paths in found_in.values())} paths"} | _to_lines(found)


def _to_lines(found: Mapping[str, str]) -> dict[str, str]:
    return arrange(found, most=MAX_LINES)


def _find_place(rules: Files, path: str) -> str:
    if rules.repositories and path.startswith(f"{rules.repositories.folder}/"):
        depth = rules.repositories.folder.count("/") + DEPTH
        return "/".join(path.split("/")[: depth + 1])
    return next((group for group in rules.groups if path == group or path.startswith(f"{group}/")), OTHER)


def _digest_paths(
    rules: Files, root: Path, place: str, paths: Sequence[str], folders: Collection[str], sites: tuple[Path, ...]
) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            described, _length = read_entry(root, root / path, sites)
            if path in folders:
                described += "\0".join(_list_names(rules, root, path)).encode(errors="surrogateescape")
        except OSError as error:
            if error.errno not in GONE:
                raise
            described = f"{path}\0gone".encode(errors="surrogateescape")
        digest.update(described + b"\0\0")
    is_repository = place.endswith(".git") and not (root / place).is_symlink() and (root / place).is_dir()
    stored = f", {digest_references(root / place)}" if is_repository else ""
    return f"{len(paths)} paths, {digest.hexdigest()[:32]}{stored}"


def _list_names(rules: Files, root: Path, folder: str) -> list[str]:
    """Return the names in a changed folder, without the work space of one process, which is not copied either."""
    inside = f"{folder}/" if folder else ""
    left_out = {*rules.left_out, *_list_caches(rules, folder)}
    return [entry.name for entry in list_folder(root / folder) if inside + entry.name not in left_out]


def digest_tree(folder: Path) -> str:
    """Return `<files> files, <bytes> bytes, <sha256>` of everything below a folder: path, mode, owner, group, content or link."""
    return _digest(folder, walk(folder), ())


def digest_place(rules: Files, root: Path, place: str, sites: tuple[Path, ...]) -> str:
    """Return the digest of one place, in the form of `digest_tree`. `sites`: see `read_entry`."""
    return _digest(root if place == OTHER else root / place, walk_place(rules, root, place), sites)


def _digest(folder: Path, paths: Iterator[Path], sites: tuple[Path, ...]) -> str:
    digest = hashlib.sha256()
    count = size = 0
    for path in paths:
        try:
            described, length = read_entry(folder, path, sites)
        except FileNotFoundError:
            continue  # deleted while a live site is read. On a frozen site this cannot happen, and the other side's digest would show it
        digest.update(described)
        count, size = count + (length is not None), size + (length or 0)
    return f"{count} files, {size} bytes, {digest.hexdigest()[:32]}"


def _run_parallel(work: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = {name: pool.submit(function) for name, function in work.items()}
        try:
            return {name: future.result() for name, future in futures.items()}
        except OSError as error:
            raise NotChecked(f"the files cannot be compared: {error}") from error
