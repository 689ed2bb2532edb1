"""Git processes that change the site's repositories, left over from requests or started by Gogs's own timers.

The site's are those of its user, and those of anybody that work below its folders. What is not known to be a read counts as a write.
"""

from __future__ import annotations

from pathlib import PurePath

from cutover_site.gogs.layout import GIT_ID, GogsLayout
from cutover_site.system.processes import Process

READERS = {
    "annotate", "archive", "blame", "cat-file", "check-attr", "check-ref-format", "cherry", "count-objects", "describe", "diff", "diff-index",
    "diff-tree", "for-each-ref", "format-patch", "fsck", "grep", "http-backend", "log", "ls-files", "ls-remote", "ls-tree", "merge-base",
    "name-rev", "pack-objects", "rev-list", "rev-parse", "shortlog", "show", "show-ref", "status", "upload-archive", "upload-pack", "var",
    "verify-commit", "verify-pack", "verify-tag", "version", "whatchanged",
}  # fmt: skip
"""pack-objects: what upload-pack starts. That of a repack writes what nothing names before the repack itself, which is ended, has moved it"""
LISTING = {
    "branch": {"--list", "-l", "--contains", "--show-current"},
    "tag": {"--list", "-l", "--contains"},
    "config": {"--get", "--get-all", "--get-regexp", "--list", "-l"},
}
"""commands that read when one of these is among their arguments"""
WITH_VALUE = {"-c", "-C", "--git-dir", "--work-tree", "--namespace", "--super-prefix", "--config-env", "--exec-path"}
"""git's own options whose value is the next argument (given with `=`, it is not)"""
SESSION_COMMAND = "serv"
GOGS_COMMANDS = {SESSION_COMMAND, "hook"}


def changes_repositories(process: Process, layout: GogsLayout, user: int = GIT_ID) -> bool:
    """Whether this process may write into a repository of the site. Readers (upload-pack and what it starts) are left alone."""
    return _writes(process.arguments, layout) and (process.user == user or _works_in(process, layout))


def serves_ssh_session(process: Process, layout: GogsLayout) -> bool:
    """Whether this is the process that Gogs begins for each command of an SSH session. It lives as long as git's own."""
    return str(layout.binary) in process.arguments[:3] and SESSION_COMMAND in process.arguments[1:4]


def _works_in(process: Process, layout: GogsLayout) -> bool:
    shared = str(layout.shared)
    places = [process.folder, *(word.rpartition("=")[2] for word in process.arguments[1:])]
    return any(place == shared or place.startswith(f"{shared}/") for place in places)


def _writes(arguments: tuple[str, ...], layout: GogsLayout) -> bool:
    program = PurePath(arguments[0]).name
    if program == "git":
        return _changes(*_command(arguments[1:]))
    if program.startswith("git-"):
        return _changes(program.removeprefix("git-"), arguments[1:])
    return str(layout.binary) in arguments[:3] and bool(set(arguments[1:4]) & GOGS_COMMANDS)


def _command(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Git's command and its arguments; no command when git was only asked for its version or help."""
    skip = False
    for place, word in enumerate(words):
        if skip:
            skip = False
        elif word in WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            return word, words[place + 1 :]
    return "version", ()


def _changes(command: str, words: tuple[str, ...]) -> bool:
    if command == "symbolic-ref":
        return len([word for word in words if not word.startswith("-")]) > 1 or bool({"-d", "--delete"} & set(words))
    return command not in READERS and not LISTING.get(command, set()) & set(words)
