"""List the paths below the data root that changed since a moment, by each inode's time of the last change (ctime).

The kernel updates ctime at every change of content, owner, mode, links or name, and no program can set it back. A deleted path shows in its
folder's ctime. This holds as long as the clock is not set, so a moment also has the start time of the machine, by its own clock.

Runs on the source only. It is also the program behind the request `changes` of the replica's key (`cutover-delta`), so it imports nothing
that starts slowly.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from applications.profile import Files

from cutover_site.errors import CommandFailed, Refused, SiteError
from cutover_site.files import data_roots
from cutover_site.layout import Layout
from cutover_site.system.commands import run

MARGIN_SECONDS = 2.0
"""how long a moment lies before its call, because the clock of a file system is a little behind"""
MAX_CLOCK_DRIFT_SECONDS = 1.0
"""difference between the start times in two moments that slewing can explain; a larger one means that the clock was set"""
REQUEST = b"list\n"
"""what the replica sends to a program that has started before its listing is wanted"""
CLOCK_WAS_SET = 3
"""exit code of this program"""
FIND_HAD_ERRORS = 1
VANISHED = re.compile(rb"^\S*find: .*: No such file or directory$")
"""A folder that was deleted after find had read its name, as git's folder of an incoming push is. -ignore_readdir_race covers files only. The
folder above it has changed and is in the listing."""
MAX_ENTRIES = 20_000
"""of changed folders whose sizes are read: reading more would take longer than it saves (`ChangedPaths.folder_bytes`)"""
SIZE = "="
"""first character of the item with the size; no type of `find` has it"""
MOMENT = re.compile(r"^(?P<since>\d+\.\d+):(?P<booted>\d+\.\d+)$")


class ClockWasSet(SiteError):
    """The clock was set or the machine restarted, so what changed since the moment cannot be found."""


@dataclass(frozen=True)
class Moment:
    """A moment, and when the machine was started by the clock of that moment. Both in seconds since 1970."""

    since: float
    booted: float

    def __str__(self) -> str:
        return f"{self.since:.3f}:{self.booted:.3f}"

    @classmethod
    def read_before_now(cls) -> Moment:
        """Return the present moment, less MARGIN_SECONDS."""
        now = time.time()
        return cls(now - MARGIN_SECONDS, now - time.clock_gettime(time.CLOCK_BOOTTIME))

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Return the moment in the form of `str`. Raises Refused."""
        found = MOMENT.match(text)
        if not found:
            raise Refused(f"{text!r} is not a moment")
        return cls(float(found["since"]), float(found["booted"]))


@dataclass(frozen=True)
class ChangedPaths:
    """Paths below the data root. A folder is in `folders` when an entry was added or removed, or its mode changed; all else is in `files`."""

    files: tuple[str, ...]
    folders: tuple[str, ...]
    folder_bytes: int | None = None
    """size of all files directly in `folders`, changed or not; None where it was not read"""

    def __len__(self) -> int:
        return len(self.files) + len(self.folders)


def list_changes(rules: Files, root: Path, moment: Moment) -> bytes:
    """Return `<type><path>` of each path that changed, each with a NUL at its end (see `parse_listing`). Raises ClockWasSet, CommandFailed."""
    if abs(Moment.read_before_now().booted - moment.booted) > MAX_CLOCK_DRIFT_SECONDS:
        raise ClockWasSet("the clock was set, or the machine restarted, since the files were compared")
    prune = [word for path in _list_pruned(rules) for word in ("-regex", path, "-o")]
    command = ["find", ".", "-ignore_readdir_race", "(", *prune, "-name", ".nfs*", ")", "-prune", "-o"]
    newer = ["-newerct", f"@{moment.since:.3f}", "-printf", r"%y%P\0"]
    environment = {**os.environ, "LC_ALL": "C"}
    done = run(*command, *newer, timeout=600, folder=root, environment=environment, accept=(0, FIND_HAD_ERRORS))
    if others := [line for line in done.stderr.splitlines() if not VANISHED.match(line)]:
        raise CommandFailed(f"find in {root} could not look at everything: {others[0].decode(errors='replace')}")
    if done.returncode and not done.stderr:
        raise CommandFailed(f"find in {root} ended with {done.returncode} and gave no reason")
    return done.stdout


def _list_pruned(rules: Files) -> list[str]:
    """Return patterns of find for what is never copied, the same paths as `rsync` excludes."""
    found = [rf"\./{re.escape(folder)}" for folder in rules.left_out]
    if rules.repositories:
        base = re.escape(rules.repositories.folder)
        found += [rf"\./{base}/[^/]*/[^/]*\.git/{re.escape(name)}" for name in rules.repositories.caches]
    return found


def parse_listing(listing: bytes) -> ChangedPaths:
    """Return the paths that `list_changes` wrote, with the size that `measure_folders` wrote after them."""
    files: list[str] = []
    folders: list[str] = []
    size = None
    for item in listing.decode(errors="surrogateescape").split("\0"):
        if item.startswith(SIZE):
            size = int(item[1:])
        elif item:
            (folders if item[0] == "d" else files).append(item[1:])
    return ChangedPaths(tuple(sorted(files)), tuple(sorted(folders)), size)


def measure_folders(root: Path, folders: Iterable[str]) -> bytes:
    """Return an item for `parse_listing` with the size of all files directly in these folders; empty when they have too many entries."""
    size = entries = 0
    for folder in folders:
        with suppress(FileNotFoundError), os.scandir(root / folder) as found:
            for entry in found:
                size += entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else 0
                entries += 1
                if entries > MAX_ENTRIES:
                    return b""
    return f"{SIZE}{size}\0".encode()


def main(arguments: Sequence[str]) -> int:
    """Write the listing to standard output. Return the exit code.

    `arguments`: data root and moment. With a third one the program waits for the line REQUEST on its standard input first: it has started
    then when the listing is wanted.
    """
    root, moment = arguments[:2]
    if len(arguments) > 2 and sys.stdin.buffer.readline() != REQUEST:
        print("the input ended before the listing was requested", file=sys.stderr)
        return 1
    try:
        data_roots.require_exposed(Layout())
        listing = list_changes(Layout().application.files, Path(root), Moment.parse(moment))
        sys.stdout.buffer.write(listing + measure_folders(Path(root), parse_listing(listing).folders))
    except SiteError as error:
        print(error, file=sys.stderr)
        return CLOCK_WAS_SET if isinstance(error, ClockWasSet) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
