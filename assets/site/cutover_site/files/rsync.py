"""Copies folders of the site whole: hard links, owners, modes, deletions."""

import os

from cutover_site.files.rsync_report import RsyncReport, parse
from cutover_site.layout import PER_INSTANCE
from cutover_site.system.commands import run

VANISHED = 24
"""rsync's exit code when nothing failed but files that went while it worked"""
# A repository's archives are a cache that a read may fill; the rest is work space of one process.
EXCLUDED = (*(f"/{folder}/" for folder in PER_INSTANCE), "/repositories/*/*.git/archives/", ".nfs*")

REPOSITORY = "/repositories/*/*.git/"
REWRITTEN = ("HEAD", "packed-refs", "config", "description", "refs/***", "hooks/***", "custom_hooks/***")
"""What is written in place in a repository: small, and of equal length before and after. rsync trusts size and whole seconds, so that of a
branch that moves twice within a second it would keep the first place."""


def mirror(
    source: str,
    destination: str,
    *,
    shell: str = "",
    checksum: bool = False,
    rewritten_only: bool = False,
    timeout: float = 3600,
) -> RsyncReport:
    """`destination` is as `source` afterwards, but for EXCLUDED. Paths end with a slash. Raises CommandFailed.

    `rewritten_only`: nothing but REWRITTEN is looked at. `checksum`: every file is read on both sides, so that one whose content differs is copied though size and time are equal. Files may go
    meanwhile: the source is live then.
    """
    command = ["rsync", "-aH", "--numeric-ids", "--delete", "--itemize-changes", "--stats", "--no-human-readable"]
    command += [f"--exclude={pattern}" for pattern in EXCLUDED]
    if rewritten_only:
        inside = [f"{REPOSITORY}{name}" for name in REWRITTEN]
        command += [f"--include={path}" for path in ("/repositories/", "/repositories/*/", REPOSITORY, *inside)]
        command.append("--exclude=*")
    if checksum:
        command.append("--checksum")
    if shell:
        command += ["--rsh", shell]
    done = run(
        *command, source, destination, timeout=timeout, environment={**os.environ, "LC_ALL": "C"},
        accept=(0, VANISHED) if checksum else (0,),
    )  # fmt: skip
    return parse(done.stdout.decode(errors="replace"))
