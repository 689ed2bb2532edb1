"""What changed in the site's folders since a moment, by the time that the file system keeps of each inode's last change (ctime).

Every way to change content, owner, mode, links or name of a file renews it, and no program can set it back. What is gone shows in its
folder's ctime. That holds as long as the clock was not set meanwhile: a moment carries how far it was from the time since boot.

On the source only. Also the program behind `changes` of the replica's key (`cutover-delta`), so it imports nothing that starts slowly.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from applications.profile import Files

from cutover_site.errors import Refused, SiteError
from cutover_site.layout import Layout
from cutover_site.system.commands import run

MARGIN = 2.0
"""seconds that a moment lies before its call: a file system's clock is a little behind"""
SET = 1.0
"""seconds between two moments' distances from boot that no slewing explains"""
CLOCK_WAS_SET = 3
"""exit code of `changes`"""
TEXT = re.compile(r"^(?P<since>\d+\.\d+):(?P<booted>\d+\.\d+)$")


class ClockWasSet(SiteError):
    """What changed since the moment cannot be told."""


@dataclass(frozen=True)
class Moment:
    """Seconds since 1970, of the moment and of the machine's start as its clock says."""

    since: float
    booted: float

    def __str__(self) -> str:
        return f"{self.since:.3f}:{self.booted:.3f}"

    @classmethod
    def now(cls) -> Moment:
        now = time.time()
        return cls(now - MARGIN, now - time.clock_gettime(time.CLOCK_BOOTTIME))

    @classmethod
    def parse(cls, text: str) -> Moment:
        found = TEXT.match(text)
        if not found:
            raise Refused(f"{text!r} is not a moment")
        return cls(float(found["since"]), float(found["booted"]))


@dataclass(frozen=True)
class Changes:
    """Paths below the site's folder. `files` are all that are no folders; `folders` were changed themselves: something came, went, or their mode."""

    files: tuple[str, ...]
    folders: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.files) + len(self.folders)


def listed(rules: Files, root: Path, moment: Moment) -> bytes:
    """`<type><path>` of each path that changed, NUL after each; `parse` reads it. Raises ClockWasSet, CommandFailed."""
    if abs(Moment.now().booted - moment.booted) > SET:
        raise ClockWasSet("the clock was set, or the machine restarted, since the files were compared")
    prune = [word for path in _pruned(rules) for word in ("-regex", path, "-o")]
    command = ["find", ".", "-ignore_readdir_race", "(", *prune, "-name", ".nfs*", ")", "-prune", "-o"]
    newer = ["-newerct", f"@{moment.since:.3f}", "-printf", r"%y%P\0"]
    return run(*command, *newer, timeout=600, folder=root).stdout


def _pruned(rules: Files) -> list[str]:
    """Return patterns of find for what is never carried over, as `rsync` excludes it."""
    found = [rf"\./{re.escape(folder)}" for folder in rules.left_out]
    if rules.repositories:
        base = re.escape(rules.repositories.folder)
        found += [rf"\./{base}/[^/]*/[^/]*\.git/{re.escape(name)}" for name in rules.repositories.caches]
    return found


def parse(listing: bytes) -> Changes:
    files: list[str] = []
    folders: list[str] = []
    for item in listing.decode(errors="surrogateescape").split("\0"):
        if item:
            (folders if item[0] == "d" else files).append(item[1:])
    return Changes(tuple(sorted(files)), tuple(sorted(folders)))


def main(arguments: Iterable[str]) -> int:
    root, moment = arguments
    try:
        sys.stdout.buffer.write(listed(Layout().application.files, Path(root), Moment.parse(moment)))
    except SiteError as error:
        print(error, file=sys.stderr)
        return CLOCK_WAS_SET if isinstance(error, ClockWasSet) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
