"""One look over the site's folders for what a migration cannot carry over, or not alike: before anything is closed.

`lost`: what would be lost or would stop the copy; preflight refuses it. `told`: what is carried over, but of which the operator should know.
A pass of os.scandir over everything: a few seconds for a million files.
"""

from __future__ import annotations

import os
import pwd
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from applications.profile import Files, Owner

from cutover_site.files import mounts
from cutover_site.files.alternates import leading_out
from cutover_site.files.names import shorten
from cutover_site.files.tree import leads_out, read_link

SHOWN = 5
BUDGET_SECONDS = 60.0
"""for the whole look: `check` has two minutes"""
LOOK_AT_CLOCK = 4096
"""entries"""
# Amazon EFS, quotas for file systems: docs.aws.amazon.com/efs/latest/ug/limits.html
DEEPEST = 1000
MOST_HARD_LINKS = 177
LONGEST_LINK = 4080
LARGEST_FILE = 52_673_613_135_872
LONGEST_PATH = 4096 - len("/mnt/efs/scratch/")
"""of rsync and the kernel, below the shared file system"""


@dataclass
class Finding:
    total: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        self.total += 1
        if len(self.names) < SHOWN:
            self.names.append(shorten(name))


@dataclass(frozen=True)
class Reader:
    """Who reads the source for the replica: the application's user, and its groups."""

    user: int
    groups: frozenset[int]
    name: str

    @classmethod
    def of(cls, owner: Owner) -> Reader:
        try:
            account = pwd.getpwnam(owner.user)
        except KeyError:
            return cls(owner.uid, frozenset({owner.uid}), owner.user)
        return cls(account.pw_uid, frozenset(os.getgrouplist(owner.user, account.pw_gid)), owner.user)

    def can_read(self, status: os.stat_result) -> bool:
        """By its mode. A folder must be searchable too."""
        needed = 0o5 if stat.S_ISDIR(status.st_mode) else 0o4
        shift = 6 if status.st_uid == self.user else 3 if status.st_gid in self.groups else 0
        return (status.st_mode >> shift) & needed == needed


@dataclass
class Survey:
    root: Path
    rules: Files
    reader: Reader
    lost: dict[str, Finding] = field(default_factory=dict)
    told: dict[str, Finding] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0
    complete: bool = True
    linked: dict[tuple[int, int], tuple[int, int, str]] = field(default_factory=dict)
    """by inode: how many of its names were seen, how many it has, one of them"""

    def facts(self) -> dict[str, Any]:
        def shown(findings: dict[str, Finding]) -> dict[str, Any]:
            return {kind: {"total": one.total, "names": one.names} for kind, one in sorted(findings.items())}

        return {
            "files": self.files,
            "bytes": self.bytes,
            "complete": self.complete,
            "lost": shown(self.lost),
            "told": shown(self.told),
        }

    def note_lost(self, kind: str, name: str) -> None:
        self.lost.setdefault(kind, Finding()).add(name)

    def note_oddity(self, kind: str, name: str) -> None:
        self.told.setdefault(kind, Finding()).add(name)


def survey(rules: Files, root: Path, reader: Reader, budget: float = BUDGET_SECONDS) -> Survey:
    """Raises OSError when the site's folder itself cannot be read."""
    found = Survey(root, rules, reader)
    os.scandir(root).close()
    for kind, place in mounts.find(root):
        (found.note_oddity if kind == mounts.LOCAL else found.note_lost)(kind, place)
    deadline = time.monotonic() + budget
    for number, (path, status) in enumerate(_walk(found)):
        if number % LOOK_AT_CLOCK == 0 and time.monotonic() > deadline:
            found.complete = False
            break
        _look(found, path, status)
    if found.complete:  # else names of a file may lie in what was not looked at
        for seen, links, name in found.linked.values():
            if seen < links:
                found.note_oddity("hard link", f"{name}, which has {links - seen} names outside of the site's folders")
    return found


def _walk(found: Survey) -> Iterator[tuple[str, os.stat_result]]:
    """Yield everything below the root by its path below it. What cannot be read at all is noted."""
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
            continue  # it went meanwhile
        except OSError as error:
            found.note_lost("unreadable", f"{folder} ({error.strerror})")


def _look(found: Survey, path: str, status: os.stat_result) -> None:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        _look_at_file(found, path, status)
    elif stat.S_ISLNK(mode):
        _look_at_link(found, path, status)
    elif not stat.S_ISDIR(mode):
        kinds = ((stat.S_ISSOCK, "socket"), (stat.S_ISFIFO, "fifo"), (stat.S_ISBLK, "device"), (stat.S_ISCHR, "device"))
        found.note_lost(next(kind for test, kind in kinds if test(mode)), path)
        return
    if not stat.S_ISLNK(mode) and not found.reader.can_read(status):
        found.note_lost(f"unreadable by {found.reader.name}", path)
    _look_at_name(found, path, status)


def _look_at_file(found: Survey, path: str, status: os.stat_result) -> None:
    found.files += 1
    if status.st_nlink > 1:
        key = (status.st_dev, status.st_ino)
        seen = found.linked.get(key, (0, 0, ""))[0] + 1
        found.linked[key] = (seen, status.st_nlink, path)
        if seen > 1:
            return
        if status.st_nlink > MOST_HARD_LINKS:
            found.note_lost("too many hard links", f"{path} ({status.st_nlink} names)")
    found.bytes += status.st_size
    if status.st_size > LARGEST_FILE:
        found.note_lost("too large", path)
    if path.endswith(("/objects/info/alternates", "/commondir")):
        for place in leading_out(found.root, path):
            found.note_lost("borrowed objects", f"{path} names {place}")


def _look_at_link(found: Survey, path: str, status: os.stat_result) -> None:
    link = found.root / path
    try:
        target = read_link(link)
    except OSError:
        return
    if leads_out(found.root, link):
        found.note_lost("link that leads out", f"{path} leads to {target}")
    elif not link.exists():
        found.note_oddity("link to nothing", f"{path} leads to {target}")
    if status.st_size > LONGEST_LINK:
        found.note_lost("too long", path)


def _look_at_name(found: Survey, path: str, status: os.stat_result) -> None:
    if len(path) > LONGEST_PATH // 4:  # neither limit can be passed by less; a character has four bytes at most
        if len(os.fsencode(path)) > LONGEST_PATH:
            found.note_lost("too long", path)
        if path.count("/") + 1 + stat.S_ISDIR(status.st_mode) > DEEPEST:
            found.note_lost("too deep", path)
    if not path.isascii() and any("\udc80" <= one <= "\udcff" for one in path.rpartition("/")[2]):
        found.note_oddity("name that is no UTF-8", path)
