"""Copy folders of the site with rsync: with hard links, owners, modes and deletions."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from applications.profile import Files

from cutover_site.files.changes import ChangedPaths
from cutover_site.files.rsync_report import RsyncReport, parse_report
from cutover_site.system.commands import run

MAX_BYTES_BY_CONTENT = 16 << 20
"""of unchanged files that are read on both sides to save a run of rsync, which takes about as long"""
VANISHED = 24
"""rsync's exit code when the only problem was files that were deleted during the copy"""


def mirror(
    rules: Files, source: str, destination: str, *, shell: str = "", checksum: bool = False, timeout: float = 3600
) -> RsyncReport:
    """Make `destination` equal to `source`, without the paths that are never copied. Paths end with a slash. Raises CommandFailed.

    `checksum`: read every file on both sides, to find those with another content but equal size and time. This happens while the source is
    live, so files may be deleted meanwhile.
    """
    options, accept = (["--checksum"], (0, VANISHED)) if checksum else ([], (0,))
    return _run_rsync(rules, source, destination, options, shell=shell, timeout=timeout, accept=accept)


def mirror_rewritten(
    rules: Files, source: str, destination: str, *, shell: str = "", timeout: float = 3600
) -> RsyncReport:
    """Copy only the files that git rewrites in place. Compares their content, because size and time may be equal. Raises CommandFailed."""
    if rules.repositories is None:
        return RsyncReport()
    folder = f"/{rules.repositories.folder}/"
    repository = f"{folder}*/*.git/"
    inside = (f"{repository}{name}" for name in rules.repositories.rewritten)
    parents = (folder, f"{folder}*/", repository)
    options = ["--checksum", *(f"--include={path}" for path in (*parents, *inside)), "--exclude=*"]
    return _run_rsync(rules, source, destination, options, shell=shell, timeout=timeout)


def mirror_sessions(
    rules: Files, source: str, destination: str, *, shell: str = "", timeout: float = 3600
) -> RsyncReport:
    """Copy the sessions of the users, who then stay signed in. Reads change them meanwhile, and some may vanish. Raises CommandFailed.

    Compares their content, because a session may change within a second and keep its size.
    """
    if not rules.sessions:
        return RsyncReport()
    folder = f"{rules.sessions}/"
    return _run_rsync(
        rules,
        f"{source}{folder}",
        f"{destination}{folder}",
        ["--checksum"],
        shell=shell,
        timeout=timeout,
        accept=(0, VANISHED),
    )


def mirror_changes(
    rules: Files, source: str, destination: str, changed: ChangedPaths, *, shell: str = "", timeout: float = 3600
) -> list[RsyncReport]:
    """Copy only the changed paths. Compares the content of files. Returns a report for each run of rsync. Raises CommandFailed.

    The entries of a changed folder are compared too, and deleted ones are deleted. If they are small, one run compares everything by content.
    Otherwise they are compared by size and time, and the changed files by content in another run. A folder that was moved with its content
    (a renamed repository) has no changes below it. It is recognized because it is new in `destination`, and is copied whole.
    `destination` is a folder of this machine.
    """
    _separate_hard_links(Path(destination), changed)
    is_small = changed.folder_bytes is not None and changed.folder_bytes <= MAX_BYTES_BY_CONTENT
    by_content = ["--checksum"] if is_small else []
    options = ["--no-recursive", "--dirs", "--force", "--from0", "--files-from=-", "--ignore-missing-args"]
    reports = []

    def copy(paths: Iterable[str], *more: str) -> RsyncReport:
        # rsync takes a name that begins with # or ; for a comment.
        listed = "".join(f"./{path}\0" for path in paths).encode(errors="surrogateescape")
        reports.append(
            _run_rsync(rules, source, destination, [*options, *more], shell=shell, timeout=timeout, stdin=listed)
        )
        return reports[-1]

    if changed.folders:
        found = copy([*(f"{path or '.'}/" for path in changed.folders), *changed.files], *by_content)
        if moved := set(found.created).difference(changed.folders):
            copy(sorted(moved), "--recursive")
    if changed.files and not (changed.folders and is_small):
        copy(changed.files, "--checksum")
    return reports


def _separate_hard_links(destination: Path, changed: ChangedPaths) -> None:
    """Remove changed files that have more names in `destination`. The copy that follows brings them back, with the links that they have now.

    rsync breaks no link that the source does not have any more (rsync(1), --hard-links), and a new mode or owner of one file would be one of
    the other file too. Objects of git never change, and forks share many of them: they stay.
    """
    for path in changed.files:
        place = destination / path
        with suppress(FileNotFoundError, NotADirectoryError):
            status = place.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_nlink > 1 and "/objects/" not in path:
                place.unlink()


def _run_rsync(
    rules: Files,
    source: str,
    destination: str,
    options: list[str],
    *,
    shell: str,
    timeout: float,
    accept: tuple[int, ...] = (0,),
    stdin: bytes | None = None,
) -> RsyncReport:
    command = ["rsync", "-aH", "--numeric-ids", "--delete", "--itemize-changes", "--stats", "--no-human-readable"]
    command += [f"--exclude={pattern}" for pattern in _list_excluded(rules)]
    if shell:
        command += ["--rsh", shell]
    done = run(
        *command,
        *options,
        source,
        destination,
        timeout=timeout,
        environment={**os.environ, "LC_ALL": "C"},
        accept=accept,
        stdin=stdin,
    )
    return parse_report(done.stdout.decode(errors="replace"))


def _list_excluded(rules: Files) -> list[str]:
    """Return patterns of rsync for what is never copied: work space of one process, and caches that a read may fill."""
    found = [f"/{folder}/" for folder in rules.left_out]
    if rules.repositories:
        found += [f"/{rules.repositories.folder}/*/*.git/{name}/" for name in rules.repositories.caches]
    return [*found, ".nfs*"]
