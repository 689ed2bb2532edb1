"""Git processes that change repositories, left over from requests or started by Gogs's own timers."""

from pathlib import PurePath

from cutover_site.layout import Layout

WRITERS = {
    "receive-pack", "fetch", "remote", "push", "gc", "repack", "prune", "index-pack", "unpack-objects",
    "update-ref", "merge", "commit", "clone", "worktree", "http-fetch", "fetch-pack",
}  # fmt: skip
GOGS_COMMANDS = {"serv", "hook"}


def changes_repositories(arguments: tuple[str, ...], layout: Layout) -> bool:
    """Whether a process with these arguments may write into a repository. Readers (upload-pack and what it starts) are left alone."""
    program = PurePath(arguments[0]).name
    if program == "git":
        command = next((word for word in arguments[1:] if not word.startswith("-") and "=" not in word), "")
        return command in WRITERS
    if program.startswith("git-"):
        return program.removeprefix("git-") in WRITERS
    words = set(arguments[1:4])
    return str(layout.binary) in arguments[:3] and bool(words & GOGS_COMMANDS)
