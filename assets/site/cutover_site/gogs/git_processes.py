"""Recognize git processes that change the site's repositories: of requests that have ended, or started by Gogs's own timers.

These are processes of the site's user, and processes of any user that work below the data root. An unknown command counts as a write.
"""

from __future__ import annotations

from pathlib import PurePath

from cutover_site.gogs.layout import GogsLayout
from cutover_site.system.processes import Process

READERS = {
    "annotate", "archive", "blame", "cat-file", "check-attr", "check-ref-format", "cherry", "count-objects", "describe", "diff", "diff-index",
    "diff-tree", "for-each-ref", "format-patch", "fsck", "grep", "http-backend", "log", "ls-files", "ls-remote", "ls-tree", "merge-base",
    "name-rev", "pack-objects", "rev-list", "rev-parse", "shortlog", "show", "show-ref", "status", "upload-archive", "upload-pack", "var",
    "verify-commit", "verify-pack", "verify-tag", "version", "whatchanged",
}  # fmt: skip
"""commands that only read. pack-objects is started by upload-pack. A repack starts it too, but its output is used only after the repack itself,
which counts as a write, has moved it"""
READING_OPTIONS = {
    "branch": {"--list", "-l", "--contains", "--show-current"},
    "tag": {"--list", "-l", "--contains"},
    "config": {"--get", "--get-all", "--get-regexp", "--list", "-l"},
}
"""commands that only read when one of these options is given"""
OPTIONS_WITH_VALUE = {
    "-c",
    "-C",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--super-prefix",
    "--config-env",
    "--exec-path",
}
"""git's own options whose value is the next argument, unless it is given with `=`"""
SESSION_COMMAND = "serv"
GOGS_COMMANDS = {SESSION_COMMAND, "hook"}


def is_repository_writer(process: Process, layout: GogsLayout) -> bool:
    """Return whether this process may write into a repository of the site. upload-pack and its child processes only read."""
    return _is_write_command(process.arguments, layout) and (
        process.user == layout.application.owner.uid or _is_in_data_root(process, layout)
    )


def is_ssh_session_process(process: Process, layout: GogsLayout) -> bool:
    """Return whether this is the process that Gogs starts for each command of an SSH session. It ends with its git process."""
    return str(layout.binary) in process.arguments[:3] and SESSION_COMMAND in process.arguments[1:4]


def _is_in_data_root(process: Process, layout: GogsLayout) -> bool:
    roots = [str(layout.shared), *(str(layout.find(path)) for path in layout.application.files.aliases)]
    places = [process.folder, *(word.rpartition("=")[2] for word in process.arguments[1:])]
    return any(place == root or place.startswith(f"{root}/") for place in places for root in roots)


def _is_write_command(arguments: tuple[str, ...], layout: GogsLayout) -> bool:
    program = PurePath(arguments[0]).name
    if program == "git":
        return _is_write(*_split_command(arguments[1:]))
    if program.startswith("git-"):
        return _is_write(program.removeprefix("git-"), arguments[1:])
    return str(layout.binary) in arguments[:3] and bool(set(arguments[1:4]) & GOGS_COMMANDS)


def _split_command(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return git's command and its arguments; the command `version` when there is none, because then git only prints its version or help."""
    skip = False
    for place, word in enumerate(words):
        if skip:
            skip = False
        elif word in OPTIONS_WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            return word, words[place + 1 :]
    return "version", ()


def _is_write(command: str, words: tuple[str, ...]) -> bool:
    if command == "symbolic-ref":
        return len([word for word in words if not word.startswith("-")]) > 1 or bool({"-d", "--delete"} & set(words))
    return command not in READERS and not READING_OPTIONS.get(command, set()) & set(words)
