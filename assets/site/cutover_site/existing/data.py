"""Check the folders with the site's data: that they exist, what of them cannot be carried over, how large they are."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from applications.profile import Files

from cutover_site.existing.findings import Finding, not_checked, stop, warn
from cutover_site.existing.host import Account
from cutover_site.files.survey import BUDGET_SECONDS, NOT_BARE, READ_ONLY_OBJECTS, Reader, Survey, survey

LOST_ACTIONS: Mapping[str, str] = {
    "link that leads out": "move what it leads to into the site's folders, or remove the link",
    "borrowed objects": "make each repository complete: git repack -a -d in it, then remove objects/info/alternates",
    "mount of another machine": "move the data to a local disk",
}
OTHER_ACTION = "remove or repair these files"
ODD_ACTIONS: Mapping[str, str] = {
    READ_ONLY_OBJECTS: "nothing, or give the user of the application write access: pushes to it fail today, and will fail on AWS",
    NOT_BARE: "nothing, or git config core.bare true in it: git refuses pushes to its branch today, and will refuse them on AWS",
}
OTHER_ODD_ACTION = "nothing; it is copied as it is"
LEAST_SECONDS = 1.0
"""for a folder, when the ones before it took all the time"""


@dataclass(frozen=True)
class Folder:
    """A folder with data. `name`: what is in it. `is_required`: without it the site has no data."""

    name: str
    path: Path
    is_required: bool = False


def check_data(
    folders: Iterable[Folder], rules: Files, account: Account, *, budget_seconds: float = BUDGET_SECONDS
) -> Iterator[Finding | dict[str, Any]]:
    """Yield the findings, and a dictionary with bytes and number of files for each folder that was searched.

    A folder inside another one is searched with it. The folders together have `budget_seconds`.
    """
    present = [folder for folder in folders if folder.path.is_dir()]
    yield from (_describe_missing(folder) for folder in folders if folder.is_required and folder not in present)
    tops = [one for one in present if not any(_is_below(one.path, other.path) for other in present)]
    deadline = time.monotonic() + budget_seconds
    reader = Reader(account.uid, _read_groups(account), account.name)
    for folder in _drop_equal(tops):
        others = tuple(other.path for other in tops if other.path != folder.path)
        left = max(LEAST_SECONDS, deadline - time.monotonic())
        try:
            found = survey(rules, folder.path, reader, left, others=others)
        except OSError as error:
            yield not_checked("data", f"{folder.path} ({folder.name}) cannot be read: {error.strerror}", "correct this")
            continue
        yield {"name": folder.name, "path": str(folder.path), "bytes": found.bytes, "files": found.files}
        yield from _list_findings(folder, found)


def _list_findings(folder: Folder, found: Survey) -> Iterator[Finding]:
    for kind, lost in sorted(found.lost.items()):
        names = ", ".join(lost.names)
        yield stop(
            "data",
            f"{folder.path} ({folder.name}): {lost.total} × {kind}: {names}",
            LOST_ACTIONS.get(kind, OTHER_ACTION),
        )
    for kind, odd in sorted(found.oddities.items()):
        names = ", ".join(odd.names)
        yield warn(
            "data",
            f"{folder.path} ({folder.name}): {odd.total} × {kind}: {names}",
            ODD_ACTIONS.get(kind, OTHER_ODD_ACTION),
        )
    if not found.complete:
        yield not_checked(
            "data",
            f"{folder.path} ({folder.name}) has more files than could be searched in the time",
            "run check-source again with a larger --seconds",
        )


def _describe_missing(folder: Folder) -> Finding:
    if folder.path.is_symlink():
        return stop("data", f"{folder.path} ({folder.name}) is a link to nothing", "mount or restore what it leads to")
    return stop(
        "data",
        f"{folder.path} ({folder.name}) does not exist",
        "mount its disk, or name the right folder in the application's settings",
    )


def _is_below(path: Path, other: Path) -> bool:
    return path != other and os.path.realpath(path).startswith(f"{os.path.realpath(other)}/")


def _drop_equal(folders: list[Folder]) -> list[Folder]:
    return list({os.path.realpath(folder.path): folder for folder in reversed(folders)}.values())[::-1]


def _read_groups(account: Account) -> frozenset[int]:
    return frozenset({account.gid, *os.getgrouplist(account.name, account.gid)})
