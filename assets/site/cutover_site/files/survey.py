"""Search the data root for files that a migration cannot copy, or not without a change. The survey runs before the freeze.

`lost`: files that would be lost or would stop the copy; preflight refuses them. `told`: files that are copied, but that the operator should
know about. One pass of os.scandir over everything takes a few seconds for a million files.
"""

from __future__ import annotations

import os
import pwd
import stat
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from applications.profile import Files, Owner

from cutover_site.files import mounts
from cutover_site.files.alternates import find_outside_paths
from cutover_site.files.names import shorten
from cutover_site.files.pushes import is_bare
from cutover_site.files.tree import is_link_outside, read_link

READ_ONLY_OBJECTS = "repository whose folder objects is read-only"
NOT_BARE = "repository with core.bare = false"
MAX_NAMES = 5
"""of a finding"""
BUDGET_SECONDS = 60.0
"""for the whole survey; the verb `check` has two minutes"""
ENTRIES_PER_CLOCK_CHECK = 4096
# Amazon EFS, quotas for file systems: docs.aws.amazon.com/efs/latest/ug/limits.html
MAX_DEPTH = 1000
MAX_HARD_LINKS = 177
MAX_LINK_BYTES = 4080
MAX_FILE_BYTES = 52_673_613_135_872
MAX_PATH_BYTES = 4096 - len("/mnt/efs/scratch/")
"""limit of rsync and the kernel, below the shared file system"""


@dataclass
class Finding:
    """How many paths have one problem, and the first of them."""

    total: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count one more path."""
        self.total += 1
        if len(self.names) < MAX_NAMES:
            self.names.append(shorten(name))


@dataclass(frozen=True)
class Reader:
    """The user that reads the source's files for the replica: the application's user, with its groups."""

    user: int
    groups: frozenset[int]
    name: str

    @classmethod
    def from_owner(cls, owner: Owner) -> Reader:
        """Return the reader for the application's user on this machine."""
        try:
            account = pwd.getpwnam(owner.user)
        except KeyError:
            return cls(owner.uid, frozenset({owner.ids[1]}), owner.user)
        return cls(account.pw_uid, frozenset(os.getgrouplist(owner.user, account.pw_gid)), owner.user)

    def has_read_access(self, status: os.stat_result) -> bool:
        """Return whether the file mode lets this user read the path. A folder must be searchable too."""
        return self._has_access(status, 0o5 if stat.S_ISDIR(status.st_mode) else 0o4)

    def has_write_access(self, status: os.stat_result) -> bool:
        """Return whether the file mode lets this user write to the folder."""
        return self._has_access(status, 0o3)

    def _has_access(self, status: os.stat_result, needed: int) -> bool:
        shift = 6 if status.st_uid == self.user else 3 if status.st_gid in self.groups else 0
        return (status.st_mode >> shift) & needed == needed


@dataclass
class Survey:
    """What was found so far."""

    root: Path
    rules: Files
    reader: Reader
    lost: dict[str, Finding] = field(default_factory=dict)
    oddities: dict[str, Finding] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0
    complete: bool = True
    others: tuple[Path, ...] = ()
    """more folders that are carried over; a link into one of them does not lead out"""
    linked: dict[tuple[int, int], tuple[int, int, str]] = field(default_factory=dict)
    """by device and inode: how many of its names were seen, how many it has, one of them"""

    def to_facts(self) -> dict[str, Any]:
        """Return the result of the survey for `cutover-site check`."""

        def summarize(findings: dict[str, Finding]) -> dict[str, Any]:
            return {
                kind: {"total": finding.total, "names": finding.names} for kind, finding in sorted(findings.items())
            }

        return {
            "files": self.files,
            "bytes": self.bytes,
            "complete": self.complete,
            "lost": summarize(self.lost),
            "told": summarize(self.oddities),
        }

    def add_lost(self, kind: str, name: str) -> None:
        """Add a path that would be lost or would stop the copy."""
        self.lost.setdefault(kind, Finding()).add(name)

    def add_oddity(self, kind: str, name: str) -> None:
        """Add a path that is copied, but that the operator should know about."""
        self.oddities.setdefault(kind, Finding()).add(name)


