"""What a tree of the site holds, as digests that are equal exactly when content, ownership and modes are. Same for refs.

The tree is divided into places: each repository, each of the groups of the application's profile, and OTHER for the rest. The answer has a line per place (or per bucket of
places on a large site: lines.py).
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
from cutover_site.files.changes import Changes
from cutover_site.files.lines import arrange, bucket_of
from cutover_site.files.names import printable
from cutover_site.files.references import digest_references
from cutover_site.files.tree import list_folder, read_entry, walk

WORKERS = 8
LINES = 150
"""places told one by one, at most; where their names are long, fewer"""
OTHER = "other"
"""what belongs to no repository and to no group: owners' folders, files of the site's own"""
ALL = "*"
DEPTH = 2
"""of a repository, below the folder of repositories"""


def repositories(rules: Files, root: Path) -> list[str]:
    """Return `owner/name.git` of every repository and wiki, sorted. A link to one is one; what is behind a linked owner is not looked for."""
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


def places(rules: Files, root: Path) -> list[str]:
    """Return every place below `root`."""
    groups = [group for group in rules.groups if (root / group).exists() or (root / group).is_symlink()]
    return [*repository_paths(rules, root), *groups, OTHER]


def repository_paths(rules: Files, root: Path) -> list[str]:
    """Return the path of every repository and wiki below `root`."""
    folder = rules.repositories.folder if rules.repositories else ""
    return [f"{folder}/{name}" for name in repositories(rules, root)]


def paths_of(rules: Files, root: Path, place: str) -> Iterator[Path]:
    """Yield every path of one place."""
    if place != OTHER:
        yield from walk(root / place, {str(root / path) for path in _caches(rules, place)})
        return
    without = {str(root / path) for path in (*places(rules, root), *rules.left_out)}
    yield from (path for path in walk(root, without) if path != root)


def _caches(rules: Files, path: str) -> list[str]:
    """Return the folders in a repository that are neither carried over nor compared, by their path below the root; none elsewhere."""
    known = rules.repositories
    if known is None or not path.startswith(f"{known.folder}/") or not path.endswith(".git"):
        return []
    depth = path.count("/") - known.folder.count("/")
    return [f"{path}/{name}" for name in known.caches] if depth == DEPTH else []


def files(rules: Files, root: Path, *, guard_links: bool = True) -> dict[str, str]:
    """Return a line for every place, by content. Raises NotChecked when something cannot be read, or a link leads out of `root`.

    `guard_links`: False for a copy of the source's tree, which holds the same links somewhere else.
    """
    site = root if guard_links else None
    found = _parallel({place: partial(tree_of, rules, root, place, site) for place in places(rules, root)})
    many = frozenset(repository_paths(rules, root))
    single = {name: text for name, text in found.items() if name not in many}
    return _lines({name: text for name, text in found.items() if name not in single}) | single


def refs(rules: Files, root: Path, whole: Collection[str] = (), *, guard_links: bool = True) -> dict[str, str]:
    """Return every ref and HEAD of every repository and wiki. `whole`: lines of which everything is looked at."""
    site = root if guard_links else None
    names = repository_paths(rules, root)
    found = _lines(_parallel({name: partial(digest_references, root / name) for name in names}))
    chosen = _parallel(
        {place: partial(tree_of, rules, root, place, site) for place in choose(rules, root, whole)} if whole else {}
    )
    digest = hashlib.sha256("\n".join(f"{printable(name)} {text}" for name, text in sorted(chosen.items())).encode())
    return found | ({"whole": f"{len(chosen)} places, {digest.hexdigest()[:32]}"} if whole else {})


def choose(rules: Files, root: Path, lines: Collection[str]) -> list[str]:
    """Return the places that these lines of an answer are about. ALL among them: every place."""
    found = places(rules, root)
    if ALL in lines:
        return found
    return [one for one in found if printable(one) in lines or bucket_of(printable(one)) in lines]


def changes(rules: Files, root: Path, changed: Changes, *, guard_links: bool = True) -> dict[str, str]:
    """Return of what changed: each file, each folder with the names in it, and every ref of each repository that it lies in."""
    site = root if guard_links else None
    found_in: dict[str, list[str]] = {}
    for path in sorted({*changed.files, *changed.folders}):
        found_in.setdefault(_place(rules, path), []).append(path)
    folders = frozenset(changed.folders)
    found = _parallel(
        {place: partial(_changed, rules, root, place, paths, folders, site) for place, paths in found_in.items()}
    )
    return {"changed": f"{sum(len(paths) for paths in found_in.values())} paths"} | _lines(found)


def _lines(found: Mapping[str, str]) -> dict[str, str]:
    return arrange(found, most=LINES)


def _place(rules: Files, path: str) -> str:
    if rules.repositories and path.startswith(f"{rules.repositories.folder}/"):
        depth = rules.repositories.folder.count("/") + DEPTH
        return "/".join(path.split("/")[: depth + 1])
    return next((group for group in rules.groups if path == group or path.startswith(f"{group}/")), OTHER)


def _changed(
    rules: Files, root: Path, place: str, paths: Sequence[str], folders: Collection[str], site: Path | None
) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            described, _length = read_entry(root, root / path, site)
            if path in folders:
                described += "\0".join(_names(rules, root, path)).encode(errors="surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            described = f"{path}\0gone".encode(errors="surrogateescape")
        digest.update(described + b"\0\0")
    is_repository = place.endswith(".git") and not (root / place).is_symlink() and (root / place).is_dir()
    stored = f", {digest_references(root / place)}" if is_repository else ""
    return f"{len(paths)} paths, {digest.hexdigest()[:32]}{stored}"


def _names(rules: Files, root: Path, folder: str) -> list[str]:
    """Return what counts of a changed folder. Work space of one process does not, and is not carried over."""
    inside = f"{folder}/" if folder else ""
    left_out = {*rules.left_out, *_caches(rules, folder)}
    return [entry.name for entry in list_folder(root / folder) if inside + entry.name not in left_out]


def tree(folder: Path) -> str:
    """Return `<files> files, <bytes> bytes, <sha256>` of everything below: path, mode, owner, group, content or link."""
    return _digest(folder, walk(folder), None)


def tree_of(rules: Files, root: Path, place: str, site: Path | None) -> str:
    """Return the same of one place."""
    return _digest(root if place == OTHER else root / place, paths_of(rules, root, place), site)


def _digest(folder: Path, paths: Iterator[Path], site: Path | None) -> str:
    digest = hashlib.sha256()
    count = size = 0
    for path in paths:
        try:
            described, length = read_entry(folder, path, site)
        except FileNotFoundError:
            continue  # a file that goes while a live site is read; a frozen one has none, and the other side's digest shows it
        digest.update(described)
        count, size = count + (length is not None), size + (length or 0)
    return f"{count} files, {size} bytes, {digest.hexdigest()[:32]}"


def _parallel(work: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = {name: pool.submit(call) for name, call in work.items()}
        try:
            return {name: future.result() for name, future in futures.items()}
        except OSError as error:
            raise NotChecked(f"the files cannot be compared: {error}") from error
