"""Evaluate whether the source's files can be carried over, from the survey of `cutover-site check`."""

from collections.abc import Mapping
from typing import Any

ADVICE = {
    "link that leads out": "move what it leads to into the site's folders, or remove the link",
    "borrowed objects": "run `git repack -a -d` in the repository and remove objects/info/alternates",
    "socket": "stop the program that it belongs to, and remove it",
    "fifo": "remove it",
    "device": "remove it",
    "unreadable": "repair the folder or the disk",
    "mount of another machine": "copy its files to a disk of this server: what changes on another machine has the time of another clock",
    "too many hard links": "copy some of its names: the shared file system allows 177",
    "too large": "the shared file system holds files of up to 47.9 TiB",
    "too long": "shorten the path or the link",
    "too deep": "the shared file system has at most 1,000 levels of folders",
}
UNREADABLE_BY = "unreadable by "
"""and the name of the application's user"""


def find_problems(facts: Mapping[str, Any]) -> list[str]:
    """Return the reasons against going on. A missing survey is one."""
    lost = _get_survey(facts).get("lost")
    if not isinstance(lost, Mapping):
        return ["its files were not looked at"]
    return [f"{_format_count(kind, found)}: {_advise(kind)}" for kind, found in sorted(lost.items())]


def list_warnings(facts: Mapping[str, Any]) -> list[str]:
    """Return warnings about unusual files that are carried over as they are."""
    found = [_format_count(kind, found) for kind, found in sorted(_get_survey(facts).get("told", {}).items())]
    looked = facts.get("repositories") or {}
    broken = looked.get("broken") or {}
    if broken.get("total"):
        found.append(f"{_format_count('broken repository', broken)}, carried over as it is")
    if looked.get("not_looked_at"):
        found.append(f"{looked['not_looked_at']} repositories were not looked at for lack of time: they may be broken")
    if not _get_survey(facts).get("complete", True):
        found.append("there are so many files that not all were looked at; a link that leads out stops the run later")
    return found


def _advise(kind: str) -> str:
    if kind.startswith(UNREADABLE_BY):
        return f"give it to the user {kind[len(UNREADABLE_BY) :]}: the files are copied with its rights"
    return ADVICE.get(kind, "remove it")


def _get_survey(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    found = facts.get("files")
    return found if isinstance(found, Mapping) else {}


def _format_count(kind: str, found: Mapping[str, Any]) -> str:
    """Return a kind of file with its number and names, as `3 × socket (a, b; and 1 more)`."""
    names = [str(name) for name in found.get("names", [])]
    more = int(found["total"]) - len(names)
    shown = ", ".join(names) + (f"; and {more} more" if more > 0 else "")
    return f"{found['total']} × {kind} ({shown})"