def survey(
    rules: Files,
    root: Path,
    reader: Reader,
    budget_seconds: float = BUDGET_SECONDS,
    *,
    others: tuple[Path, ...] = (),
    exposed: Collection[Path] = (),
) -> Survey:
    """Search everything below `root`. `others`: more folders that are carried over. `exposed`: where the adoption mounted folders of the site.

    Raises OSError when `root` itself cannot be read.
    """
    found = Survey(root, rules, reader, others=others)
    os.scandir(root).close()
    own = {str(place) for place in exposed}
    for kind, place in mounts.find_mounts(root, own=own):
        (found.add_oddity if kind == mounts.LOCAL else found.add_lost)(kind, place)
    deadline = time.monotonic() + budget_seconds
    for number, (path, status) in enumerate(_walk(found)):
        if number % ENTRIES_PER_CLOCK_CHECK == 0 and time.monotonic() > deadline:
            found.complete = False
            break
        _check_entry(found, path, status)
    if found.complete:  # else other names of a file may be in the part that was not searched
        for seen, links, name in found.linked.values():
            if seen < links:
                found.add_oddity("hard link", f"{name}, which has {links - seen} names outside of the site's folders")
    return found


def _walk(found: Survey) -> Iterator[tuple[str, os.stat_result]]:
    """Yield path and status of everything below the root. A folder that cannot be read is added to the findings."""
    folders = [""]
    skipped = set(found.rules.left_out)
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(found.root / folder) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if path in skipped or entry.name.startswith(".nfs"):
                        continue
                    status = entry.stat(follow_symlinks=False)
                    yield path, status
                    if stat.S_ISDIR(status.st_mode):
                        folders.append(path)
        except (FileNotFoundError, NotADirectoryError):
            continue  # deleted meanwhile
        except OSError as error:
            found.add_lost("unreadable", f"{folder} ({error.strerror})")


def _check_entry(found: Survey, path: str, status: os.stat_result) -> None:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        _check_file(found, path, status)
    elif stat.S_ISLNK(mode):
        _check_link(found, path, status)
    elif not stat.S_ISDIR(mode):
        kinds = ((stat.S_ISSOCK, "socket"), (stat.S_ISFIFO, "fifo"), (stat.S_ISBLK, "device"), (stat.S_ISCHR, "device"))
        found.add_lost(next(kind for test, kind in kinds if test(mode)), path)
        return
    if not stat.S_ISLNK(mode) and not found.reader.has_read_access(status):
        found.add_lost(f"unreadable by {found.reader.name}", path)
    elif path.endswith(".git/objects") and stat.S_ISDIR(mode) and not found.reader.has_write_access(status):
        found.add_oddity(READ_ONLY_OBJECTS, path.rpartition("/")[0])
    _check_name(found, path, status)


def _check_file(found: Survey, path: str, status: os.stat_result) -> None:
    found.files += 1
    if status.st_nlink > 1:
        key = (status.st_dev, status.st_ino)
        seen = found.linked.get(key, (0, 0, ""))[0] + 1
        found.linked[key] = (seen, status.st_nlink, path)
        if seen > 1:
            return
        if status.st_nlink > MAX_HARD_LINKS:
            found.add_lost("too many hard links", f"{path} ({status.st_nlink} names)")
    found.bytes += status.st_size
    if status.st_size > MAX_FILE_BYTES:
        found.add_lost("too large", path)
    if path.endswith(".git/config") and not is_bare(found.root / path):
        found.add_oddity(NOT_BARE, path.rpartition("/")[0])
    if path.endswith(("/objects/info/alternates", "/commondir")):
        for place in find_outside_paths(found.root, path, found.others):
            found.add_lost("borrowed objects", f"{path} names {place}")


def _check_link(found: Survey, path: str, status: os.stat_result) -> None:
    link = found.root / path
    try:
        target = read_link(link)
    except OSError:
        return
    if all(is_link_outside(root, link) for root in (found.root, *found.others)):
        found.add_lost("link that leads out", f"{path} leads to {target}")
    elif not link.exists():
        found.add_oddity("link to nothing", f"{path} leads to {target}")
    if status.st_size > MAX_LINK_BYTES:
        found.add_lost("too long", path)


def _check_name(found: Survey, path: str, status: os.stat_result) -> None:
    if (
        len(path) > MAX_PATH_BYTES // 4
    ):  # a shorter path exceeds neither limit, because a character has at most four bytes
        if len(os.fsencode(path)) > MAX_PATH_BYTES:
            found.add_lost("too long", path)
        if path.count("/") + 1 + stat.S_ISDIR(status.st_mode) > MAX_DEPTH:
            found.add_lost("too deep", path)
    if not path.isascii() and any("\udc80" <= character <= "\udcff" for character in path.rpartition("/")[2]):
        found.add_oddity("name that is no UTF-8", path)
