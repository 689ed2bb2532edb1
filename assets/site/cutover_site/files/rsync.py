"""Copies folders of the site whole: hard links, owners, modes, deletions."""

from __future__ import annotations

import os
from collections.abc import Iterable

from applications.profile import Files

from cutover_site.files.changes import Changes
from cutover_site.files.rsync_report import RsyncReport, parse
from cutover_site.system.commands import run

VANISHED = 24
"""rsync's exit code when nothing failed but files that went while it worked"""


def mirror(
    rules: Files, source: str, destination: str, *, shell: str = "", checksum: bool = False, timeout: float = 3600
) -> RsyncReport:
    """`destination` is as `source` afterwards, but for what is never carried over. Paths end with a slash. Raises CommandFailed.

    `checksum`: every file is read on both sides, so that one whose content differs is copied though size and time are equal. Files may go
    meanwhile: that is done while the source is live.
    """
    options, accept = (["--checksum"], (0, VANISHED)) if checksum else ([], (0,))
    return _rsync(rules, source, destination, options, shell=shell, timeout=timeout, accept=accept)


def mirror_rewritten(
    rules: Files, source: str, destination: str, *, shell: str = "", timeout: float = 3600
) -> RsyncReport:
    """What is rewritten in place in every repository is as in `source` afterwards, by content; nothing else is looked at. Raises CommandFailed."""
    if rules.repositories is None:
        return RsyncReport()
    folder = f"/{rules.repositories.folder}/"
    repository = f"{folder}*/*.git/"
    inside = (f"{repository}{name}" for name in rules.repositories.rewritten)
    parents = (folder, f"{folder}*/", repository)
    options = ["--checksum", *(f"--include={path}" for path in (*parents, *inside)), "--exclude=*"]
    return _rsync(rules, source, destination, options, shell=shell, timeout=timeout)


def mirror_changes(
    rules: Files, source: str, destination: str, changes: Changes, *, shell: str = "", timeout: float = 3600
) -> list[RsyncReport]:
    """`changes` of `source` are in `destination` afterwards, files by content; nothing else of either tree is looked at. Raises CommandFailed.

    Of a changed folder each entry is compared by name, size and time, and what is gone is deleted. A folder that came with its content from
    elsewhere (a repository that was renamed) has nothing changed below it: it shows by being new, and is copied whole.
    """
    options = ["--no-recursive", "--dirs", "--force", "--from0", "--files-from=-", "--ignore-missing-args"]
    reports = []

    def copy(paths: Iterable[str], *more: str) -> RsyncReport:
        listed = "".join(f"{path}\0" for path in paths).encode(errors="surrogateescape")
        reports.append(
            _rsync(rules, source, destination, [*options, *more], shell=shell, timeout=timeout, stdin=listed)
        )
        return reports[-1]

    if changes.folders:
        found = copy([*(f"{path or '.'}/" for path in changes.folders), *changes.files])
        if moved := set(found.created).difference(changes.folders):
            copy(sorted(moved), "--recursive")
    if changes.files:
        copy(changes.files, "--checksum")
    return reports


def _rsync(
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
    command += [f"--exclude={pattern}" for pattern in _excluded(rules)]
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
    return parse(done.stdout.decode(errors="replace"))


def _excluded(rules: Files) -> list[str]:
    """Return patterns of rsync for what is never carried over: work space of one process, and caches that a read may fill."""
    found = [f"/{folder}/" for folder in rules.left_out]
    if rules.repositories:
        found += [f"/{rules.repositories.folder}/*/*.git/{name}/" for name in rules.repositories.caches]
    return [*found, ".nfs*"]
